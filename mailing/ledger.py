"""The ledger of delivery: one row for each issue and reader, so that none gets it twice and none is
forgotten.

How a mail is claimed stands in `mailing.claims`, what follows in `mailing.steps`. `sending` is committed just
before the final dot: whoever finds such a row after a crash cannot know, and lists it as uncertain.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, update

from archive import delivery_tables as tables
from archive.database import Database, as_store_errors
from mailing.claims import Claim, Wanted, claim
from mailing.steps import WANTS_MAIL, Change, State, apply, moment

_D, _S = tables.delivery, tables.subscriber
_CUT_OFF = "the sender ended while the server was answering"


@dataclass(frozen=True, slots=True)
class Row:
    """A delivery as people look at it."""

    id: int
    subscriber_id: int
    state: State
    attempts: int
    reason: str
    changed: dt.datetime


@dataclass(frozen=True, slots=True)
class Committed:
    """What a transaction did: ids of the mails that go out, and what each worker got that wanted mails."""

    going_out: set[int]
    claims: dict[str, list[Claim]]


Commit = Callable[[Sequence[Change], Sequence[Wanted]], Committed]


class Ledger:
    """The deliveries of one week. Any number of processes may hold one."""

    def __init__(self, database: Database, week: str) -> None:
        self._database = database
        self.week = week

    @contextmanager
    def committing(self) -> Iterator[Commit]:
        """Over one connection: steps are taken and claims given, those of one moment in one transaction."""
        with (
            as_store_errors(),
            self._database.engine.connect().execution_options(writing=True) as connection,
        ):

            def commit(changes: Sequence[Change], wanted: Sequence[Wanted]) -> Committed:
                with as_store_errors(), connection.begin():
                    now = moment(connection)
                    going_out = apply(connection, changes, now)
                    claims = {one.worker: claim(connection, self.week, one, now) for one in wanted}
                    return Committed(going_out, claims)

            yield commit

    def claim(self, worker: str, size: int, lease: dt.timedelta) -> list[Claim]:
        """Take up to so many mails; see `mailing.claims`."""
        with self.committing() as commit:
            return commit((), (Wanted(worker, size, lease),)).claims[worker]

    def steps(self, *changes: Change) -> set[int]:
        """Take steps in one transaction; see `mailing.steps`."""
        with self.committing() as commit:
            return commit(changes, ()).going_out

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
        with self._changing() as connection:
            statement = (
                update(_D)
                .where(_D.c.week == self.week, _D.c.state.in_((State.QUEUED, State.RETRY)), ~WANTS_MAIL)
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
