"""Who sends which mail: a claim is taken by changing the row, and holds for a lease.

Whether the reader still wants mail is asked in the same statement.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, ScalarSelect, select, update

from archive import delivery_tables as tables
from mailing.steps import WANTS_MAIL, State

_D, _S = tables.delivery, tables.subscriber


@dataclass(frozen=True, slots=True)
class Claim:
    """A mail to send. attempts: how often it was tried before; tried_for: for how long."""

    id: int
    subscriber_id: int
    email: str
    text_only: bool
    topics: tuple[str, ...]
    attempts: int
    tried_for: dt.timedelta


@dataclass(frozen=True, slots=True)
class Wanted:
    """A worker that wants mails to send: how many at most, and for how long it keeps them."""

    worker: str
    size: int
    lease: dt.timedelta


def claim(connection: Connection, week: str, wanted: Wanted, now: dt.datetime) -> list[Claim]:
    """Take mails that are due, to readers who want them now; those that were put off come first."""
    ids: list[int] = []
    for state in (State.RETRY, State.QUEUED):
        if len(ids) < wanted.size:
            due = _due(connection, week, state, now, wanted.size - len(ids))
            held = {"state": State.CLAIMED, "worker": wanted.worker, "lease_until": now + wanted.lease}
            statement = update(_D).where(_D.c.id.in_(due)).values(**held, changed=now)
            ids += connection.execute(statement.returning(_D.c.id)).scalars()
    return _claims(connection, ids, now) if ids else []


def _due(connection: Connection, week: str, state: State, now: dt.datetime, size: int) -> ScalarSelect[Any]:
    """In the order of the index on week, state and time: claiming costs the same however many wait."""
    due = (
        select(_D.c.id)
        .where(_D.c.week == week, _D.c.state == state, _D.c.not_before <= now, WANTS_MAIL)
        .order_by(_D.c.not_before)
        .limit(size)
    )
    if connection.dialect.name == "postgresql":
        due = due.with_for_update(skip_locked=True)
    return due.scalar_subquery()


def _claims(connection: Connection, ids: Sequence[int], now: dt.datetime) -> list[Claim]:
    columns = (_D.c.id, _S.c.id.label("reader"), _S.c.email, _S.c.text_only, _S.c.topics)
    statement = select(*columns, _D.c.attempts, _D.c.first_try).join_from(_D, _S).where(_D.c.id.in_(ids))
    return [
        Claim(
            id=row.id,
            subscriber_id=row.reader,
            email=row.email,
            text_only=row.text_only,
            topics=tuple(row.topics),
            attempts=row.attempts,
            tried_for=now - (row.first_try or now),
        )
        for row in connection.execute(statement.order_by(_D.c.id))
    ]
