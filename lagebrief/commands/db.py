"""db upgrade, current, backup."""

from __future__ import annotations

from pathlib import Path

import click

from lagebrief.cli import Options
from lagebrief.console import say
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
