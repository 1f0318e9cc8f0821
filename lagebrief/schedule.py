"""When things happen. APScheduler only decides when; what happens is in lagebrief.jobs.

Every job comes from the configuration at start, so nothing is kept in a job store. A run that was missed
while the machine slept is caught up once (coalesce, generous misfire_grace_time), and every start begins
with a round of catching up, in which a draft is composed only after the sources were visited.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from archive import issues
from digest.weeks import WEEKDAYS, Week, first_time
from lagebrief import alerts, delivery, jobs
from lagebrief.app import App, Clock
from lagebrief.errors import (
    LagebriefError,
    MailServerError,
    NothingToDoError,
    PausedError,
    TryAgainError,
)
from mailing.pace import pause_after

log = logging.getLogger(__name__)

Work = Callable[[], Awaitable[None]]

_COLLECT_EVERY_S = 300
_DELIVER_EVERY_S = 60
_POST_EVERY_S = 10  # whoever signed up waits for it
_TIDY_EVERY_S = 24 * 3600
_FIRST_REST, _FIRST_REST_REFUSED = dt.timedelta(minutes=1), dt.timedelta(hours=1)
_MEANINGS_A_ROUND = 1_000  # half a minute; what an archive lacks after an update comes round by round
_GRACE_S = 6 * 3600


def scheduler(app: App) -> AsyncIOScheduler:
    """A scheduler with every job of this configuration, not yet started."""
    zone = ZoneInfo(app.config.app.timezone)
    made = AsyncIOScheduler(
        timezone=zone,
        job_defaults={"coalesce": True, "misfire_grace_time": _GRACE_S, "max_instances": 1},
    )
    made.add_job(guarded(lambda: catch_up(app)), id="start", name="catch up")
    # Which source is due stands in the archive; the tick is short so that each keeps its own interval.
    made.add_job(
        guarded(lambda: collect_and_analyse(app)),
        IntervalTrigger(seconds=_COLLECT_EVERY_S, timezone=zone),
        id="collect",
        name="collect and analyse",
    )
    made.add_job(
        guarded(lambda: compose_current(app)),
        compose_trigger(app.config.digest.compose, zone),
        id="compose",
        name="compose the week's draft",
    )
    made.add_job(
        guarded(resting(app.clock, lambda: deliver(app))),
        IntervalTrigger(seconds=_DELIVER_EVERY_S, timezone=zone),
        id="deliver",
        name="send what is due",
    )
    made.add_job(
        guarded(resting(app.clock, lambda: post(app))),
        IntervalTrigger(seconds=_POST_EVERY_S, timezone=zone),
        id="post",
        name="send confirmations",
    )
    made.add_job(
        guarded(lambda: tidy(app)),
        IntervalTrigger(seconds=_TIDY_EVERY_S, timezone=zone),
        id="tidy",
        name="delete what is kept on readers no longer than needed",
    )
    return made


class Weekly(BaseTrigger):  # type: ignore[misc] # APScheduler 3 has no types
    """Once a week at the same time by the local clock.

    APScheduler's CronTrigger adds days in UTC: it leaves out Monday 00:00 to 00:59 after a spring change.
    """

    def __init__(self, weekday: int, time: dt.time, zone: ZoneInfo) -> None:
        self.weekday, self.time, self.zone = weekday, time, zone

    def get_next_fire_time(self, previous_fire_time: dt.datetime | None, now: dt.datetime) -> dt.datetime:
        """The first time after the previous one; without a previous one, from now on."""
        after = previous_fire_time + dt.timedelta(microseconds=1) if previous_fire_time else now
        return first_time(after, self.weekday, self.time, self.zone)


def compose_trigger(setting: str, zone: ZoneInfo) -> Weekly:
    """The trigger for a setting such as "thu 12:00"; its times were checked with the configuration."""
    day, clock = setting.split()
    return Weekly(WEEKDAYS.index(day), dt.time.fromisoformat(clock), zone)


def guarded(work: Work) -> Work:
    """Expected errors end one run with a line in the log, never the scheduler; the same one is told once."""
    told = ""

    async def run() -> None:
        nonlocal told
        try:
            await work()
            told = ""
        except asyncio.CancelledError:
            log.info("ended before it was done; the next run goes on")
        except LagebriefError as error:
            log.log(_level(error) if str(error) != told else logging.DEBUG, "%s", error)
            told = str(error)

    return run


def _level(error: LagebriefError) -> int:
    if isinstance(error, (MailServerError, PausedError)):
        return logging.ERROR
    if isinstance(error, TryAgainError):
        return logging.INFO
    return logging.WARNING if isinstance(error, NothingToDoError) else logging.ERROR


def resting(clock: Clock, work: Work) -> Work:
    """Leave a mail server alone that cannot be used, longer each time; longer still one that refuses us."""
    failures, until = 0, None

    async def run() -> None:
        nonlocal failures, until
        if until and clock() < until:
            return
        try:
            await work()
            failures = 0
        except (MailServerError, PausedError) as error:
            first = _FIRST_REST if isinstance(error, MailServerError) else _FIRST_REST_REFUSED
            until = clock() + pause_after(failures, first)
            failures += 1
            raise

    return run


async def collect_and_analyse(app: App) -> None:
    """One round: visit what is due, read what is new, and tell whose search it answers."""
    reports = await jobs.collect(app)
    if reports:
        await asyncio.to_thread(jobs.analyse, app)
        await asyncio.to_thread(alerts.send_alerts, app)
        await asyncio.to_thread(jobs.give_meaning, app, most=_MEANINGS_A_ROUND)


async def compose_current(app: App) -> None:
    """Compose the current week's draft."""
    await asyncio.to_thread(jobs.compose, app, Week.of(app.clock()))


async def deliver(app: App) -> None:
    """Send the issue whose hour has come."""
    await asyncio.to_thread(delivery.deliver_due, app)


async def post(app: App) -> None:
    """Send what waits in the outbox."""
    await asyncio.to_thread(delivery.send_outbox, app)


async def tidy(app: App) -> None:
    """Delete sign-ups nobody confirmed and proofs whose time is over."""
    from mailing import retention

    gone = await asyncio.to_thread(retention.delete_due, app.database, app.keys, app.clock())
    if gone:
        log.info("deleted: %d sign-ups nobody confirmed, %d who left long ago", gone.unconfirmed, gone.ended)


async def catch_up(app: App) -> None:
    """At start: visit what is due, then compose this week's draft if its time passed unattended."""
    await guarded(lambda: tidy(app))()
    await guarded(lambda: collect_and_analyse(app))()
    zone = ZoneInfo(app.config.app.timezone)
    week = Week.of(app.clock())
    due = compose_trigger(app.config.digest.compose, zone).get_next_fire_time(None, week.start)
    if due > app.clock():
        return
    stored = await asyncio.to_thread(issues.load, app.database, str(week))
    if stored is None:
        log.info("catching up: composing %s, due %s", week, due)
        await guarded(lambda: compose_current(app))()
