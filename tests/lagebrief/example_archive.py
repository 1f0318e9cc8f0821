"""A clock that can be set, and the example's articles in an archive."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace

from archive import queries, sources
from archive.values import Entry, Harvest, SourceState
from lagebrief import jobs
from lagebrief.app import App
from lagebrief.demo.articles import load_articles

HOUR = dt.timedelta(hours=1)


@dataclass
class Clock:
    """A clock that stands still until it is set."""

    now: dt.datetime = dt.datetime(2025, 7, 9, 12, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.now


def store(app: App, *entries: Entry, **changes: object) -> None:
    harvest = Harvest("dcd", "dcd", "https://example.org/", app.clock(), SourceState.OK, entries=entries)
    sources.store(app.database, replace(harvest, **changes))  # type: ignore[arg-type]


def store_examples(app: App) -> None:
    """The example's articles up to now, as their outlets showed them."""
    for article in load_articles():
        if article.published <= app.clock():
            seen = Entry(article.url, article.title, article.teaser, published=article.published)
            store(app, seen, source=article.outlet, outlet=article.outlet)


_READ: dict[dt.datetime, sqlite3.Connection] = {}


def store_and_read_examples(app: App) -> None:
    """store_examples and jobs.analyse on an empty archive, done once for each moment and then copied."""
    assert queries.count(app.database) == 0
    with closing(sqlite3.connect(str(app.database.engine.url.database))) as connection:
        if kept := _READ.get(app.clock()):
            kept.backup(connection)
            return
        store_examples(app)
        jobs.analyse(app)
        kept = _READ[app.clock()] = sqlite3.connect(":memory:", check_same_thread=False)
        connection.backup(kept)
