"""Joining what was found by words with what was found by meaning.

Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009): each list gives weight / (10 + rank). An article
that has all the words, in any way, stays before all others, so that a plain hit is never pushed down by a
vague one.
"""

from __future__ import annotations

from collections.abc import Sequence

# How many hits by words are looked at, and the weights: chosen on the train split of queries.jsonl.
DEPTH = 100
_K = 10
_BY_WORDS, _BY_MEANING = 1.0, 0.5


def fused(
    by_words: Sequence[tuple[int, float]], by_meaning: Sequence[int], firm: int
) -> list[tuple[int, float]]:
    """(article, score), best first. The score is that of the index; 0 for what was found by meaning alone.

    firm: how many of those found by words, from the first, have all the words.
    """
    rank: dict[int, float] = {}
    for ids, weight in (([id_ for id_, _ in by_words], _BY_WORDS), (by_meaning, _BY_MEANING)):
        for place, id_ in enumerate(ids):
            rank[id_] = rank.get(id_, 0.0) + weight / (_K + place)
    scores = dict(by_words)
    first = by_words[:firm]
    vague = sorted(rank.keys() - {id_ for id_, _ in first}, key=lambda id_: (-rank[id_], id_))
    return [*first, *((id_, scores.get(id_, 0.0)) for id_ in vague)]
