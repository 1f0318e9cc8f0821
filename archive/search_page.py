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

Nearest = Callable[[str], Sequence[int]]


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
    def meaning(self) -> Sequence[int] | None:
        """Articles that mean what was asked for, the likest first; None where hits by meaning do not join."""
        if self.nearest is None or self.by_date or not self.query.plain_words:
            return None
        return self.nearest(self.query.plain_words)

    def join(
        self, scored: list[tuple[int, float]], like: Sequence[int]
    ) -> tuple[list[tuple[int, float]], int]:
        """(the page, how many hits were added): the first hits by words with the articles like the query."""
        joined = fused(scored, like)
        return joined[self.offset : self.offset + self.limit], len(joined) - len(scored)


def page(searcher: tantivy.Searcher, query: tantivy.Query, look: Look, *, joins: bool) -> Any:
    """The hits of a page with the number of all; the first of all hits where others are to join them."""
    order = "published" if look.by_date else None
    limit, offset = (max(look.limit + look.offset, DEPTH), 0) if joins else (look.limit, look.offset)
    return searcher.search(query, limit=limit, offset=offset, count=True, order_by_field=order)


def facets(searcher: tantivy.Searcher, built: Built) -> dict[str, list[tuple[str, int]]]:
    """The values of each facet among all hits with how many have them, most first."""
    wanted = {name: {"terms": {"field": name, "size": _MOST_VALUES}} for name in FACETS}
    found = searcher.aggregate(built.query, wanted)
    return {name: [(b["key"], int(b["doc_count"])) for b in found[name]["buckets"]] for name in FACETS}
