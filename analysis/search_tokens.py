"""The words by which a text is found: stems, the insides of compounds, names and meanings.

Texts (`search_texts`) and queries go through the same steps, so that "Rechenzentren", "KI-Rechenzentrum" and
"data centres" meet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import pairwise

from analysis.compounds import head, inner_words, split
from analysis.normalise import fold
from analysis.search_lists import Branch, lists
from analysis.search_stems import LANGUAGES, LONGEST, number, stem_of, stems_of, tokens_of
from analysis.values import SearchSpan, SearchWord

VERSION = 4  # raised with every change that lets a text be found by other words
LONGEST_PHRASE = 8  # words
_MOST_REMEMBERED = 300_000  # words of a language
# Words that join others, of both languages; in a query they need not be found.
_FAINT = frozenset(
    """
    a ab als am an and are as at auf aus bei beim by das dem den der des die durch ein eine einem
    einen einer eines for from für gegen im in is ist it mit nach of on oder or the to über um und
    unter vom von vor wegen wie with zu zum zur
    """.split()  # noqa: SIM905 - sixty words are read more easily so
)


def query_words(text: str) -> tuple[tuple[SearchWord, ...], tuple[SearchSpan, ...]]:
    """The words of a query in order, and the runs of several that stand for one name or meaning."""
    tokens = tokens_of(text)
    words = [_query_word(memory_of("de")[token].token) for token in tokens]
    spans: dict[tuple[int, int], set[str]] = {}
    for language in LANGUAGES:
        words_there = [memory_of(language)[token] for token in tokens]
        for first in range(len(tokens)):
            for length, found in phrases_at(words_there[first : first + LONGEST_PHRASE]):
                spans.setdefault((first, first + length), set()).add(found)
    for first, (one, next_) in enumerate(pairwise(tokens)):  # Deep Seek is DeepSeek
        if branch := lists().names.get(fold(one + next_)):
            spans.setdefault((first, first + 2), set()).update(branch.ends)
    covered = [_covered(token) for token in tokens]
    alone = {first: more for (first, last), more in spans.items() if last == first + 1}
    return (
        tuple(
            replace(w, more=tuple(sorted({*w.more, *alone.get(place, ())})), covered=covered[place])
            for place, w in enumerate(words)
        ),
        tuple(
            SearchSpan(first, last, tuple(sorted(more)))
            for (first, last), more in sorted(spans.items())
            if last > first + 1
        ),
    )


@lru_cache(maxsize=2_000)
def _covered(token: str) -> tuple[str, ...]:
    """The stems of a word that have a meaning in each language in which they are its stem."""
    stems: dict[str, bool] = {}
    for language in LANGUAGES:
        stem = memory_of(language)[token].stem
        branch = lists().meanings[language].get(stem)
        stems[stem] = stems.get(stem, True) and branch is not None and bool(branch.ends)
    return tuple(stem for stem, known in stems.items() if known)


@dataclass(frozen=True, slots=True)
class Word:
    """token: with numbers in one notation: 115.000 and 115,000 are 115000. begins: a name or a meaning.

    second: words and stems that may follow in a longer name or meaning.
    """

    language: str
    token: str
    plain: str
    stem: str
    more: tuple[str, ...]
    begins: bool
    second: frozenset[str]

    def goes_on_with(self, following: Word) -> bool:
        """May the two be the beginning of a name or a meaning?"""
        return following.plain in self.second or following.stem in self.second


class _Memory(dict[str, Word]):
    """Each word of a language, as it is written, is looked at once."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._language = language

    def __missing__(self, written: str) -> Word:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        word = self[written] = _analyse(number(written), self._language)
        return word


@cache
def memory_of(language: str) -> _Memory:
    """What is known of the words of a language, by the word in small letters."""
    return _Memory(language)


def _analyse(token: str, language: str) -> Word:
    plain, stem = fold(token), stem_of(token, language)
    branches = [
        branch
        for branch in (lists().names.get(plain), lists().meanings[language].get(stem))
        if branch is not None
    ]
    ids = [found for branch in branches for found in branch.ends]
    ids += lists().exact[language].get(plain, ())
    alone = {other for found in ids for other in (found, *lists().wholes(found))}
    second = frozenset(word for branch in branches for word in branch.ways)
    if language == "de":
        inner = [stem_of(part, "de") for part in inner_words(token[:LONGEST])]
        alone.update(inner, *(lists().single.get(stem, ()) for stem in inner))
        alone.update(*(lists().exact["de"].get(fold(part), ()) for part in inner_words(token[:LONGEST])))
    return Word(language, token, plain, stem, tuple(sorted(alone)), bool(branches or ids), second)


@lru_cache(maxsize=2_000)
def _query_word(token: str) -> SearchWord:
    token = token[:LONGEST]
    parts = tuple(_part(part) for part in split(token))
    last = "" if parts else head(token)
    return SearchWord(
        fold(token), stems_of(token), parts, head=_part(last) if last else (), faint=token in _FAINT
    )


def _part(part: str) -> tuple[str, ...]:
    """The stems of a part of a compound, and what it means by itself."""
    stems = stems_of(part)
    return (*stems, *lists().single.get(stems[0], ()), *lists().exact["de"].get(fold(part), ()))


def phrases_at(words: Sequence[Word]) -> Iterator[tuple[int, str]]:
    """(number of words, id) of names, by words, and meanings, by stems, that begin with the first word."""
    if words and words[0].begins:
        first = words[0]
        yield from ((1, found) for found in lists().exact[first.language].get(first.plain, ()))
        yield from _along([word.plain for word in words], lists().names.get(first.plain))
        yield from _along([word.stem for word in words], lists().meanings[first.language].get(first.stem))


def _along(words: Sequence[str], branch: Branch | None) -> Iterator[tuple[int, str]]:
    """Phrases whose first word led to a branch."""
    for length in range(1, len(words) + 1):
        if branch is None:
            return
        for found in branch.ends:
            yield length, found
        branch = branch.ways.get(words[length]) if length < len(words) else None
