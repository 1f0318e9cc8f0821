"""Articles that have most words of a query, for when too few have them all.

A word counts by how rare it is: an article must have words that make up at least two fifths of what the
query says, and those that have more of it come first. A word that no article has is left aside.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

import tantivy
from tantivy import Occur

from archive.search_page import count_of
from archive.search_query import Built, Way

ENOUGH = 10  # articles with all words; with fewer, those with most words come behind
_SHARE, _RARER = 0.3, 1.6  # these, and what follows: chosen on the train split of queries.jsonl
_STEP = (
    20.0  # what a word adds by standing there, as a multiple of its rarity: more than by how often it does
)
_OF_HEAD = 0.5  # what the head of a compound says of it
_MOST_CHOICES = 6  # words whose choices are all looked at


def most_words(searcher: tantivy.Searcher, built: Built) -> Built | None:
    """The query with one more tier: what has most of its words. None where there is no choice of words."""
    known = list(_words(searcher, built))
    if not known or (len(known) == 1 and known[0][0] is built.words[0] and len(built.words) == 1):
        return None
    covers = [_all([known[place][0].found for place in places]) for places in _covers([r for _, r in known])]
    enough = (Occur.Must, tantivy.Query.const_score_query(_any(covers), 0.0))
    tier = tantivy.Query.boolean_query(
        [
            *built.firm,
            enough,
            (Occur.MustNot, built.every),
            *((Occur.Should, way.scored) for way, _ in known),
            *(
                (Occur.Should, tantivy.Query.const_score_query(w.found, _STEP * rarity))
                for w, rarity in known
            ),
        ]
    )
    every = tantivy.Query.boolean_query([(Occur.Should, built.every), (Occur.Should, tier)])
    most = _STEP * sum(rarity for _, rarity in known)
    return replace(built, tiers=(*built.tiers, tier), every=every, most=most)


def _words(searcher: tantivy.Searcher, built: Built) -> Iterator[tuple[Way, float]]:
    """The words that some article has, with their rarity; a compound as its parts, which share its own."""
    for way in built.words:
        rarity = _rarity(searcher, way.found)
        if rarity and not way.parts:
            yield way, rarity
        elif not rarity and way.head and (own := _rarity(searcher, way.head)):
            yield replace(way, scored=way.head, found=way.head), own * _OF_HEAD
        for part in way.parts:
            either = _any([way.found, part])
            own = _rarity(searcher, either)
            if own:
                shared = min(own, rarity / len(way.parts)) if rarity else own
                yield replace(way, scored=_any([way.scored, part]), found=either), shared


def _rarity(searcher: tantivy.Searcher, word: tantivy.Query) -> float:
    """That of BM25, the rarest words weighed more; 0 for a word that no article has."""
    count = count_of(searcher, word)
    return math.log(1 + (searcher.num_docs - count + 0.5) / (count + 0.5)) ** _RARER if count else 0.0


def _covers(rarities: Sequence[float]) -> Iterator[tuple[int, ...]]:
    """The smallest choices of words that say enough of the query, as places."""
    if len(rarities) > _MOST_CHOICES:
        rarest = sorted(range(len(rarities)), key=lambda place: -rarities[place])[:_MOST_CHOICES]
        yield from (
            tuple(rarest[place] for place in places) for places in _covers([rarities[p] for p in rarest])
        )
        return
    wanted = _SHARE * sum(rarities)
    found: list[set[int]] = []
    for size in range(1, len(rarities) + 1):
        for places in combinations(range(len(rarities)), size):
            enough = sum(rarities[place] for place in places) >= wanted
            if enough and not any(smaller <= set(places) for smaller in found):
                found.append(set(places))
                yield places


def _all(words: Sequence[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(Occur.Must, word) for word in words])


def _any(choices: Sequence[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(Occur.Should, choice) for choice in choices])
