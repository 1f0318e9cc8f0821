"""One database, SQLite or PostgreSQL, behind one small class.

SQLite runs in WAL mode with foreign keys on; a writing transaction starts with BEGIN IMMEDIATE, so two
writers wait for one another instead of failing half-way. PostgreSQL serialises the storing of articles by
an advisory lock held to the end of the transaction.
"""

from __future__ import annotations

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
        except ArgumentError as error:
            raise ConfigError(f"store.url: not a database address: {url!r}") from error
        self.dialect = address.get_backend_name()
        if self.dialect == "sqlite" and address.database not in (None, "", ":memory:"):
            path = (base or Path.cwd()) / str(address.database)
            path.parent.mkdir(parents=True, exist_ok=True)
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
        with _as_store_errors(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A writing transaction, alone among its kind; commits at the end or leaves no trace."""
        with (
            _as_store_errors(),
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
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_S * 1000}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


@contextmanager
def _as_store_errors() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise StoreError(f"the database refused: {_first_line(error.orig)}") from error
    except SQLAlchemyError as error:
        raise StoreError(f"the database cannot be used: {_first_line(error)}") from error


def _first_line(error: object) -> str:
    return next(iter(str(error).splitlines()), "no reason given")
