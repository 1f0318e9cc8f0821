"""From what people typed (archive.query_language) to a query of the index."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence

import tantivy
from tantivy import Occur

from archive.query_language import Clause, Kind, Query
from archive.search_layout import BOOSTS, FIRST_DAY, LAST_DAY, TEXT_FIELDS, midnight

_FOREIGN_LATIN = re.compile("[\u0080-\u024f]")


def build(index: tantivy.Index, query: Query) -> tantivy.Query:
    """The query for the index. A query of filters alone finds whatever passes them."""
    parts: list[tuple[Occur, tantivy.Query]] = []
    for group in query.groups:
        if group[0].negated:
            parts.append((Occur.MustNot, _clause(index, group[0])))
        else:
            parts.append((Occur.Must, _any([_clause(index, clause) for clause in group])))
    for field, values in (
        ("origin", query.sources),
        ("topics", query.topics),
        ("language", query.languages),
    ):
        if values:
            terms = [tantivy.Query.term_query(index.schema, field, value) for value in values]
            parts.append((Occur.Must, _any(terms)))
    if query.since or query.until:
        parts.append((Occur.Must, _period(index, query.since, query.until)))
    if not any(occur is Occur.Must for occur, _ in parts):
        parts.append((Occur.Must, tantivy.Query.all_query()))
    return tantivy.Query.boolean_query(parts)


def _clause(index: tantivy.Index, clause: Clause) -> tantivy.Query:
    words = " ".join(re.findall(r"\w+", clause.text))
    if clause.kind is Kind.PREFIX:
        *whole, begun = words.split()
        parts = [(Occur.Must, _clause(index, Clause(Kind.WORDS, word))) for word in whole]
        return tantivy.Query.boolean_query([*parts, (Occur.Must, _beginning(index, begun))])
    several = " " in words
    text = f'"{words}"' if several or clause.kind is Kind.PHRASE else words
    parsed, _errors = index.parse_query_lenient(text, TEXT_FIELDS, BOOSTS)
    return parsed


def _beginning(index: tantivy.Index, word: str) -> tantivy.Query:
    """Words that begin so, as they stand in the index: without accents, their endings cut off."""
    schema, pattern = index.schema, f"{_FOREIGN_LATIN.sub('.', _without_accents(word))}.*"
    begun = [tantivy.Query.regex_query(schema, field, pattern) for field in TEXT_FIELDS]
    whole, _errors = index.parse_query_lenient(f'"{word}"', TEXT_FIELDS, BOOSTS)
    return _any([*begun, whole])


def _period(index: tantivy.Index, since: dt.date | None, until: dt.date | None) -> tantivy.Query:
    day = dt.timedelta(days=1)
    since = since and min(max(since, FIRST_DAY), LAST_DAY)
    until = until and min(max(until, FIRST_DAY), LAST_DAY)
    return tantivy.Query.range_query(
        index.schema,
        "published",
        tantivy.FieldType.Date,
        midnight(since) if since else None,
        midnight(until + day) if until else None,
        include_upper=until is None,
    )


def _without_accents(word: str) -> str:
    split = unicodedata.normalize("NFKD", word.lower().replace("ß", "ss"))
    return "".join(character for character in split if not unicodedata.combining(character))


def _any(choices: Sequence[tantivy.Query]) -> tantivy.Query:
    if len(choices) == 1:
        return choices[0]
    return tantivy.Query.boolean_query([(Occur.Should, choice) for choice in choices])
