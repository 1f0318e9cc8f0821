"""The words by which a text is found: stems, the insides of compounds, names and meanings.

Texts and queries go through the same steps, so that "Rechenzentren", "KI-Rechenzentrum" and "data centres"
meet. A stem is Snowball's, with the few endings evened out that it keeps apart (Zentrum, Zentren).
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from analysis import names
from analysis.compounds import inner_words, split
from analysis.normalise import fold
from analysis.values import IndexedText, SearchSpan, SearchWord

LANGUAGES = ("de", "en")
VERSION = 2  # raised with every change that lets a text be found by other words

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
_UM = re.compile(r"(?<=[rikdl])um$")  # Zentrum, Kriterium, Medium; but Raum, Wachstum
_FOREIGN_S = re.compile(r"(?<=[opuwyc])s$")  # Chips, GPUs


def index_text(text: str, language: str) -> IndexedText:
    """What an index keeps of a text. Of an unknown language both stems are kept, the second in `more`."""
    memory = memory_of(language if language in LANGUAGES else "de")
    words = [memory[token] for token in _tokens(text)]
    more = {found for word in words if word.more for found in word.more}
    if language not in LANGUAGES:
        more.update(_stem(word.plain, "en") for word in words)
    more.update(found for _, _, found in phrases(words))
    if "-" in text:
        more.update(fold(joined.replace("-", "")) for joined in _HYPHENATED.findall(text))
    return IndexedText(
        " ".join([word.plain for word in words]),
        " ".join([word.stem for word in words]),
        " ".join(sorted(more)),
    )


def query_words(text: str) -> tuple[tuple[SearchWord, ...], tuple[SearchSpan, ...]]:
    """The words of a query in order, and the runs of several that stand for one name or meaning."""
    tokens = _tokens(text)
    words = [_query_word(memory_of("de")[token].token) for token in tokens]
    spans: dict[tuple[int, int], set[str]] = {}
    for language in LANGUAGES:
        for first, last, found in phrases([memory_of(language)[token] for token in tokens]):
            spans.setdefault((first, last), set()).add(found)
    alone = {first: more for (first, last), more in spans.items() if last == first + 1}
    return (
        tuple(
            SearchWord(w.plain, w.stems, w.parts, tuple(sorted({*w.more, *alone.get(place, ())})))
            for place, w in enumerate(words)
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
    """token: with numbers in one notation: 115.000 and 115,000 are 115000. begins: a name or a meaning."""

    token: str
    plain: str
    stem: str
    more: tuple[str, ...]
    begins: bool


class _Memory(dict[str, Word]):
    """Each word of a language is looked at once."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._language = language

    def __missing__(self, written: str) -> Word:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        word = self[written] = _analyse(_number(written), self._language)
        return word


@cache
def memory_of(language: str) -> _Memory:
    """What is known of the words of a language, by the word in small letters."""
    return _Memory(language)


def _analyse(token: str, language: str) -> Word:
    plain, stem = fold(token), _stem(token, language)
    begins = plain in _names().ways or stem in _meanings().ways
    if language != "de":
        return Word(token, plain, stem, (), begins)
    inner = tuple(_stem(part, "de") for part in inner_words(token[:_LONGEST]))
    meanings = tuple(found for stem in inner for found in _single_meanings().get(("de", stem), ()))
    return Word(token, plain, stem, (*inner, *meanings), begins)


@lru_cache(maxsize=2_000)
def _query_word(token: str) -> SearchWord:
    parts = tuple(_stems(part) for part in split(token[:_LONGEST]))
    return SearchWord(fold(token), _stems(token), parts)


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


def phrases(words: Sequence[Word]) -> Iterator[tuple[int, int, str]]:
    """(first, last, id) of names by their words and of meanings by their stems; all that stand there."""
    for first, word in enumerate(words):
        if word.begins:
            yield from _from(first, [word.plain for word in words[first : first + LONGEST_PHRASE]], _names())
            yield from _from(
                first, [word.stem for word in words[first : first + LONGEST_PHRASE]], _meanings()
            )


def _from(first: int, words: Sequence[str], branch: _Branch) -> Iterator[tuple[int, int, str]]:
    for place, word in enumerate(words, first + 1):
        if word not in branch.ways:
            return
        branch = branch.ways[word]
        for found in branch.ends:
            yield first, place, found


@cache
def _names() -> _Branch:
    register, root = names.register(), _Branch()
    for id_, form in register.forms():
        for ending in ("", "e", "en", "er", "es", "em", "s") if form.endswith("*") else ("", "s"):
            tokens = [fold(_number(token)) for token in _tokens(form.removesuffix("*"))]
            _plant(root, [*tokens[:-1], tokens[-1] + ending], f"@{id_}")
    return root


@cache
def _meanings() -> _Branch:
    root = _Branch()
    for id_, _, tokens in _twins():
        for language in LANGUAGES:  # German articles speak of data centres too
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
