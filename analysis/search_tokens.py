"""The words by which a text is found: stems, the insides of compounds, names and meanings.

Texts and queries go through the same steps, so that "Rechenzentren", "KI-Rechenzentrum" and "data centres"
meet. A stem is Snowball's, with the few endings evened out that it keeps apart (Zentrum, Zentren).
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

from analysis import names
from analysis.compounds import inner_words, split
from analysis.normalise import fold
from analysis.values import IndexedText, SearchSpan, SearchWord

LANGUAGES = ("de", "en")
VERSION = 3  # raised with every change that lets a text be found by other words

_STEMMERS = {"de": "german", "en": "english"}
_LONGEST = 60  # characters of a word; longer ones are data
LONGEST_PHRASE = 8  # words
_MOST_REMEMBERED = 300_000  # words of a language
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")
# 115.000 and 1,4 are one token each, 1.4GW two, H100 one; Chinese characters stand alone.
_TOKEN = re.compile(r"[^\W\d_][^\W_]*|\d{1,3}(?:[.,'’\u00a0\u202f]\d{3})+(?!\d)|\d+(?:[.,]\d+)?")
_TOKEN_CHINESE = re.compile(
    r"\d{1,3}(?:[.,'’\u00a0\u202f]\d{3})+(?!\d)|\d+(?:[.,]\d+)?|[\u3400-\u9fff]|[^\W\d_\u3400-\u9fff][^\W_\u3400-\u9fff]*"
)
_CHINESE = re.compile("[\u3400-\u9fff]")
_SEPARATORS = str.maketrans("", "", ".,'’\u00a0\u202f")
_GROUPED = re.compile(r"\d{1,3}(?:[.,'’\u00a0\u202f]\d{3})+")
_HYPHENATED = re.compile(r"[^\W_]+(?:-[^\W_]+)+")
# Words that join others, of both languages; in a query they need not be found.
_FAINT = frozenset(
    """
    a ab als am an and are as at auf aus bei beim by das dem den der des die durch ein eine einem
    einen einer eines for from für gegen im in is ist it mit nach of on oder or the to über um und
    unter vom von vor wegen wie with zu zum zur
    """.split()  # noqa: SIM905 - sixty words are read more easily so
)
_UM = re.compile(r"(?<=[rikdl])um$")  # Zentrum, Kriterium, Medium; but Raum, Wachstum
_FOREIGN_S = re.compile(r"(?<=[opuwyc])s$")  # Chips, GPUs


def index_text(text: str, language: str) -> IndexedText:
    """What an index keeps of a text. Of an unknown language both stems are kept, the second in `more`."""
    memory, tokens = memory_of(language if language in LANGUAGES else "de"), _tokens(text)
    plain, stems = memory.written(tokens)
    more = {found for token in memory.telling.intersection(tokens) for found in memory[token].more}
    if language not in LANGUAGES:
        more.update(_stem(word, "en") for word in plain.split())
    if beginning := memory.beginning.intersection(tokens):
        for place, (token, following) in enumerate(pairwise(tokens)):
            if token in beginning and memory[token].goes_on_with(memory[following]):
                words = [memory[token] for token in tokens[place : place + LONGEST_PHRASE]]
                for _, found in phrases_at(words):
                    more.update((found, *_wholes(found)))
    if "-" in text:
        more.update(fold(joined.replace("-", "")) for joined in _HYPHENATED.findall(text))
    return IndexedText(plain, stems, " ".join(sorted(more)))


def query_words(text: str) -> tuple[tuple[SearchWord, ...], tuple[SearchSpan, ...]]:
    """The words of a query in order, and the runs of several that stand for one name or meaning."""
    tokens = _tokens(text)
    words = [_query_word(memory_of("de")[token].token) for token in tokens]
    spans: dict[tuple[int, int], set[str]] = {}
    for language in LANGUAGES:
        words_there = [memory_of(language)[token] for token in tokens]
        for first in range(len(tokens)):
            for length, found in phrases_at(words_there[first : first + LONGEST_PHRASE]):
                spans.setdefault((first, first + length), set()).add(found)
    alone = {first: more for (first, last), more in spans.items() if last == first + 1}
    return (
        tuple(
            replace(w, more=tuple(sorted({*w.more, *alone.get(place, ())}))) for place, w in enumerate(words)
        ),
        tuple(
            SearchSpan(first, last, tuple(sorted(more)))
            for (first, last), more in sorted(spans.items())
            if last > first + 1
        ),
    )


def _tokens(text: str) -> list[str]:
    """Words and numbers in small letters, as they are written."""
    lowered = text.lower() if text.isascii() else INVISIBLE.sub("", text).lower()
    return pattern_of(lowered).findall(lowered)


def pattern_of(lowered: str) -> re.Pattern[str]:
    """What cuts a text in small letters into words."""
    return _TOKEN if lowered.isascii() or not _CHINESE.search(lowered) else _TOKEN_CHINESE


def _stems(word: str) -> tuple[str, ...]:
    """The stems of a word by each language, without repetition."""
    return tuple(dict.fromkeys(_stem(word, language) for language in LANGUAGES))


def _number(token: str) -> str:
    if not token[0].isdigit():
        return token
    if _GROUPED.fullmatch(token):
        return token.translate(_SEPARATORS)
    return token.replace(",", ".")


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
    """Each word of a language is looked at once.

    telling: words that a text can be found by in other ways; beginning: those that may begin a phrase. Kept
    beside, since what a text consists of is written from these without a step in Python for each word.
    """

    def __init__(self, language: str) -> None:
        super().__init__()
        self._language = language
        self._plain: dict[str, str] = {}
        self._stems: dict[str, str] = {}
        self.telling: set[str] = set()
        self.beginning: set[str] = set()

    def __missing__(self, written: str) -> Word:
        word = self[written] = _analyse(_number(written), self._language)
        self._plain[written], self._stems[written] = word.plain, word.stem
        if word.more:
            self.telling.add(written)
        if word.second:
            self.beginning.add(written)
        return word

    def written(self, tokens: Sequence[str]) -> tuple[str, str]:
        """The words and their stems, with single spaces between them."""
        if len(self) >= _MOST_REMEMBERED:
            for kept in (self, self._plain, self._stems, self.telling, self.beginning):
                kept.clear()
        try:
            return self._joined(tokens)
        except KeyError:  # a word that was not seen before
            for token in tokens:
                self[token]
            return self._joined(tokens)

    def _joined(self, tokens: Sequence[str]) -> tuple[str, str]:
        plain, stems = map(self._plain.__getitem__, tokens), map(self._stems.__getitem__, tokens)
        return " ".join(plain), " ".join(stems)


@cache
def memory_of(language: str) -> _Memory:
    """What is known of the words of a language, by the word in small letters."""
    return _Memory(language)


def _analyse(token: str, language: str) -> Word:
    plain, stem = fold(token), _stem(token, language)
    branches = [
        branch
        for branch in (_names().ways.get(plain), _meanings(language).ways.get(stem))
        if branch is not None
    ]
    alone = {other for branch in branches for found in branch.ends for other in (found, *_wholes(found))}
    second = frozenset(word for branch in branches for word in branch.ways)
    if language == "de":
        inner = [_stem(part, "de") for part in inner_words(token[:_LONGEST])]
        alone.update(inner, *(_single_meanings().get(("de", stem), ()) for stem in inner))
    return Word(language, token, plain, stem, tuple(sorted(alone)), bool(branches), second)


@lru_cache(maxsize=2_000)
def _query_word(token: str) -> SearchWord:
    parts = tuple(_part(part) for part in split(token[:_LONGEST]))
    return SearchWord(fold(token), _stems(token), parts, faint=token in _FAINT)


def _part(part: str) -> tuple[str, ...]:
    """The stems of a part of a compound, and what it means by itself."""
    stems = _stems(part)
    return (*stems, *_single_meanings().get(("de", stems[0]), ()))


@lru_cache(maxsize=300_000)
def _stem(token: str, language: str) -> str:
    token = unicodedata.normalize("NFC", token[:_LONGEST])
    stem = str(_stemmer(language).stemWord(token))
    if language == "de":
        stem = _UM.sub("", stem) if len(stem) > 5 else stem
        stem = _FOREIGN_S.sub("", stem) if len(stem) > 3 else stem
    elif stem.endswith("centr"):  # centre and center
        stem = stem[:-5] + "center"
    return fold(stem)


@cache
def _stemmer(language: str) -> Any:  # the package carries no types
    from Stemmer import Stemmer

    return Stemmer(_STEMMERS[language])


@dataclass(slots=True)
class _Branch:
    """What may follow a word in the tree of phrases, and the ids of phrases that end with it."""

    ways: dict[str, _Branch] = field(default_factory=dict)
    ends: set[str] = field(default_factory=set)

    def every(self) -> set[str]:
        """The ids of all phrases that go on from here."""
        return self.ends.union(*(branch.every() for branch in self.ways.values()))


def phrases_at(words: Sequence[Word]) -> Iterator[tuple[int, str]]:
    """(number of words, id) of names, by words, and meanings, by stems, that begin with the first word."""
    if words and words[0].begins:
        yield from _along([word.plain for word in words], _names())
        yield from _along([word.stem for word in words], _meanings(words[0].language))


@cache
def _wholes(found: str) -> tuple[str, ...]:
    """The larger places and owners of a name: a text on Johor speaks of Malaysia too. None of a meaning."""
    if not found.startswith("@"):
        return ()
    return tuple(f"@{whole}" for whole in names.register().wholes(found[1:]))


@cache
def _beginnings(language: str) -> dict[str, frozenset[str]]:
    """By id of a name or a meaning, the words and stems that its forms begin with."""
    found: dict[str, set[str]] = {}
    for tree in (_names(), _meanings(language)):
        for word, branch in tree.ways.items():
            for id_ in branch.every():
                for other in (id_, *_wholes(id_)):
                    found.setdefault(other, set()).add(word)
    return {id_: frozenset(words) for id_, words in found.items()}


def first_words(id_: str, language: str) -> frozenset[str]:
    """What the forms of a name or a meaning, or of its parts, begin with."""
    return _beginnings(language).get(id_, frozenset())


def _along(words: Sequence[str], branch: _Branch) -> Iterator[tuple[int, str]]:
    for length, word in enumerate(words, 1):
        if word not in branch.ways:
            return
        branch = branch.ways[word]
        for found in branch.ends:
            yield length, found


@cache
def _names() -> _Branch:
    register, root = names.register(), _Branch()
    for id_, form in register.forms():
        for ending in ("", "e", "en", "er", "es", "em", "s") if form.endswith("*") else ("", "s"):
            tokens = [fold(_number(token)) for token in _tokens(form.removesuffix("*"))]
            _plant(root, [*tokens[:-1], tokens[-1] + ending], f"@{id_}")
    return root


@cache
def _meanings(language: str) -> _Branch:
    """Of texts in a language. German ones speak of data centres too, but "die" and "war" are German there."""
    root = _Branch()
    for id_, of, tokens in _twins():
        if of == language or len(tokens) > 1:
            _plant(root, [_stem(token, language) for token in tokens], f"~{id_}")
    return root


@cache
def _single_meanings() -> dict[tuple[str, str], tuple[str, ...]]:
    """By language and stem, of forms that are one word."""
    found: dict[tuple[str, str], set[str]] = {}
    for id_, language, tokens in _twins():
        if len(tokens) == 1:
            found.setdefault((language, _stem(tokens[0], language)), set()).add(f"~{id_}")
    return {key: tuple(sorted(ids)) for key, ids in found.items()}


def _twins() -> Iterator[tuple[str, str, list[str]]]:
    """(id, language, words) of every form of `data/twins.toml`."""
    text = files("analysis").joinpath("data/twins.toml").read_text(encoding="utf-8")
    for id_, forms in tomllib.loads(text).items():
        for language, each in zip(LANGUAGES, forms, strict=True):
            for form in each:
                yield id_, language, [_number(token) for token in _tokens(form)]


def _plant(root: _Branch, words: Sequence[str], end: str) -> None:
    branch = root
    for word in words:
        branch = branch.ways.setdefault(word, _Branch())
    branch.ends.add(end)
