"""Searches that are kept under a name and asked again for what is new."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from archive import queries, tables
from archive.database import Database
from archive.search import Hit, SearchIndex

_S = tables.saved_search
_MOST = 1_000  # new articles looked at in one go


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """seen: the newest article that was looked at. alert_to: the address that is told of what is new."""

    name: str
    query: str
    created: dt.datetime
    seen: int
    alert_to: str = ""


def save(database: Database, name: str, query: str, now: dt.datetime, alert_to: str = "") -> bool:
    """Keep a search; what is in the archive already counts as seen. False where the name is taken."""
    with database.writing() as connection:
        if connection.execute(select(_S.c.name).where(_S.c.name == name)).first():
            return False
        newest = connection.execute(select(func.max(tables.article.c.id))).scalar() or 0
        connection.execute(
            insert(_S).values(name=name, query=query, created=now, seen=newest, alert_to=alert_to)
        )
        return True


def remove(database: Database, name: str) -> bool:
    """False where there is none of this name."""
    with database.writing() as connection:
        return connection.execute(delete(_S).where(_S.c.name == name)).rowcount == 1


def every(database: Database) -> list[SavedSearch]:
    """All, by name."""
    with database.reading() as connection:
        return [_saved(row) for row in connection.execute(select(_S).order_by(_S.c.name))]


def load(database: Database, name: str) -> SavedSearch | None:
    """One by name."""
    with database.reading() as connection:
        row = connection.execute(select(_S).where(_S.c.name == name)).first()
    return _saved(row) if row else None


def news(database: Database, index: SearchIndex, saved: SavedSearch) -> tuple[list[Hit], int]:
    """(new articles that match, newest first; the article to remember as looked at).

    Articles wait until they were read, since a search may ask for their topic. One that only changed is no
    news: it was reported when it came.
    """
    fresh = queries.read_after(database, saved.seen, _MOST)
    if not fresh:
        return [], saved.seen
    found = index.search(saved.query, by_date=True, limit=_MOST, among=fresh)
    return list(found.hits), fresh[-1]


def remember(database: Database, name: str, seen: int) -> None:
    """What came up to this article was reported."""
    with database.writing() as connection:
        connection.execute(update(_S).where(_S.c.name == name, _S.c.seen < seen).values(seen=seen))


def advance(connection: Connection, saved: SavedSearch, seen: int) -> bool:
    """Remember as `remember` does, within a transaction; False where another process has meanwhile."""
    mine = (_S.c.name == saved.name, _S.c.seen == saved.seen)
    return connection.execute(update(_S).where(*mine).values(seen=seen)).rowcount == 1


def _saved(row: Any) -> SavedSearch:
    return SavedSearch(row.name, row.query, row.created, row.seen, row.alert_to)
