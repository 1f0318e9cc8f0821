"""What a search index asks of us: the words of texts and queries, and where they stand.

`search_tokens` makes the words, `search_texts` those of a whole text, `search_marks` finds them again in it.
"""

from __future__ import annotations

from analysis.search_marks import places
from analysis.search_texts import index_text
from analysis.search_tokens import VERSION, query_words

__all__ = ["VERSION", "index_text", "places", "query_words"]
