"""A hundred thousand lines through the command line, in flat memory, and nothing new the second time."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from program import COMMAND, environment, run

LINES = 100_000
MEASURED = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
sys.exit(code)
"""


def write_lines(path: Path) -> None:
    words = ["Rechenzentrum", "Kommission", "Prozessor", "Leistung", "Verordnung", "Strom", "Behörde"]
    with path.open("w", encoding="utf-8") as file:
        for number in range(LINES):
            lead = " ".join(words[(number * step + step) % len(words)] for step in range(1, 41))
            row = {
                "id": f"n{number}",
                "outlet": f"o{number % 9}",
                "title": f"Meldung {number}: {words[number % len(words)]}",
                "lead": lead,
                "published": f"2025-{number % 12 + 1:02}-{number % 28 + 1:02}",
                "url": f"https://example.org/{number}",
                "language": "de",
            }
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def measured(*arguments: str | Path) -> tuple[int, str]:
    """Largest resident memory in MiB, and what was said."""
    command = [sys.executable, "-c", MEASURED, *COMMAND, *map(str, arguments)]
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment(), timeout=180, check=False
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout.split()[-1]), done.stderr


@pytest.mark.slow
def test_a_large_import_keeps_memory_flat_and_can_be_repeated(tmp_path: Path) -> None:
    path, data = tmp_path / "lines.jsonl", tmp_path / "data"
    write_lines(path)
    peak, said = measured("--data-dir", data, "archive", "import", "--jsonl", path)
    assert f"{LINES} new, 0 changed, 0 known, 0 lines skipped" in said
    assert peak < 400
    peak, said = measured("--data-dir", data, "archive", "import", "--jsonl", path)
    assert f"0 new, 0 changed, {LINES} known, 0 lines skipped" in said
    assert peak < 400
    assert json.loads(run("--data-dir", data, "archive", "stats", "--json").stdout)["articles"] == LINES
