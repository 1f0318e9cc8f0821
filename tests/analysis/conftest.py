"""Labelled sets in own words, and the larger development sets where they are at hand."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest

from analysis.settings import TopicSettings

Row = dict[str, Any]
ROOT = Path(__file__).parents[2]


def read_rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def own_rows() -> Callable[[str], list[Row]]:
    return lambda name: read_rows(Path(__file__).parent / "data" / f"{name}.jsonl")


@pytest.fixture
def dev_rows(need: Callable[[str, str], NoReturn]) -> Callable[[str], list[Row]]:
    folder = Path(os.environ.get("LAGEBRIEF_SHARED", ROOT.parent / "shared")) / "data"

    def rows(name: str) -> list[Row]:
        path = folder / f"{name}_dev.jsonl"
        if not path.exists():
            need("shared", f"no {name} development set; LAGEBRIEF_SHARED names its folder")
        return read_rows(path)

    return rows


@pytest.fixture(scope="session")
def topics() -> tuple[TopicSettings, ...]:
    """The topics of config.toml."""
    path = ROOT / "config.toml"
    tables = tomllib.loads(path.read_text(encoding="utf-8")).get("topics", []) if path.exists() else []
    if not any("lexicon" in table for table in tables):
        pytest.skip("config.toml has no topics")
    return tuple(TopicSettings.model_validate(table) for table in tables)
