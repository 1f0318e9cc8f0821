"""Quoting a source so that others find it: the German form of a citation, and links to the very passage."""

from __future__ import annotations

import datetime as dt
import re
from urllib.parse import quote

from archive.values import Article
from digest.typography import date

_EDGE_WORDS = 5  # at either end of a long passage, which the link names instead of all of it
_LONGEST_WHOLE = 120  # characters
_NOBODY = frozenset({"redaktion", "editorial", "editorial staff", "staff", "red."})


def citation(article: Article, outlet: str, seen_on: dt.date) -> str:
    """`Autorin: Titel. In: Outlet, 9. Juli 2025, https://… (abgerufen am 23. November 2026).`

    seen_on: the day on which somebody looked. An article without an address is cited without one.
    """
    named = article.author and article.author.casefold() not in _NOBODY
    author = f"{article.author}: " if named else ""
    title = article.title.rstrip()
    stop = "" if title.endswith(("?", "!", ".", "…")) else "."
    day = "ohne Datum" if article.date_mark == "unknown" else date(article.published.date())
    where = f", {article.url} (abgerufen am {date(seen_on)})" if article.url else ""
    return f"{author}{title}{stop} In: {outlet}, {day}{where}."


def passage_link(url: str, passage: str) -> str:
    """The address with a text fragment (WICG, Scroll to Text Fragment): browsers jump there and mark it.

    A long passage is named by its first and last words. An address with a fragment of its own keeps that.
    """
    words = passage.split()
    if not url or not words:
        return url
    if len(passage) <= _LONGEST_WHOLE or len(words) <= 2 * _EDGE_WORDS:
        directive = _encoded(" ".join(words))
    else:
        first, last = " ".join(words[:_EDGE_WORDS]), " ".join(words[-_EDGE_WORDS:])
        directive = f"{_encoded(first)},{_encoded(last)}"
    joint = "" if "#" in url else "#"
    return f"{re.sub(r':~:.*', '', url)}{joint}:~:text={directive}"


def _encoded(text: str) -> str:
    """Dash, comma and ampersand part the directive and must be encoded too."""
    return quote(text, safe="").replace("-", "%2D")
