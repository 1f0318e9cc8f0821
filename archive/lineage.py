"""Knowing one archive from another, for what follows its counter of changes.

Two databases may stand at the same change and hold other articles: one that was put back from a copy and went
on, or another one altogether. A mark taken of an archive says whether it is still the one that was followed.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, text, update

from archive import tables
from archive.database import Database

_A, _C, _D = tables.article, tables.counter, tables.deletion
_NAME = "archive"
_STAND = text("SELECT name, value FROM counter WHERE name IN ('archive', 'change')")  # before every search


@dataclass(frozen=True, slots=True)
class Mark:
    """archive: the random number of the database, new with each `lagebrief db restore`.

    article, seen: the newest article and when it was first seen. Numbers are never used twice, so another
    article under that number, or none that was not deleted, means that a copy was put back by hand.
    """

    archive: int
    article: int
    seen: str

    def to_json(self) -> list[Any]:
        return [self.archive, self.article, self.seen]


def read(kept: Any) -> Mark | None:
    """A mark from what `to_json` gave; None for anything else."""
    match kept:
        case [int(archive), int(article), str(seen)]:
            return Mark(archive, article, seen)
    return None


def mark(database: Database) -> Mark:
    """The mark of an archive as it now stands."""
    newest = select(_A.c.id, _A.c.first_seen).order_by(_A.c.id.desc()).limit(1)
    with database.reading() as connection:
        row = connection.execute(newest).first()
        return Mark(_number(connection), row.id if row else 0, row.first_seen.isoformat() if row else "")


def stand(database: Database) -> tuple[int, int]:
    """The random number by which a database is known, and the number of its newest change."""
    with database.reading() as connection:
        found = {row.name: row.value for row in connection.execute(_STAND)}
    return found[_NAME], found["change"]


def holds(database: Database, mark: Mark) -> bool:
    """True where the archive is the one the mark was taken of, however much it has changed since."""
    with database.reading() as connection:
        if _number(connection) != mark.archive:
            return False
        if not mark.article:
            return True
        seen = connection.execute(select(_A.c.first_seen).where(_A.c.id == mark.article)).scalar()
        if seen is not None:
            return bool(seen.isoformat() == mark.seen)
        deleted = select(_D.c.change).where(_D.c.article_id == mark.article)
        return connection.execute(deleted).first() is not None


def renew(connection: Connection) -> None:
    """Give a database a new number: it was put back, and whoever followed it must begin again."""
    value = 1 + secrets.randbelow(2**31 - 1)
    if not connection.execute(update(_C).where(_C.c.name == _NAME).values(value=value)).rowcount:
        connection.execute(insert(_C).values(name=_NAME, value=value))


def _number(connection: Connection) -> int:
    found: int = connection.execute(select(_C.c.value).where(_C.c.name == _NAME)).scalar_one()
    return found
