"""How a delivery goes from state to state, many of them in one transaction.

queued -> claimed -> sending -> sent | retry | uncertain | bounced | failed | skipped. Each step is taken only
by the worker that holds the claim.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, bindparam, case, exists, func, or_, text, tuple_, update

from archive import delivery_tables as tables

_D, _S = tables.delivery, tables.subscriber


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
WANTS_MAIL = exists().where(_S.c.id == _D.c.subscriber_id, _S.c.state == "confirmed")
_NOW = bindparam("now", type_=_D.c.changed.type)
_TRIED = {"attempts": _D.c.attempts + 1, "first_try": func.coalesce(_D.c.first_try, _NOW)}
_GOES_OUT = (
    update(_D)
    .where(
        _D.c.id.in_(bindparam("ids", expanding=True)),
        tuple_(_D.c.id, _D.c.worker).in_(bindparam("claims", expanding=True)),
        _D.c.state == State.CLAIMED,
        _D.c.lease_until > _NOW,
        WANTS_MAIL,
    )
    .values(state=State.SENDING, reason="", changed=_NOW, **_TRIED)
    .returning(_D.c.id)
)
_WAS_TAKEN = (  # a slow server may answer when the lease is over; IN is not to be had for many rows at once
    update(_D)
    .where(
        _D.c.id == bindparam("mail"),
        _D.c.worker == bindparam("by"),
        or_(_D.c.state == State.SENDING, _D.c.state == State.UNCERTAIN),
    )
    .values(state=State.SENT, reason=bindparam("why"), changed=_NOW)
)


@dataclass(frozen=True, slots=True)
class Step:
    """A change of one delivery by the worker that claimed it. pause: before the next try."""

    id: int
    state: State
    reason: str = ""
    pause: dt.timedelta = dt.timedelta(0)


Change = tuple[str, Step]  # a worker and its step


def apply(connection: Connection, changes: Sequence[Change], now: dt.datetime) -> set[int]:
    """Change deliveries; returns the ids of those that go out, having come to `sending`.

    A step that is no longer its worker's to take changes nothing; nor does one to `sending` where the lease
    is over or the reader has left since the claim.
    """
    taken = [(worker, step) for worker, step in changes if step.state is State.SENT]
    if taken:
        rows = [{"mail": step.id, "by": worker, "why": step.reason, "now": now} for worker, step in taken]
        connection.execute(_WAS_TAKEN, rows)
    for worker, step in changes:
        if step.state not in (State.SENDING, State.SENT):
            _change(connection, worker, step, now)
    claims = [(step.id, worker) for worker, step in changes if step.state is State.SENDING]
    if not claims:
        return set()
    given = {"claims": claims, "ids": [id_ for id_, _ in claims], "now": now}
    return set(connection.execute(_GOES_OUT, given).scalars())


def _change(connection: Connection, worker: str, step: Step, now: dt.datetime) -> None:
    values: dict[str, Any] = {"state": step.state, "reason": step.reason, "changed": now}
    if step.state is State.RETRY:
        counted = case((_D.c.state == State.CLAIMED, _D.c.attempts + 1), else_=_D.c.attempts)
        first_try = func.coalesce(_D.c.first_try, now)
        values |= {"first_try": first_try, "attempts": counted, "not_before": now + step.pause}
    mine = (_D.c.id == step.id, _D.c.worker == worker, _D.c.state.in_((State.CLAIMED, State.SENDING)))
    connection.execute(update(_D).where(*mine).values(**values))


def moment(connection: Connection) -> dt.datetime:
    """Now by the clock of the database, which all workers share; SQLite's is that of this machine."""
    if connection.dialect.name == "postgresql":
        now: dt.datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        return now
    return dt.datetime.now(dt.UTC)
