"""Tom's Hardware: tag feeds. Valid from 2026-05.

The feed declares a wrong dc namespace (https instead of http, read in spiders/feeds.py), pads CDATA with
blanks, and carries the full text in dc:content, which is not kept. The UK edition's /uk/ address is the same
article as the one without.
"""

from __future__ import annotations

import dataclasses
from urllib.parse import urlsplit, urlunsplit

from archive.values import Entry
from spiders.values import Answer


def refine(entry: Entry, _answer: Answer) -> Entry:
    """One address for the US and the UK edition."""
    parts = urlsplit(entry.url)
    if not parts.path.startswith("/uk/"):
        return entry
    url = urlunsplit((parts.scheme, parts.netloc, parts.path[3:], parts.query, ""))
    return dataclasses.replace(entry, url=url)
