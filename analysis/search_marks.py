"""Where in a text the words stand that a search was for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from ahocorasick import Automaton

from analysis.normalise import lower
from analysis.search_lists import lists
from analysis.search_stems import INVISIBLE, LANGUAGES, pattern_of
from analysis.search_tokens import LONGEST_PHRASE, Word, memory_of, phrases_at

_SEED = 4  # letters of a word by which it may stand somewhere
_FOLDED = (("ae", "ä"), ("oe", "ö"), ("ue", "ü"), ("ss", "ß"), ("a", "ä"), ("o", "ö"), ("u", "ü"))
_MOST_PIECES = 100_000  # remembered


def places(text: str, language: str, wanted: frozenset[str]) -> list[tuple[int, int]]:
    """(start, end) of the words of a text that are found by one of these tokens, in order.

    "wort*" stands for every word that begins so. Several words of one name are one place.
    """
    marker = _marker(wanted, language if language in LANGUAGES else "de")
    lowered = lower(text)
    pattern, found, read_to = pattern_of(lowered), list[tuple[int, int]](), 0
    for start in marker.candidates(lowered, pattern):
        match = pattern.match(lowered, start) if start >= read_to else None
        if match and marker.known[match.group()]:
            end = marker.end(lowered, match, pattern)
            if end:
                found.append((start, end))
                read_to = end
    return found


class _Marker:
    """Says of words whether they are among the wanted; each is looked at once.

    A text is first taken to pieces at its spaces, which costs little; `hot` are those of the pieces seen so
    far in which a wanted word may begin.
    """

    def __init__(self, wanted: frozenset[str], language: str) -> None:
        self._wanted = wanted
        self._memory = memory_of(language)
        self._begun = tuple(token[:-1] for token in wanted if token.endswith("*"))
        self._phrases = any(token[0] in "@~" for token in wanted)
        self.known = _Known(self)
        self._hot: set[str] = set()
        self._seen: set[str] = set()
        self._seeds = Automaton()
        for token in wanted:
            for seed in _seeds(token, language):
                self._seeds.add_word(seed, seed)
        self._seeds.make_automaton()

    def candidates(self, lowered: str, pattern: re.Pattern[str]) -> list[int]:
        """Where words begin that may be wanted, in order."""
        pieces = set(lowered.split())
        if new := pieces - self._seen:
            self._sort(new)
        starts = list[int]()
        for piece in pieces & self._hot:
            for place in _standing(piece, lowered):
                words = pattern.finditer(lowered, place, place + len(piece))
                starts += [word.start() for word in words if self.known[word.group()]]
        return sorted(starts)

    def _sort(self, new: set[str]) -> None:
        """Tell which new pieces are hot; words are looked at only where a seed is found."""
        if len(self._seen) > _MOST_PIECES:
            self._seen.clear()
        line = f" {' '.join(new)} "
        ends = {last for last, _ in self._seeds.iter(line)} if len(self._seeds) else ()
        sown = {line[line.rindex(" ", 0, end + 1) + 1 : line.index(" ", end)] for end in ends}
        hot = {piece for piece in sown if any(map(self.known.__getitem__, pattern_of(piece).findall(piece)))}
        self._hot |= hot
        self._seen |= new

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

    def end(self, lowered: str, first: re.Match[str], pattern: re.Pattern[str]) -> int:
        """Where the wanted word or phrase that begins with a word ends; 0 if there is none."""
        word = self._word(first)
        last = first.end() if self.is_wanted(word) else 0
        if self._phrases and word.second and self._goes_on(word, pattern.search(lowered, first.end())):
            behind = list(islice(pattern.finditer(lowered, first.start()), LONGEST_PHRASE))
            lengths = [n for n, id_ in phrases_at([*map(self._word, behind)]) if id_ in self._wanted]
            last = max([last, *(behind[length - 1].end() for length in lengths)])
        return last

    def _goes_on(self, word: Word, following: re.Match[str] | None) -> bool:
        """May the word and the next one be the beginning of a name or a meaning?"""
        return following is not None and word.goes_on_with(self._word(following))

    def _word(self, match: re.Match[str]) -> Word:
        return self._memory[INVISIBLE.sub("", match.group())]


def _standing(piece: str, lowered: str) -> Iterator[int]:
    """Where a piece stands in a text, between spaces."""
    place = lowered.find(piece)
    while place >= 0:
        end = place + len(piece)
        if (not place or lowered[place - 1].isspace()) and (end == len(lowered) or lowered[end].isspace()):
            yield place
        place = lowered.find(piece, end)


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
