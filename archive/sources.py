"""The state of each source: written with each harvest, read before each visit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, insert, select, update

from archive import tables
from archive.articles import Keeper
from archive.database import Database
from archive.values import Harvest, SourceState, SourceStatus, Stored, Validators

_BACK_OFF_STEP = dt.timedelta(minutes=15)
_BACK_OFF_CAP = dt.timedelta(hours=24)
_MOVED_RUNS = 3


def store(database: Database, harvest: Harvest) -> Stored:
    """Keep everything one answer brought, in one transaction: entries, validators, state and fetch log."""
    with database.writing() as connection:
        keeper = Keeper(
            connection, harvest.source, harvest.outlet, harvest.storage, harvest.verdict, harvest.at
        )
        stored = keeper.store(harvest.entries)
        _log(connection, harvest, stored)
        if not harvest.part:
            _update_status(connection, harvest, stored)
        elif stored.new:
            _note_news(connection, harvest)
    return stored


def statuses(database: Database, keys: Iterable[str] = ()) -> dict[str, SourceStatus]:
    """The status of the given sources (all known ones without any), by key."""
    statement = select(tables.source)
    wanted = list(keys)
    if wanted:
        statement = statement.where(tables.source.c.key.in_(wanted))
    with database.reading() as connection:
        found = {row.key: _status(row._mapping) for row in connection.execute(statement)}
    return {key: found.get(key, SourceStatus(key)) for key in wanted} if wanted else found


def pause(database: Database, key: str, *, paused: bool) -> None:
    """Stop or resume collecting a source, until somebody says otherwise."""
    with database.writing() as connection:
        _ensure_row(connection, key)
        connection.execute(update(tables.source).where(tables.source.c.key == key).values(paused=paused))


def mark_silent(database: Database, key: str, reason: str, now: dt.datetime) -> None:
    """A source that answers but has brought nothing for too long gets the state `silent`."""
    with database.writing() as connection:
        connection.execute(
            update(tables.source)
            .where(tables.source.c.key == key, tables.source.c.state != str(SourceState.SILENT))
            .values(state=str(SourceState.SILENT), reason=reason, state_since=now)
        )


def fetches(database: Database, since: dt.datetime, until: dt.datetime) -> list[dict[str, Any]]:
    """The fetch log of a period, oldest first, one mapping a fetch."""
    at = tables.fetch.c.at
    statement = select(tables.fetch).where(at >= since, at < until).order_by(at, tables.fetch.c.id)
    with database.reading() as connection:
        return [dict(row._mapping) for row in connection.execute(statement)]


def _log(connection: Connection, harvest: Harvest, stored: Stored) -> None:
    connection.execute(
        insert(tables.fetch).values(
            source=harvest.source,
            url=harvest.url,
            at=harvest.at,
            state=str(harvest.state),
            reason=harvest.reason,
            http_status=harvest.http_status,
            size=harvest.size,
            duration_ms=harvest.duration_ms,
            entries=len(harvest.entries),
            new=stored.new,
            changed=stored.changed,
            robots=harvest.verdict.robots,
            tdm=harvest.verdict.tdm,
        )
    )


def _update_status(connection: Connection, harvest: Harvest, stored: Stored) -> None:
    _ensure_row(connection, harvest.source)
    row = connection.execute(select(tables.source).where(tables.source.c.key == harvest.source)).one()
    before = _status(row._mapping)
    connection.execute(
        update(tables.source)
        .where(tables.source.c.key == harvest.source)
        .values(**_state_values(before, harvest, stored), **_validator_values(harvest))
    )


def _note_news(connection: Connection, harvest: Harvest) -> None:
    connection.execute(
        update(tables.source).where(tables.source.c.key == harvest.source).values(last_new=harvest.at)
    )


def _state_values(before: SourceStatus, harvest: Harvest, stored: Stored) -> dict[str, Any]:
    good = harvest.state.good
    failures = 0 if good else before.failures + 1
    values: dict[str, Any] = {
        "state": str(harvest.state),
        "reason": harvest.reason,
        "state_since": before.state_since if before.state is harvest.state else harvest.at,
        "last_fetch": harvest.at,
        "failures": failures,
        "not_before": harvest.not_before or (None if good else harvest.at + back_off(failures)),
    }
    if good:
        values["last_success"] = harvest.at
    if stored.new:
        values["last_new"] = harvest.at
    if harvest.moved_to and harvest.moved_to == before.moved_to:
        values["moved_times"] = before.moved_times + 1
    else:
        values |= {"moved_to": harvest.moved_to, "moved_times": 1 if harvest.moved_to else 0}
    return values


def _validator_values(harvest: Harvest) -> dict[str, Any]:
    if harvest.validators is None:
        return {}
    values: dict[str, Any] = {
        "etag": harvest.validators.etag,
        "last_modified": harvest.validators.last_modified,
        "body_hash": harvest.validators.body_hash,
    }
    if harvest.state is not SourceState.NOT_MODIFIED:
        values["full_fetch"] = harvest.at
    return values


def back_off(failures: int) -> dt.timedelta:
    """Pause after the n-th failure in a row: 15 min, 30 min, 1 h ... up to a day, never for ever."""
    doublings: int = min(max(failures, 1) - 1, 10)
    return min(_BACK_OFF_STEP * (1 << doublings), _BACK_OFF_CAP)


def moved_for_good(status: SourceStatus) -> bool:
    """True where a permanent redirect has led to the same address in several runs: tell the operator."""
    return bool(status.moved_to) and status.moved_times >= _MOVED_RUNS


def _ensure_row(connection: Connection, key: str) -> None:
    exists = connection.execute(select(tables.source.c.key).where(tables.source.c.key == key)).first()
    if exists is None:
        connection.execute(insert(tables.source).values(key=key))


def _status(row: Any) -> SourceStatus:
    return SourceStatus(
        key=row["key"],
        state=SourceState(row["state"]) if row["state"] else None,
        reason=row["reason"],
        state_since=row["state_since"],
        last_fetch=row["last_fetch"],
        last_success=row["last_success"],
        last_new=row["last_new"],
        failures=row["failures"],
        not_before=row["not_before"],
        paused=row["paused"],
        validators=Validators(row["etag"], row["last_modified"], row["body_hash"]),
        full_fetch=row["full_fetch"],
        moved_to=row["moved_to"],
        moved_times=row["moved_times"],
    )
