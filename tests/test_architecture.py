"""The house keeps its plan: floors (docs/architecture.md), no cycles, small modules, a quick start."""

from __future__ import annotations

import graphlib
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("analysis", "archive", "digest", "lagebrief", "mailing", "spiders", "web")
ERRORS = "lagebrief.errors"
LONGEST_MODULE = 400

# Room: what it may import beside itself. A module's name allows that module alone, a room's name all of it.
FLOORS: dict[str, set[str]] = {
    ERRORS: set(),
    "analysis": {ERRORS},
    "archive": {ERRORS, "analysis.values"},
    "spiders": {ERRORS, "archive"},
    "digest": {ERRORS, "archive", "analysis"},
    "mailing": {ERRORS, "archive"},
    "web": {ERRORS, "mailing", "digest", "archive", "analysis"},
    "lagebrief": {ERRORS, "web", "mailing", "digest", "spiders", "archive", "analysis"},
}


@pytest.fixture(scope="module")
def imports() -> list[tuple[str, str]]:
    """Every import between our modules as (importer, imported), those for type checking too."""
    graph = grimp.build_graph(*ROOMS, cache_dir=None)
    return [
        (module, imported)
        for module in sorted(graph.modules)
        for imported in sorted(graph.find_modules_directly_imported_by(module))
    ]


def room(module: str) -> str:
    """The floor a module lives on; the error tree is a floor of its own."""
    return ERRORS if module == ERRORS else module.partition(".")[0]


def test_a_room_imports_only_from_the_rooms_below(imports: list[tuple[str, str]]) -> None:
    wrong = [
        f"{importer} imports {imported}"
        for importer, imported in imports
        if room(importer) != room(imported) and not {room(imported), imported} & FLOORS[room(importer)]
    ]
    assert not wrong, "\n".join(wrong)


def test_rooms_form_no_cycle(imports: list[tuple[str, str]]) -> None:
    below: dict[str, set[str]] = {name: set() for name in FLOORS}
    for importer, imported in imports:
        if room(importer) != room(imported):
            below[room(importer)].add(room(imported))
    assert list(graphlib.TopologicalSorter(below).static_order())[-1] == "lagebrief"


def test_the_guard_itself_sees_imports(imports: list[tuple[str, str]]) -> None:
    assert ("spiders.runs", "archive.sources") in imports
    assert any(imported == ERRORS for _, imported in imports)


def test_no_module_is_longer_than_a_reader_bears() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for name in ROOMS
        for path in (ROOT / name).rglob("*.py")
    }
    assert lengths
    assert not {path: lines for path, lines in lengths.items() if lines > LONGEST_MODULE}


def test_help_imports_nothing_heavy() -> None:
    command = [sys.executable, "-X", "importtime", "-m", "lagebrief.cli", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "click" in imported
    heavy = {"scrapy", "sqlalchemy", "pydantic", "aiohttp", "jinja2", "lxml", "numpy", "tantivy", "rich"}
    assert not imported & heavy
