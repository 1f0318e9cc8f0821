"""Copies of a SQLite archive, taken while it is in use."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from archive.database import Database, as_store_errors
from lagebrief.errors import InputError


def backup(database: Database, path: Path) -> None:
    """Write a consistent copy. Raises InputError on PostgreSQL, which has pg_dump for this."""
    if database.dialect != "sqlite":
        raise InputError("a PostgreSQL archive is copied with pg_dump")
    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        as_store_errors(),
        database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
    ):
        connection.execute(text("COMMIT"))  # VACUUM must not run inside the transaction we open by default
        connection.execute(text("VACUUM INTO :path"), {"path": str(path)})
