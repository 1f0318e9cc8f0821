"""Articles that are like a given one, by the words that are rare elsewhere and frequent in it.

Names and meanings count as words, so that a report in the other language is found as well. (The index's own
"more like this" stops with a panic where articles were changed: it compares counts with and without them.)
"""

from __future__ import annotations

import math
from collections import Counter

import tantivy
from tantivy import Occur

from archive.search_layout import Words
from archive.values import Article

_MOST_TERMS = 25
_SHORTEST = 3  # letters; less are articles, endings and numbers


def like(
    searcher: tantivy.Searcher, schema: tantivy.Schema, words: Words, article: Article
) -> tantivy.Query | None:
    """The query that finds articles like this one, itself left out; None if it has no telling word."""
    kept = words.index_text("\n".join((article.title, article.teaser, article.body)), article.language)
    counts = {"text": Counter(kept.stems.split()), "more": Counter(kept.more.split())}
    telling = []
    for name, counted in counts.items():
        for word, count in counted.items():
            seen = searcher.doc_freq(name, word) if len(word) >= _SHORTEST else 0
            if seen > 1:  # a word that no other article has finds none
                telling.append(((1 + math.log(count)) * math.log(1 + searcher.num_docs / seen), name, word))
    if not telling:
        return None
    best = sorted(telling, reverse=True)[:_MOST_TERMS]
    alike = [
        (Occur.Should, tantivy.Query.boost_query(tantivy.Query.term_query(schema, name, word), weight))
        for weight, name, word in best
    ]
    own = tantivy.Query.term_query(schema, "id", article.id)
    return tantivy.Query.boolean_query(
        [(Occur.Must, tantivy.Query.boolean_query(alike)), (Occur.MustNot, own)]
    )
