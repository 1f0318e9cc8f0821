"""What follows from a report: a dead address ends at once, one out of reach after a while.

Only a valid token makes a report count. Told twice, it counts once.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, insert, select, update

from archive import delivery_tables as tables
from archive.database import Database
from mailing import tokens
from mailing.delivery_reports import Report, read
from mailing.keys import Keys
from mailing.refusals import Kind
from mailing.subscribers import State, end, end_within

__all__ = ["Kind", "Outcome", "Report", "apply", "read"]

_ISSUES_IN_A_ROW, _AT_LEAST = 3, dt.timedelta(days=14)  # out of reach that often and that long: given up
_S, _C, _D = tables.subscriber, tables.consent, tables.delivery


class Outcome(StrEnum):
    """What a report changed: ended a subscription, counted, nothing since the servers refuse us and not the
    reader, nothing new, or nothing since nobody of ours is meant.
    """

    ENDED = "ended"
    COUNTED = "counted"
    REFUSED = "refused"
    KNOWN = "known"
    UNKNOWN = "unknown"


class _Soft(NamedTuple):
    week: str
    at: dt.datetime


def apply(database: Database, keys: Keys, report: Report, now: dt.datetime) -> Outcome:
    """Do what a report asks for; a forged one changes nothing."""
    id_ = tokens.subscriber_of(keys, tokens.BOUNCE, report.token)
    if id_ is None:
        return Outcome.UNKNOWN
    if report.kind == Kind.REFUSED:
        return Outcome.REFUSED
    if report.kind == Kind.SOFT:
        return _count(database, keys, id_, report, now)
    state = State.BOUNCED if report.kind == Kind.HARD else State.COMPLAINED
    ended = end(database, keys, id_, state, now, report.diagnostic)
    return Outcome.ENDED if ended else Outcome.KNOWN


def _count(database: Database, keys: Keys, id_: int, report: Report, now: dt.datetime) -> Outcome:
    with database.writing() as connection:
        row = connection.execute(select(_S).where(_S.c.id == id_)).first()
        if row is None or row.state not in (State.PENDING, State.CONFIRMED):
            return Outcome.KNOWN
        earlier = _earlier(connection, row)
        week = _week(connection, id_, report, now)
        if earlier and earlier[-1].week >= week:  # of one issue may come several, and late ones
            return Outcome.KNOWN
        goes_on = earlier and not _delivered_between(connection, id_, earlier[-1].week, week)
        in_a_row = 1 + (row.soft_bounces if goes_on else 0)
        connection.execute(update(_S).where(_S.c.id == id_).values(soft_bounces=in_a_row))
        note = {"subscriber_id": id_, "at": now, "kind": "soft", "text": f"{week} {report.diagnostic}"}
        connection.execute(insert(_C).values(**note))
        first = [*earlier, _Soft(week, now)][-in_a_row:][0].at
        if in_a_row < _ISSUES_IN_A_ROW or now - first < _AT_LEAST:
            return Outcome.COUNTED
        end_within(connection, keys, id_, State.BOUNCED, now, report.diagnostic)
        return Outcome.ENDED


def _earlier(connection: Connection, row: Any) -> list[_Soft]:
    """Soft bounces since the last confirmation, in order."""
    statement = select(_C.c.text, _C.c.at).where(_C.c.subscriber_id == row.id, _C.c.kind == "soft")
    if row.confirmed_at:
        statement = statement.where(_C.c.at >= row.confirmed_at)
    rows = connection.execute(statement.order_by(_C.c.id))
    return [_Soft(text.partition(" ")[0], at) for text, at in rows]


def _week(connection: Connection, id_: int, report: Report, now: dt.datetime) -> str:
    """The issue a report is on: as it says, else the last one the reader got; none from the future."""
    this = f"{now.isocalendar().year}-W{now.isocalendar().week:02}"
    last = connection.execute(select(func.max(_D.c.week)).where(_D.c.subscriber_id == id_)).scalar()
    return min(report.week or last or this, this)


def _delivered_between(connection: Connection, id_: int, after: str, before: str) -> bool:
    statement = select(_D.c.id).where(
        _D.c.subscriber_id == id_, _D.c.state == "sent", _D.c.week > after, _D.c.week < before
    )
    return connection.execute(statement).first() is not None
