"""When things happen: once a week whatever the clocks do, caught up after sleep, ended at once when asked."""

from __future__ import annotations

import asyncio
import datetime as dt
import signal
import time
from collections import Counter
from collections.abc import Callable
from itertools import islice, pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from example_archive import HOUR, Clock, store_examples
from program import marked, start, write_config

from archive import issues, queries, readings, sources
from archive.database import Database
from digest.weeks import Week
from lagebrief import jobs, schedule
from lagebrief.app import App
from lagebrief.demo.world import ExampleWeb
from lagebrief.errors import (
    LagebriefError,
    MailServerError,
    NothingToDoError,
    PausedError,
    StoreError,
    TryAgainError,
)

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = Week.parse("2025-W28")


def fires(setting: str, after: dt.datetime, count: int) -> list[dt.datetime]:
    trigger = schedule.compose_trigger(setting, BERLIN)
    found: list[dt.datetime] = []
    moment = after
    while len(found) < count:
        moment = trigger.get_next_fire_time(found[-1] if found else None, moment)
        found.append(moment)
        moment += dt.timedelta(microseconds=1)
    return found


@pytest.mark.parametrize(
    "setting", ["thu 12:00", "sun 03:00", "sun 01:59", "mon 00:00", "mon 00:59", "sun 23:59"]
)
@pytest.mark.parametrize("first", ["2026-01-01", "2026-10-20", "2027-03-20"])
def test_one_run_in_each_of_sixty_weeks(setting: str, first: str) -> None:
    after = dt.datetime.fromisoformat(first).replace(tzinfo=BERLIN)
    runs = fires(setting, after, 60)
    weeks = [Week.of(run) for run in runs]
    assert Counter(weeks).most_common(1)[0][1] == 1
    assert all(second == first.next for first, second in pairwise(weeks))
    assert {f"{run:%a %H:%M}".lower() for run in runs} == {setting}


def test_the_last_week_of_2026_is_the_53rd() -> None:
    runs = fires("thu 12:00", dt.datetime(2026, 12, 20, tzinfo=BERLIN), 3)
    assert [str(Week.of(run)) for run in runs] == ["2026-W52", "2026-W53", "2027-W01"]


@pytest.mark.parametrize(
    ("day", "offset"), [("2026-10-25", 1), ("2026-10-18", 2), ("2027-03-28", 2), ("2027-03-21", 1)]
)
def test_the_hour_stays_when_the_clocks_change(day: str, offset: int) -> None:
    (run,) = fires("sun 03:00", dt.datetime.fromisoformat(day).replace(tzinfo=BERLIN), 1)
    assert (f"{run:%Y-%m-%d %H:%M}", run.utcoffset()) == (f"{day} 03:00", dt.timedelta(hours=offset))


async def test_a_missed_run_is_made_up_once_and_never_beside_itself(app: App) -> None:
    made = schedule.scheduler(app)
    made.start(paused=True)
    planned = {job.id: job for job in made.get_jobs()}
    assert set(planned) == {"start", "collect", "compose", "deliver", "post", "tidy"}
    assert {(job.coalesce, job.misfire_grace_time, job.max_instances) for job in planned.values()} == {
        (True, 6 * 3600, 1)
    }
    made.shutdown(wait=False)
    await asyncio.sleep(0)


@pytest.mark.parametrize("error", [TryAgainError, NothingToDoError, StoreError, LagebriefError])
async def test_an_expected_error_ends_one_run_with_a_line(
    error: type[LagebriefError], caplog: pytest.LogCaptureFixture
) -> None:
    async def work() -> None:
        raise error("die Ursache")

    with caplog.at_level("INFO"):
        await schedule.guarded(work)()
    (record,) = caplog.records
    assert "die Ursache" in record.getMessage()
    assert record.exc_info is None


async def test_the_same_error_is_told_once_until_it_is_over(caplog: pytest.LogCaptureFixture) -> None:
    outcomes: list[LagebriefError | None] = [
        LagebriefError("a"),
        LagebriefError("a"),
        None,
        LagebriefError("a"),
    ]

    async def work() -> None:
        if error := outcomes.pop(0):
            raise error

    run = schedule.guarded(work)
    with caplog.at_level("INFO"):
        for _ in range(4):
            await run()
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]


@pytest.mark.parametrize(
    ("error", "minutes"), [(MailServerError, [0, 1, 4, 13]), (PausedError, [0, 60, 240, 780])]
)
async def test_a_mail_server_that_cannot_be_used_is_left_alone(
    error: type[LagebriefError], minutes: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    now, tries = WEEK.start, []

    async def work() -> None:
        tries.append((now - WEEK.start) // dt.timedelta(minutes=1))
        raise error("kein Anschluss")

    run = schedule.guarded(schedule.resting(lambda: now, work))
    while now < WEEK.start + dt.timedelta(minutes=minutes[-1] + 1):
        await run()
        now += dt.timedelta(minutes=1)
    assert tries == minutes
    assert {record.levelname for record in caplog.records} == {"ERROR"}


async def test_an_unexpected_error_is_not_swallowed() -> None:
    async def work() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await schedule.guarded(work)()


async def test_a_missed_draft_is_composed_once(app: App, clock: Clock) -> None:
    clock.now = WEEK.start + dt.timedelta(days=2)
    store_examples(app)
    await schedule.catch_up(app)
    assert issues.all_issues(app.database) == []
    clock.now = WEEK.start + dt.timedelta(days=4)
    store_examples(app)
    await schedule.catch_up(app)
    assert issues.all_issues(app.database) == []  # nothing was read yet, and nothing is due to be visited
    jobs.analyse(app)
    await schedule.catch_up(app)
    (composed,) = issues.all_issues(app.database)
    assert (composed.week, composed.created) == ("2025-W28", clock.now)
    clock.now += HOUR
    await schedule.catch_up(app)
    assert issues.all_issues(app.database) == [composed]


def wait_for(what: Callable[[], bool], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if what():
            return True
        time.sleep(0.1)
    return False


def test_serve_collects_and_ends_when_asked(web: ExampleWeb, tmp_path: Path) -> None:
    config = write_config(tmp_path / "haus", web)
    process = start("-v", "--config", config, "serve", env={"MARK": str(tmp_path)})
    database = Database("sqlite:///data/lagebrief.db", tmp_path / "haus")
    path = tmp_path / "haus" / "data" / "lagebrief.db"

    def all_read() -> bool:
        try:
            states = sources.statuses(database, web.urls())
            visited = all(status.last_success for status in states.values())
            return visited and len(readings.pending(database, "", 1_000)) == queries.count(database)
        except StoreError:  # the tables are being made
            return False

    try:
        assert wait_for(path.is_file, 20)
        assert wait_for(all_read, 40)
    finally:
        process.send_signal(signal.SIGTERM)
        asked = time.monotonic()
        _, log = process.communicate(timeout=30)
    assert time.monotonic() - asked < 5
    assert process.returncode == 0, log
    assert "Traceback" not in log
    assert "ended" in log.splitlines()
    assert queries.count(database) > 30
    assert marked(str(tmp_path)) == []
    database.close()


@pytest.mark.parametrize("answers", [0, 1, 12])
def test_serve_ends_in_the_middle_of_collecting(web: ExampleWeb, tmp_path: Path, answers: int) -> None:
    config = write_config(tmp_path / "haus", web)
    process = start("-v", "--config", config, "serve", env={"MARK": str(tmp_path)})
    assert process.stderr
    stored = (line for line in process.stderr if "source=" in line)
    assert process.stderr.readline()
    assert len(list(islice(stored, answers))) == answers
    process.send_signal(signal.SIGTERM)
    asked = time.monotonic()
    _, log = process.communicate(timeout=30)
    assert time.monotonic() - asked < 5
    assert (process.returncode, "Traceback" in log) == (0, False), log
    assert wait_for(lambda: marked(str(tmp_path)) == [], 3)
