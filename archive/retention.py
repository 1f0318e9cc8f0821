"""How long articles are kept: by storage level, and for single sources as they say themselves.

The time runs from the day we first saw an article, since it is our copy that must not stay longer than it is
needed (§ 44b UrhG). What an issue quotes stays: whoever reads that issue may want to look it up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select

from archive import tables
from archive.database import Database
from archive.deletion import EXPIRED, remove
from archive.durations import FOR_EVER
from archive.quoting import quoted_articles, quoting
from archive.values import Storage

_A = tables.article
_BATCH = 300


@dataclass(frozen=True, slots=True)
class Terms:
    """How long what is kept; FOR_EVER (zero) is no limit. A source's own term goes before its level's."""

    levels: Mapping[Storage, dt.timedelta]
    sources: Mapping[str, dt.timedelta]

    def over(self, now: dt.datetime) -> ColumnElement[bool] | None:
        """The condition that an article's time is over; None where all is kept for ever."""
        own = _A.c.source.in_(list(self.sources))
        conditions = [
            and_(_A.c.source == source, _A.c.first_seen < now - term)
            for source, term in self.sources.items()
            if _ends(term, now)
        ]
        conditions += [
            and_(_A.c.storage == str(level), _A.c.first_seen < now - term, ~own)
            for level, term in self.levels.items()
            if _ends(term, now)
        ]
        return or_(*conditions) if conditions else None


@dataclass(frozen=True, slots=True)
class Due:
    """Articles of one source and level whose time is over.

    articles: how many go. quoted: how many more stay since an issue quotes them. oldest, newest: when the
    first and the last of all these were first seen.
    """

    source: str
    storage: Storage
    articles: int
    quoted: int
    oldest: dt.datetime
    newest: dt.datetime


def due(database: Database, terms: Terms, now: dt.datetime) -> list[Due]:
    """What is over, by source and level."""
    over = terms.over(now)
    if over is None:
        return []
    issues, group = quoting(database), (_A.c.source, _A.c.storage)
    quoted: dict[tuple[str, str], int] = {}
    with database.reading() as connection:
        kept = sorted(quoted_articles(connection, issues))
        for start in range(0, len(kept), _BATCH):
            chosen = _A.c.id.in_(kept[start : start + _BATCH])
            for source, storage in connection.execute(select(*group).where(over, chosen)):
                quoted[source, storage] = quoted.get((source, storage), 0) + 1
        seen = (func.count(), func.min(_A.c.first_seen), func.max(_A.c.first_seen))
        rows = connection.execute(select(*group, *seen).where(over).group_by(*group).order_by(*group)).all()
    return [
        Due(source, Storage(storage), count - quoted.get((source, storage), 0),
            quoted.get((source, storage), 0), oldest, newest)
        for source, storage, count, oldest, newest in rows
    ]  # fmt: skip


def delete_expired(
    database: Database,
    terms: Terms,
    now: dt.datetime,
    on_progress: Callable[[int], None] = lambda _count: None,
) -> int:
    """Delete what is over and not quoted, some hundred articles a transaction; returns how many.

    Ended half-way it has deleted some whole articles; the next run goes on.
    """
    over, issues = terms.over(now), quoting(database)
    if over is None:
        return 0
    with database.reading() as connection:
        kept = quoted_articles(connection, issues)
    last = deleted = 0
    while True:
        with database.writing() as connection:
            chosen = select(_A.c.id).where(over, _A.c.id > last).order_by(_A.c.id).limit(_BATCH)
            ids = list(connection.scalars(chosen))
            if not ids:
                return deleted
            gone = remove(connection, [id_ for id_ in ids if id_ not in kept], EXPIRED, now)
        last, deleted = ids[-1], deleted + gone
        on_progress(gone)


def _ends(term: dt.timedelta, now: dt.datetime) -> bool:
    """False for what is kept for ever, or longer than there is a calendar."""
    return term > FOR_EVER and term < now - dt.datetime.min.replace(tzinfo=dt.UTC)
