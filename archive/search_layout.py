"""How an article lies in the index: its fields and its document."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Protocol

import tantivy
from tantivy import TextAnalyzerBuilder, Tokenizer

from analysis.values import IndexedText, SearchSpan, SearchWord
from archive.values import Article

VERSION = 3  # raised with every change below; an index of another version is built anew
FACETS = ("outlet", "topic", "language", "month")
# The index counts nanoseconds in 64 bits; dates beyond are kept at its ends.
FIRST_DAY, LAST_DAY = dt.date(1678, 1, 1), dt.date(2261, 12, 31)
_SPACES = "spaces"


class Words(Protocol):
    """What turns texts and queries into the words of the index; `analysis.search_words` is one."""

    @property
    def VERSION(self) -> int:  # noqa: N802 - a module's constant
        """Raised when the same text is kept by other words."""

    def index_text(self, text: str, language: str, /) -> IndexedText:
        """The words of a text."""

    def query_words(self, text: str, /) -> tuple[tuple[SearchWord, ...], tuple[SearchSpan, ...]]:
        """The words of a query and the runs of several that mean something as a whole."""

    def places(self, text: str, language: str, wanted: frozenset[str], /) -> list[tuple[int, int]]:
        """(start, end) of the words of a text that are among the wanted ones, in order."""


def schema() -> tantivy.Schema:
    """The fields. Texts live in the database, here are only the words they are found by."""
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("id", stored=True, indexed=True, fast=True)
    builder.add_text_field("title", tokenizer_name=_SPACES, index_option="position")
    builder.add_text_field("text", tokenizer_name=_SPACES, index_option="position")
    builder.add_text_field("plain", tokenizer_name=_SPACES, index_option="freq")
    builder.add_text_field("more", tokenizer_name=_SPACES, index_option="basic")
    for field in ("source", "tag"):
        builder.add_text_field(field, tokenizer_name="raw", index_option="basic")
    for field in FACETS:
        builder.add_text_field(field, tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_date_field("published", indexed=True, fast=True)
    return builder.build()


def register(index: tantivy.Index) -> None:
    """Tell an opened index how its fields are cut into words."""
    index.register_tokenizer(_SPACES, TextAnalyzerBuilder(Tokenizer.whitespace()).build())


def document_of(
    article: Article, topics: Sequence[str], tags: Sequence[str], words: Words
) -> tantivy.Document:
    """The article as the index keeps it."""
    document = tantivy.Document()
    document.add_integer("id", article.id)
    rest = "\n".join(part for part in (article.teaser, article.body) if part)
    title = words.index_text(article.title, article.language)
    text = words.index_text(rest, article.language) if rest else IndexedText("", "", "")
    document.add_text("title", title.stems)
    document.add_text("text", f"{title.stems} {text.stems}")
    document.add_text("plain", f"{title.plain} {text.plain}")
    document.add_text("more", f"{title.more} {text.more}")
    document.add_text("source", article.source)
    document.add_text("outlet", article.outlet)
    document.add_text("language", article.language)
    document.add_text("month", f"{article.published:%Y-%m}")
    for topic in topics:
        document.add_text("topic", topic)
    for tag in tags:
        document.add_text("tag", tag)
    document.add_date("published", _countable(article.published))
    return document


def _countable(moment: dt.datetime) -> dt.datetime:
    if moment.date() < FIRST_DAY:
        return midnight(FIRST_DAY)
    if moment.date() > LAST_DAY:
        return midnight(LAST_DAY)
    return moment.replace(tzinfo=None)


def midnight(day: dt.date) -> dt.datetime:
    """The beginning of a day, as the index counts it."""
    return dt.datetime(day.year, day.month, day.day)  # noqa: DTZ001 - tantivy takes naive UTC
