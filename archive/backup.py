"""Copies of a SQLite archive, taken while it is in use, and put back."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import text

from archive import lineage, migrate
from archive.database import Database, as_store_errors
from lagebrief.errors import InputError, StoreError, TryAgainError

_PAGES = 2_000  # copied in one step
_SIDE_FILES = ("-wal", "-shm", "-journal")


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


def place_of(database: Database) -> Path:
    """The file of a SQLite archive. Raises InputError on PostgreSQL, which has pg_restore for this."""
    if database.dialect != "sqlite":
        raise InputError("a PostgreSQL archive is restored with pg_restore (or psql, from a plain pg_dump)")
    name = database.engine.url.database
    if not name or name == ":memory:":
        raise InputError("store.url names no file to restore into")
    return Path(name)


def restore(
    file: Path,
    place: Path,
    *,
    replace: bool,
    on_progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> Path | None:
    """Put a copy in the place of the archive; returns where the old one is kept, None if there was none.

    The copy is made, checked and brought up to date beside the place, then the files are exchanged: whatever
    goes wrong before leaves everything as it was. replace: also where the old one holds articles or issues.
    on_progress: pages done, and pages in all.

    Raises InputError for a file that is no archive of ours or a place that is not empty, TryAgainError where
    another process has the old one open.
    """
    if file.resolve() == place.resolve():
        raise InputError(f"{file} is the database itself")
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = place.with_name(f"{place.name}.restoring")
    _remove(fresh)
    try:
        _copy(file, fresh, on_progress)
        _check(file, fresh)
        _bring_up_to_date(fresh)
        if place.exists():
            if not replace and _holds_something(place):
                raise InputError(
                    f"{place} is not empty; --yes replaces it and keeps it as {_kept(place).name}"
                )
            _settle(place)
        return _exchange(fresh, place)
    finally:
        _remove(fresh)


def _copy(file: Path, fresh: Path, on_progress: Callable[[int, int], None]) -> None:
    if not file.is_file():
        raise InputError(f"{file} is no file")
    with (
        _named(file),
        _opened(f"{file.absolute().as_uri()}?mode=ro") as source,
        _opened(fresh.absolute().as_uri()) as target,
    ):
        source.backup(target, pages=_PAGES, progress=lambda _code, left, of: on_progress(of - left, of))
        target.execute("PRAGMA journal_mode=DELETE")


def _check(file: Path, fresh: Path) -> None:
    """Raises InputError unless the copy is whole, is an archive, and is of a version we know."""
    with _named(file), _opened(fresh.absolute().as_uri()) as copied:
        found = copied.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if found != "ok":
            raise InputError(f"{file} is damaged: {str(found).splitlines()[0][:200]}")
        names = {row[0] for row in copied.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not {"alembic_version", "article", "counter"} <= names:
            raise InputError(f"{file} is a database, but no archive of Lagebrief")
        revision = copied.execute("SELECT version_num FROM alembic_version").fetchone()
    if revision is None or revision[0] not in migrate.known():
        raise InputError(
            f"{file} stands at revision {revision[0] if revision else 'none'}, which this version does not "
            f"know (it knows up to {migrate.newest()}): restore it with the version that made it"
        )


def _bring_up_to_date(fresh: Path) -> None:
    database = Database(f"sqlite:///{fresh.absolute()}")
    try:
        migrate.upgrade(database)
        with database.writing() as connection:
            lineage.renew(connection)
    finally:
        database.close()
    _settle(fresh)


def _holds_something(place: Path) -> bool:
    """False only for an archive that can be read and has neither an article nor an issue."""
    try:
        with _opened(f"{place.absolute().as_uri()}?mode=ro") as old:
            tables = {row[0] for row in old.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            return any(
                old.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone()  # noqa: S608 - two fixed names
                for name in ("article", "issue")
                if name in tables
            )
    except sqlite3.Error:
        return True


def _settle(place: Path) -> None:
    """Fold the write-ahead log into the file, so that the file alone is the whole database.

    SQLite does this only for the last connection: TryAgainError where another process has one. A file that is
    damaged is left as it is.
    """
    try:
        with _opened(place.absolute().as_uri()) as old:
            old.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise TryAgainError(f"{place} is in use: stop the service, then try again") from error
        raise StoreError(f"{place} cannot be put aside: {error}") from error
    except sqlite3.DatabaseError:
        return


def _exchange(fresh: Path, place: Path) -> Path | None:
    kept = _kept(place) if place.exists() else None
    if kept:
        try:
            os.link(place, kept)  # both names at once: at no moment is there no database
        except OSError:  # a file system without links
            shutil.copy2(place, kept)
        for suffix in _SIDE_FILES:  # left behind by a damaged file; the new one must not find them
            side = place.with_name(place.name + suffix)
            if side.exists():
                side.replace(kept.with_name(kept.name + suffix))
    fresh.replace(place)
    return kept


def _kept(place: Path) -> Path:
    """A name for the old database that is still free."""
    first = place.with_name(f"{place.name}.before-restore")
    count, free = 1, first
    while free.exists():
        count += 1
        free = first.with_name(f"{first.name}-{count}")
    return free


def _remove(fresh: Path) -> None:
    for suffix in ("", *_SIDE_FILES):
        fresh.with_name(fresh.name + suffix).unlink(missing_ok=True)


@contextmanager
def _opened(uri: str) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(uri, uri=True, timeout=1)
    try:
        yield connection
    finally:
        with suppress(sqlite3.Error):
            connection.close()


@contextmanager
def _named(file: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise InputError(f"{file} cannot be read as a SQLite database: {error}") from error
