"""Table.Media: HTML listings without dates; dates from the article page's JSON-LD. Valid from 2026-11.

Almost everything is paywalled: headline, byline and a teaser of at most 200 characters are kept.
develop.table.media is a mirror that search engines know; it is refused.
"""

from __future__ import annotations

import dataclasses
import re
from urllib.parse import urlsplit

from archive.values import Entry
from spiders import cleaning
from spiders.values import Answer

HOSTS = ("table.media",)
_SUFFIX = re.compile(r"\s+•\s+Table\.(?:Briefings|Media)\s*$")
_BYLINE = re.compile(r"^Von\s+", re.IGNORECASE)
_TEASER = 200


def refine(entry: Entry, _answer: Answer) -> Entry | None:
    """A short teaser, a plain byline, no mirror."""
    if (urlsplit(entry.url).hostname or "").startswith("develop."):
        return None
    return dataclasses.replace(
        entry,
        title=_SUFFIX.sub("", entry.title),
        teaser=cleaning.shorten(entry.teaser, _TEASER),
        author=_BYLINE.sub("", entry.author),
        body="",
    )
