"""Full-text search in a local tantivy index that follows the database.

The database is the truth; the index is a read model on each node. It follows the counter of changes, so
killing a process between commit and index loses nothing: the next look catches up. An index that cannot be
read is thrown away and built anew.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import logging
import re
import shutil
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, cast

import tantivy
from sqlalchemy import select
from tantivy import Filter, Occur, TextAnalyzerBuilder, Tokenizer

from archive import queries, query_language, tables
from archive.database import Database
from archive.query_language import Clause, Kind, Query
from archive.values import Article
from lagebrief.errors import IndexDamagedError

log = logging.getLogger(__name__)

_VERSION = 1
_BATCH = 2_000
_HEAP = 64_000_000
_LANGUAGES = {"de": "german", "en": "english"}
_TEXT_FIELDS = [f"{part}_{language}" for language in _LANGUAGES for part in ("title", "text")]
_BOOSTS = {name: 3.0 if name.startswith("title") else 1.0 for name in _TEXT_FIELDS}
_BOLD = re.compile(r"<(/?)b>")
_SNIPPET = 220
# The index counts nanoseconds in 64 bits; dates beyond are kept at its ends.
_FIRST_DAY, _LAST_DAY = dt.date(1678, 1, 1), dt.date(2261, 12, 31)
_FOREIGN_LATIN = re.compile("[\u0080-\u024f]")


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that was found. `snippet` is safe HTML with <mark> around the words found."""

    article: Article
    score: float
    snippet: str


@dataclass(frozen=True, slots=True)
class Found:
    """The hits of a page and how many there are in all."""

    total: int
    took_ms: float
    hits: tuple[Hit, ...]


class SearchIndex:
    """The index of one archive on this machine.

    folder: where it lives; made when missing. Raises StoreError only for the database itself.
    """

    def __init__(self, folder: Path, database: Database) -> None:
        self._folder = folder / f"v{_VERSION}"
        self._database = database
        self._index = self._open()
        self._seen: int | None = None

    def search(
        self,
        text: str,
        *,
        sources: Sequence[str] = (),
        topics: Sequence[str] = (),
        languages: Sequence[str] = (),
        since: dt.date | None = None,
        until: dt.date | None = None,
        by_date: bool = False,
        limit: int = 20,
        offset: int = 0,
    ) -> Found:
        """Articles that match a query (see archive.query_language), best or newest first."""
        started = time.perf_counter()
        query = query_language.parse(text)
        query = Query(
            query.groups,
            (*query.sources, *sources),
            (*query.topics, *topics),
            (*query.languages, *languages),
            max(filter(None, (query.since, since)), default=None),
            min(filter(None, (query.until, until)), default=None),
        )
        if text.strip() and query == Query():  # signs without a word
            return Found(0, 0.0, ())
        try:
            total, hits = self._look_up(query, limit, offset, by_date=by_date)
        except IndexDamagedError as error:
            log.warning("%s; it is built anew", error)
            self.rebuild()
            total, hits = self._look_up(query, limit, offset, by_date=by_date)
        took = (time.perf_counter() - started) * 1000
        return Found(total, round(took, 1), tuple(hits))

    def _look_up(self, query: Query, limit: int, offset: int, *, by_date: bool) -> tuple[int, list[Hit]]:
        self.follow()
        built = self._build(query)
        with _damage_named():
            searcher = self._index.searcher()
            found = searcher.search(
                built,
                limit=limit,
                offset=offset,
                count=True,
                order_by_field="published" if by_date else None,
            )
            hits = self._hits(searcher, built, found.hits, by_date=by_date)
        return int(cast("Any", found).count or 0), hits

    def follow(self, on_progress: Callable[[int], None] = lambda _count: None) -> int:
        """Take in what changed in the archive since the last time; returns how many articles."""
        newest = queries.last_change(self._database)
        if self._position() == newest:
            self._catch_sight(newest)
            return 0
        taken = 0
        with self._alone(), _damage_named():
            position, newest = self._position(), queries.last_change(self._database)
            if position is None or position > newest:  # lost, or of a database that was put back since
                position = self._start_anew()
            writer = self._index.writer(heap_size=_HEAP, num_threads=1)
            while changed := queries.changed_after(self._database, position, _BATCH):
                topics = self._topics([article.id for _, article in changed])
                for change, article in changed:
                    writer.delete_documents_by_term("id", article.id)
                    writer.add_document(_document(article, topics.get(article.id, [])))
                    position = change
                writer.commit()
                self._remember(position)
                taken += len(changed)
                on_progress(len(changed))
            writer.wait_merging_threads()
            # The newest change is gone where its article was deleted.
            self._remember(max(position, newest))
            self._catch_sight(max(position, newest))
        return taken

    def rebuild(self, on_progress: Callable[[int], None] = lambda _count: None) -> int:
        """Build the index anew from the database."""
        with self._alone():
            self._start_anew()
        return self.follow(on_progress)

    def _start_anew(self) -> int:
        shutil.rmtree(self._folder / "index", ignore_errors=True)
        self._index, self._seen = self._try_open(), None
        self._remember(0)
        return 0

    def _catch_sight(self, position: int) -> None:
        """Look at what was written last, by this process or by another one."""
        if self._seen != position:
            with _damage_named():
                self._index.reload()
            self._seen = position

    def _open(self) -> tantivy.Index:
        try:
            return self._try_open()
        except IndexDamagedError as error:
            log.warning("%s; it is built anew", error)
            with self._alone():
                self._start_anew()
            return self._index

    def _try_open(self) -> tantivy.Index:
        path = self._folder / "index"
        path.mkdir(parents=True, exist_ok=True)
        if not (path / "meta.json").is_file():  # begins empty, whatever the position says
            (self._folder / "position.json").unlink(missing_ok=True)
        with _damage_named():
            index = tantivy.Index(_schema(), path=str(path))
        for language, stemmer in _LANGUAGES.items():
            index.register_tokenizer(language, _analyzer(stemmer))
        return index

    def _position(self) -> int | None:
        """The change this index has come to; None where that cannot be told."""
        try:
            return int(json.loads((self._folder / "position.json").read_text())["change"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _remember(self, change: int) -> None:
        temporary = self._folder / "position.json.new"
        temporary.write_text(json.dumps({"change": change}))
        temporary.replace(self._folder / "position.json")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _topics(self, ids: list[int]) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        table = tables.topic
        with self._database.reading() as connection:
            for row in connection.execute(
                select(table.c.article_id, table.c.topic).where(table.c.article_id.in_(ids))
            ):
                found.setdefault(row.article_id, []).append(row.topic)
        return found

    def _build(self, query: Query) -> tantivy.Query:
        parts: list[tuple[Occur, tantivy.Query]] = []
        for group in query.groups:
            if group[0].negated:
                parts.append((Occur.MustNot, self._clause(group[0])))
            else:
                parts.append((Occur.Must, _any([self._clause(clause) for clause in group])))
        for field, values in (
            ("origin", query.sources),
            ("topics", query.topics),
            ("language", query.languages),
        ):
            if values:
                terms = [tantivy.Query.term_query(self._index.schema, field, value) for value in values]
                parts.append((Occur.Must, _any(terms)))
        if query.since or query.until:
            parts.append((Occur.Must, self._period(query.since, query.until)))
        if not any(occur is Occur.Must for occur, _ in parts):
            parts.append((Occur.Must, tantivy.Query.all_query()))
        return tantivy.Query.boolean_query(parts)

    def _clause(self, clause: Clause) -> tantivy.Query:
        words = " ".join(re.findall(r"\w+", clause.text))
        if clause.kind is Kind.PREFIX:
            *whole, begun = words.split()
            parts = [(Occur.Must, self._clause(Clause(Kind.WORDS, word))) for word in whole]
            return tantivy.Query.boolean_query([*parts, (Occur.Must, self._beginning(begun))])
        several = " " in words
        text = f'"{words}"' if several or clause.kind is Kind.PHRASE else words
        parsed, _errors = self._index.parse_query_lenient(text, _TEXT_FIELDS, _BOOSTS)
        return parsed

    def _beginning(self, word: str) -> tantivy.Query:
        """Words that begin so, as they stand in the index: without accents, their endings cut off."""
        schema, pattern = self._index.schema, f"{_FOREIGN_LATIN.sub('.', _without_accents(word))}.*"
        begun = [tantivy.Query.regex_query(schema, field, pattern) for field in _TEXT_FIELDS]
        whole, _errors = self._index.parse_query_lenient(f'"{word}"', _TEXT_FIELDS, _BOOSTS)
        return _any([*begun, whole])

    def _period(self, since: dt.date | None, until: dt.date | None) -> tantivy.Query:
        day = dt.timedelta(days=1)
        since = since and min(max(since, _FIRST_DAY), _LAST_DAY)
        until = until and min(max(until, _FIRST_DAY), _LAST_DAY)
        return tantivy.Query.range_query(
            self._index.schema,
            "published",
            tantivy.FieldType.Date,
            _midnight(since) if since else None,
            _midnight(until + day) if until else None,
            include_upper=until is None,
        )

    def _hits(
        self, searcher: Any, query: tantivy.Query, found: Sequence[tuple[Any, Any]], *, by_date: bool
    ) -> list[Hit]:
        documents = [(score, searcher.doc(address)) for score, address in found]
        articles = {
            article.id: article
            for article in queries.articles(self._database, [int(d["id"][0]) for _, d in documents])
        }
        makers: dict[str, Any] = {}
        hits = []
        for score, document in documents:
            article = articles.get(int(document["id"][0]))
            if article is None:  # deleted since it was indexed
                continue
            field = next((f"text_{lang}" for lang in _LANGUAGES if document.get_first(f"text_{lang}")), "")
            snippet = self._snippet(searcher, query, field, document, makers) if field else ""
            numeric = 0.0 if by_date else float(score)
            hits.append(Hit(article, round(numeric, 3), snippet))
        return hits

    def _snippet(self, searcher: Any, query: Any, field: str, document: Any, makers: dict[str, Any]) -> str:
        if field not in makers:
            makers[field] = tantivy.SnippetGenerator.create(searcher, query, self._index.schema, field)
            makers[field].set_max_num_chars(_SNIPPET)
        marked = _BOLD.sub(r"<\1mark>", makers[field].snippet_from_doc(document).to_html())
        # A word found by its beginning only has no marked place: show where the text begins.
        return marked or escape(str(document.get_first(field))[:_SNIPPET])


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("id", stored=True, indexed=True, fast=True)
    for language in _LANGUAGES:
        builder.add_text_field(f"title_{language}", tokenizer_name=language)
        builder.add_text_field(f"text_{language}", stored=True, tokenizer_name=language)
    for field in ("origin", "topics", "language"):
        builder.add_text_field(field, tokenizer_name="raw")
    builder.add_date_field("published", indexed=True, fast=True)
    return builder.build()


def _analyzer(stemmer: str) -> tantivy.TextAnalyzer:
    return (
        TextAnalyzerBuilder(Tokenizer.simple())
        .filter(Filter.remove_long(80))
        .filter(Filter.lowercase())
        .filter(Filter.stemmer(stemmer))
        .filter(Filter.ascii_fold())
        .build()
    )


def _document(article: Article, topics: Sequence[str]) -> tantivy.Document:
    """Text of an unknown language goes through both analysers."""
    document = tantivy.Document()
    document.add_integer("id", article.id)
    text = "\n".join(part for part in (article.title, article.teaser, article.body) if part)
    for language in [article.language] if article.language in _LANGUAGES else list(_LANGUAGES):
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
    if moment.date() < _FIRST_DAY:
        return _midnight(_FIRST_DAY)
    if moment.date() > _LAST_DAY:
        return _midnight(_LAST_DAY)
    return moment.replace(tzinfo=None)


def _without_accents(word: str) -> str:
    split = unicodedata.normalize("NFKD", word.lower().replace("ß", "ss"))
    return "".join(character for character in split if not unicodedata.combining(character))


@contextmanager
def _damage_named() -> Iterator[None]:
    try:
        yield
    except (ValueError, OSError) as error:  # what tantivy raises for files it cannot read
        raise IndexDamagedError(f"the search index cannot be read: {error}") from error


def _any(choices: Sequence[tantivy.Query]) -> tantivy.Query:
    if len(choices) == 1:
        return choices[0]
    return tantivy.Query.boolean_query([(Occur.Should, choice) for choice in choices])


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day)  # noqa: DTZ001 - tantivy takes naive UTC
