"""A clean place to run in, and the opened program with the clock of July 2025."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from example_archive import Clock
from example_lines import LINES
from program import lines_file, run

from lagebrief.app import App, opened
from lagebrief.config import load_defaults
from lagebrief.demo.world import ExampleWeb


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder: no configuration file, no variable of ours."""
    for name in os.environ:
        if name.startswith("LAGEBRIEF_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(place: Path, clock: Clock) -> Iterator[App]:
    """The program on an empty archive, with the default configuration but nothing to collect."""
    loaded = load_defaults()
    config = loaded.config.model_copy(update={"sources": ()})
    loaded = replace(loaded, config=config, base=place, data_dir_override=place / "data")
    with opened(loaded, clock=clock) as running:
        yield running


@pytest.fixture
def web() -> Iterator[ExampleWeb]:
    with ExampleWeb() as running:
        yield running


@pytest.fixture
def filled(place: Path) -> Path:
    """A data folder with two imported articles."""
    answer = run("--data-dir", "d", "archive", "import", "--jsonl", lines_file(*LINES[:2]))
    assert answer.returncode == 0, answer.stderr
    return place / "d"
