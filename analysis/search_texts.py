"""What an index keeps of a text.

A text is taken to pieces at its spaces, and what a piece comes to is remembered: most pieces of a text were
seen before, so that it is written without a step in Python for each word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import compress

from analysis.normalise import fold
from analysis.search_lists import lists
from analysis.search_stems import INVISIBLE, LANGUAGES, number, pattern_of, stem_of
from analysis.search_tokens import LONGEST_PHRASE, Word, memory_of, phrases_at
from analysis.values import IndexedText

_MOST_REMEMBERED = 200_000  # pieces of a language
# KI-Gesetz, Xi'an; gone through once, however long the piece.
_HYPHENATED = re.compile(r"(?<![^\W_])[^\W_]++(?:[-'’][^\W_]++)+")
_SIGNS = re.compile("[-'’]")
_INSIDE_NUMBERS = ("\u00a0", "\u202f")  # spaces that do not part: 115 000
_GROUPED = re.compile(r"(?<![^\W_])\d{1,3}(?:[.,'’\u00a0\u202f]\d{3})+(?!\d)")


def index_text(text: str, language: str) -> IndexedText:
    """What an index keeps of a text. Of an unknown language both stems are kept, the second in `more`."""
    kept = _pieces_of(language if language in LANGUAGES else "de")
    lowered = text.lower() if text.isascii() else INVISIBLE.sub("", text).lower()
    if any(space in lowered for space in _INSIDE_NUMBERS):
        lowered = _GROUPED.sub(lambda match: number(match.group()), lowered)
    pieces = lowered.split()
    plain, stems = kept.written(pieces)
    more = set[str]().union(*(kept.telling[piece] for piece in kept.telling.keys() & pieces))
    if language not in LANGUAGES:
        more.update(stem_of(word, "en") for word in plain.split())
    for place in compress(range(len(pieces)), map(kept.beginning.__contains__, pieces)):
        for found in kept.phrases(pieces[place : place + LONGEST_PHRASE]):
            more.update((found, *lists().wholes(found)))
    return IndexedText(plain, stems, " ".join(sorted(more)))


class _Pieces:
    """What the pieces of texts in a language come to.

    telling: what a text can also be found by because of a piece. beginning: pieces in which a phrase of
    several words may begin.
    """

    def __init__(self, language: str) -> None:
        self._memory = memory_of(language)
        self._plain: dict[str, str] = {}  # of those that are not plain as they are
        self._words: dict[str, list[Word]] = {}  # of those that were looked at for phrases
        self._stems: dict[str, str] = {}
        self.telling: dict[str, tuple[str, ...]] = {}
        self.beginning: set[str] = set()

    def written(self, pieces: Sequence[str]) -> tuple[str, str]:
        """The words and their stems, parted by spaces."""
        try:
            return self._joined(pieces)
        except KeyError:  # a piece that was not seen before
            self._learn(set(pieces))
            return self._joined(pieces)

    def _joined(self, pieces: Sequence[str]) -> tuple[str, str]:
        stems = " ".join(map(self._stems.__getitem__, pieces))
        return " ".join(map(self._plain.get, pieces, pieces)), stems

    def _learn(self, pieces: set[str]) -> None:
        if len(self._stems) >= _MOST_REMEMBERED:
            for kept in (self._plain, self._stems, self._words, self.telling, self.beginning):
                kept.clear()
        for piece in pieces.difference(self._stems):
            words = [self._memory[token] for token in pattern_of(piece).findall(piece)]
            self._stems[piece] = " ".join(word.stem for word in words)
            if (plain := " ".join(word.plain for word in words)) != piece:
                self._plain[piece] = plain
            more = {found for word in words for found in word.more}
            more.update(fold(_SIGNS.sub("", joined)) for joined in _HYPHENATED.findall(piece))
            if more:
                self.telling[piece] = tuple(more)
            if any(word.second for word in words):
                self.beginning.add(piece)

    def phrases(self, pieces: Sequence[str]) -> list[str]:
        """The ids of names and meanings of several words that begin in the first of some pieces."""
        here, found = self._words_of(pieces[0]), list[str]()
        behind: list[Word] = []
        for place, word in enumerate(here):
            if not word.second:
                continue
            behind = behind or [word for piece in pieces[1:] for word in self._words_of(piece)]
            words = [*here[place:], *behind][:LONGEST_PHRASE]
            if len(words) > 1 and word.goes_on_with(words[1]):
                found += (id_ for _, id_ in phrases_at(words))
        return found

    def _words_of(self, piece: str) -> list[Word]:
        words = self._words.get(piece)
        if words is None:
            words = [self._memory[token] for token in pattern_of(piece).findall(piece)]
            self._words[piece] = words
        return words


@cache
def _pieces_of(language: str) -> _Pieces:
    return _Pieces(language)
