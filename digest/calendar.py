"""Milestones as a calendar that people subscribe to (RFC 5545)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from icalendar import Calendar, Event

from analysis.values import Milestone
from digest import typography

_NAME = "KI-Verordnung: Fristen und Schritte"
_CERTAIN = "hoch"


def ics(milestones: Iterable[Milestone], as_of: dt.date) -> bytes:
    """An iCalendar file of whole-day events; the same milestones give the same bytes.

    Dates of the past that another milestone has replaced are left out. as_of: when the register was last
    compared with its sources; it is the stamp of every event.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Lagebrief//Register der KI-Verordnung//DE")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _NAME)
    calendar.add("name", _NAME)
    for milestone in milestones:
        if not milestone.replaced_by:
            calendar.add_component(_event(milestone, as_of))
    written: bytes = calendar.to_ical()
    return written


def _event(milestone: Milestone, as_of: dt.date) -> Event:
    event = Event()
    event.add("uid", f"{milestone.id}@lagebrief")
    event.add("dtstamp", dt.datetime.combine(as_of, dt.time(), dt.UTC))
    event.add("sequence", len(milestone.history))  # a moved date moves the event in people's calendars
    event.add("dtstart", milestone.date)
    event.add("dtend", milestone.date + dt.timedelta(days=1))
    event.add("summary", _summary(milestone), parameters={"LANGUAGE": "de"})
    event.add("description", "\n".join(_lines(milestone)), parameters={"LANGUAGE": "de"})
    event.add("status", "CONFIRMED" if _is_certain(milestone) else "TENTATIVE")
    event.add("transp", "TRANSPARENT")
    event.add("categories", ["KI-Verordnung"])
    url = next((source for source in milestone.sources if source.startswith(("https://", "http://"))), "")
    if url:
        event.add("url", url)
    return event


def _is_certain(milestone: Milestone) -> bool:
    return milestone.confidence == _CERTAIN and milestone.status != "vorgeschlagen"


def _summary(milestone: Milestone) -> str:
    if milestone.precision == "day":
        return milestone.title
    return f"{milestone.title} ({typography.at_precision(milestone.date, milestone.precision)})"


def _lines(milestone: Milestone) -> Iterable[str]:
    yield milestone.description
    yield f"Rechtsgrundlage: {milestone.legal_basis}"
    yield f"Stand: {milestone.status}"
    for former in milestone.history:
        moved = f"{typography.date(former.until)}: {former.source}"
        yield f"Früherer Termin: {typography.date(former.date)} (bis {moved})"
    if milestone.confidence != _CERTAIN:
        yield "Zu prüfen: Die Quellenlage ist nicht eindeutig."
    if milestone.note:
        yield milestone.note
