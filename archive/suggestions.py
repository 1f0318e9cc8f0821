""" "Meinten Sie …": words of the archive for those that no article has."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

import tantivy

from analysis.values import SearchWord
from archive.query_language import Query
from archive.search_layout import Words

_SHORTEST = 4
_WORD = re.compile(r"\w+")
_MOST_TERMS = 20_000  # looked at for one word


def corrected(
    searcher: tantivy.Searcher, words: Words, typed: Sequence[SearchWord], query: Query
) -> Query | None:
    """The query with words that no article has replaced by the nearest; None where none is."""
    known = {word.plain: near for word in typed if (near := _nearest(searcher, word))}

    def correct(word: re.Match[str]) -> str:
        plain = [one.plain for one in words.query_words(word.group())[0]]
        return known.get(plain[0], word.group()) if len(plain) == 1 else word.group()

    better = query.corrected(partial(_WORD.sub, correct)) if known else query
    return better if better != query else None


def _nearest(searcher: tantivy.Searcher, word: SearchWord) -> str:
    """A word that begins with the same letter, at most two slips away; the commonest of the nearest."""
    plain = word.plain
    if len(plain) < _SHORTEST or plain.isdigit() or _is_known(searcher, word):
        return ""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    slips = 1 + len(plain) // 8  # long words are compounds, and what is left of them differs by their endings
    common = dict(searcher.terms_with_prefix("plain", plain[0], limit=_MOST_TERMS))
    near = process.extract(plain, list(common), scorer=OSA.distance, score_cutoff=slips, limit=10)
    return min(near, key=lambda one: (one[1], -common[one[0]]), default=("", 0, 0))[0]


def _is_known(searcher: tantivy.Searcher, word: SearchWord) -> bool:
    """Whether some article has it, a name or meaning of it, or each part of a compound."""

    def stands(stem: str) -> bool:
        return bool(searcher.doc_freq("text", stem) or searcher.doc_freq("more", stem))

    return (
        bool(searcher.doc_freq("plain", word.plain))
        or any(map(stands, (*word.stems, *word.more)))
        or (bool(word.parts) and all(any(map(stands, part)) for part in word.parts))
    )
