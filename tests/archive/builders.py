"""Small harvests, entries and readings."""

from __future__ import annotations

import datetime as dt
import io
import json
from dataclasses import replace
from typing import Any

from analysis.values import Figure, Reading, TopicScore
from archive import transfer
from archive.database import Database
from archive.transfer import Problem
from archive.values import Entry, Harvest, SourceState, Stored

NOW = dt.datetime(2025, 7, 9, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def harvest(*entries: Entry, **changes: Any) -> Harvest:
    made = Harvest("dcd", "dcd", "https://example.org/feed", NOW, SourceState.OK, entries=entries)
    return replace(made, **changes)


def entry(number: int, **changes: Any) -> Entry:
    made = Entry(
        url=f"https://example.org/{number}",
        title=f"Bericht Nummer {number} über ein neues Rechenzentrum",
        teaser=f"Vorspann {number}",
        guid=f"g{number}",
        published=NOW - DAY,
    )
    return replace(made, **changes)


def line(number: int | str, **changes: Any) -> dict[str, Any]:
    return {"id": f"x{number}", "outlet": "dcd", "title": f"Meldung {number}", **changes}


def bring(database: Database, *lines: dict[str, Any] | bytes, now: dt.datetime = NOW) -> Stored:
    """Import lines that must all be readable."""
    stored, problems = try_to_bring(database, *lines, now=now)
    assert problems == []
    return stored


def try_to_bring(
    database: Database, *lines: dict[str, Any] | bytes, now: dt.datetime = NOW
) -> tuple[Stored, list[Problem]]:
    """Import lines; bytes are taken as they are."""
    problems: list[Problem] = []
    raw = [row if isinstance(row, bytes) else json.dumps(row).encode() for row in lines]
    items = transfer.read_items(io.BytesIO(b"\n".join(raw)), problems.append, lambda _bytes: None)
    return transfer.import_items(database, items, now), problems


def reading(*figures: Figure, topics: tuple[str, ...] = (), language: str = "de") -> Reading:
    return Reading(language, tuple(TopicScore(topic, 0.9, ("Beleg",)) for topic in topics), figures)


def figure(value: float | str, unit: str, subject: str, text: str) -> Figure:
    return Figure(value, unit, "mehr als", subject, text, 0, len(text))
