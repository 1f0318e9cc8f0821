"""The database at its edges: two writers, a locked file, a read-only file, a full disk, nobody there."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from builders import entry, harvest
from sqlalchemy import text

from archive import database as archive_database
from archive import migrate, queries, sources
from archive.database import BUSY_TIMEOUT_S, Database
from lagebrief.errors import ConfigError, StoreError


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("foreign_keys", 1),
        ("synchronous", 2),
        ("busy_timeout", BUSY_TIMEOUT_S * 1000),
    ],
)
def test_every_connection_to_sqlite_is_prepared(sqlite: Database, pragma: str, value: object) -> None:
    for _ in range(2):
        with sqlite.reading() as connection:
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value
        sqlite.close()


def test_a_second_writer_waits_for_the_first(database: Database) -> None:
    order: list[str] = []
    holding = threading.Event()

    def first() -> None:
        with database.writing() as connection:
            connection.execute(text("UPDATE counter SET value = value + 1"))
            holding.set()
            time.sleep(0.3)
            order.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    holding.wait(5)
    with database.writing() as connection:
        order.append("second")
        seen = connection.execute(text("SELECT value FROM counter WHERE name = 'change'")).scalar()
    thread.join()
    assert order == ["first", "second"]
    assert seen == 1


def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    sources.store(database, harvest(entry(1)))
    with database.writing() as connection:
        connection.execute(text("DELETE FROM article"))
        assert queries.count(database) == 1
    assert queries.count(database) == 0


def test_what_fails_leaves_no_trace(database: Database) -> None:
    def break_off() -> None:
        with database.writing() as connection:
            connection.execute(text("UPDATE counter SET value = 99"))
            connection.execute(text("SELECT * FROM nowhere"))

    with pytest.raises(StoreError, match="the database refused"):
        break_off()
    assert queries.last_change(database) == 0


def test_a_locked_database_is_a_store_error_after_the_patience_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_database, "BUSY_TIMEOUT_S", 0.2)
    url = f"sqlite:///{tmp_path / 'archive.db'}"
    holder, other = Database(url), Database(url)
    migrate.ensure(holder)
    monkeypatch.setattr(archive_database, "BUSY_TIMEOUT_S", 0)
    with holder.writing():
        with pytest.raises(StoreError, match="locked"):
            sources.store(other, harvest(entry(1)))
        assert queries.count(other) == 0
    assert sources.store(other, harvest(entry(1))).new == 1
    holder.close()
    other.close()


def test_a_read_only_database_can_be_read_and_refuses_writers(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    opened = Database(f"sqlite:///{path}")
    migrate.ensure(opened)
    sources.store(opened, harvest(entry(1)))
    opened.close()
    content = bytearray(path.read_bytes())
    content[18] = 3  # a write version from the future: SQLite opens the file for reading only, also for root
    path.write_bytes(content)
    opened = Database(f"sqlite:///{path}")
    with pytest.raises(StoreError, match="readonly"):
        sources.store(opened, harvest(entry(2)))
    assert queries.count(opened) == 1
    opened.close()


def test_a_full_disk_is_a_store_error_and_what_was_there_stays(tmp_path: Path) -> None:
    opened = Database(f"sqlite:///{tmp_path / 'archive.db'}")
    migrate.ensure(opened)
    sources.store(opened, harvest(entry(1)))
    with opened.writing() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    many = [entry(number, teaser="Vorspann " * 200) for number in range(2, 200)]
    with pytest.raises(StoreError, match="full"):
        sources.store(opened, harvest(*many))
    assert queries.count(opened) == 1
    opened.close()
    assert sources.store(opened, harvest(*many)).new == len(many)
    opened.close()


def test_a_file_that_is_no_database_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "archive.db").write_text("Dies ist ein Brief, keine Datenbank. " * 100)
    opened = Database(f"sqlite:///{tmp_path / 'archive.db'}")
    with pytest.raises(StoreError, match="not a database"):
        migrate.ensure(opened)
    opened.close()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "archive.db",
        "sqlite",
        "oracle+nothing://h/db",
        "nonsense://h/db",
        "postgresql://u:geheim@h:port/db",
    ],
)
def test_an_address_nobody_can_open_is_a_config_error_without_its_password(url: str) -> None:
    with pytest.raises(ConfigError, match=r"store\.url") as caught:
        Database(url)
    assert "geheim" not in str(caught.value)


def test_a_folder_that_cannot_be_made_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be made"):
        Database(f"sqlite:///{tmp_path / 'file' / 'archive.db'}")


@pytest.mark.parametrize("host", ["127.0.0.1:1", "/nowhere"])
def test_postgresql_that_does_not_answer_is_a_store_error(host: str) -> None:
    address = f"postgresql+psycopg://u:geheim@{host}/db"
    if host.startswith("/"):
        address = f"postgresql+psycopg://u:geheim@/db?host={host}"
    opened = Database(address)
    with pytest.raises(StoreError, match="the database refused") as caught:
        migrate.ensure(opened)
    assert "geheim" not in str(caught.value)
    assert "\n" not in str(caught.value)
    opened.close()


def test_a_relative_path_starts_at_the_given_folder(tmp_path: Path) -> None:
    opened = Database("sqlite:///unter/archive.db", tmp_path)
    migrate.ensure(opened)
    opened.close()
    assert (tmp_path / "unter" / "archive.db").is_file()
