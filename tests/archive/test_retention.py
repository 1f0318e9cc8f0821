"""Articles whose time is over go; what an issue quotes stays; what went does not come back."""

from __future__ import annotations

import datetime as dt

import pytest
from builders import DAY, NOW, bring, entry, harvest, line
from pydantic import ValidationError

from archive import deletion, issues, queries, retention, sources
from archive.database import Database
from archive.durations import FOR_EVER
from archive.issues import StoredIssue
from archive.retention import Due, Terms
from archive.settings import StoreSettings
from archive.values import Storage, Stored
from spiders.settings import SourceSettings

FULL, TEASER, HEADLINE = Storage.FULL, Storage.TEASER, Storage.HEADLINE


def terms(full: int = 0, teaser: int = 0, headline: int = 0, **own: int) -> Terms:
    levels = {FULL: full * DAY, TEASER: teaser * DAY, HEADLINE: headline * DAY}
    return Terms(levels, {source: days * DAY for source, days in own.items()})


def fill(database: Database) -> None:
    """Old and new articles of two sources and both levels; x1 came by import."""
    for number, (source, storage, age) in enumerate(
        [
            ("dcd", TEASER, 100),
            ("dcd", TEASER, 50),
            ("dcd", FULL, 100),
            ("iw", TEASER, 100),
            ("iw", TEASER, 1),
        ]
    ):
        one = entry(number, body="Volltext", published=NOW - 300 * DAY)
        sources.store(
            database, harvest(one, source=source, outlet=source, storage=storage, at=NOW - age * DAY)
        )
    bring(database, line(1, body="Volltext"), now=NOW - 100 * DAY)


def left(database: Database) -> list[str]:
    return [article.url.rpartition("/")[2] or article.public_id for article in queries.each(database)]


def test_nothing_is_over_where_all_is_kept_for_ever(database: Database) -> None:
    fill(database)
    assert retention.due(database, terms(), NOW) == []
    assert retention.delete_expired(database, terms(), NOW) == 0
    assert retention.due(database, terms(full=10**6), NOW) == []


def test_each_level_has_its_time_and_a_source_its_own(database: Database) -> None:
    fill(database)
    rules = terms(full=90, teaser=60, iw=2)
    assert retention.due(database, rules, NOW) == [
        Due("dcd", FULL, 1, 0, NOW - 100 * DAY, NOW - 100 * DAY),
        Due("dcd", TEASER, 1, 0, NOW - 100 * DAY, NOW - 100 * DAY),
        Due("import", FULL, 1, 0, NOW - 100 * DAY, NOW - 100 * DAY),
        Due("iw", TEASER, 1, 0, NOW - 100 * DAY, NOW - 100 * DAY),
    ]
    assert retention.delete_expired(database, rules, NOW) == 4
    assert left(database) == ["1", "4"]
    assert retention.due(database, rules, NOW) == []


def test_a_source_kept_for_ever_among_levels_that_are_not(database: Database) -> None:
    fill(database)
    rules = Terms({FULL: DAY, TEASER: DAY, HEADLINE: DAY}, {"dcd": FOR_EVER})
    assert retention.delete_expired(database, rules, NOW) == 2
    assert left(database) == ["0", "1", "2", "4"]


def test_a_day_is_over_when_it_is_over(database: Database) -> None:
    sources.store(database, harvest(entry(1), at=NOW - DAY))
    assert retention.due(database, terms(teaser=1), NOW) == []
    assert len(retention.due(database, terms(teaser=1), NOW + dt.timedelta(seconds=1))) == 1


def test_what_an_issue_quotes_stays_and_is_counted(database: Database) -> None:
    fill(database)
    by_url, by_id = next(iter(queries.each(database))), queries.by_public_id(database, "x1")
    assert by_id
    content = {
        "items": [
            {"sources": [{"url": by_url.url}], "checks": []},
            {"sources": [{"url": ""}], "checks": [{"source_id": by_id.public_id}]},
        ]
    }
    issues.save_draft(database, StoredIssue("2025-W28", "draft", NOW, "", "extract", content, "", ""))
    found = {
        (row.source, row.storage): (row.articles, row.quoted)
        for row in retention.due(database, terms(90, 90), NOW)
    }
    assert found == {
        ("dcd", FULL): (1, 0),
        ("dcd", TEASER): (0, 1),
        ("import", FULL): (0, 1),
        ("iw", TEASER): (1, 0),
    }
    assert retention.delete_expired(database, terms(90, 90), NOW) == 2
    assert {by_url.id, by_id.id} <= {article.id for article in queries.each(database)}
    assert retention.delete_expired(database, terms(90, 90), NOW) == 0


def test_what_expired_is_not_new_again(database: Database) -> None:
    sources.store(database, harvest(entry(1), entry(2), at=NOW - 10 * DAY))
    retention.delete_expired(database, terms(teaser=5), NOW)
    assert sources.store(database, harvest(entry(1), entry(2), entry(3))) == Stored(new=1, known=2)
    assert deletion.buried(database) == {"on request": 0, "expired": 2}


def test_many_go_in_batches_and_are_counted_on_the_way(database: Database) -> None:
    sources.store(database, harvest(*(entry(number) for number in range(700)), at=NOW - 10 * DAY))
    steps: list[int] = []
    assert retention.delete_expired(database, terms(teaser=5), NOW, steps.append) == 700
    assert (sum(steps), len(steps)) == (700, 3)
    assert queries.count(database) == 0


@pytest.mark.parametrize(
    ("given", "kept"),
    [("", FOR_EVER), ("0", FOR_EVER), (0, FOR_EVER), ("730d", 730 * DAY), (" 12h ", DAY / 2)],
)
def test_how_long_is_written(given: object, kept: dt.timedelta) -> None:
    assert StoreSettings.model_validate({"keep_full": given}).keep_full == kept


@pytest.mark.parametrize("given", ["ewig", "-3d", 730, 1.5, "9" * 30 + "d", True])
def test_what_is_no_time_to_keep(given: object) -> None:
    with pytest.raises(ValidationError):
        StoreSettings.model_validate({"keep_full": given})


@pytest.mark.parametrize(("given", "kept"), [("", None), ("0", FOR_EVER), ("30d", 30 * DAY)])
def test_a_source_says_nothing_or_its_own(given: str, kept: dt.timedelta | None) -> None:
    source = SourceSettings.model_validate({"key": "dcd", "kind": "manual", "keep": given})
    assert source.keep == kept
