"""The rows that one batch of entries comes to, collected first and written in bulk."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table, bindparam, insert, update

from archive import tables
from archive.known import Known


@dataclass(slots=True)
class Batch:
    """New articles, changes, revisions, aliases and sightings, until `write`."""

    fresh: dict[int, dict[str, Any]] = field(default_factory=dict)
    changes: dict[int, dict[str, Any]] = field(default_factory=dict)
    revisions: list[dict[str, Any]] = field(default_factory=list)
    aliases: list[dict[str, Any]] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)

    def add(self, known: Known, now: dt.datetime, others: dict[str, Any]) -> None:
        """A new article; `others` are the columns that a sighting is not judged by."""
        self.fresh[known.id] = {"id": known.id, "first_seen": now, **_columns(known), **others}

    def change(self, known: Known, verdict: dict[str, Any]) -> None:
        """A known article as it now stands; the last change of an article in a batch wins."""
        row = self.fresh.get(known.id)
        if row is not None:  # seen twice in one batch: it is not written yet
            row.update(_columns(known))
        else:
            self.changes[known.id] = {**_columns(known), **verdict}

    def keep_revision(self, known: Known, now: dt.datetime) -> None:
        """The version of an article that was seen now."""
        text = {"title": known.title, "teaser": known.teaser, "body": known.body}
        self.revisions.append({"article_id": known.id, "number": known.revision, "seen": now, **text})

    def write(self, connection: Connection, source: str) -> None:
        """Write everything in the open transaction."""
        rows = [*self.fresh.values(), *self.changes.values()]
        for number, row in enumerate(rows, reserve(connection, "change", len(rows))):
            row["change"] = number
        for table, new in (
            (tables.article, list(self.fresh.values())),
            (tables.revision, self.revisions),
            (tables.alias, self.aliases),
        ):
            if new:
                connection.execute(insert(table), new)
        for article_id, row in self.changes.items():
            connection.execute(_UPDATE, {"article": article_id, **{f"new_{k}": v for k, v in row.items()}})
        if self.seen:
            sightings = [{"article_id": number, "source": source} for number in sorted(self.seen)]
            add_unless_there(connection, tables.sighting, sightings)


def add_unless_there(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert rows; those whose key is there already stay as they are."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql  # takes longer to import than a search to run

        connection.execute(postgresql.insert(table).on_conflict_do_nothing(), rows)
    else:
        from sqlalchemy.dialects import sqlite

        connection.execute(sqlite.insert(table).on_conflict_do_nothing(), rows)


def reserve(connection: Connection, name: str, count: int) -> int:
    """The first of `count` numbers of a counter; the row stays locked to the end of the transaction."""
    counter = tables.counter
    statement = (
        update(counter)
        .where(counter.c.name == name)
        .values(value=counter.c.value + count)
        .returning(counter.c.value)
    )
    last: int = connection.execute(statement).scalar_one()
    return last - count + 1


def _columns(known: Known) -> dict[str, Any]:
    """The columns of an article that a sighting may change."""
    return {name: getattr(known, name) for name in _CHANGING}


_CHANGING = tuple(name for name in Known.__dataclass_fields__ if name not in ("id", "tdm"))
_VERDICT = ("robots", "tdm", "tdm_origin", "hints", "max_snippet", "verdict_at")
# An analysis of the text as it was no longer holds.
_UPDATE = (
    update(tables.article)
    .where(tables.article.c.id == bindparam("article"))
    .values(
        analysis_version="",
        **{
            name: bindparam(f"new_{name}", type_=tables.article.c[name].type)
            for name in (*_CHANGING, *_VERDICT, "change")
        },
    )
)
