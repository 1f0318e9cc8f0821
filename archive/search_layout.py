"""How an article lies in the index: its fields, its analysers, its document."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import tantivy
from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

from archive.values import Article

VERSION = 1  # raised with every change below; an index of another version is built anew
LANGUAGES = {"de": "german", "en": "english"}
TEXT_FIELDS = [f"{part}_{language}" for language in LANGUAGES for part in ("title", "text")]
BOOSTS = {name: 3.0 if name.startswith("title") else 1.0 for name in TEXT_FIELDS}
# The index counts nanoseconds in 64 bits; dates beyond are kept at its ends.
FIRST_DAY, LAST_DAY = dt.date(1678, 1, 1), dt.date(2261, 12, 31)


def schema() -> tantivy.Schema:
    """The fields. Text is stored for snippets; everything else lives in the database."""
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("id", stored=True, indexed=True, fast=True)
    for language in LANGUAGES:
        builder.add_text_field(f"title_{language}", tokenizer_name=language)
        builder.add_text_field(f"text_{language}", stored=True, tokenizer_name=language)
    for field in ("origin", "topics", "language"):
        builder.add_text_field(field, tokenizer_name="raw")
    builder.add_date_field("published", indexed=True, fast=True)
    return builder.build()


def analyzer(stemmer: str) -> tantivy.TextAnalyzer:
    """Words of a text in one language: lower case, stem, no accents."""
    return (
        TextAnalyzerBuilder(Tokenizer.simple())
        .filter(Filter.remove_long(80))
        .filter(Filter.lowercase())
        .filter(Filter.stemmer(stemmer))
        .filter(Filter.ascii_fold())
        .build()
    )


def document_of(article: Article, topics: Sequence[str]) -> tantivy.Document:
    """Text of an unknown language goes through both analysers."""
    document = tantivy.Document()
    document.add_integer("id", article.id)
    text = "\n".join(part for part in (article.title, article.teaser, article.body) if part)
    for language in [article.language] if article.language in LANGUAGES else list(LANGUAGES):
        document.add_text(f"title_{language}", article.title)
        document.add_text(f"text_{language}", text)
    for origin in {article.source, article.outlet}:
        document.add_text("origin", origin)
    for topic in topics:
        document.add_text("topics", topic)
    document.add_text("language", article.language)
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
