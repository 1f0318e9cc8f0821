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
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tantivy

from archive import deletion, lineage, queries, query_language, search_layout, stories
from archive.database import Database
from archive.fusion import Hits, Pool, Scored
from archive.indexing import changes_after
from archive.most_words import ENOUGH, most_words
from archive.query_language import Query
from archive.related import like
from archive.search_layout import Words, document_of, schema
from archive.search_page import Ask, Facets, Look, count_of, counted, hits_of, ids_of
from archive.search_query import Built, build
from archive.snippets import snippet
from archive.suggestions import corrections
from archive.values import Article
from lagebrief.errors import IndexDamagedError

if TYPE_CHECKING:
    from archive.meaning import Wanted

log = logging.getLogger(__name__)

_COMMIT_AFTER = 20_000  # articles; what was not committed is taken in again after a crash
_HEAP = 64_000_000
_WORD = re.compile(r"\w+")
# What is like the first few hits is wanted too; chosen on the train split of queries.jsonl.
_EXAMPLES, _LIKE_ANSWERS, _LIKE_FIRST = 3, 1.5, 0.5


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
        built = build(self._index, look.query, self._words)
        with _damage_named():
            searcher = self._index.searcher()
            total, facets = counted(searcher, built, facets=look.facets)
            suggestion = ""
            if not total and (better := self._corrected(searcher, built, look.query)):
                suggestion, rebuilt = better.plain_words, build(self._index, better, self._words)
                total, counts = counted(searcher, rebuilt, facets=look.facets)
                if total:  # else the word may be right, and only new
                    look, built, facets = replace(look, query=better), rebuilt, counts
            complete = total
            few = complete < ENOUGH and look.loose
            if few and (wider := most_words(searcher, built)):
                built = wider
                total, facets = counted(searcher, built, facets=look.facets)
            joins = look.loose and (few or look.ask is not None)
            by_words = hits_of(searcher, built, look, all_before=joins)
            if not joins:
                page = [(hit.id, hit.score) for hit in by_words]
            else:
                hits = self._joined(searcher, built, look, by_words, complete)
                page, total = look.cut(hits), total + self._added(searcher, built, hits, by_words)
            found = tuple(self._hits(page, built))
            return Found(total, 0.0, found, facets, suggestion, complete)

    def _corrected(self, searcher: tantivy.Searcher, built: Built, query: Query) -> Query | None:
        """The query with words that no article has replaced by the nearest; None where none is."""
        known = corrections(searcher, built.typed)

        def correct(word: re.Match[str]) -> str:
            plain = [typed.plain for typed in self._words.query_words(word.group())[0]]
            return known.get(plain[0], word.group()) if len(plain) == 1 else word.group()

        better = query.corrected(partial(_WORD.sub, correct)) if known else query
        return better if better != query else None

    def _joined(
        self,
        searcher: tantivy.Searcher,
        built: Built,
        look: Look,
        by_words: Sequence[Scored],
        complete: int,
    ) -> Hits:
        """The hits by words with what tells their story or means the same. complete: how many have all words.

        What is like the answers is meant too, and in a second look what is like the first of all hits.
        """
        answers = [hit.id for hit in by_words[:complete]]
        told = stories.siblings(self._database, answers) if 0 < complete < ENOUGH else []
        pool = Pool(by_words, built.most, frozenset(self._allowed(searcher, built, told)))
        wanted = look.ask(look.query.plain_words) if look.ask else None
        if wanted is None:
            return pool.ordered({})

        def ordered(wanted: Wanted) -> Hits:
            known = {hit.id for hit in by_words} | pool.same_story
            likeness = wanted.likeness(known)
            others = self._allowed(searcher, built, [id_ for id_ in likeness if id_ not in known])
            return pool.ordered({id_: likeness[id_] for id_ in (*others, *known) if id_ in likeness})

        wanted = wanted.toward(answers[:_EXAMPLES], _LIKE_ANSWERS)
        first = [id_ for id_, _ in ordered(wanted)[:_EXAMPLES]]
        return ordered(wanted.toward(first, _LIKE_FIRST))

    def _added(self, searcher: tantivy.Searcher, built: Built, hits: Hits, by_words: Sequence[Scored]) -> int:
        """How many hits are not counted among those found by words."""
        others = {id_ for id_, _ in hits}.difference(hit.id for hit in by_words)
        if not others:
            return 0
        among = tantivy.Query.term_set_query(self._index.schema, "id", list(others))
        both = tantivy.Query.boolean_query([(tantivy.Occur.Must, among), (tantivy.Occur.Must, built.every)])
        return len(others) - count_of(searcher, both)

    def related(self, article: Article, limit: int = 10) -> list[Article]:
        """Articles like a given one, in either language, the likest first."""
        self.follow()
        with _damage_named():
            searcher = self._index.searcher()
            query = like(searcher, self._index.schema, self._words, article)
            ids = ids_of(searcher, searcher.search(query, limit=limit, count=False)) if query else []
        return queries.articles(self._database, ids)

    def _allowed(self, searcher: tantivy.Searcher, built: Built, ids: Sequence[int]) -> list[int]:
        """Those of the given articles that have what a hit must have, in the same order."""
        if not ids:
            return []
        among = tantivy.Query.term_set_query(self._index.schema, "id", list(ids))
        both = tantivy.Query.boolean_query([(tantivy.Occur.Must, among), *built.firm])
        known = set(ids_of(searcher, searcher.search(both, limit=len(ids), count=False)))
        return [id_ for id_ in ids if id_ in known]

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
