"""Work that only one process may do at a time, on one machine or on several.

PostgreSQL: an advisory lock of the session. SQLite: a locked file beside the database. Both end with the
process that holds them, also after kill -9, so nothing stays locked.
"""

from __future__ import annotations

import fcntl
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from archive.database import Database, as_store_errors
from lagebrief.errors import TryAgainError

_SPACE = 0x1A6E


@contextmanager
def alone(database: Database, name: str) -> Iterator[None]:
    """Hold the named lock while the block runs. Raises TryAgainError where somebody else holds it."""
    path = Path(f"{database.engine.url.database}.{name}.lock")
    with _postgres(database, name) if database.dialect == "postgresql" else file_lock(path, name):
        yield


@contextmanager
def _postgres(database: Database, name: str) -> Iterator[None]:
    keys = {"space": _SPACE, "name": zlib.crc32(name.encode()) - 2**31}
    with as_store_errors(), database.engine.connect() as connection:
        taken = connection.execute(text("SELECT pg_try_advisory_lock(:space, :name)"), keys).scalar()
        connection.commit()
        if not taken:
            raise TryAgainError(f"{name} is already running")
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:space, :name)"), keys)
            connection.commit()


@contextmanager
def file_lock(path: Path, name: str) -> Iterator[None]:
    """Hold a lock file on this machine. Raises TryAgainError where another process holds it."""
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise TryAgainError(f"{name} is already running") from error
        yield
