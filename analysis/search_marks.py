"""Where in a text the words stand that a search was for."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice

from ahocorasick import Automaton

from analysis.normalise import lower
from analysis.search_lists import lists
from analysis.search_stems import INVISIBLE, LANGUAGES, pattern_of
from analysis.search_tokens import LONGEST_PHRASE, Word, memory_of, phrases_at

_SEED = 4  # letters of a word by which it may stand somewhere
_FOLDED = (("ae", "ä"), ("oe", "ö"), ("ue", "ü"), ("ss", "ß"), ("a", "ä"), ("o", "ö"), ("u", "ü"))
_CHINESE = re.compile("[\u3400-\u9fff]")


def places(text: str, language: str, wanted: frozenset[str]) -> list[tuple[int, int]]:
    """(start, end) of the words of a text that are found by one of these tokens, in order.

    "wort*" stands for every word that begins so. Several words of one name are one place.
    """
    marker = _marker(wanted, language if language in LANGUAGES else "de")
    lowered = lower(text)
    pattern, found, read_to = pattern_of(lowered), list[tuple[int, int]](), 0
    for start in marker.candidates(lowered):
        match = pattern.match(lowered, start) if start >= read_to else None
        if match and marker.known[match.group()]:
            end = marker.end(lowered, start, match.end())
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
        self._seeds = Automaton()
        for token in wanted:
            for seed in _seeds(token, language):
                self._seeds.add_word(seed, seed)
        self._seeds.make_automaton()

    def candidates(self, lowered: str) -> list[int]:
        """Where words begin that may be wanted; to look at every word would cost ten times as much."""
        if not len(self._seeds):
            return []
        starts = {_word_start(lowered, last - len(seed) + 1) for last, seed in self._seeds.iter(lowered)}
        return sorted(starts)

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
        return bool(self._phrases and word.second) or self.is_wanted(word)

    def end(self, lowered: str, start: int, end: int) -> int:
        """Where the wanted word or phrase that begins at a word ends; 0 if there is none."""
        word = self._memory[INVISIBLE.sub("", lowered[start:end])]
        last = end if self.is_wanted(word) else 0
        if self._phrases and word.second and self._goes_on(word, lowered, end):
            behind = list(islice(pattern_of(lowered).finditer(lowered, start), LONGEST_PHRASE))
            words = [self._memory[INVISIBLE.sub("", match.group())] for match in behind]
            lengths = [length for length, id_ in phrases_at(words) if id_ in self._wanted]
            last = max([last, *(behind[to - 1].end() for to in lengths)])
        return last

    def _goes_on(self, word: Word, lowered: str, end: int) -> bool:
        """May the word and the next one be the beginning of a name or a meaning?"""
        following = pattern_of(lowered).search(lowered, end)
        return bool(following and word.goes_on_with(self._memory[INVISIBLE.sub("", following.group())]))


def _word_start(lowered: str, place: int) -> int:
    """Where the word begins that goes on at a place."""
    start = max(lowered.rfind(" ", 0, place), lowered.rfind("-", 0, place), lowered.rfind("\n", 0, place)) + 1
    before = lowered[start:place]
    if not before or (before.isascii() and before.isalpha()):
        return start
    while place and _continues(lowered[place - 1], lowered[place]):
        place -= 1
    return place


def _continues(before: str, char: str) -> bool:
    """Do two characters belong to one word? Chinese ones stand alone, and 1.4GW is two."""
    return before.isalnum() and not _CHINESE.match(before) and not (before.isdigit() and char.isalpha())


@lru_cache(maxsize=2_000)
def _seeds(token: str, language: str) -> frozenset[str]:
    """Beginnings of what a text may have for a token; folded letters in every way they are written."""
    words = lists().first_words(token, language) if token[0] in "@~" else (token.removesuffix("*"),)
    return frozenset(
        spelling
        for word in words
        for spelling in _spellings(
            word[:1]
            if word[:1].isdigit()
            else word[: min(_SEED, max(len(word) - 1, 2))].rstrip("s") or word[:1]
        )
        if spelling
    )


def _spellings(folded: str) -> set[str]:
    found = {folded}
    for plain, written in _FOLDED:
        found |= {spelling.replace(plain, written) for spelling in found}
    return found


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
