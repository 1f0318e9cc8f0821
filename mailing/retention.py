"""How long what is kept on readers stays: sign-ups nobody confirmed, and proofs of consents that are over.

A proof is kept until claims out of it are barred, at the end of the third year after the subscription ended
(§§ 195, 199 BGB). Then the person is forgotten; only the suppression stays, as a keyed hash.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, Select, delete, or_, select, update

from archive import delivery_tables as tables
from archive.database import Database
from mailing import subscribers
from mailing.keys import Keys
from mailing.subscribers import State

AFTER_THE_LINK = dt.timedelta(days=3)  # somebody may write that their link came too late
_YEARS = 3
_S, _C, _O = tables.subscriber, tables.consent, tables.outbox
_ENDED = (State.UNSUBSCRIBED, State.BOUNCED, State.COMPLAINED)


@dataclass(frozen=True, slots=True)
class Due:
    """How many are due: sign-ups that nobody confirmed, and people whose subscription ended long ago."""

    unconfirmed: int
    ended: int

    def __bool__(self) -> bool:
        return bool(self.unconfirmed or self.ended)


def due(database: Database, now: dt.datetime) -> Due:
    """What `delete_due` would delete now."""
    with database.reading() as connection:
        return Due(*(len(connection.execute(each).all()) for each in (_unconfirmed(now), _ended(now))))


def delete_due(database: Database, keys: Keys, now: dt.datetime) -> Due:
    """Delete what is due.

    Who had a subscription before the sign-up they did not confirm is as they were before it: its proof stays.
    """
    with database.writing() as connection:
        stale = connection.execute(_unconfirmed(now)).all()
        for row in stale:
            _let_go(connection, row.id, row.email)
    with database.reading() as connection:
        over = connection.execute(_ended(now)).all()
    erased = sum(subscribers.erase(database, keys, row.email, now) for row in over)
    return Due(len(stale), erased)


def _unconfirmed(now: dt.datetime) -> Select[tuple[int, str]]:
    until = or_(_S.c.confirm_until.is_(None), _S.c.confirm_until <= now - AFTER_THE_LINK)
    return select(_S.c.id, _S.c.email).where(_S.c.state == State.PENDING, until)


def _ended(now: dt.datetime) -> Select[tuple[int, str]]:
    first_kept = dt.datetime(now.year - _YEARS, 1, 1, tzinfo=dt.UTC)
    return select(_S.c.id, _S.c.email).where(_S.c.state.in_(_ENDED), _S.c.left_at < first_kept)


def _let_go(connection: Connection, id_: int, email: str) -> None:
    connection.execute(delete(_O).where(_O.c.recipient == email))
    last_end = (
        select(_C.c.kind)
        .where(_C.c.subscriber_id == id_, _C.c.kind.in_(_ENDED))
        .order_by(_C.c.id.desc())
        .limit(1)
    )
    before = connection.execute(last_end).scalar()
    if before is None:
        connection.execute(delete(_S).where(_S.c.id == id_))
    else:
        connection.execute(update(_S).where(_S.c.id == id_).values(state=before, confirm_hash=""))
