"""What joins the hits by words: the other reports of their stories, and what means the same."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import tantivy
from tantivy import Occur

from archive import stories
from archive.database import Database
from archive.fusion import Hits, Pool, Scored
from archive.most_words import ENOUGH
from archive.search_page import count_of, ids_of
from archive.search_query import Built

if TYPE_CHECKING:
    from archive.meaning import Wanted

# What is like the first few hits is wanted too; chosen on the train split of queries.jsonl.
_EXAMPLES, _LIKE_ANSWERS, _LIKE_FIRST = 5, 0.3, 0.5


@dataclass(frozen=True, slots=True)
class Joining:
    """A query of which the hits by words are known."""

    database: Database
    schema: tantivy.Schema
    searcher: tantivy.Searcher
    built: Built

    def joined(self, by_words: Sequence[Scored], complete: int, wanted: Wanted | None) -> Hits:
        """All hits, best first. complete: how many of those by words, from the first, have all the words.

        What is like the answers is wanted too, and in a second look what is like the first of all hits.
        """
        answers = [hit.id for hit in by_words[:complete]]
        told = stories.siblings(self.database, answers) if 0 < complete < ENOUGH else []
        pool = Pool(by_words, self.built.most, frozenset(self._allowed(told)))
        if wanted is None:
            return pool.ordered({})
        wanted = wanted.toward(answers[:_EXAMPLES], _LIKE_ANSWERS)
        first = [id_ for id_, _ in self._ordered(pool, wanted)[:_EXAMPLES]]
        return self._ordered(pool, wanted.toward(first, _LIKE_FIRST))

    def _ordered(self, pool: Pool, wanted: Wanted) -> Hits:
        known = {hit.id for hit in pool.by_words} | pool.same_story
        likeness = wanted.likeness(known)
        others = self._allowed([id_ for id_ in likeness if id_ not in known])
        return pool.ordered({id_: likeness[id_] for id_ in (*others, *known) if id_ in likeness})

    def added(self, hits: Hits, by_words: Sequence[Scored]) -> int:
        """How many hits are not counted among those found by words."""
        others = {id_ for id_, _ in hits}.difference(hit.id for hit in by_words)
        if not others:
            return 0
        return len(others) - count_of(self.searcher, self._among(others, [(Occur.Must, self.built.every)]))

    def _allowed(self, ids: Sequence[int]) -> list[int]:
        """Those of the given articles that have what a hit must have, in the same order."""
        if not ids:
            return []
        found = self.searcher.search(self._among(ids, self.built.firm), limit=len(ids), count=False)
        known = set(ids_of(self.searcher, found))
        return [id_ for id_ in ids if id_ in known]

    def _among(self, ids: Collection[int], asked: Sequence[tuple[Occur, tantivy.Query]]) -> tantivy.Query:
        these = tantivy.Query.term_set_query(self.schema, "id", list(ids))
        return tantivy.Query.boolean_query([(Occur.Must, these), *asked])
