"""Articles that have most words of a query, for when too few have them all.

A word counts by how rare it is: an article must have words that make up a good part of what the query says,
and its score is how much of it they say. A word that no article has is left aside.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

import tantivy
from tantivy import Occur

from archive.search_page import count_of
from archive.search_query import Built

ENOUGH = 10  # articles with all words; with fewer, those with most words come behind
# How much of the query an article must have, how much more the rarest words count, and the head of a compound
# of which nothing else is known: chosen on the train split of queries.jsonl.
_SHARE, _RARER, _OF_HEAD = 0.3, 1.6, 0.5
_MOST_CHOICES = 6  # words whose choices are all looked at

_Weighed = tuple[tantivy.Query, float]  # what finds a word, and how much it says


def most_words(searcher: tantivy.Searcher, built: Built) -> Built | None:
    """The query with one more tier: what has most of its words. None where there is no choice of words.

    It finds what the tiers before it have found as well.
    """
    words = list(_words(searcher, built))
    if not words or (len(built.words) == 1 and words[0][0] is built.words[0].found):
        return None
    firm = [(occur, tantivy.Query.const_score_query(query, 0.0)) for occur, query in built.firm]
    shares = [(Occur.Should, tantivy.Query.const_score_query(found, says)) for found, says in words]
    tier = tantivy.Query.boolean_query([*firm, *_enough(words, alone=not firm), *shares])
    return replace(built, tiers=(*built.tiers, tier), every=tier, most=sum(says for _, says in words))


def _words(searcher: tantivy.Searcher, built: Built) -> Iterator[_Weighed]:
    """The words that some article has; a compound as its parts, which share what it says."""
    for way in built.words:
        says = _rarity(searcher, way.found)
        if says and not way.parts:
            yield way.found, says
        elif not says and way.head and (own := _rarity(searcher, way.head)):
            yield way.head, own * _OF_HEAD
        for part in way.parts:
            either = _any([way.found, part])
            if own := _rarity(searcher, either):
                yield either, min(own, says / len(way.parts)) if says else own


def _enough(words: Sequence[_Weighed], *, alone: bool) -> list[tuple[Occur, tantivy.Query]]:
    """What an article must have. alone: nothing else is asked, so that any word is enough by itself."""
    covers = list(_covers([says for _, says in words]))
    if alone and len(covers) == len(words) and all(len(places) == 1 for places in covers):
        return []
    choices = [_all([words[place][0] for place in places]) for places in covers]
    return [(Occur.Must, tantivy.Query.const_score_query(_any(choices), 0.0))]


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
