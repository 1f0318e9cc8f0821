"""Dates as feeds write them, and which of them are believed."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders import dates

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Fri, 20 Nov 2026 08:00:00 +0100", utc(2026, 11, 20, 7)),
        ("Fri, 20 Nov 2026 08:00:00 GMT", utc(2026, 11, 20, 8)),
        ("Fri, 20 Nov 2026 08:00:00 MESZ", utc(2026, 11, 20, 6)),
        ("Fr, 20 Nov 2026 08:00:00 +0100", utc(2026, 11, 20, 7)),
        ("Di, 01 Dez 2026 08:00:00 +0100", utc(2026, 12, 1, 7)),
        ("1. März 2026", utc(2026, 2, 28, 23)),
        ("20. November 2026, 08:30", utc(2026, 11, 20, 7, 30)),
        ("20.11.2026 08:00", utc(2026, 11, 20, 7)),
        ("20.11.2026, 08:00 Uhr", utc(2026, 11, 20, 7)),
        ("20.07.2026", utc(2026, 7, 19, 22)),
        ("2026-11-20T08:00:00", utc(2026, 11, 20, 7)),
        ("2026-11-20T08:00:00Z", utc(2026, 11, 20, 8)),
        ("2026-11-20T08:00:00.123+02:00", utc(2026, 11, 20, 6, 0, 0, 123000)),
        ("2026-11-20", utc(2026, 11, 19, 23)),
        ("20261120T080000Z", utc(2026, 11, 20, 8)),
        ("Sat, 31 Dec 2016 23:59:60 GMT", utc(2017, 1, 1)),
        ("Fri, 20 Nov 2026 08:00 GMT", utc(2026, 11, 20, 8)),
    ],
)
def test_dates_are_read(text: str, expected: dt.datetime) -> None:
    assert dates.parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "gestern",
        "Mon, 30 Feb 2026 08:00:00 GMT",
        "Fri, 20 Nov 2026 25:61:00 GMT",
        "Fri, 20 Nov 2026 08:00:00 +9999",
        "Mon, 01 Jan 0001 00:00:00 GMT",
        "32.13.2026",
        "9" * 5_000,
        "2026-W99-9",
        "²².1.2026",
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert dates.parse(text) is None


@given(st.text(max_size=70) | st.from_regex(r"[0-9.:,+\-TZ a-zA-Zäöü]{0,64}", fullmatch=True))
def test_no_text_raises_and_every_result_is_aware(text: str) -> None:
    found = dates.parse(text)
    assert found is None or found.tzinfo is dt.UTC
    assert found is None or dates.parse(found.isoformat()) == found or found.year < 1_000


@pytest.mark.parametrize(
    ("date", "kept", "mark"),
    [
        (NOW, NOW, ""),
        (NOW + dt.timedelta(hours=23), NOW + dt.timedelta(hours=23), ""),
        (NOW + dt.timedelta(hours=25), NOW, "future"),
        (NOW - dt.timedelta(days=29), NOW - dt.timedelta(days=29), ""),
        (NOW - dt.timedelta(days=31), NOW - dt.timedelta(days=31), "stale"),
        (utc(1970, 1, 1), None, "unknown"),
        (None, None, "unknown"),
    ],
)
def test_which_dates_are_believed(date: dt.datetime | None, kept: dt.datetime | None, mark: str) -> None:
    assert dates.trusted(date, NOW) == (kept, mark)
