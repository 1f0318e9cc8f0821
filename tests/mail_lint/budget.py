"""The gaps we live with, each with its reason, and what stands between them and a page's findings."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from itertools import groupby
from pathlib import Path
from typing import Any

from mail_lint.findings import Findings, Gap

_WORDS = {"n": "not shown", "a": "in part"}


@dataclass(frozen=True)
class Accepted:
    """An accepted gap. clients: patterns such as `outlook.*`; reason: what the reader sees instead."""

    clients: tuple[str, ...]
    reason: str

    def covers(self, client: str) -> bool:
        return any(fnmatch(client, pattern) for pattern in self.clients)


@dataclass(frozen=True)
class Budget:
    """gaps by feature; unlisted: why a name that Can I email does not list does no harm."""

    gaps: dict[str, Accepted]
    unlisted: dict[str, str]

    def complaints(self, found: Findings) -> list[str]:
        """What is found but not accepted, and what is accepted but no longer found; empty if they agree."""
        return [*self._new_gaps(found), *self._new_names(found), *self._dead(found)]

    def _new_gaps(self, found: Findings) -> Iterator[str]:
        new = sorted((gap for gap in found.gaps if not self._accepts(gap)), key=_alike)
        for _, same in groupby(new, key=_alike):
            gap, *others = same
            clients = ", ".join([gap.client, *(other.client for other in others)])
            words = _WORDS.get(gap.support.verdict, gap.support.verdict)
            yield f"{gap.feature} (line {gap.line}): {words} in {clients}. {gap.support.notes}".strip()

    def _new_names(self, found: Findings) -> Iterator[str]:
        for name, line in found.unlisted.items():
            if name not in self.unlisted:
                yield f"{name} (line {line}): not listed by Can I email"

    def _dead(self, found: Findings) -> Iterator[str]:
        gaps = {(gap.feature, gap.client) for gap in found.gaps}
        for feature, accepted in self.gaps.items():
            for pattern in accepted.clients:
                if not any(slug == feature and fnmatch(client, pattern) for slug, client in gaps):
                    yield f"budget: {feature} is accepted for {pattern}, but nothing is found there"
        for name in self.unlisted.keys() - found.unlisted.keys():
            yield f"budget: {name} is explained, but not used"

    def _accepts(self, gap: Gap) -> bool:
        return gap.feature in self.gaps and self.gaps[gap.feature].covers(gap.client)


def read(path: Path) -> Budget:
    """The budget in a TOML file. Raises ValueError for an entry without a reason."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    unlisted = content["unlisted"]
    gaps = {feature: _accepted(entry) for feature, entry in content["gap"].items()}
    reasons = unlisted | {feature: accepted.reason for feature, accepted in gaps.items()}
    if missing := [name for name, reason in reasons.items() if not reason.strip()]:
        raise ValueError(f"{path.name}: no reason for {', '.join(missing)}")
    return Budget(gaps, unlisted)


def _alike(gap: Gap) -> tuple[str, str, str]:
    return gap.feature, gap.support.verdict, gap.support.notes


def _accepted(entry: dict[str, Any]) -> Accepted:
    clients = ["*"] if entry["clients"] == "all" else entry["clients"]
    return Accepted(tuple(clients), entry["reason"])
