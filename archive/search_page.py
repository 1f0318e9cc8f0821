"""One page of hits as it is asked for, and what is counted beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Any

import tantivy

from archive.fusion import DEPTH, Hits, Scored
from archive.query_language import Query
from archive.search_layout import FACETS
from archive.search_query import Built

if TYPE_CHECKING:
    from archive.meaning import Wanted

_MOST_VALUES = 50  # of a facet

_TOTAL = {"total": {"value_count": {"field": "id"}}}

Ask = Callable[[str], "Wanted | None"]  # what a text means
Facets = dict[str, list[tuple[str, int]]]


@dataclass(frozen=True, slots=True)
class Look:
    """What is looked up: a query, the place of the page, and how it is ordered."""

    query: Query
    limit: int
    offset: int
    by_date: bool
    facets: bool
    ask: Ask | None

    @property
    def loose(self) -> bool:
        """Whether articles without all the words may join: not where the newest are asked for."""
        return not self.by_date and bool(self.query.plain_words)

    def cut(self, hits: Hits) -> Hits:
        """The page."""
        return hits[self.offset : self.offset + self.limit]


def hits_of(searcher: tantivy.Searcher, built: Built, look: Look, *, all_before: bool) -> list[Scored]:
    """The hits by words, tier by tier: those of a page, or, for others to join, all up to it and more."""
    limit, offset = (max(look.limit + look.offset, DEPTH), 0) if all_before else (look.limit, look.offset)
    if look.by_date:
        found = searcher.search(built.every, limit, count=False, offset=offset, order_by_field="published")
        return [Scored(id_, 0.0, 0) for id_ in ids_of(searcher, found)]
    hits: list[Scored] = []
    for place, tier in enumerate(built.tiers):
        found = searcher.search(tier, limit, count=False, offset=offset)
        scores = (float(score) for score, _ in found.hits)
        known = {hit.id for hit in hits}
        fresh = map(Scored, ids_of(searcher, found), scores, repeat(place))
        hits += [hit for hit in fresh if hit.id not in known][: limit - len(hits)]
        if len(hits) == limit:
            break
        offset = 0 if hits or not offset else max(0, offset - count_of(searcher, tier))
    return hits


def ids_of(searcher: tantivy.Searcher, found: Any) -> list[int]:
    """The numbers of the articles that were found, in order. Read from a column: documents lie packed."""
    numbers: Any = searcher.fast_field_values("id", [address for _, address in found.hits])
    return list(numbers)


def count_of(searcher: tantivy.Searcher, query: tantivy.Query) -> int:
    """How many articles a query finds, without weighing any of them."""
    return int(searcher.aggregate(query, _TOTAL)["total"]["value"])


def counted(searcher: tantivy.Searcher, built: Built, *, facets: bool) -> tuple[int, Facets]:
    """(how many hits there are, the values of each facet with how many of them have it, most first)."""
    if not facets:
        return count_of(searcher, built.every), {}
    wanted = {name: {"terms": {"field": name, "size": _MOST_VALUES}} for name in FACETS}
    found = searcher.aggregate(built.every, wanted)
    by_name = {n: [(b["key"], int(b["doc_count"])) for b in found[n]["buckets"]] for n in FACETS}
    # Every article has one month; adding them up is cheaper than one more column to go through.
    return sum(count for _, count in by_name["month"]) + int(found["month"]["sum_other_doc_count"]), by_name
