import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.weeks import BERLIN, Week
from lagebrief.errors import InputError


def hours(week: Week) -> float:
    return (week.end.astimezone(dt.UTC) - week.start.astimezone(dt.UTC)).total_seconds() / 3600


def test_reads_and_writes_the_iso_form() -> None:
    week = Week.parse("2025-W28")
    assert (str(week), week.label) == ("2025-W28", "KW\u00a028")
    assert week.start == dt.datetime(2025, 7, 7, tzinfo=BERLIN)
    assert week.end == dt.datetime(2025, 7, 14, tzinfo=BERLIN)
    assert (week.monday, week.sunday) == (dt.date(2025, 7, 7), dt.date(2025, 7, 13))


@pytest.mark.parametrize(
    "text",
    ["", "2025", "2025-28", "2025-W00", "2025-W53", "2025-W99", "2025-w28", "25-W28", "0001-W01", "٢٠٢٥-W28"],
)
def test_refuses_what_no_calendar_has(text: str) -> None:
    with pytest.raises(InputError, match="week"):
        Week.parse(text)


def test_2026_has_week_53() -> None:
    week = Week.parse("2026-W53")
    assert (week.monday, week.sunday) == (dt.date(2026, 12, 28), dt.date(2027, 1, 3))
    assert (str(week.next), str(week.previous)) == ("2027-W01", "2026-W52")
    assert Week.of(dt.datetime(2027, 1, 1, 12, tzinfo=BERLIN)) == week


@pytest.mark.parametrize(("week", "length"), [("2026-W13", 167), ("2026-W43", 169), ("2026-W28", 168)])
def test_weeks_of_the_clock_changes(week: str, length: int) -> None:
    assert hours(Week.parse(week)) == length


def test_a_week_begins_at_midnight_in_berlin() -> None:
    assert Week.of(dt.datetime(2025, 7, 6, 21, 59, 59, tzinfo=dt.UTC)) == Week(2025, 27)
    assert Week.of(dt.datetime(2025, 7, 6, 22, 0, tzinfo=dt.UTC)) == Week(2025, 28)


def test_a_moment_needs_a_time_zone() -> None:
    with pytest.raises(InputError, match="time zone"):
        Week.of(dt.datetime(2025, 7, 6))  # noqa: DTZ001


def test_ten_years_have_neither_gap_nor_overlap() -> None:
    week = Week(2024, 1)
    while week.year < 2034:
        assert week.end == week.next.start
        assert week.next.previous == week
        week = week.next


@given(st.integers(-(10**9), 10**10))
def test_every_moment_lies_in_its_own_week_only(seconds: int) -> None:
    moment = dt.datetime.fromtimestamp(seconds, dt.UTC)
    week = Week.of(moment)
    assert week.start.astimezone(dt.UTC) <= moment < week.end.astimezone(dt.UTC)
