"""What `lagebrief demo` left behind."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Demo:
    """The folder and what was printed."""

    out: Path
    log: str
    stdout: str

    @property
    def data(self) -> Path:
        return self.out / "data"

    @property
    def issues(self) -> list[Path]:
        """Page, text and mail of each issue."""
        return sorted(path for path in self.out.glob("lagebrief-*") if path.is_file())

    def file(self, suffix: str) -> Path:
        return self.out / f"lagebrief-2025-W28.{suffix}"
