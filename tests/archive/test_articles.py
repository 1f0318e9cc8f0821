"""What the archive makes of sightings: new, revised or known; on both databases."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from archive import queries, sources
from archive.database import Database
from archive.values import Entry, Harvest, SourceState, Storage, Stored, Validators, Verdict

NOW = dt.datetime(2025, 7, 9, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def harvest(*entries: Entry, source: str = "dcd", outlet: str = "dcd", **changes: object) -> Harvest:
    made = Harvest(source, outlet, "https://example.org/feed", NOW, SourceState.OK, entries=entries)
    return replace(made, **changes)  # type: ignore[arg-type]


def entry(number: int, **changes: object) -> Entry:
    made = Entry(
        url=f"https://example.org/{number}",
        title=f"Bericht Nummer {number} über ein neues Rechenzentrum",
        teaser=f"Vorspann {number}",
        guid=f"g{number}",
        published=NOW - DAY,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_a_repeated_harvest_stores_nothing_twice(database: Database) -> None:
    batch = harvest(*(entry(number) for number in range(25)))
    assert sources.store(database, batch) == Stored(new=25)
    assert sources.store(database, batch) == Stored(known=25)
    assert queries.count(database) == 25


def test_a_changed_title_is_a_revision_and_the_old_one_stays(database: Database) -> None:
    sources.store(database, harvest(entry(1)))
    changed = harvest(entry(1, title="Bericht Nummer 1 über zwei neue Rechenzentren"), at=NOW + DAY)
    assert sources.store(database, changed) == Stored(changed=1)
    (article,) = queries.each(database)
    assert article.revision == 2
    assert [r.title for r in queries.revisions(database, article.id)] == [
        "Bericht Nummer 1 über ein neues Rechenzentrum",
        "Bericht Nummer 1 über zwei neue Rechenzentren",
    ]


def test_tracking_parameters_and_fragments_do_not_make_a_new_article(database: Database) -> None:
    sources.store(database, harvest(entry(1, guid="")))
    again = entry(1, guid="", url="http://EXAMPLE.org/1/?utm_source=rss#top")
    assert sources.store(database, harvest(again)).new == 0


def test_a_guid_with_a_new_address_is_the_same_article_and_both_addresses_lead_to_it(
    database: Database,
) -> None:
    sources.store(database, harvest(entry(1)))
    moved = entry(1, url="https://example.org/neu/1")
    assert sources.store(database, harvest(moved)).new == 0
    assert sources.store(database, harvest(entry(1, guid="anders"))).new == 0
    assert queries.count(database) == 1


def test_a_reused_guid_with_other_title_and_date_is_another_article(database: Database) -> None:
    sources.store(database, harvest(entry(1)))
    reused = entry(2, guid="g1", published=NOW)
    assert sources.store(database, harvest(reused)).new == 1


def test_a_guid_that_repeats_within_a_feed_means_nothing(database: Database) -> None:
    same = [entry(number, guid="tag") for number in range(10)]
    assert sources.store(database, harvest(*same)).new == 10


def test_two_sources_of_one_outlet_share_an_article_by_title_and_day(database: Database) -> None:
    sources.store(database, harvest(entry(1), source="reuters-bing", outlet="reuters"))
    other = entry(1, url="https://news.example.net/x", guid="")
    assert sources.store(database, harvest(other, source="reuters-gdelt", outlet="reuters")).new == 0


def test_a_poorer_sighting_takes_nothing_away(database: Database) -> None:
    sources.store(database, harvest(entry(1)))
    assert sources.store(database, harvest(entry(1, teaser=""))) == Stored(known=1)
    (article,) = queries.each(database)
    assert article.teaser == "Vorspann 1"


@pytest.mark.parametrize(
    ("storage", "teaser", "body"),
    [(Storage.HEADLINE, "", ""), (Storage.TEASER, "Vorspann 1", ""), (Storage.FULL, "Vorspann 1", "Text")],
)
def test_no_more_is_kept_than_the_storage_level_allows(
    database: Database, storage: Storage, teaser: str, body: str
) -> None:
    sources.store(database, harvest(entry(1, body="Text"), storage=storage))
    (article,) = queries.each(database)
    assert (article.teaser, article.body) == (teaser, body)


def test_a_reservation_leaves_only_the_headline(database: Database) -> None:
    reserved = Verdict(tdm="reserved", tdm_origin="header")
    sources.store(database, harvest(entry(1, body="Text"), storage=Storage.FULL, verdict=reserved))
    (article,) = queries.each(database)
    assert (article.teaser, article.body, article.tdm) == ("", "", "reserved")


def test_validators_and_entries_are_stored_together_or_not_at_all(database: Database) -> None:
    bad = harvest(entry(1), replace(entry(2), published=dt.datetime(2025, 7, 9)), validators=Validators("e"))  # noqa: DTZ001
    with pytest.raises(Exception, match="naive datetime"):
        sources.store(database, bad)
    assert queries.count(database) == 0
    assert sources.statuses(database, ["dcd"])["dcd"].validators == Validators()


def test_failures_back_off_and_a_success_resets_them(database: Database) -> None:
    failed = harvest(state=SourceState.UNREACHABLE, reason="the site answered 500")
    for _ in range(3):
        sources.store(database, failed)
    status = sources.statuses(database, ["dcd"])["dcd"]
    assert status.failures == 3
    assert status.not_before == NOW + sources.back_off(3)
    sources.store(database, harvest(entry(1)))
    status = sources.statuses(database, ["dcd"])["dcd"]
    assert (status.failures, status.not_before, status.state) == (0, None, SourceState.OK)


def test_changes_are_numbered_in_order_without_repeats(database: Database) -> None:
    sources.store(database, harvest(*(entry(number) for number in range(5))))
    sources.store(database, harvest(entry(2, teaser="Anders")))
    numbers = [change for change, _ in queries.changed_after(database, 0, 100)]
    assert numbers == sorted(set(numbers))
    assert queries.changed_after(database, max(numbers) - 1, 10)[0][1].teaser == "Anders"
