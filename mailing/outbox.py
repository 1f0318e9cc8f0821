"""Single mails that wait for a server to take them: confirmations, and news to kept searches.

`mailing.posting` sends them: each ends with `taken` or `failed`. Nothing is claimed, so only one process may
send at a time.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from archive import delivery_tables as tables
from archive.database import Database
from mailing.pace import pause_after

GIVE_UP_AFTER = dt.timedelta(hours=48)
_FIRST_PAUSE = dt.timedelta(minutes=1)
_O = tables.outbox


@dataclass(frozen=True, slots=True)
class WaitingMail:
    """A mail that is due: the whole message with its headers, and how often it was tried."""

    id: int
    recipient: str
    message: bytes
    created: dt.datetime
    attempts: int


def put(database: Database, recipient: str, message: bytes, now: dt.datetime) -> None:
    """Keep a mail until it is taken; it is due at once."""
    with database.writing() as connection:
        add(connection, recipient, message, now)


def add(connection: Connection, recipient: str, message: bytes, now: dt.datetime) -> None:
    """`put` within a writing transaction."""
    row = {"recipient": recipient, "message": message, "created": now, "not_before": now}
    connection.execute(insert(_O).values(**row))


def waiting(database: Database, now: dt.datetime, limit: int) -> list[WaitingMail]:
    """The mails that are due, in the order they came."""
    statement = select(_O).where(_O.c.not_before <= now).order_by(_O.c.id).limit(limit)
    with database.reading() as connection:
        return [
            WaitingMail(row.id, row.recipient, row.message, row.created, row.attempts)
            for row in connection.execute(statement)
        ]


def next_due(database: Database, now: dt.datetime) -> WaitingMail | None:
    """The first mail that is due."""
    return next(iter(waiting(database, now, 1)), None)


def taken(database: Database, id_: int) -> None:
    """A server has the mail: it is ours no longer."""
    with database.writing() as connection:
        connection.execute(delete(_O).where(_O.c.id == id_))


def failed(database: Database, id_: int, now: dt.datetime) -> bool:
    """No server took it this time: the next try comes after a pause that grows threefold, from a minute on.

    The last try is 48 hours after the mail was put; False where that was it, and the mail is given up.
    """
    with database.writing() as connection:
        row = connection.execute(select(_O).where(_O.c.id == id_)).first()
        if row is None or now - row.created >= GIVE_UP_AFTER:
            connection.execute(delete(_O).where(_O.c.id == id_))
            return False
        due = min(now + pause_after(row.attempts, _FIRST_PAUSE), row.created + GIVE_UP_AFTER)
        connection.execute(update(_O).where(_O.c.id == id_).values(attempts=row.attempts + 1, not_before=due))
        return True
