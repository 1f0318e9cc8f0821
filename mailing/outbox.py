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

CONFIRMATION, ALERT = "confirmation", "alert"
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
    """Keep a mail to a reader until it is taken; it is due at once."""
    with database.writing() as connection:
        add(connection, recipient, message, now)


def add(
    connection: Connection, recipient: str, message: bytes, now: dt.datetime, kind: str = CONFIRMATION
) -> None:
    """`put` within a writing transaction, of any kind."""
    row = {"recipient": recipient, "message": message, "created": now, "not_before": now, "kind": kind}
    connection.execute(insert(_O).values(**row))


def drop_confirmations(connection: Connection, recipient: str) -> None:
    """Within a writing transaction: who has left is not asked any more."""
    connection.execute(delete(_O).where(_O.c.recipient == recipient, _O.c.kind == CONFIRMATION))


def waiting(database: Database, now: dt.datetime, limit: int) -> list[WaitingMail]:
    """The mails that are due, in the order they came."""
    statement = select(_O).where(_O.c.not_before <= now).order_by(_O.c.id).limit(limit)
    with database.reading() as connection:
        return [
            WaitingMail(row.id, row.recipient, row.message, row.created, row.attempts)
            for row in connection.execute(statement)
        ]


def is_due(database: Database, now: dt.datetime) -> bool:
    """Does any mail wait to be sent?"""
    return bool(waiting(database, now, 1))


def take(database: Database, now: dt.datetime) -> WaitingMail | None:
    """The first mail that is due, for one try.

    The next try is set before this one begins: where nothing can be written, nothing is sent. Pauses grow
    threefold, from a minute on, up to 48 hours after the mail was put.
    """
    with database.writing() as connection:
        due = select(_O).where(_O.c.not_before <= now).order_by(_O.c.id).limit(1)
        row = connection.execute(due).first()
        if row is None:
            return None
        pause = pause_after(row.attempts, _FIRST_PAUSE)
        again = min(now + pause, max(row.created + GIVE_UP_AFTER, now + _FIRST_PAUSE))
        tried = {"attempts": row.attempts + 1, "not_before": again}
        connection.execute(update(_O).where(_O.c.id == row.id).values(**tried))
        return WaitingMail(row.id, row.recipient, row.message, row.created, row.attempts)


def taken(database: Database, id_: int) -> None:
    """A server has the mail: it is ours no longer."""
    with database.writing() as connection:
        connection.execute(delete(_O).where(_O.c.id == id_))


def failed(database: Database, id_: int, now: dt.datetime) -> bool:
    """No server took it this time. False where that was the last try, 48 hours after it was put."""
    with database.writing() as connection:
        over = (_O.c.id == id_, _O.c.created <= now - GIVE_UP_AFTER)
        return not connection.execute(delete(_O).where(*over)).rowcount
