"""Reuters, seen through indexes: robots.txt refuses direct collection (2026-06-15), RSS ended in 2020.

Valid from 2026-06. Index titles end in " - Reuters", hub pages stand among the articles, and an article's
address ends in its date, which tells a stale piece that an index shows as new.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from urllib.parse import urlsplit

from archive.values import Entry
from spiders.values import Answer

_SUFFIX = re.compile(r"\s+[-–|]\s+Reuters(?:\.com)?\s*$", re.IGNORECASE)
_URL_DATE = re.compile(r"-(\d{4})-(\d{2})-(\d{2})/?$")
_HUB_TITLE = re.compile(r"latest headlines|news \||^\S+ news$|\bnewsletters?$|\| reuters$", re.IGNORECASE)
_INDEX_HOSTS = ("reuters.com", "news.google.com")
_STALE_DAYS = 30


def refine(entry: Entry, answer: Answer) -> Entry | None:
    """Headline without the suffix; hub and stale pieces marked; other hosts than Reuters' dropped."""
    host = urlsplit(entry.url).hostname or ""
    own = host == urlsplit(answer.source.url).hostname
    if not own and not any(host == name or host.endswith(f".{name}") for name in _INDEX_HOSTS):
        return None
    title = _SUFFIX.sub("", entry.title)
    marks = list(entry.marks)
    if is_hub(title, entry.url):
        marks.append("hub")
    url_date = date_in(entry.url)
    if url_date and abs((answer.now - url_date).days) > _STALE_DAYS:
        marks.append("stale")
    teaser = "" if _repeats(entry.teaser, title) else entry.teaser
    return dataclasses.replace(entry, title=title, teaser=teaser, marks=tuple(dict.fromkeys(marks)))


def date_in(url: str) -> dt.datetime | None:
    """The day at the end of an article's address."""
    match = _URL_DATE.search(urlsplit(url).path)
    if not match:
        return None
    try:
        return dt.datetime(int(match[1]), int(match[2]), int(match[3]), tzinfo=dt.UTC)
    except ValueError:
        return None


def is_hub(title: str, url: str) -> bool:
    """True for section and topic pages, which carry headlines of others."""
    path = urlsplit(url).path
    section = "reuters.com" in (urlsplit(url).hostname or "") and path.count("/") <= 2 and "-" not in path
    return bool(_HUB_TITLE.search(title)) or section


def _repeats(teaser: str, title: str) -> bool:
    """Indexes give the headline and the outlet's name once more as the description."""
    return re.sub(r"\W+", "", teaser.removesuffix("Reuters")) == re.sub(r"\W+", "", title)
