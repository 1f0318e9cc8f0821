"""The ledger of delivery: one row for each issue and reader, so that none gets it twice and none is
forgotten.

queued -> claimed -> sending -> sent | retry | uncertain | bounced | failed | skipped. A claim is taken by
changing the row and holds for a lease; whether the reader still wants mail is asked in the same statement.
`sending` is committed just before the final dot: whoever finds such a row after a crash cannot know, and
lists it as uncertain.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Select, and_, case, exists, func, select, text, update

from archive import delivery_tables as tables
from archive.database import Database, as_store_errors

_D, _S = tables.delivery, tables.subscriber
_CONFIRMED = "confirmed"
_CUT_OFF = "the sender ended while the server was answering"


class State(StrEnum):
    """Where a delivery stands."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    SENDING = "sending"
    SENT = "sent"
    RETRY = "retry"
    UNCERTAIN = "uncertain"
    BOUNCED = "bounced"
    FAILED = "failed"
    SKIPPED = "skipped"


OPEN = (State.QUEUED, State.CLAIMED, State.SENDING, State.RETRY)


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
class Step:
    """A change of one delivery by the worker that claimed it. pause: before the next try."""

    id: int
    state: State
    reason: str = ""
    pause: dt.timedelta = dt.timedelta(0)


@dataclass(frozen=True, slots=True)
class Row:
    """A delivery as people look at it."""

    id: int
    subscriber_id: int
    state: State
    attempts: int
    reason: str
    changed: dt.datetime


class Ledger:
    """The deliveries of one week. Any number of processes may hold one."""

    def __init__(self, database: Database, week: str) -> None:
        self._database = database
        self.week = week

    def claim(self, worker: str, size: int, lease: dt.timedelta) -> list[Claim]:
        """Take up to so many mails that are due, to readers who want them now."""
        with self._changing() as connection:
            now = moment(connection)
            due = self._due(now, size)
            if connection.dialect.name == "postgresql":
                due = due.with_for_update(skip_locked=True, of=_D)
            taken = (
                update(_D)
                .where(_D.c.id.in_(due.scalar_subquery()))
                .values(state=State.CLAIMED, worker=worker, lease_until=now + lease, changed=now)
                .returning(_D.c.id)
            )
            ids = list(connection.execute(taken).scalars())
            return self._claims(connection, ids, now)

    def _due(self, now: dt.datetime, size: int) -> Select[Any]:
        return (
            select(_D.c.id)
            .join_from(_D, _S, and_(_S.c.id == _D.c.subscriber_id, _S.c.state == _CONFIRMED))
            .where(
                _D.c.week == self.week, _D.c.state.in_((State.QUEUED, State.RETRY)), _D.c.not_before <= now
            )
            .order_by(_D.c.id)
            .limit(size)
        )

    def _claims(self, connection: Connection, ids: Sequence[int], now: dt.datetime) -> list[Claim]:
        statement = (
            select(
                _D.c.id,
                _S.c.id.label("reader"),
                _S.c.email,
                _S.c.text_only,
                _S.c.topics,
                _D.c.attempts,
                _D.c.first_try,
            )
            .join_from(_D, _S)
            .where(_D.c.id.in_(ids))
            .order_by(_D.c.id)
        )
        return [
            Claim(
                row.id,
                row.reader,
                row.email,
                row.text_only,
                tuple(row.topics),
                row.attempts,
                now - (row.first_try or now),
            )
            for row in connection.execute(statement)
        ]

    def steps(self, changes: Sequence[tuple[str, Step]]) -> list[bool]:
        """Change deliveries, each by the worker that claimed it, in one transaction.

        False for one that is no longer that worker's to change. A step to `sending` is refused, too, where
        the reader has left since the claim.
        """
        with self._changing() as connection:
            now = moment(connection)
            return [self._step(connection, worker, step, now) for worker, step in changes]

    def _step(self, connection: Connection, worker: str, step: Step, now: dt.datetime) -> bool:
        values: dict[str, Any] = {"state": step.state, "reason": step.reason, "changed": now}
        mine = [_D.c.id == step.id, _D.c.worker == worker]
        tried = {"attempts": _D.c.attempts + 1, "first_try": func.coalesce(_D.c.first_try, now)}
        if step.state is State.SENDING:
            wants = exists().where(_S.c.id == _D.c.subscriber_id, _S.c.state == _CONFIRMED)
            mine += [_D.c.state == State.CLAIMED, _D.c.lease_until > now, wants]
            values |= tried
        elif step.state is State.SENT:  # a slow server may answer when the lease is over
            mine.append(_D.c.state.in_((State.SENDING, State.UNCERTAIN)))
        else:
            mine.append(_D.c.state.in_((State.CLAIMED, State.SENDING)))
        if step.state is State.RETRY:
            counted = case((_D.c.state == State.CLAIMED, _D.c.attempts + 1), else_=_D.c.attempts)
            values |= {**tried, "attempts": counted, "not_before": now + step.pause}
        return bool(connection.execute(update(_D).where(*mine).values(**values)).rowcount)

    def recover(self) -> tuple[int, int]:
        """Take up what was left lying when its lease ended; returns how many again, how many uncertain."""
        with self._changing() as connection:
            now = moment(connection)
            over = [_D.c.week == self.week, _D.c.lease_until <= now]
            again = (
                update(_D).where(*over, _D.c.state == State.CLAIMED).values(state=State.QUEUED, changed=now)
            )
            lost = (
                update(_D)
                .where(*over, _D.c.state == State.SENDING)
                .values(state=State.UNCERTAIN, reason=_CUT_OFF, changed=now)
            )
            return connection.execute(again).rowcount, connection.execute(lost).rowcount

    def skip_those_who_left(self) -> int:
        """Waiting mails to readers who no longer want any; returns how many."""
        wants = exists().where(_S.c.id == _D.c.subscriber_id, _S.c.state == _CONFIRMED)
        with self._changing() as connection:
            statement = (
                update(_D)
                .where(_D.c.week == self.week, _D.c.state.in_((State.QUEUED, State.RETRY)), ~wants)
                .values(state=State.SKIPPED, reason="no longer subscribed", changed=moment(connection))
            )
            return int(connection.execute(statement).rowcount)

    def counts(self) -> dict[State, int]:
        """How many deliveries stand where."""
        statement = select(_D.c.state, func.count()).where(_D.c.week == self.week).group_by(_D.c.state)
        with self._database.reading() as connection:
            found = {State(state): int(number) for state, number in connection.execute(statement)}
        return {state: found[state] for state in State if state in found}

    def rows(self, *states: State) -> list[Row]:
        """The deliveries in these states."""
        statement = select(_D).where(_D.c.week == self.week, _D.c.state.in_(states)).order_by(_D.c.id)
        with self._database.reading() as connection:
            return [
                Row(row.id, row.subscriber_id, State(row.state), row.attempts, row.reason, row.changed)
                for row in connection.execute(statement)
            ]

    def next_due(self) -> dt.datetime | None:
        """When the next mail is due that waits or whose lease ends; None where nothing is open."""
        when = func.min(func.coalesce(_D.c.lease_until, _D.c.not_before)).label("when")
        waiting = select(func.min(_D.c.not_before)).where(
            _D.c.week == self.week, _D.c.state.in_((State.QUEUED, State.RETRY))
        )
        leased = select(when).where(_D.c.week == self.week, _D.c.state.in_((State.CLAIMED, State.SENDING)))
        with self._database.reading() as connection:
            found = [connection.execute(each).scalar() for each in (waiting, leased)]
        return min((moment_ for moment_ in found if moment_), default=None)

    @contextmanager
    def _changing(self) -> Iterator[Connection]:
        """A writing transaction; in PostgreSQL beside others, since rows are locked one by one."""
        with (
            as_store_errors(),
            self._database.engine.connect().execution_options(writing=True) as connection,
            connection.begin(),
        ):
            yield connection


def moment(connection: Connection) -> dt.datetime:
    """Now by the clock of the database, which all workers share."""
    if connection.dialect.name == "postgresql":
        now: dt.datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        return now
    found = connection.execute(text("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')")).scalar_one()
    return dt.datetime.fromisoformat(found).replace(tzinfo=dt.UTC)
