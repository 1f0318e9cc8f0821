"""What a report tells, as concepts that are the same in both languages; the table is `data/concepts.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from analysis.normalise import fold

KINDS = ("theme", "document", "step", "voice", "action")
_WORD = re.compile(r"[^\W_]+")
_SHORTEST, _INSIDE, _LONGEST = 4, 6, 16  # letters of the beginnings in the table


@dataclass(frozen=True, slots=True)
class Concepts:
    """The table, ready for look-ups: whole words and beginnings of words with what they stand for."""

    kinds: Mapping[str, frozenset[str]]
    phrases: re.Pattern[str]
    whole: Mapping[str, frozenset[str]]
    beginnings: Mapping[str, frozenset[str]]

    @classmethod
    def parse(cls, toml: str) -> Concepts:
        data: dict[str, dict[str, str]] = tomllib.loads(toml)
        phrases = "|".join(rf"(?P<{word}>\b(?:{phrase})\b)" for word, phrase in data.pop("phrase").items())
        whole: dict[str, frozenset[str]] = {}
        beginnings: dict[str, frozenset[str]] = {}
        for concept, words in (entry for kind in data.values() for entry in kind.items()):
            for word in words.split():
                table, key = (whole, word[1:]) if word.startswith("=") else (beginnings, word)
                table[key] = table.get(key, frozenset()) | {concept}
        kinds = {kind: frozenset(named) for kind, named in data.items()}
        return cls(kinds, re.compile(phrases), whole, beginnings)

    def of(self, text: str) -> frozenset[str]:
        """The concepts a text speaks of."""
        plain = self.phrases.sub(lambda found: f" {found.lastgroup} ", fold(text))
        return frozenset().union(*map(_meant, set(_WORD.findall(plain))))


@cache
def concepts() -> Concepts:
    """The table that comes with the program."""
    return Concepts.parse(files("analysis").joinpath("data/concepts.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=20_000)
def _meant(word: str) -> frozenset[str]:
    """The concepts of a folded word; long beginnings are known inside German compounds too."""
    table = concepts()
    found = set(table.whole.get(word, ()))
    for start in range(len(word) - _SHORTEST + 1):
        shortest = _SHORTEST if start == 0 else _INSIDE
        for end in range(start + shortest, min(len(word), start + _LONGEST) + 1):
            found.update(table.beginnings.get(word[start:end], ()))
    return frozenset(found)
