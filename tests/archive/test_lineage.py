"""An index notices that the database it follows is another one, whatever number its changes have come to."""

from __future__ import annotations

import shutil
from pathlib import Path

from builders import DAY, NOW, entry, harvest

from analysis import search_words
from archive import deletion, lineage, migrate, queries, sources
from archive.backup import backup
from archive.database import Database
from archive.search import SearchIndex


def opened(path: Path) -> Database:
    database = Database(f"sqlite:///{path}")
    migrate.ensure(database)
    return database


def titles(folder: Path, database: Database) -> set[str]:
    index = SearchIndex(folder / "index", database, search_words)
    return {hit.article.title for hit in index.search("Bericht").hits} | {str(index.search("Bericht").total)}


def test_another_database_at_the_same_change(tmp_path: Path) -> None:
    one, two = opened(tmp_path / "1.db"), opened(tmp_path / "2.db")
    sources.store(one, harvest(entry(1)))
    sources.store(two, harvest(entry(2)))
    assert queries.last_change(one) == queries.last_change(two)
    assert titles(tmp_path, one) == {entry(1).title, "1"}
    assert titles(tmp_path, two) == {entry(2).title, "1"}
    one.close()
    two.close()


def test_a_copy_put_back_by_hand_that_went_on_further(tmp_path: Path) -> None:
    """The copy's own number is the same; the articles that came after it are others."""
    database = opened(tmp_path / "a.db")
    sources.store(database, harvest(entry(1)))
    backup(database, tmp_path / "copy.db")
    sources.store(database, harvest(entry(2), at=NOW + DAY))
    assert titles(tmp_path, database) == {entry(1).title, entry(2).title, "2"}
    database.close()
    shutil.copy(tmp_path / "copy.db", tmp_path / "a.db")
    (tmp_path / "a.db-wal").unlink(missing_ok=True)
    database = opened(tmp_path / "a.db")
    sources.store(database, harvest(entry(3), entry(4), entry(5), at=NOW + 2 * DAY))
    assert titles(tmp_path, database) == {*(entry(n).title for n in (1, 3, 4, 5)), "4"}
    database.close()


def test_a_mark_holds_while_the_archive_only_grows_changes_and_deletes(database: Database) -> None:
    empty = lineage.mark(database)
    assert lineage.holds(database, empty)
    sources.store(database, harvest(entry(1), entry(2)))
    mark = lineage.mark(database)
    assert lineage.read(mark.to_json()) == mark
    sources.store(database, harvest(entry(2, teaser="Neu"), entry(3), at=NOW + DAY))
    for article in list(queries.each(database)):
        deletion.delete_article(database, article, "", NOW)
    assert lineage.holds(database, mark)
    assert lineage.holds(database, empty)
    with database.writing() as connection:
        lineage.renew(connection)
    assert not lineage.holds(database, mark)


def test_what_is_no_mark() -> None:
    assert [lineage.read(kept) for kept in (None, [], [1, 2], ["1", 2, "x"], {"a": 1})] == [None] * 5
