"""Bringing the tables up to date with Alembic."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from archive.database import Database
from lagebrief.errors import StoreError

_SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(database: Database) -> str:
    """Apply every missing migration, each in a transaction of its own; returns the revision reached."""
    with database.writing() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return newest()


def current(database: Database) -> str | None:
    """The revision the tables stand at, None for an empty database."""
    with database.reading() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """The revision this version of the program expects."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    return str(head)


def known() -> set[str]:
    """Every revision this version of the program can bring up to date."""
    return {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def ensure(database: Database) -> None:
    """Make the tables of an empty database; refuse one that is older or newer than the program.

    Raises StoreError with the command that mends it.
    """
    with database.reading() as connection:
        empty = not inspect(connection).has_table("alembic_version")
        found = None if empty else MigrationContext.configure(connection).get_current_revision()
    if empty:
        upgrade(database)
    elif found != newest():
        raise StoreError(
            f"the database stands at revision {found}, the program needs {newest()}: "
            "run 'lagebrief db upgrade'"
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config
