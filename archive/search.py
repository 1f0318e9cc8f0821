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
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, cast

import tantivy
from sqlalchemy import select

from archive import queries, query_language, tables
from archive.database import Database
from archive.query_language import Query
from archive.search_layout import LANGUAGES, VERSION, analyzer, document_of, schema
from archive.search_query import build
from archive.values import Article
from lagebrief.errors import IndexDamagedError

log = logging.getLogger(__name__)

_BATCH = 2_000
_HEAP = 64_000_000
_BOLD = re.compile(r"<(/?)b>")
_SNIPPET = 220


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
        self._folder = folder / f"v{VERSION}"
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
        built = build(self._index, query)
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
                    writer.add_document(document_of(article, topics.get(article.id, [])))
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
            index = tantivy.Index(schema(), path=str(path))
        for language, stemmer in LANGUAGES.items():
            index.register_tokenizer(language, analyzer(stemmer))
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
            field = next((f"text_{lang}" for lang in LANGUAGES if document.get_first(f"text_{lang}")), "")
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


@contextmanager
def _damage_named() -> Iterator[None]:
    try:
        yield
    except (ValueError, OSError) as error:  # what tantivy raises for files it cannot read
        raise IndexDamagedError(f"the search index cannot be read: {error}") from error
