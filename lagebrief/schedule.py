"""When things happen. APScheduler only decides when; what happens is in lagebrief.jobs.

Every job comes from the configuration at start, so nothing is kept in a job store. A run that was missed
while the machine slept is caught up once (coalesce, generous misfire_grace_time), and every start begins
with a round of catching up.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from archive import issues
from digest.weeks import Week
from lagebrief import jobs
from lagebrief.app import App
from lagebrief.errors import LagebriefError, NothingToDoError, TryAgainError

log = logging.getLogger(__name__)

_COLLECT_EVERY_S = 300
_GRACE_S = 6 * 3600


def scheduler(app: App) -> AsyncIOScheduler:
    """A scheduler with every job of this configuration, not yet started."""
    zone = ZoneInfo(app.config.app.timezone)
    made = AsyncIOScheduler(
        timezone=zone,
        job_defaults={"coalesce": True, "misfire_grace_time": _GRACE_S, "max_instances": 1},
    )
    now = dt.datetime.now(zone)
    # Which source is due stands in the archive; the tick is short so that each keeps its own interval.
    made.add_job(
        guarded(lambda: collect_and_analyse(app)),
        IntervalTrigger(seconds=_COLLECT_EVERY_S, timezone=zone),
        id="collect",
        name="collect and analyse",
        next_run_time=now,
    )
    made.add_job(
        guarded(lambda: compose_current(app)),
        compose_trigger(app.config.digest.compose, zone),
        id="compose",
        name="compose the week's draft",
    )
    return made


def compose_trigger(setting: str, zone: ZoneInfo) -> CronTrigger:
    """The trigger for a setting such as "thu 12:00"; its times were checked with the configuration."""
    day, clock = setting.split()
    hour, minute = clock.split(":")
    return CronTrigger(day_of_week=day, hour=int(hour), minute=int(minute), timezone=zone)


def guarded(work: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    """Expected errors end one run with a line in the log, never the scheduler."""

    async def run() -> None:
        try:
            await work()
        except TryAgainError as error:
            log.info("skipped: %s", error)
        except NothingToDoError as error:
            log.warning("%s", error)
        except LagebriefError as error:
            log.error("%s", error)

    return run


async def collect_and_analyse(app: App) -> None:
    """One round: visit what is due, then read what is new."""
    reports = await jobs.collect(app)
    if reports:
        await asyncio.to_thread(jobs.analyse, app)


async def compose_current(app: App) -> None:
    """Compose the current week's draft."""
    await asyncio.to_thread(jobs.compose, app, Week.of(app.clock()))


async def catch_up(app: App) -> None:
    """At start: compose this week's draft if its time has passed while nobody was here."""
    zone = ZoneInfo(app.config.app.timezone)
    week = Week.of(app.clock())
    due = compose_trigger(app.config.digest.compose, zone).get_next_fire_time(None, week.start)
    if due is None or due > app.clock():
        return
    stored = await asyncio.to_thread(issues.load, app.database, str(week))
    if stored is None:
        log.info("catching up: composing %s, due %s", week, due)
        await guarded(lambda: compose_current(app))()
