"""Migrations: from nothing, up, down and up again, and never another shape than the code's."""

from __future__ import annotations

import threading

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from archive import delivery_tables, migrate, queries, tables  # noqa: F401 - all tables
from archive.database import Database
from lagebrief.errors import StoreError


def run(database: Database, step: str, target: str) -> None:
    config = migrate._config()
    with database.writing() as connection:
        config.attributes["connection"] = connection
        getattr(command, step)(config, target)


def table_names(database: Database) -> set[str]:
    with database.reading() as connection:
        return set(inspect(connection).get_table_names()) - {"alembic_version"}


def test_an_empty_database_gets_its_tables(store_url: str) -> None:
    database = Database(store_url)
    assert migrate.current(database) is None
    migrate.ensure(database)
    assert migrate.current(database) == migrate.newest()
    assert table_names(database) == set(tables.metadata.tables)
    database.close()


def test_the_migrations_make_what_the_code_sees(database: Database) -> None:
    def difference(connection: Connection) -> list[object]:
        context = MigrationContext.configure(
            # Alembic sees a difference between '' and '' in SQLite.
            connection,
            opts={"compare_type": True, "compare_server_default": database.dialect == "postgresql"},
        )
        return list(compare_metadata(context, tables.metadata))

    with database.reading() as connection:
        assert difference(connection) == []
        foreign = {
            (name, key["options"].get("ondelete"))
            for name in tables.metadata.tables
            for key in inspect(connection).get_foreign_keys(name)
        }
    assert {rule for _, rule in foreign} == {"CASCADE"}


def test_revisions_are_read_off_the_names_of_the_scripts() -> None:
    scripts = ScriptDirectory.from_config(migrate._config())
    assert migrate.newest() == scripts.get_current_head()
    assert migrate.known() == {script.revision for script in scripts.walk_revisions()}


def test_repeating_changes_nothing(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("UPDATE counter SET value = 7 WHERE name = 'change'"))
    migrate.ensure(database)
    assert migrate.upgrade(database) == migrate.newest()
    assert queries.last_change(database) == 7


def test_down_and_up_again(database: Database) -> None:
    run(database, "downgrade", "base")
    assert table_names(database) == set()
    assert migrate.current(database) is None
    migrate.upgrade(database)
    assert table_names(database) == set(tables.metadata.tables)
    assert queries.count(database) == 0


def test_another_revision_is_refused_with_the_remedy(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=r"revision 9999.*lagebrief db upgrade"):
        migrate.ensure(database)


def test_two_first_starts_at_once_make_one_set_of_tables(store_url: str) -> None:
    errors: list[BaseException] = []
    barrier = threading.Barrier(4)

    def start() -> None:
        database = Database(store_url)
        barrier.wait(10)
        try:
            migrate.ensure(database)
        except BaseException as error:  # noqa: BLE001 - handed to the test below
            errors.append(error)
        finally:
            database.close()

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_a_migration_that_fails_leaves_the_old_tables(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(store_url)
    real = MigrationContext.run_migrations

    def interrupted(self: MigrationContext, **options: object) -> None:
        real(self, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(MigrationContext, "run_migrations", interrupted)
    with pytest.raises(KeyboardInterrupt):
        migrate.upgrade(database)
    monkeypatch.undo()
    assert table_names(database) == set()
    migrate.ensure(database)
    assert queries.count(database) == 0
    database.close()
