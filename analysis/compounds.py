"""German compounds and the words they are made of: Rechenzentrumsbetreiber is Rechenzentrum and Betreiber."""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.resources import files

from analysis.normalise import fold

_JOINTS = ("", "s", "es", "n", "en", "er", "e")
_SHORTEST_WORD = 7
_SHORTEST_PART = 3
_SHORTEST_HEAD = 6
_MOST_PARTS = 5
_ALSO_SHORT = frozenset({"ki", "eu"})
_ENDINGS = ("ern", "en", "es", "er", "n", "s", "e")  # of the last part; the file need not have them
_SHORTEST_BENT = 4
_REMEMBERED = 50_000  # words; a language has no end of them


@cache
def _parts() -> frozenset[str]:
    lines = files("analysis").joinpath("data/compound_parts.txt").read_text(encoding="utf-8").splitlines()
    words = " ".join(line for line in lines if not line.startswith("#")).split()
    kept = [word for word in words if len(word) >= _SHORTEST_PART or word in _ALSO_SHORT]
    return frozenset([*kept, *map(fold, kept)])  # Behoerde and Strasse too


def _is_part(word: str) -> bool:
    """Is it a part, with an ending or without?"""
    return word in _parts() or any(
        word.endswith(ending)
        and len(word) - len(ending) >= _SHORTEST_BENT
        and word[: -len(ending)] in _parts()
        for ending in _ENDINGS
    )


@lru_cache(maxsize=_REMEMBERED)
def split(word: str) -> tuple[str, ...]:
    """The fewest known words that make up a word in small letters; () for one that is not made of such.

    Letters that only join two parts ("s", "en") stay out of them.
    """
    if len(word) < _SHORTEST_WORD:
        return ()
    best: tuple[str, ...] = ()
    for end in range(len(word) - _SHORTEST_PART, 1, -1):
        if word[:end] in _parts():
            rest = _rest(word, end)
            if rest and (not best or len(rest) < len(best) - 1):
                best = (word[:end], *rest)
    return best if len(best) <= _MOST_PARTS else ()


def _rest(word: str, end: int) -> tuple[str, ...]:
    """What stands behind a part, letters that join left out; () if that is not made of known words."""
    for joint in _JOINTS:
        behind = word[end + len(joint) :]
        if word.startswith(joint, end) and (found := (behind,) if _is_part(behind) else split(behind)):
            return found
    return ()


def head(word: str) -> str:
    """The longest known word at the end of one that is not made of known words: what kind of thing it is.

    "scheinrechenzentren" has "rechenzentren"; "" where there is none.
    """
    starts = range(_SHORTEST_PART, len(word) - _SHORTEST_HEAD + 1)
    return next((word[at:] for at in starts if _is_part(word[at:]) or split(word[at:])), "")


def inner_words(word: str) -> tuple[str, ...]:
    """Words inside a compound, the parts of parts too.

    "rechenzentrumsbetreiber" has "rechenzentrums", "betreiber", "rechen" and "zentrum".
    """
    parts = split(word)
    runs = ["".join(parts[first : first + 2]) for first in range(len(parts) - 1)] if len(parts) > 2 else []
    deeper = [inner for part in parts for inner in inner_words(part)]
    return tuple(dict.fromkeys([*parts, *runs, *deeper]))
