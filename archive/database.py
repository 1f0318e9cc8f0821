"""One database, SQLite or PostgreSQL, behind one small class.

SQLite runs in WAL mode with foreign keys on; a writing transaction starts with BEGIN IMMEDIATE, so two
writers wait for one another instead of failing half-way. PostgreSQL serialises the storing of articles by
an advisory lock held to the end of the transaction.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from lagebrief.errors import ConfigError, StoreError

BUSY_TIMEOUT_S = 30
_STORE_LOCK = 0x1A6EB21EF


class Database:
    """An open archive.

    Raises ConfigError for an address nobody can open, StoreError when the database does not answer.
    """

    def __init__(self, url: str, base: Path | None = None) -> None:
        try:
            address = make_url(url)
        except (ArgumentError, ValueError) as error:  # it may hold a password, so it is not repeated
            raise ConfigError("store.url: not a database address; expected e.g. sqlite:///FILE") from error
        self.dialect = address.get_backend_name()
        if self.dialect == "sqlite" and address.database not in (None, "", ":memory:"):
            path = (base or Path.cwd()) / str(address.database)
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreError(
                    f"the database's folder {path.parent} cannot be made: {error.strerror}"
                ) from error
            address = address.set(database=str(path))
        try:
            self.engine = create_engine(address, connect_args=self._connect_args(), pool_pre_ping=True)
        except (NoSuchModuleError, ModuleNotFoundError) as error:
            raise ConfigError(
                f"store.url: no driver for {address.drivername!r}: "
                "for PostgreSQL install the extra, pip install 'lagebrief[postgres]'"
            ) from error
        if self.dialect == "sqlite":
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)

    def _connect_args(self) -> dict[str, Any]:
        if self.dialect == "sqlite":
            return {"timeout": BUSY_TIMEOUT_S, "check_same_thread": False}
        return {"connect_timeout": 10}

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads."""
        with as_store_errors(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A writing transaction, alone among its kind; commits at the end or leaves no trace."""
        with (
            as_store_errors(),
            self.engine.connect().execution_options(writing=True) as connection,
            connection.begin(),
        ):
            if self.dialect == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_STORE_LOCK})"))
            yield connection

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, see _begin_sqlite
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={round(BUSY_TIMEOUT_S * 1000)}")
    _use_wal(cursor)
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()
    # SQLite's own lower() knows ASCII only, PostgreSQL's knows Ö: both must find the same.
    connection.create_function("lower", 1, _lower, deterministic=True)


def _use_wal(cursor: Any) -> None:
    """SQLite itself does not wait where two processes turn a new file to WAL at once; so we do."""
    until = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
        time.sleep(0.02)


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


@contextmanager
def as_store_errors() -> Iterator[None]:
    """Turn what SQLAlchemy raises inside the block into a StoreError of one line."""
    try:
        yield
    except DBAPIError as error:
        raise StoreError(f"the database refused: {_first_line(error.orig)}") from error
    except SQLAlchemyError as error:
        raise StoreError(f"the database cannot be used: {_first_line(error)}") from error


def _first_line(error: object) -> str:
    return next(iter(str(error).splitlines()), "no reason given")
