"""The weekly issues: one row a week, whatever process composes it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, update

from archive import tables
from archive.database import Database

_I = tables.issue
OWN = "corrected_later"  # key of an issue's content: what later issues say of it


@dataclass(frozen=True, slots=True)
class StoredIssue:
    """A stored issue: draft, approved, sending or sent. `content` has the shape of `digest show --json`."""

    week: str
    state: str
    created: dt.datetime
    subject: str
    writer: str
    content: dict[str, Any]
    html: str
    text: str
    approved_at: dt.datetime | None = None
    approved_by: str = ""


def load(database: Database, week: str) -> StoredIssue | None:
    """The issue of an ISO week such as 2025-W28, None if it was never composed."""
    with database.reading() as connection:
        row = connection.execute(select(_I).where(_I.c.week == week)).first()
    return _issue(row) if row else None


def all_issues(database: Database) -> list[StoredIssue]:
    """Every issue, newest week first."""
    with database.reading() as connection:
        return [_issue(row) for row in connection.execute(select(_I).order_by(_I.c.week.desc()))]


def published(database: Database, limit: int) -> list[StoredIssue]:
    """Approved and sent issues, newest week first; never a draft."""
    statement = select(_I).where(_I.c.state != "draft").order_by(_I.c.week.desc()).limit(limit)
    with database.reading() as connection:
        return [_issue(row) for row in connection.execute(statement)]


def headings(database: Database) -> list[tuple[str, str]]:
    """(week, subject) of every approved or sent issue, newest week first, without the pages."""
    statement = select(_I.c.week, _I.c.subject).where(_I.c.state != "draft").order_by(_I.c.week.desc())
    with database.reading() as connection:
        return [(row.week, row.subject) for row in connection.execute(statement)]


def told(database: Database, before: str) -> dict[int, str]:
    """By story, the latest week before the given one in which an approved or sent issue told it."""
    statement = (
        select(_I.c.week, _I.c.content).where(_I.c.week < before, _I.c.state != "draft").order_by(_I.c.week)
    )
    found: dict[int, str] = {}
    with database.reading() as connection:
        for week, content in connection.execute(statement):
            found.update((int(item["story"]), week) for item in content.get("items", ()))
    return found


def correct(database: Database, week: str, text: str, by: str, now: dt.datetime) -> bool:
    """Keep a correction of our own to an approved or sent issue, whose pages stay as they are.

    Returns False where there is no such issue.
    """
    with database.writing() as connection:
        found = connection.execute(
            select(_I.c.content).where(_I.c.week == week, _I.c.state != "draft").with_for_update()
        ).scalar()
        if found is None:
            return False
        kept = [*found.get(OWN, ()), {"at": now.isoformat(), "by": by, "text": text}]
        connection.execute(update(_I).where(_I.c.week == week).values(content={**found, OWN: kept}))
        return True


def save_draft(database: Database, issue: StoredIssue) -> bool:
    """Keep a draft; a draft of the same week is replaced, anything approved or sent is left alone.

    Returns False where the week is already past the draft.
    """
    values = {name: getattr(issue, name) for name in issue.__slots__}
    with database.writing() as connection:
        state = connection.execute(select(_I.c.state).where(_I.c.week == issue.week)).scalar()
        if state is None:
            connection.execute(insert(_I).values(**values))
        elif state == "draft":
            connection.execute(update(_I).where(_I.c.week == issue.week).values(**values))
        return state in (None, "draft")


def approve(database: Database, draft: StoredIssue, by: str, now: dt.datetime, html: str, text: str) -> bool:
    """Move a draft to approved, with the pages that say so; False where it is no longer this draft."""
    with database.writing() as connection:
        changed = connection.execute(
            update(_I)
            .where(_I.c.week == draft.week, _I.c.state == "draft", _I.c.created == draft.created)
            .values(state="approved", approved_at=now, approved_by=by, html=html, text=text)
        )
        return changed.rowcount == 1


def _issue(row: Any) -> StoredIssue:
    return StoredIssue(**{name: row._mapping[name] for name in StoredIssue.__slots__})
