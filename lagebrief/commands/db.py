"""db upgrade, current, backup, restore."""

from __future__ import annotations

from pathlib import Path

import click

from lagebrief.cli import Options
from lagebrief.console import progress, say
from lagebrief.errors import InputError


@click.group()
def db() -> None:
    """The database's tables and copies of it."""


@db.command("upgrade")
@click.pass_obj
def db_upgrade(options: Options) -> None:
    """Bring the tables up to date; nothing happens when they are."""
    from archive import migrate
    from archive.database import Database

    loaded = options.load()
    loaded.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(loaded.store_url, loaded.base)
    try:
        say(f"the tables stand at revision {migrate.upgrade(database)}")
    finally:
        database.close()


@db.command("current")
@click.pass_obj
def db_current(options: Options) -> None:
    """Print the revision the tables stand at."""
    from archive import migrate
    from archive.database import Database

    loaded = options.load()
    database = Database(loaded.store_url, loaded.base)
    try:
        click.echo(migrate.current(database) or "empty")
    finally:
        database.close()


@db.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def db_backup(options: Options, file: Path) -> None:
    """Copy the SQLite database into FILE, also while it is in use. PostgreSQL: use pg_dump."""
    from archive.backup import backup
    from lagebrief.app import opened

    if file.exists():
        raise InputError(f"{file} exists already; nothing was written")
    with opened(options.load()) as app:
        backup(app.database, file)
    say(f"wrote {file}")


@db.command("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--yes", is_flag=True, help="Replace a database that is not empty; the old one is kept beside it."
)
@click.pass_obj
def db_restore(options: Options, file: Path, yes: bool) -> None:
    """Put a copy made by 'db backup' in the place of the SQLite database. PostgreSQL: use pg_restore."""
    from archive import locks
    from archive.backup import place_of, restore
    from archive.database import Database

    loaded = options.load()
    database = Database(loaded.store_url, loaded.base)
    try:
        place = place_of(database)
        done = 0
        with locks.alone(database, "collect"), progress("pages", None, quiet=options.quiet) as advance:

            def copied(pages: int, _of: int) -> None:
                nonlocal done
                advance(pages - done)
                done = pages

            kept = restore(file, place, replace=yes, on_progress=copied)
    finally:
        database.close()
    say(f"{file} is now {place}" + (f"; the old one is kept as {kept}" if kept else ""))
