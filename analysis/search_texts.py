"""What an index keeps of a text.

A text is taken to pieces at its spaces, and what a piece comes to is remembered: most pieces of a text were
seen before, so that it is written without a step in Python for each word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
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
    if not pieces:
        return IndexedText("", "", "")
    plains, stems, telling = zip(*map(kept.__getitem__, pieces), strict=True)
    plain, more = " ".join(plains), set[str]()
    for place, tells in compress(enumerate(telling), telling):
        more.update(tells.more)
        for found in kept.phrases(tells, pieces[place : place + LONGEST_PHRASE]):
            more.update((found, *lists().wholes(found)))
    if language not in LANGUAGES:
        more.update(stem_of(word, "en") for word in plain.split())
    return IndexedText(plain, " ".join(stems), " ".join(sorted(more)))


@dataclass(frozen=True, slots=True)
class _Tells:
    """more: what else a text is found by because of a piece. words: its own, if a phrase may begin here."""

    more: tuple[str, ...]
    words: tuple[Word, ...]


# The words of a piece and their stems, parted by spaces; None for most.
_Piece = tuple[str, str, _Tells | None]


class _Pieces(dict[str, _Piece]):
    """What the pieces of texts in a language come to: one look for each piece of a text."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._memory = memory_of(language)
        self._words: dict[str, tuple[Word, ...]] = {}  # of those that stand behind a beginning

    def __missing__(self, piece: str) -> _Piece:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
            self._words.clear()
        words = self._cut(piece)
        more = {found for word in words for found in word.more}
        more.update(fold(_SIGNS.sub("", joined)) for joined in _HYPHENATED.findall(piece))
        begins = any(word.second for word in words)
        tells = _Tells(tuple(more), words if begins else ()) if more or begins else None
        plain, stems = (" ".join(forms) for forms in ([w.plain for w in words], [w.stem for w in words]))
        made = self[piece] = plain, stems, tells
        return made

    def phrases(self, tells: _Tells, pieces: Sequence[str]) -> list[str]:
        """The ids of names and meanings of several words that begin in the first of some pieces."""
        found = list[str]()
        for place, word in enumerate(tells.words):
            if word.second and (following := self._behind(tells.words[place + 1 :], pieces)):
                if not word.goes_on_with(following):
                    continue
                behind = (each for piece in pieces[1:] for each in self._words_of(piece))
                words = [*tells.words[place:], *behind][:LONGEST_PHRASE]
                found += (id_ for _, id_ in phrases_at(words))
        return found

    def _behind(self, rest: Sequence[Word], pieces: Sequence[str]) -> Word | None:
        """The word behind one: of the rest of its piece, or of the next piece that has any."""
        if rest:
            return rest[0]
        return next((words[0] for piece in pieces[1:] if (words := self._words_of(piece))), None)

    def _words_of(self, piece: str) -> tuple[Word, ...]:
        words = self._words.get(piece)
        if words is None:
            words = self._words[piece] = self._cut(piece)
        return words

    def _cut(self, piece: str) -> tuple[Word, ...]:
        return tuple(self._memory[token] for token in pattern_of(piece).findall(piece))


@cache
def _pieces_of(language: str) -> _Pieces:
    return _Pieces(language)
