"""Bringing the tables up to date with Alembic, which is imported only where a migration runs.

Whether anything is to be done is read without it, so that every command starts quickly.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from archive.database import Database
from lagebrief.errors import StoreError

if TYPE_CHECKING:
    from alembic.config import Config

_SCRIPTS = Path(__file__).parent / "migrations"
_TABLE = "alembic_version"


def upgrade(database: Database) -> str:
    """Apply every missing migration, each in a transaction of its own; returns the revision reached."""
    from alembic import command

    with database.writing() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return newest()


def current(database: Database) -> str | None:
    """The revision the tables stand at, None for an empty database."""
    with database.reading() as connection:
        return _revision(connection) if inspect(connection).has_table(_TABLE) else None


def newest() -> str:
    """The revision this version of the program expects."""
    return max(known())


def known() -> set[str]:
    """Every revision this version of the program can bring up to date; scripts are named by them."""
    return {script.name.partition("_")[0] for script in (_SCRIPTS / "versions").glob("[0-9]*_*.py")}


def ensure(database: Database) -> None:
    """Make the tables of an empty database; refuse one that is older or newer than the program.

    Raises StoreError with the command that mends it.
    """
    with database.reading() as connection:
        empty = not inspect(connection).has_table(_TABLE)
        found = None if empty else _revision(connection)
    if empty:
        upgrade(database)
    elif found != newest():
        raise StoreError(
            f"the database stands at revision {found}, the program needs {newest()}: "
            "run 'lagebrief db upgrade'"
        )


def _revision(connection: Connection) -> str | None:
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config
