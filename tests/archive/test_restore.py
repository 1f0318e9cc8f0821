"""Putting a copy back: checked and brought up to date first, the old database kept, nothing half-way."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic import command
from builders import DAY, NOW, entry, harvest

from archive import lineage, migrate, queries, sources
from archive.backup import backup, place_of, restore
from archive.database import Database
from lagebrief.errors import InputError, TryAgainError


def opened(path: Path) -> Database:
    database = Database(f"sqlite:///{path}")
    migrate.ensure(database)
    return database


def titles(path: Path) -> list[str]:
    database = opened(path)
    found = [article.title for article in queries.each(database)]
    database.close()
    return found


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy with article 1."""
    database = opened(tmp_path / "source.db")
    sources.store(database, harvest(entry(1)))
    backup(database, tmp_path / "copy.db")
    database.close()
    return tmp_path / "copy.db"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """An archive with article 2, closed."""
    path = tmp_path / "data" / "lagebrief.db"
    database = opened(path)
    sources.store(database, harvest(entry(2)))
    database.close()
    return path


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.endswith(".lock")}


def test_into_an_empty_place(copy: Path, tmp_path: Path) -> None:
    place = tmp_path / "neu" / "lagebrief.db"
    assert restore(copy, place, replace=False) is None
    assert left(place.parent) == {"lagebrief.db"}
    assert titles(place) == [entry(1).title]


def test_an_archive_without_articles_needs_no_yes(copy: Path, tmp_path: Path) -> None:
    opened(tmp_path / "leer.db").close()
    assert restore(copy, tmp_path / "leer.db", replace=False) == tmp_path / "leer.db.before-restore"
    assert titles(tmp_path / "leer.db") == [entry(1).title]


def test_what_holds_articles_is_replaced_only_when_told_so_and_is_kept(copy: Path, place: Path) -> None:
    with pytest.raises(InputError, match=r"is not empty; --yes .*lagebrief\.db\.before-restore"):
        restore(copy, place, replace=False)
    assert titles(place) == [entry(2).title]
    steps: list[tuple[int, int]] = []
    kept = restore(copy, place, replace=True, on_progress=lambda done, of: steps.append((done, of)))
    assert kept
    assert titles(place) == [entry(1).title]
    assert titles(kept) == [entry(2).title]
    assert steps[-1][0] == steps[-1][1] > 0
    again = restore(copy, place, replace=True)
    assert again
    assert again.name == "lagebrief.db.before-restore-2"
    assert left(place.parent) == {"lagebrief.db", kept.name, again.name}


def test_an_older_copy_is_brought_up_to_date(copy: Path, place: Path, tmp_path: Path) -> None:
    old = Database(f"sqlite:///{copy}")
    config = migrate._config()
    with old.writing() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0002")
    old.close()
    before = copy.read_bytes()
    restore(copy, place, replace=True)
    assert titles(place) == [entry(1).title]
    assert copy.read_bytes() == before


def test_a_copy_put_back_is_another_archive_for_the_index(copy: Path, place: Path) -> None:
    database = opened(copy)
    before = lineage.mark(database)
    database.close()
    restore(copy, place, replace=True)
    database = opened(place)
    assert not lineage.holds(database, before)
    database.close()


def spoil_version(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()


def spoil_pages(path: Path) -> None:
    """Keeps the header, so that SQLite opens it."""
    raw = path.read_bytes()
    path.write_bytes(raw[:8192] + b"\xff" * (len(raw) - 8192))


def spoil_tables(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE article (id INTEGER)")
    connection.close()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (spoil_version, "revision 9999, which this version does not know"),
        (spoil_pages, "damaged|cannot be read"),
        (spoil_tables, "no archive of Lagebrief"),
        (lambda path: path.write_bytes(b"not SQLite at all" * 400), "cannot be read as a SQLite database"),
        (lambda path: path.write_bytes(b""), "no archive of Lagebrief"),
        (lambda path: path.unlink(), "is no file"),
    ],
)
def test_what_is_no_copy_of_ours_changes_nothing(copy: Path, place: Path, spoil: object, reason: str) -> None:
    assert callable(spoil)
    spoil(copy)
    with pytest.raises(InputError, match=reason):
        restore(copy, place, replace=True)
    assert left(place.parent) == {"lagebrief.db"}
    assert titles(place) == [entry(2).title]


def test_the_database_itself_is_no_copy(place: Path) -> None:
    with pytest.raises(InputError, match="is the database itself"):
        restore(place, place, replace=True)


def test_a_database_in_use_is_left_alone(copy: Path, place: Path) -> None:
    database = opened(place)
    with database.reading(), pytest.raises(TryAgainError, match="is in use: stop the service"):
        restore(copy, place, replace=True)
    sources.store(database, harvest(entry(3), at=NOW + DAY))
    assert queries.count(database) == 2
    database.close()
    assert "lagebrief.db.restoring" not in left(place.parent)


def test_a_damaged_database_is_replaced_and_kept(copy: Path, place: Path) -> None:
    place.write_bytes(b"\x00kaputt" * 1000)
    place.with_name("lagebrief.db-wal").write_bytes(b"rest")
    with pytest.raises(InputError, match="is not empty"):
        restore(copy, place, replace=False)
    kept = restore(copy, place, replace=True)
    assert kept
    assert kept.read_bytes() == b"\x00kaputt" * 1000
    assert titles(place) == [entry(1).title]


def test_only_a_file_can_be_restored_into() -> None:
    for url, remedy in (("postgresql+psycopg://u@127.0.0.1:1/d", "pg_restore"), ("sqlite://", "no file")):
        database = Database(url)
        with pytest.raises(InputError, match=remedy):
            place_of(database)
        database.close()
