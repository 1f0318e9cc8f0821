"""Where in a text the words stand that a search was for."""

from __future__ import annotations

from functools import lru_cache
from itertools import islice

from analysis.normalise import lower
from analysis.search_tokens import (
    INVISIBLE,
    LANGUAGES,
    LONGEST_PHRASE,
    Word,
    memory_of,
    pattern_of,
    phrases_at,
)


def places(text: str, language: str, wanted: frozenset[str]) -> list[tuple[int, int]]:
    """(start, end) of the words of a text that are found by one of these tokens, in order.

    "wort*" stands for every word that begins so. Several words of one name are one place.
    """
    marker = _marker(wanted, language if language in LANGUAGES else "de")
    lowered = lower(text)
    known, found, read_to = marker.known, [], 0
    for match in pattern_of(lowered).finditer(lowered):
        if not known[match.group()] or match.start() < read_to:
            continue
        start, end = match.span()
        end = marker.end(lowered, start, end)
        if end:
            found.append((start, end))
            read_to = end
    return found


class _Marker:
    """Says of words whether they are among the wanted; each is looked at once."""

    def __init__(self, wanted: frozenset[str], language: str) -> None:
        self._wanted = wanted
        self._memory = memory_of(language)
        self._begun = tuple(token[:-1] for token in wanted if token.endswith("*"))
        self._phrases = any(token[0] in "@~" for token in wanted)
        self.known = _Known(self)

    def is_wanted(self, word: Word) -> bool:
        """By itself."""
        return (
            word.plain in self._wanted
            or word.stem in self._wanted
            or not self._wanted.isdisjoint(word.more)
            or bool(self._begun and word.plain.startswith(self._begun))
        )

    def may_begin(self, written: str) -> bool:
        """Is the word wanted, or may it begin a name or a meaning that is?"""
        word = self._memory[INVISIBLE.sub("", written)]
        return (self._phrases and word.begins) or self.is_wanted(word)

    def end(self, lowered: str, start: int, end: int) -> int:
        """Where the wanted word or phrase that begins at a word ends; 0 if there is none."""
        word = self._memory[INVISIBLE.sub("", lowered[start:end])]
        last = end if self.is_wanted(word) else 0
        if word.begins and self._phrases:
            behind = list(islice(pattern_of(lowered).finditer(lowered, start), LONGEST_PHRASE))
            words = [self._memory[INVISIBLE.sub("", match.group())] for match in behind]
            lengths = [length for length, id_ in phrases_at(words) if id_ in self._wanted]
            last = max([last, *(behind[to - 1].end() for to in lengths)])
        return last


class _Known(dict[str, bool]):
    def __init__(self, marker: _Marker) -> None:
        super().__init__()
        self._marker = marker

    def __missing__(self, written: str) -> bool:
        found = self[written] = self._marker.may_begin(written)
        return found


@lru_cache(maxsize=32)
def _marker(wanted: frozenset[str], language: str) -> _Marker:
    return _Marker(wanted, language)
