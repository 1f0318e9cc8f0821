"""Deleted articles are gone everywhere, and do not come back until they are allowed to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from builders import DAY, NOW, bring, entry, figure, harvest, line, reading
from sqlalchemy import select

from analysis import search_words
from archive import annotations, deletion, issues, queries, readings, sources, stories, tables
from archive.database import Database
from archive.issues import StoredIssue
from archive.search import SearchIndex
from archive.stories import Place
from archive.values import Article, Entry, Stored


@pytest.fixture
def index(tmp_path: Path, database: Database) -> SearchIndex:
    return SearchIndex(tmp_path / "index", database, search_words)


def only(database: Database) -> Article:
    (article,) = queries.each(database)
    return article


def titled(database: Database, number: int) -> Article:
    return next(a for a in queries.each(database) if f"Nummer {number} " in a.title)


def delete(database: Database, article: Article, reason: str = "") -> None:
    assert deletion.delete_article(database, article, reason, NOW)


def issue_quoting(*ids: str, urls: tuple[str, ...] = (), week: str = "2025-W28") -> StoredIssue:
    content = {
        "items": [{"sources": [{"url": url} for url in urls], "checks": [{"source_id": id_} for id_ in ids]}]
    }
    return StoredIssue(week, "approved", NOW, "Betreff", "extract", content, "<p>", "Text")


def test_an_article_goes_with_all_that_hangs_on_it(database: Database) -> None:
    sources.store(database, harvest(entry(1), entry(2)))
    sources.store(database, harvest(replace(entry(1), teaser="Geändert"), at=NOW + DAY))
    for article in queries.each(database):
        readings.save(
            database,
            "v",
            [(article, reading(figure(39, "data_centre", "Hallen", "39 Hallen"), topics=("t",)))],
        )
        annotations.add_note(database, article.id, "Nachfragen", "ö", NOW)
        annotations.add_tags(database, article.id, ["wichtig"])
    gone, stays = titled(database, 1), titled(database, 2)
    stories.place(database, {gone.id: Place(0), stays.id: Place(-1)}, NOW)
    delete(database, gone)
    assert [article.id for article in queries.each(database)] == [stays.id]
    with database.reading() as connection:
        for table in tables.metadata.tables.values():
            if any(key.column.table is tables.article for key in table.foreign_keys):
                left = set(connection.scalars(select(table.c.article_id)))
                assert left <= {stays.id}, table.name
    assert not deletion.delete_article(database, gone, "", NOW)


def test_what_would_go_is_told_before(database: Database) -> None:
    sources.store(database, harvest(entry(1)))
    article = only(database)
    readings.save(
        database, "v", [(article, reading(figure(39, "data_centre", "Hallen", "39 Hallen"), topics=("t",)))]
    )
    annotations.add_note(database, article.id, "Nachfragen", "ö", NOW)
    (number,) = stories.place(database, {article.id: Place(0)}, NOW).values()
    issues.save_draft(database, issue_quoting(article.public_id, week="2025-W27"))
    issues.save_draft(database, issue_quoting(urls=(article.url,)))
    issues.save_draft(database, issue_quoting("999", week="2025-W29"))
    found = deletion.extent(database, article)
    assert (found.revisions, found.figures, found.notes, found.tags) == (1, 1, 1, 0)
    assert found.stories == (number,)
    assert found.issues == (("2025-W27", "approved"), ("2025-W28", "approved"))


def test_a_source_that_still_shows_it_does_not_bring_it_back(database: Database) -> None:
    assert sources.store(database, harvest(entry(1), entry(2))) == Stored(new=2)
    delete(database, titled(database, 1))
    assert sources.store(database, harvest(entry(1), entry(2), entry(3))) == Stored(new=1, known=2)
    assert [a.title for a in queries.each(database)] == [entry(2).title, entry(3).title]
    assert queries.unfinished(database, [entry(1).url, entry(4).url], need_body=True) == {entry(4).url}


@pytest.mark.parametrize(
    "again",
    [
        entry(1, url="http://example.org/1/?utm_source=x#top", guid="", title="Ein ganz anderer Titel hier"),
        entry(1, url="https://example.org/neu"),  # the guid and the title
        entry(1, url="https://example.org/neu", title="Ein ganz anderer Titel hier"),  # guid and date
        entry(1, url="https://example.org/neu", guid="neu"),  # outlet, title and day
        entry(1, url="https://example.org/neu", guid="", title="x y z w", aliases=("https://example.org/1",)),
    ],
)
def test_it_is_known_again_by_any_of_its_keys(database: Database, again: Entry) -> None:
    sources.store(database, harvest(entry(1)))
    delete(database, only(database))
    assert sources.store(database, harvest(again)) == Stored(known=1)
    assert queries.count(database) == 0


def test_a_guid_given_to_another_article_brings_that_one(database: Database) -> None:
    sources.store(database, harvest(entry(1)))
    delete(database, only(database))
    other = entry(2, guid="g1", published=NOW)
    assert sources.store(database, harvest(other)) == Stored(new=1)


def test_an_earlier_title_under_its_guid_is_known_too(database: Database) -> None:
    sources.store(database, harvest(entry(1)))
    renamed = entry(1, title="Korrigierter Titel über ein neues Rechenzentrum")
    assert sources.store(database, harvest(renamed, at=NOW + DAY)).changed == 1
    delete(database, only(database))
    early = entry(1, url="https://example.org/neu", published=NOW - 9 * DAY)
    assert sources.store(database, harvest(early)) == Stored(known=1)


def test_a_living_article_is_not_kept_from_changing_by_a_deleted_one_of_its_title(database: Database) -> None:
    twin = entry(1, url="https://example.org/zwilling", guid="z")
    assert sources.store(database, harvest(entry(1), twin)) == Stored(new=2)
    delete(database, next(a for a in queries.each(database) if a.url.endswith("/1")))
    assert sources.store(database, harvest(replace(twin, teaser="Neu"))) == Stored(changed=1)


def test_it_is_not_imported_again(database: Database) -> None:
    bring(database, line(1, url="https://example.org/1"), line(2))
    delete(database, next(a for a in queries.each(database) if a.public_id == "x1"))
    assert bring(database, line(1), line(2)) == Stored(known=2)
    assert bring(database, line(9, url="https://example.org/1")) == Stored(known=1)
    assert queries.count(database) == 1


def test_imports_that_share_an_address_outlive_one_another(database: Database) -> None:
    same = {"url": "https://example.org/1"}
    bring(database, line(1, **same), line(2, **same))
    delete(database, next(a for a in queries.each(database) if a.public_id == "x1"))
    assert bring(database, line(2, lead="Neu", **same)) == Stored(changed=1)


@pytest.mark.parametrize("name", ["https://example.org/1?utm_source=x", "x1", "1"])
def test_what_is_allowed_may_come_again(database: Database, name: str) -> None:
    bring(database, line(1, url="https://example.org/1"))
    delete(database, only(database), "Bitte der Autorin")
    allowed = deletion.allow(database, name)
    assert allowed
    assert (allowed.at, allowed.reason) == (NOW, "on request: Bitte der Autorin")
    assert deletion.allow(database, name) is None
    assert bring(database, line(1, url="https://example.org/1")) == Stored(new=1)


@pytest.mark.parametrize("name", ["", "https://example.org/1", "17", "9" * 40, "١٢", "x\x00"])
def test_a_name_nobody_deleted(database: Database, name: str) -> None:
    assert deletion.allow(database, name) is None


def test_the_deleted_are_counted_by_reason(database: Database) -> None:
    sources.store(database, harvest(entry(1), entry(2)))
    delete(database, titled(database, 1), "Bitte")
    assert deletion.buried(database) == {"on request": 1, "expired": 0}


# The index follows


def test_the_index_forgets_and_does_not_count(database: Database, index: SearchIndex) -> None:
    sources.store(database, harvest(*(entry(number) for number in range(5))))
    assert index.search("Rechenzentrum").total == 5
    delete(database, titled(database, 3))
    found = index.search("Rechenzentrum", facets=True)
    assert (found.total, len(found.hits)) == (4, 4)
    assert found.facets["outlet"] == [("dcd", 4)]
    assert index.follow() == 0


def test_changes_and_deletions_between_two_looks(database: Database, index: SearchIndex) -> None:
    sources.store(database, harvest(*(entry(number) for number in range(4))))
    index.follow()
    delete(database, titled(database, 0))
    sources.store(database, harvest(entry(1, teaser="Turbine"), entry(7), at=NOW + DAY))
    delete(database, titled(database, 1))
    delete(database, titled(database, 7))
    assert index.search("Rechenzentrum").total == 2
    assert index.search("Turbine").total == 0


def test_an_index_that_was_never_there_does_not_know_the_deleted(
    database: Database, index: SearchIndex
) -> None:
    sources.store(database, harvest(entry(1), entry(2)))
    delete(database, titled(database, 2))
    assert index.search("").total == 1
    index.rebuild()
    assert index.search("").total == 1
