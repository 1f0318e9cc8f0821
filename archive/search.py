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
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import tantivy

from archive import deletion, lineage, queries, query_language, search_layout
from archive.database import Database
from archive.fusion import Hits
from archive.indexing import changes_after
from archive.joining import Joining
from archive.most_words import ENOUGH, most_words
from archive.query_language import Query
from archive.related import like
from archive.search_layout import Words, document_of, schema
from archive.search_page import Ask, Facets, Look, count_of, counted, hits_of, ids_of
from archive.search_query import Built, build
from archive.snippets import snippet
from archive.suggestions import corrected
from archive.values import Article
from lagebrief.errors import IndexDamagedError

log = logging.getLogger(__name__)

_COMMIT_AFTER = 20_000  # articles; what was not committed is taken in again after a crash
_HEAP = 64_000_000


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that was found. `snippet` is safe HTML with <mark> around the words found."""

    article: Article
    score: float
    snippet: str


@dataclass(frozen=True, slots=True)
class Found:
    """The hits of a page and how many there are in all.

    facets: by outlet, topic, language and month the values and how many articles have each, most first.
    suggestion: what may have been meant, where no article has a word as it was typed; searched instead if any
    article has all of it.
    complete: how many have all the words.
    """

    total: int
    took_ms: float
    hits: tuple[Hit, ...]
    facets: Facets = field(default_factory=dict)
    suggestion: str = ""
    complete: int = 0


class SearchIndex:
    """The index of one archive on this machine.

    folder: where it lives; made when missing. words: what texts are found by. Raises StoreError only for the
    database itself.
    """

    def __init__(self, folder: Path, database: Database, words: Words) -> None:
        self._folder = folder / f"v{search_layout.VERSION}-{words.VERSION}"
        self._database = database
        self._words = words
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
        facets: bool = False,
        among: Sequence[int] | None = None,
        meaning: Ask | None = None,
    ) -> Found:
        """Articles that match a query (see archive.query_language), best or newest first.

        among: numbers of articles of which alone is searched.
        meaning: finds what means the same (`Meaning.ask`); it joins what was found by words, behind every
        article that has all the words as they were typed.
        """
        started = time.perf_counter()
        query = query_language.parse(text)
        query = replace(
            query,
            sources=(*query.sources, *sources),
            topics=(*query.topics, *topics),
            languages=(*query.languages, *languages),
            since=max(filter(None, (query.since, since)), default=None),
            until=min(filter(None, (query.until, until)), default=None),
            among=None if among is None else tuple(among),
        )
        if text.strip() and query == Query(among=query.among):  # signs without a word
            return Found(0, 0.0, ())
        look = Look(query, limit, offset, by_date=by_date, facets=facets, ask=meaning)
        try:
            found = self._look_up(look)
        except IndexDamagedError as error:
            log.warning("%s; it is built anew", error)
            self.rebuild()
            found = self._look_up(look)
        took = (time.perf_counter() - started) * 1000
        return replace(found, took_ms=round(took, 1))

    def _look_up(self, look: Look) -> Found:
        self.follow()
        with _damage_named():
            searcher = self._index.searcher()
            built, suggestion = build(self._index, look.query, self._words), ""
            complete, facets = counted(searcher, built, facets=look.facets)
            if not complete:
                look, built, suggestion = self._better(searcher, look, built)
                complete, facets = counted(searcher, built, facets=look.facets)
            total, few = complete, complete < ENOUGH and look.loose
            if few and (wider := most_words(searcher, built)):
                built = wider
                total, facets = counted(searcher, built, facets=look.facets)
            joins = look.loose and (few or look.ask is not None)
            by_words = hits_of(searcher, built, look, all_before=joins)
        wanted = look.ask(look.query.plain_words) if joins and look.ask else None
        with _damage_named():
            if joins:
                joining = Joining(self._database, self._index.schema, searcher, built)
                hits = joining.joined(by_words, complete, wanted)
                page, total = look.cut(hits), total + joining.added(hits, by_words)
            else:
                page = [(hit.id, hit.score) for hit in by_words]
            return Found(total, 0.0, tuple(self._hits(page, built)), facets, suggestion, complete)

    def _better(self, searcher: tantivy.Searcher, look: Look, built: Built) -> tuple[Look, Built, str]:
        """What to search where nothing has all the words, and what may have been meant."""
        query = corrected(searcher, self._words, built.typed, look.query)
        if query is None:
            return look, built, ""
        better = build(self._index, query, self._words)
        if not count_of(searcher, better.every):  # the word may be right, and only new
            return look, built, query.plain_words
        return replace(look, query=query), better, query.plain_words

    def related(self, article: Article, limit: int = 10) -> list[Article]:
        """Articles like a given one, in either language, the likest first."""
        self.follow()
        with _damage_named():
            searcher = self._index.searcher()
            query = like(searcher, self._index.schema, self._words, article)
            ids = ids_of(searcher, searcher.search(query, limit=limit, count=False)) if query else []
        return queries.articles(self._database, ids)

    def follow(self, on_progress: Callable[[int], None] = lambda _count: None) -> int:
        """Take in what changed in the archive since the last time; returns how many articles."""
        archive, newest = lineage.stand(self._database)
        if self._position(archive) == newest:
            self._catch_sight(newest)
            return 0
        taken = 0
        with self._alone(), _damage_named():
            archive, newest = lineage.stand(self._database)
            position = self._position(archive)
            if position is None or position > newest or not self._of_this_archive():
                position = self._start_anew()
            writer = self._index.writer(heap_size=_HEAP, num_threads=1)
            self._index.reload()  # another process may have filled it since
            begun_empty, uncommitted = not self._index.searcher().num_docs, 0
            for batch in changes_after(self._database, position):
                for change, article in batch.articles:
                    if change > newest or not begun_empty:  # it may be there already
                        writer.delete_documents_by_term("id", article.id)
                    own = batch.topics.get(article.id, []), batch.tags.get(article.id, [])
                    writer.add_document(document_of(article, *own, self._words))
                count = len(batch.articles) + self._forget(writer, position, batch.last)
                taken, uncommitted, position = taken + count, uncommitted + count, batch.last
                if uncommitted >= _COMMIT_AFTER:
                    writer.commit()
                    self._remember(position)
                    uncommitted = 0
                on_progress(len(batch.articles))
            writer.commit()
            if position < newest and (gone := self._forget(writer, position, newest)):
                taken += gone
                writer.commit()
            writer.wait_merging_threads()
            # The newest change is gone where its article was deleted.
            self._remember(max(position, newest))
            self._catch_sight(max(position, newest))
        return taken

    def _forget(self, writer: Any, after: int, until: int) -> int:
        """Take out what was deleted by the changes in (after, until]; returns how many articles."""
        gone = deletion.deleted_between(self._database, after, until)
        for article_id in gone:
            writer.delete_documents_by_term("id", article_id)
        return len(gone)

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
        search_layout.register(index)
        return index

    def _position(self, archive: int) -> int | None:
        """The change of an archive this index has come to; None where that cannot be told."""
        try:
            kept = self._kept_position()
            return int(kept["change"]) if kept["archive"] == archive else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _of_this_archive(self) -> bool:
        """False where the database was put back from a copy since."""
        try:
            mark = lineage.read(self._kept_position()["mark"])
        except (OSError, ValueError, KeyError, TypeError):
            return False
        return mark is not None and lineage.holds(self._database, mark)

    def _kept_position(self) -> Any:
        return json.loads((self._folder / "position.json").read_text())

    def _remember(self, change: int) -> None:
        mark = lineage.mark(self._database)
        kept = {"change": change, "archive": mark.archive, "mark": mark.to_json()}
        temporary = self._folder / "position.json.new"
        temporary.write_text(json.dumps(kept))
        temporary.replace(self._folder / "position.json")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _hits(self, scored: Hits, built: Built) -> Iterator[Hit]:
        articles = {a.id: a for a in queries.articles(self._database, [id_ for id_, _ in scored])}
        for id_, score in scored:
            article = articles.get(id_)
            if article is None:  # deleted since it was indexed
                continue
            text = "\n".join(part for part in (article.title, article.teaser, article.body) if part)
            places = self._words.places(text, article.language, built.wanted)
            yield Hit(article, round(score, 3), snippet(text, places))


@contextmanager
def _damage_named() -> Iterator[None]:
    try:
        yield
    except (ValueError, OSError) as error:  # what tantivy raises for files it cannot read
        raise IndexDamagedError(f"the search index cannot be read: {error}") from error
