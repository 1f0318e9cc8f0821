"""`words.toml`, read once."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def kept() -> dict[str, Any]:
    """All lists as they stand in the file."""
    return tomllib.loads(files("digest.claims").joinpath("words.toml").read_text(encoding="utf-8"))


@cache
def names(kind: str) -> frozenset[str]:
    """Folded words of `openers`, `everyday` or `fronts`."""
    return frozenset(kept()["names"][kind])


@cache
def exonyms() -> dict[str, str]:
    """The English name of a place by its German one, both folded."""
    return dict(kept()["exonyms"])
