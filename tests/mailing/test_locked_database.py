"""A database that somebody else holds: sending waits, or ends with an error and no half state (D8)."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from mail_servers import scripted
from test_sending import readers, run_of, settings_for
from trial import WEEK

from archive import database as databases
from archive import migrate
from archive.database import Database
from lagebrief.errors import StoreError
from mailing import dispatch
from mailing.ledger import Ledger
from mailing.steps import State

READERS = 12


def held(path: Path) -> sqlite3.Connection:
    """A connection that holds the one lock for writing."""
    other = sqlite3.connect(path, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    return other


def opened(path: Path) -> Database:
    made = Database(f"sqlite:///{path}")
    migrate.ensure(made)
    return made


def test_a_lock_for_a_while_is_waited_for(tmp_path: Path) -> None:
    database = opened(tmp_path / "archive.db")
    readers(database, *(f"ok{n}" for n in range(READERS)))
    dispatch.queue(database, WEEK)
    other = held(tmp_path / "archive.db")
    release = threading.Timer(1.0, other.rollback)
    with scripted() as server:
        release.start()
        told = run_of(database, Ledger(database, WEEK), settings_for(server.port)).work()
        assert len(server.mails) == READERS
    assert told == {State.SENT: READERS}
    release.join()
    other.close()
    database.close()


def test_a_lock_that_stays_ends_the_run_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "BUSY_TIMEOUT_S", 0.3)
    database = opened(tmp_path / "archive.db")
    readers(database, *(f"ok{n}" for n in range(READERS)))
    dispatch.queue(database, WEEK)
    ledger = Ledger(database, WEEK)
    with scripted() as server:
        settings = settings_for(server.port, lease=1.0)
        taken = threading.Event()
        other: list[sqlite3.Connection] = []

        def take(count: int) -> None:
            if count and not taken.is_set() and len(server.mails) >= 4:
                other.append(held(tmp_path / "archive.db"))
                taken.set()

        with pytest.raises(StoreError, match="locked"):
            run_of(database, ledger, settings, on_progress=take).work()
        assert taken.is_set()
        sent = len(server.mails)
        assert 4 <= sent < READERS, "no mail goes out whose row is not on disk"
        other[0].rollback()
        other[0].close()
        until_all_is_done(database, ledger, settings)
        recipients = [mail.split(b"\r\nTo: ")[1].split(b"\r\n")[0] for mail in server.mails]
        assert len(set(recipients)) == len(recipients), "nobody got it twice"
        counts = ledger.counts()
        assert counts[State.SENT] + counts.get(State.UNCERTAIN, 0) == READERS
        assert counts.get(State.UNCERTAIN, 0) <= 1
        assert len(recipients) >= counts[State.SENT]
    database.close()


def until_all_is_done(database: Database, ledger: Ledger, settings: object) -> None:
    """The leases of the run that ended must be over first."""
    while ledger.next_due():
        run_of(database, ledger, settings).work()  # type: ignore[arg-type]


def test_a_database_that_cannot_be_written_sends_nothing(tmp_path: Path) -> None:
    database = opened(tmp_path / "archive.db")
    readers(database, "ok")
    dispatch.queue(database, WEEK)
    ledger = Ledger(database, WEEK)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")  # of the connection that the pool gives next
    with scripted() as server:
        with pytest.raises(StoreError, match="readonly"):
            run_of(database, ledger, settings_for(server.port)).work()
        assert server.mails == []
    database.close()
