"""Joining what was found by words with what was found by meaning.

Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009): each list gives 1 / (60 + rank). An article that
has every word itself stays before all others, so that a plain hit is never pushed down by a vague one.
"""

from __future__ import annotations

from collections.abc import Sequence

from archive.search_query import EXACT

_K = 60


def fused(
    by_words: Sequence[tuple[int, float]], by_meaning: Sequence[int], limit: int
) -> tuple[list[tuple[int, float]], int]:
    """((article, score) best first, how many were added). Scores of words are those of the index."""
    exact = [(id_, score) for id_, score in by_words if score >= EXACT]
    rank: dict[int, float] = {}
    firm = {id_ for id_, _ in exact}
    for ids in ([id_ for id_, _ in by_words], by_meaning):
        for place, id_ in enumerate(ids):
            rank[id_] = rank.get(id_, 0.0) + 1 / (_K + place)
    scores = dict(by_words)
    vague = sorted((id_ for id_ in rank if id_ not in firm), key=lambda id_: -rank[id_])
    joined = [*exact, *((id_, scores.get(id_, 0.0)) for id_ in vague)][:limit]
    return joined, len({id_ for id_, _ in joined} - set(scores))
