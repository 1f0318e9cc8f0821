"""ISO weeks as the newsroom counts them: Monday 00:00 to the next Monday 00:00 in Berlin."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Self
from zoneinfo import ZoneInfo

from lagebrief.errors import InputError

BERLIN = ZoneInfo("Europe/Berlin")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")  # as settings name them
_FORM = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 1900, 2999


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """One ISO week. Raises InputError for a week that no calendar has, such as 2025-W53."""

    year: int
    number: int

    def __post_init__(self) -> None:
        try:
            if not _FIRST_YEAR <= self.year <= _LAST_YEAR:
                raise ValueError(self.year)
            dt.date.fromisocalendar(self.year, self.number, 1)
        except ValueError as error:
            raise InputError(
                f"there is no week {self}: the year {self.year} has no week {self.number}"
            ) from error

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `2025-W28`; raises InputError for anything else."""
        match = _FORM.fullmatch(text.strip())
        if match is None:
            raise InputError(f"not a week: {text!r}; expected an ISO week such as 2025-W28")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, moment: dt.datetime) -> Self:
        """The week an aware moment falls in, by Berlin's clock."""
        if moment.tzinfo is None:
            raise InputError(f"the moment {moment.isoformat()} has no time zone")
        year, number, _ = moment.astimezone(BERLIN).date().isocalendar()
        return cls(year, number)

    def __str__(self) -> str:
        return f"{self.year}-W{self.number:02d}"

    @property
    def label(self) -> str:
        """As readers see it: `KW 28`, with a no-break space."""
        return f"KW\u00a0{self.number}"

    @property
    def monday(self) -> dt.date:
        return dt.date.fromisocalendar(self.year, self.number, 1)

    @property
    def sunday(self) -> dt.date:
        return self.monday + dt.timedelta(days=6)

    @property
    def start(self) -> dt.datetime:
        """Monday 00:00 in Berlin."""
        return _midnight(self.monday)

    @property
    def end(self) -> dt.datetime:
        """The next Monday 00:00 in Berlin: the first moment that is no longer in the week.

        Not start plus 168 hours: the weeks of the clock changes last 167 or 169.
        """
        return _midnight(self.monday + dt.timedelta(days=7))

    @property
    def next(self) -> Week:
        return Week.of(self.end)

    @property
    def previous(self) -> Week:
        return Week.of(self.start - dt.timedelta(days=1))


def first_time(after: dt.datetime, weekday: int, time: dt.time, zone: ZoneInfo) -> dt.datetime:
    """The first moment, from `after` on, at this time of a weekday (0: Monday) by the clocks of a zone."""
    local = after.astimezone(zone)
    day = local.date() + dt.timedelta(days=(weekday - local.weekday()) % 7)
    found = dt.datetime.combine(day, time, zone)
    return found if found >= after else dt.datetime.combine(day + dt.timedelta(days=7), time, zone)


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), BERLIN)
