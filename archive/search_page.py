"""One page of hits as it is asked for, and what is counted beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import tantivy

from archive.fusion import DEPTH, fused
from archive.query_language import Query
from archive.search_layout import FACETS
from archive.search_query import Built

_MOST_VALUES = 50  # of a facet

_TOTAL = {"total": {"value_count": {"field": "id"}}}

Nearest = Callable[[str], Sequence[int]]
Hits = list[tuple[int, float]]  # numbers of articles with the score of the index
Facets = dict[str, list[tuple[str, int]]]


@dataclass(frozen=True, slots=True)
class Look:
    """What is looked up: a query, the place of the page, and how it is ordered."""

    query: Query
    limit: int
    offset: int
    by_date: bool
    facets: bool
    nearest: Nearest | None

    @property
    def asks_meaning(self) -> Nearest | None:
        """What finds the articles that mean what is asked for; None where hits by meaning do not join."""
        return None if self.by_date or not self.query.plain_words else self.nearest

    @property
    def window(self) -> tuple[int, int]:
        """(limit, offset) of the hits by words: the page, or all up to it where others are to join them."""
        if self.asks_meaning is None:
            return self.limit, self.offset
        return max(self.limit + self.offset, DEPTH), 0

    def join(self, hits: Hits, like: Sequence[int], firm: int) -> tuple[Hits, int]:
        """(the page, how many hits were added): the first hits by words with the articles like the query."""
        joined = fused(hits, like, firm)
        return joined[self.offset : self.offset + self.limit], len(joined) - len(hits)


def hits_of(searcher: tantivy.Searcher, built: Built, look: Look) -> Hits:
    """The hits of a page, tier by tier."""
    limit, offset = look.window
    if look.by_date:
        found = searcher.search(built.every, limit, count=False, offset=offset, order_by_field="published")
        return [(id_, 0.0) for id_ in ids_of(searcher, found)]
    hits: Hits = []
    for tier in built.tiers:
        found = searcher.search(tier, limit - len(hits), count=False, offset=offset)
        hits += zip(ids_of(searcher, found), (float(score) for score, _ in found.hits), strict=True)
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
    found = searcher.aggregate(built.every, {**_TOTAL, **wanted})
    by_name = {n: [(b["key"], int(b["doc_count"])) for b in found[n]["buckets"]] for n in FACETS}
    return int(found["total"]["value"]), by_name
