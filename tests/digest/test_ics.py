from __future__ import annotations

import datetime as dt

from icalendar import Calendar

from analysis.milestones import as_of, load_register
from digest.calendar import ics


def events() -> dict[str, object]:
    read = Calendar.from_ical(ics(load_register(), as_of()))
    return {str(event["UID"]).removesuffix("@lagebrief"): event for event in read.walk("VEVENT")}


def test_every_milestone_that_holds_is_an_event() -> None:
    expected = {m.id for m in load_register() if not m.replaced_by}
    assert set(events()) == expected
    assert "hochrisiko-anhang3-alt" not in expected


def test_an_event_is_a_whole_day_with_what_moved() -> None:
    event = events()["hochrisiko-anhang3"]
    assert event["DTSTART"].dt == dt.date(2027, 12, 2)  # type: ignore[index]
    assert event["DTEND"].dt == dt.date(2027, 12, 3)  # type: ignore[index]
    assert event["SEQUENCE"] == 1  # type: ignore[index]
    assert "Früherer Termin: 2. August 2026" in str(event["DESCRIPTION"]).replace("\u00a0", " ")  # type: ignore[index]


def test_a_quarter_is_named_and_tentative() -> None:
    event = events()["normen-ziel-2026"]
    assert "2026" in str(event["SUMMARY"])  # type: ignore[index]
    assert event["STATUS"] == "TENTATIVE"  # type: ignore[index]


def test_the_file_keeps_to_rfc_5545() -> None:
    written = ics(load_register(), as_of())
    assert written == ics(load_register(), as_of())
    assert all(len(line) <= 75 for line in written.split(b"\r\n"))
    assert b"\n" not in written.replace(b"\r\n", b"")
    assert written.startswith(b"BEGIN:VCALENDAR\r\n")
    assert written.endswith(b"END:VCALENDAR\r\n")
