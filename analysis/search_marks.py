"""Where in a text the words stand that a search was for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from ahocorasick import Automaton

from analysis.normalise import lower
from analysis.search_lists import Branch, lists
from analysis.search_stems import INVISIBLE, LANGUAGES, pattern_of
from analysis.search_tokens import LONGEST_PHRASE, Word, memory_of

_SEED = 4  # letters of a word by which it may stand somewhere
_MOST_PIECES = 100_000  # remembered
_FOLDED = (("ae", "ä"), ("oe", "ö"), ("ue", "ü"), ("ss", "ß"), ("a", "ä"), ("o", "ö"), ("u", "ü"))

# (start, end, whether the word is wanted, the word if it may begin something) in a piece of a text
_Spot = tuple[int, int, bool, Word | None]


def places(text: str, language: str, wanted: frozenset[str]) -> list[tuple[int, int]]:
    """(start, end) of the words of a text that are found by one of these tokens, in order.

    "wort*" stands for every word that begins so. Several words of one name are one place.
    """
    return _marker(wanted, language if language in LANGUAGES else "de").places(lower(text))


class _Marker:
    """Finds words that are among the wanted.

    A text is searched for seeds of them. A piece between two spaces in which one lies is looked at once; what
    it comes to is remembered.
    """

    def __init__(self, wanted: frozenset[str], language: str) -> None:
        self._wanted = wanted
        self._language = language
        self._memory = memory_of(language)
        self._begun = tuple(token[:-1] for token in wanted if token.endswith("*"))
        self._phrases = any(token[0] in "@~" for token in wanted)
        self._pieces: dict[str, tuple[_Spot, ...]] = {}
        self._seeds = Automaton()
        inside = {seed for token in wanted if token[0] != "@" for seed in _seeds(token, language)}
        names = {seed for token in wanted if token[0] == "@" for seed in _seeds(token, language)}
        for seed in inside | names:
            self._seeds.add_word(seed, (len(seed) - 1, seed in inside))
        self._seeds.make_automaton()

    def places(self, lowered: str) -> list[tuple[int, int]]:
        """(start, end) in a text in small letters."""
        pattern, found, read_to = pattern_of(lowered), list[tuple[int, int]](), 0
        for begin, piece in self._sown(lowered.replace("\n", " ")):
            spots = self._pieces.get(piece)
            if spots is None:
                spots = self._learn(piece, pattern)
            for start, end, alone, begins in spots:
                if begin + start < read_to:
                    continue
                last = begin + end if alone else 0
                if begins is not None:
                    last = max(last, self._phrase_end(lowered, begins, begin + end, pattern))
                if last:
                    found.append((begin + start, last))
                    read_to = last
        return found

    def _sown(self, lowered: str) -> Iterator[tuple[int, str]]:
        """(place, text) of pieces with a seed in them, in order."""
        read_to = -1
        for at, (behind_first, inside) in self._seeds.iter(lowered) if len(self._seeds) else ():
            first = at - behind_first
            if first < read_to or not (inside or not first or _may_part(lowered[first - 1])):
                continue  # no name stands inside a word
            begin, read_to = lowered.rfind(" ", 0, at) + 1, lowered.find(" ", at)
            if read_to < 0:
                read_to = len(lowered)
            yield begin, lowered[begin:read_to]

    def _learn(self, piece: str, pattern: re.Pattern[str]) -> tuple[_Spot, ...]:
        """The words of a piece that are wanted, or may begin a name or a meaning that is."""
        if len(self._pieces) > _MOST_PIECES:
            self._pieces.clear()
        spots = []
        for match in pattern.finditer(piece):
            word = self._word(match.group())
            alone = self._is_wanted(word)
            begins = word if self._phrases and word.second else None
            if alone or begins:
                spots.append((match.start(), match.end(), alone, begins))
        found = self._pieces[piece] = tuple(spots)
        return found

    def _is_wanted(self, word: Word) -> bool:
        """By itself."""
        return (
            word.plain in self._wanted
            or word.stem in self._wanted
            or not self._wanted.isdisjoint(word.more)
            or bool(self._begun and word.plain.startswith(self._begun))
        )

    def _phrase_end(self, lowered: str, word: Word, at: int, pattern: re.Pattern[str]) -> int:
        """Where the longest wanted name or meaning ends that begins with a word; 0 if none does."""
        end = 0
        named, meant = lists().names.get(word.plain), lists().meanings[self._language].get(word.stem)
        for _ in range(LONGEST_PHRASE - 1):
            match = pattern.search(lowered, at)
            if match is None:
                break
            word, at = self._word(match.group()), match.end()
            named, meant = _behind(named, word.plain), _behind(meant, word.stem)
            if named is None and meant is None:
                break
            if self._ends(named) or self._ends(meant):
                end = at
        return end

    def _ends(self, branch: Branch | None) -> bool:
        return branch is not None and not self._wanted.isdisjoint(branch.ends)

    def _word(self, written: str) -> Word:
        return self._memory[written if written.isascii() else INVISIBLE.sub("", written)]


def _may_part(sign: str) -> bool:
    """Chinese words stand beside one another without a space."""
    return not sign.isalpha() or sign >= "\u3400"


def _behind(branch: Branch | None, word: str) -> Branch | None:
    return branch.ways.get(word) if branch is not None else None


@lru_cache(maxsize=2_000)
def _seeds(token: str, language: str) -> frozenset[str]:
    """Beginnings of what a text may have for a token; folded letters in every way they are written."""
    words = lists().first_words(token, language) if token[0] in "@~" else (token.removesuffix("*"),)
    cut = _name_seed if token[0] == "@" else _stem_seed
    return frozenset(spelling for word in words if word for spelling in _spellings(cut(word)))


def _name_seed(word: str) -> str:
    """A name stands as it is written, but for what is added behind it."""
    return word[:1] if word[:1].isdigit() else word[:_SEED]


def _stem_seed(stem: str) -> str:
    """The last letter of a stem may be another one in the word."""
    if stem[:1].isdigit():
        return stem[:1]
    return stem[: min(_SEED, max(len(stem) - 1, 2))].rstrip("s") or stem[:1]


def _spellings(folded: str) -> set[str]:
    found = {folded}
    for plain, written in _FOLDED:
        found |= {spelling.replace(plain, written) for spelling in found}
    return found


@lru_cache(maxsize=32)
def _marker(wanted: frozenset[str], language: str) -> _Marker:
    return _Marker(wanted, language)
