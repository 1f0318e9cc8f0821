""" "Meinten Sie …": words of the archive for those that no article has."""

from __future__ import annotations

from collections.abc import Sequence

import tantivy

from analysis.values import SearchWord

_SHORTEST = 4
_MOST_TERMS = 20_000  # looked at for one word


def corrections(searcher: tantivy.Searcher, typed: Sequence[SearchWord]) -> dict[str, str]:
    """By unknown word, in its plain form, the nearest known one."""
    return {word.plain: near for word in typed if (near := _nearest(searcher, word))}


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
