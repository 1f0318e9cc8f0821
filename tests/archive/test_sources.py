"""What is remembered of a source between two visits."""

from __future__ import annotations

import datetime as dt

import pytest
from builders import DAY, NOW, entry, harvest

from archive import sources
from archive.database import Database
from archive.values import SourceState, SourceStatus, Validators, Verdict


def status(database: Database, key: str = "dcd") -> SourceStatus:
    return sources.statuses(database, [key])[key]


def test_a_source_never_visited_has_an_empty_status(database: Database) -> None:
    assert sources.statuses(database, ["nie"]) == {"nie": SourceStatus("nie")}
    assert sources.statuses(database) == {}


def test_a_visit_is_remembered(database: Database) -> None:
    validators = Validators('"abc"', "Tue, 08 Jul 2025 10:00:00 GMT", "ff")
    sources.store(database, harvest(entry(1), validators=validators))
    found = status(database)
    assert (found.state, found.state_since, found.last_fetch) == (SourceState.OK, NOW, NOW)
    assert (found.last_success, found.last_new, found.full_fetch) == (NOW, NOW, NOW)
    assert (found.validators, found.failures, found.not_before) == (validators, 0, None)


def test_not_modified_keeps_news_state_and_validators(database: Database) -> None:
    sources.store(database, harvest(entry(1), validators=Validators("a")))
    sources.store(database, harvest(state=SourceState.NOT_MODIFIED, at=NOW + DAY))
    found = status(database)
    assert (found.state, found.last_success, found.last_new) == (SourceState.NOT_MODIFIED, NOW + DAY, NOW)
    assert (found.validators, found.full_fetch) == (Validators("a"), NOW)


def test_an_answer_not_to_be_trusted_keeps_the_old_validators(database: Database) -> None:
    sources.store(database, harvest(entry(1), validators=Validators("a")))
    sources.store(database, harvest(entry(2), validators=None, state=SourceState.PARSE_ERROR))
    assert status(database).validators == Validators("a")


@pytest.mark.parametrize(
    ("failures", "pause"),
    [(1, "0:15:00"), (2, "0:30:00"), (3, "1:00:00"), (7, "16:00:00"), (8, "1 day, 0:00:00")],
)
def test_the_pause_doubles(failures: int, pause: str) -> None:
    assert str(sources.back_off(failures)) == pause


@pytest.mark.parametrize("failures", [0, 8, 100, 10**9])
def test_the_pause_never_passes_a_day(failures: int) -> None:
    assert dt.timedelta(minutes=15) <= sources.back_off(failures) <= DAY


def test_the_pause_a_site_asked_for_goes_before_ours(database: Database) -> None:
    limited = harvest(state=SourceState.RATE_LIMITED, not_before=NOW + 2 * DAY)
    sources.store(database, limited)
    assert status(database).not_before == NOW + 2 * DAY


def test_the_state_keeps_the_day_it_began(database: Database) -> None:
    for day in range(3):
        sources.store(database, harvest(state=SourceState.BLOCKED, at=NOW + day * DAY))
    assert status(database).state_since == NOW
    sources.store(database, harvest(at=NOW + 3 * DAY))
    assert status(database).state_since == NOW + 3 * DAY


def test_pausing_and_resuming_touch_nothing_else(database: Database) -> None:
    sources.store(database, harvest(entry(1)))
    sources.pause(database, "dcd", paused=True)
    sources.pause(database, "neu", paused=True)
    assert status(database).paused
    assert status(database, "neu").paused
    sources.store(database, harvest(entry(2)))
    assert status(database).paused
    sources.pause(database, "dcd", paused=False)
    assert (status(database).paused, status(database).state) == (False, SourceState.OK)


def test_silence_is_noted_once(database: Database) -> None:
    sources.store(database, harvest(entry(1)))
    sources.mark_silent(database, "dcd", "nothing new", NOW + 20 * DAY)
    sources.mark_silent(database, "dcd", "still nothing", NOW + 21 * DAY)
    found = status(database)
    assert (found.state, found.reason) == (SourceState.SILENT, "nothing new")
    assert found.state_since == NOW + 20 * DAY
    sources.mark_silent(database, "unbekannt", "nothing", NOW)
    assert status(database, "unbekannt").state is None


def test_every_fetch_is_logged_with_its_verdict(database: Database) -> None:
    verdict = Verdict(robots="allowed by robots.txt", tdm="reserved", tdm_origin="header")
    seen = harvest(entry(1), verdict=verdict, http_status=200, size=1234, duration_ms=56)
    sources.store(database, seen)
    sources.store(database, harvest(state=SourceState.TIMEOUT, reason="too slow", at=NOW + DAY))
    first, second = sources.fetches(database, NOW, NOW + 2 * DAY)
    assert (first["new"], first["entries"], first["http_status"], first["size"]) == (1, 1, 200, 1234)
    assert (first["robots"], first["tdm"]) == ("allowed by robots.txt", "reserved")
    assert (second["state"], second["reason"]) == ("timeout", "too slow")
    assert sources.fetches(database, NOW, NOW) == []
    assert [row["state"] for row in sources.fetches(database, NOW, NOW + DAY)] == ["ok"]


def test_a_redirect_for_good_is_told_after_three_runs(database: Database) -> None:
    for count in range(1, 4):
        sources.store(database, harvest(moved_to="https://neu.example/feed"))
        assert sources.moved_for_good(status(database)) == (count == 3)
    sources.store(database, harvest(moved_to="https://anders.example/feed"))
    assert (status(database).moved_times, sources.moved_for_good(status(database))) == (1, False)
    sources.store(database, harvest())
    assert (status(database).moved_to, status(database).moved_times) == ("", 0)


def test_an_article_page_does_not_speak_for_its_source(database: Database) -> None:
    sources.store(database, harvest(entry(1), validators=Validators("a")))
    before = status(database)
    page = harvest(state=SourceState.BLOCKED, part=True, at=NOW + DAY, validators=Validators("b"))
    sources.store(database, page)
    assert status(database) == before
    sources.store(database, harvest(entry(2), part=True, at=NOW + DAY))
    assert status(database).last_new == NOW + DAY
    assert len(sources.fetches(database, NOW, NOW + 2 * DAY)) == 3
