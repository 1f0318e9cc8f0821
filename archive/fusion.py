"""Putting in one order what was found by words, what tells the same story, and what means the same.

An article that has all the words as they were typed stays before all others, so that a plain hit is never
pushed down by a vague one. The others are ordered by a sum: the share of the query they have by words, how
like they are to what is meant, and whether they tell the story of an article that answers. A sum of values
keeps what ranks forget, how far apart two hits are (Bruch, Gai and Ingber 2023).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

# How many hits by words are looked at, and the weights: chosen on the train split of queries.jsonl.
DEPTH = 100
_BY_MEANING, _SAME_STORY = 4.0, 0.5
_BY_SCORE = 0.02  # parts those that have all the words in other forms, names or the other language


class Scored(NamedTuple):
    """A hit by words: an article, its score in the index, and the place of the tier that found it."""

    id: int
    score: float
    tier: int


Hits = list[tuple[int, float]]  # numbers of articles with their score in the index, best first


@dataclass(frozen=True, slots=True)
class Pool:
    """What is to be put in order. by_words: tier by tier. most: see `Built.most`. same_story: see above."""

    by_words: Sequence[Scored]
    most: float = 0.0
    same_story: frozenset[int] = frozenset()

    def ordered(self, likeness: Mapping[int, float]) -> Hits:
        """All of it with what is like the query, by article. A score is 0 where words did not find one."""
        typed = [(hit.id, hit.score) for hit in self.by_words if hit.tier == 0]
        scores = {hit.id: hit.score for hit in self.by_words}
        worth = {hit.id: self._share(hit) for hit in self.by_words if hit.tier}
        for id_ in (self.same_story | likeness.keys()).difference(id_ for id_, _ in typed):
            story = _SAME_STORY if id_ in self.same_story else 0.0
            worth[id_] = worth.get(id_, 0.0) + story + _BY_MEANING * likeness.get(id_, 0.0)
        vague = sorted(worth, key=lambda id_: (-worth[id_], id_))
        return [*typed, *((id_, scores.get(id_, 0.0)) for id_ in vague)]

    def _share(self, hit: Scored) -> float:
        """How much of the query an article has: 1 for all of it, in whatever form."""
        return 1.0 + _BY_SCORE * hit.score if hit.tier == 1 else hit.score / self.most
