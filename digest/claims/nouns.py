"""Which German words are common nouns, and so need no source: "Rechenzentrumsbetreiber", but not "Siemens".

The word list is that of the package german-nouns (Wiktionary, CC BY-SA 4.0). Its other dependency, which we
do not need, holds lxml back, so it is installed by itself: `pip install --no-deps german-nouns`. Without it
no written sentence can be checked, so none is printed.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import files
from importlib.util import find_spec

from analysis.normalise import fold
from digest.claims import wordlists

PACKAGE = "german_nouns"
MISSING = "the German word list is missing: pip install --no-deps german-nouns"
_ROW = re.compile(r'^(?:"[^"]*"|[^,]*),(?:"(?P<quoted>[^"]*)"|(?P<bare>[^,]*)),')
_NO_COMMON = {
    "Toponym",
    "Vorname",
    "Nachname",
    "Eigenname",
    "Abkürzung",
    "Straßenname",
    "Wortverbindung",
    "Symbol",
}
_SHORTEST_PART = 3
_SHORTEST_HEAD = 4
_LONG_PART = 8
# Endings that make nouns of verbs and adjectives; the list has not all of them.
_ENDING = re.compile(r"[a-z]{3}(?:[a-z]ung|heit|keit|schaft|ismus|[ts]ion|taet)(?:en)?$")
_JOINTS = ("", "s", "es", "n", "en", "e", "er")


def available() -> bool:
    """Is the word list installed?"""
    return find_spec(PACKAGE) is not None


@lru_cache(maxsize=20_000)
def is_common(word: str) -> bool:
    """Is the word, in any inflected form, a common noun or a compound that ends with one?

    A word that is a name as well counts as a noun: "Richter" is a judge.
    """
    folded = fold(word)
    common, names = _words()
    if folded in common or (folded.endswith("s") and folded[:-1] in common):
        return True
    return folded not in names and (bool(_ENDING.search(folded)) or _is_compound(folded))


def _is_compound(folded: str) -> bool:
    """Both parts must be known: of "Nordwolke" the first is not, so it may be a name."""
    for cut in range(_SHORTEST_PART, len(folded) - _SHORTEST_HEAD + 1):
        head = folded[cut:]
        if head in wordlists.names("surname_heads"):
            continue
        if head in _words()[0] and _may_stand_in_front(folded[:cut]):
            return True
    return False


def _may_stand_in_front(part: str) -> bool:
    if part in wordlists.names("fronts"):
        return True
    common, _ = _words()
    stems = [part.removesuffix(joint) for joint in _JOINTS if part.endswith(joint)]
    if any(_is_compound(stem) for stem in stems if len(stem) > _LONG_PART):
        return True
    return any(len(stem) >= _SHORTEST_PART and (stem in common or stem + "e" in common) for stem in stems)


@cache
def _words() -> tuple[frozenset[str], frozenset[str]]:
    """Common nouns and words that are names only, both in every form that the list has."""
    folder = files(PACKAGE)
    rows = folder.joinpath("nouns.csv").read_text(encoding="utf-8").splitlines()[1:]
    is_common_row = [_is_common_row(row) for row in rows]
    common, every = set(), set()
    for line in folder.joinpath("index.txt").read_text(encoding="utf-8").splitlines():
        word, *places = line.split("\t")
        if len(word) >= _SHORTEST_PART:
            every.add(fold(word))
            if any(is_common_row[int(place)] for place in places if place):
                common.add(fold(word))
    return frozenset(common), frozenset(every - common)


def _is_common_row(row: str) -> bool:
    found = _ROW.match(row)
    kinds = (found["quoted"] or found["bare"] or "").split(",") if found else []
    return "Substantiv" in kinds and not _NO_COMMON.intersection(kinds)
