"""An issue on its way: its mails frozen, a delivery for each reader, and its end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, delete, exists, insert, literal, select, update

from archive import delivery_tables, tables
from archive.database import Database
from mailing.steps import State, moment

_I, _M = tables.issue, delivery_tables.issue_mail
_D, _S = delivery_tables.delivery, delivery_tables.subscriber
_READS = _S.c.state == "confirmed"


def frozen(database: Database, week: str) -> dict[str, bytes]:
    """The mails that go out, by variant, from the first try on; empty before it."""
    with database.reading() as connection:
        return _frozen(connection, week) if _was_tried(connection, week) else {}


def has_readers(database: Database) -> bool:
    """Is there anybody to send to?"""
    with database.reading() as connection:
        return connection.execute(select(_S.c.id).where(_READS).limit(1)).first() is not None


def begin(database: Database, week: str, mails: Mapping[str, bytes], now: dt.datetime) -> dict[str, bytes]:
    """Freeze the mails of an approved issue and queue a delivery for each reader, once.

    Until the first try the mails may be frozen anew: a wrong sender can still be mended. Returns those that
    go out; empty where the issue is not approved.
    """
    with database.writing() as connection:
        state = connection.execute(select(_I.c.state).where(_I.c.week == week)).scalar()
        if state not in ("approved", "sending", "sent"):
            return {}
        if _was_tried(connection, week):
            return _frozen(connection, week)
        connection.execute(delete(_M).where(_M.c.week == week))
        rows = [
            {"week": week, "variant": name, "body": body, "frozen_at": now} for name, body in mails.items()
        ]
        connection.execute(insert(_M), rows)
        if state == "approved":
            _queue(connection, week)
            connection.execute(update(_I).where(_I.c.week == week).values(state="sending"))
        return dict(mails)


def queue(database: Database, week: str) -> None:
    """A delivery for every confirmed reader who has none yet."""
    with database.writing() as connection:
        _queue(connection, week)


def finish(database: Database, week: str) -> None:
    """Every mail of the issue has come to an end."""
    with database.writing() as connection:
        connection.execute(update(_I).where(_I.c.week == week, _I.c.state == "sending").values(state="sent"))


def under_way(database: Database) -> list[str]:
    """Weeks of the issues that are being sent, oldest first."""
    with database.reading() as connection:
        return list(
            connection.execute(select(_I.c.week).where(_I.c.state == "sending").order_by(_I.c.week)).scalars()
        )


def resend(database: Database, week: str, ids: Sequence[int]) -> int:
    """Send mails again that are uncertain or failed, by an operator's decision; returns how many.

    An uncertain one may have arrived: its reader may get it twice. The time in which it is tried begins anew.
    """
    with database.writing() as connection:
        now = moment(connection)
        changed = connection.execute(
            update(_D)
            .where(_D.c.week == week, _D.c.id.in_(ids), _D.c.state.in_((State.UNCERTAIN, State.FAILED)))
            .values(state=State.QUEUED, not_before=now, changed=now, first_try=now, attempts=0)
        )
        if changed.rowcount:
            again = update(_I).where(_I.c.week == week, _I.c.state == "sent")
            connection.execute(again.values(state="sending"))
        return int(changed.rowcount)


def _was_tried(connection: Connection, week: str) -> bool:
    tried = select(_D.c.id).where(_D.c.week == week, _D.c.first_try.is_not(None)).limit(1)
    return connection.execute(tried).first() is not None


def _frozen(connection: Connection, week: str) -> dict[str, bytes]:
    statement = select(_M.c.variant, _M.c.body).where(_M.c.week == week)
    return {row.variant: row.body for row in connection.execute(statement)}


def _queue(connection: Connection, week: str) -> None:
    there = exists().where(_D.c.week == week, _D.c.subscriber_id == _S.c.id)
    at = literal(moment(connection), type_=_D.c.changed.type)
    readers = select(literal(week), _S.c.id, literal(State.QUEUED.value), at, at).where(_READS, ~there)
    columns = ["week", "subscriber_id", "state", "not_before", "changed"]
    connection.execute(insert(_D).from_select(columns, readers))
