"""Dates that articles state for milestones and the register does not have, until an editor settles them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import and_, delete, insert, select

from archive import tables
from archive.database import Database
from archive.queries import to_article
from archive.values import Article

_A = tables.article
_S = tables.date_signal
_D = tables.settled_date


@dataclass(frozen=True, slots=True)
class StatedDate:
    """A date that an article states for a milestone. text: the words it stands in."""

    milestone: str
    stated: dt.date
    registered: dt.date
    text: str
    article: Article
    settled: bool


def stated_dates(database: Database, *, settled: bool = False) -> list[StatedDate]:
    """The open ones, with `settled` also those an editor has settled; newest article first."""
    same = and_(_D.c.milestone == _S.c.milestone, _D.c.stated == _S.c.stated)
    statement = (
        select(_S, _A, _D.c.at.label("settled_at"))
        .join_from(_S, _A)
        .outerjoin(_D, same)
        .order_by(_A.c.published.desc(), _A.c.id, _S.c.milestone, _S.c.stated)
    )
    if not settled:
        statement = statement.where(_D.c.at.is_(None))
    with database.reading() as connection:
        rows = [row._mapping for row in connection.execute(statement)]
    return [
        StatedDate(
            row[_S.c.milestone],
            dt.date.fromisoformat(row[_S.c.stated]),
            dt.date.fromisoformat(row[_S.c.registered]),
            row[_S.c.text],
            to_article({column.name: row[column] for column in _A.c}),
            row["settled_at"] is not None,
        )
        for row in rows
    ]


def settle(database: Database, milestone: str, stated: dt.date, now: dt.datetime) -> None:
    """This date for this milestone is known; no article brings it up again."""
    key = {"milestone": milestone, "stated": stated.isoformat()}
    with database.writing() as connection:
        connection.execute(delete(_D).where(_D.c.milestone == milestone, _D.c.stated == key["stated"]))
        connection.execute(insert(_D), {**key, "at": now})


def reopen(database: Database, milestone: str, stated: dt.date) -> bool:
    """Take that back; False where the date was not settled."""
    with database.writing() as connection:
        gone = connection.execute(
            delete(_D).where(_D.c.milestone == milestone, _D.c.stated == stated.isoformat())
        )
        return gone.rowcount == 1
