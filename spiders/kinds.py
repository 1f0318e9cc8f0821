"""The kinds of source: for each, where it starts and how its answers are read."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable

from spiders import aggregators, feeds, listings, outlets, pages, presscorner, sitemaps
from spiders.settings import Kind, SourceSettings
from spiders.values import Answer, Ask, Parsed, Purpose

Read = Callable[[Answer], Parsed]

_READERS: dict[Kind, Read] = {
    Kind.RSS: feeds.read,
    Kind.ATOM: feeds.read,
    Kind.NEWS_SITEMAP: sitemaps.read,
    Kind.HTML_LIST: listings.read,
    Kind.JSON_API: presscorner.read,
    Kind.BING_NEWS: aggregators.read_bing,
    Kind.GDELT: aggregators.read_gdelt,
}


def start(source: SourceSettings, now: dt.datetime) -> list[Ask]:
    """The requests a visit to a source begins with; none for a manual one."""
    if source.kind is Kind.MANUAL:
        return []
    if source.kind is Kind.HTML_LIST:
        return listings.start(source)
    if source.kind is Kind.JSON_API:
        return presscorner.start(source, now)
    if source.kind in (Kind.BING_NEWS, Kind.GDELT):
        return aggregators.start(source)
    return [Ask(source.url)]


def read(answer: Answer) -> Parsed:
    """Read an answer by its kind, then by its outlet. Runs in the parsing process."""
    is_page = answer.ask.purpose is Purpose.PAGE and answer.source.kind is not Kind.JSON_API
    parsed = pages.read(answer) if is_page else _READERS[answer.source.kind](answer)
    refined = (outlets.refine(entry, answer) for entry in parsed.entries)
    return dataclasses.replace(parsed, entries=tuple(entry for entry in refined if entry is not None))


def conditional(source: SourceSettings) -> bool:
    """True where an unchanged answer means that nothing is left to do.

    Not so for listings and interfaces, whose articles are stored one by one when their pages are read.
    """
    return source.kind not in (Kind.HTML_LIST, Kind.JSON_API)
