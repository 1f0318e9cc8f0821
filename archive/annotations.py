"""What editors write on articles: notes, and tags by which they find them again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, update

from archive import tables
from archive.batch import reserve
from archive.database import Database

LONGEST_TAG = 64
_N, _T = tables.note, tables.tag


@dataclass(frozen=True, slots=True)
class Note:
    """A note with who wrote it and when."""

    id: int
    at: dt.datetime
    by: str
    text: str


def clean_tag(tag: str) -> str:
    """Small letters, single spaces; "" for what is no tag."""
    return " ".join(tag.split()).casefold()[:LONGEST_TAG]


def add_note(database: Database, article_id: int, text: str, by: str, now: dt.datetime) -> int:
    """Returns the number of the note."""
    with database.writing() as connection:
        made = connection.execute(
            insert(_N).values(article_id=article_id, at=now, by=by, text=text).returning(_N.c.id)
        )
        return int(made.scalar_one())


def remove_note(database: Database, note_id: int) -> bool:
    """False where there is no such note."""
    with database.writing() as connection:
        return connection.execute(delete(_N).where(_N.c.id == note_id)).rowcount == 1


def notes(database: Database, article_id: int) -> list[Note]:
    """Oldest first."""
    statement = select(_N).where(_N.c.article_id == article_id).order_by(_N.c.id)
    with database.reading() as connection:
        return [Note(row.id, row.at, row.by, row.text) for row in connection.execute(statement)]


def add_tags(database: Database, article_id: int, tags: Iterable[str]) -> None:
    """Tags it has already are left as they are. The search index takes note."""
    with database.writing() as connection:
        there = set(connection.scalars(select(_T.c.tag).where(_T.c.article_id == article_id)))
        new = sorted({clean_tag(tag) for tag in tags} - there - {""})
        if new:
            connection.execute(insert(_T), [{"article_id": article_id, "tag": tag} for tag in new])
            _changed(connection, article_id)


def remove_tags(database: Database, article_id: int, tags: Iterable[str]) -> int:
    """How many were removed."""
    wanted = [clean_tag(tag) for tag in tags]
    with database.writing() as connection:
        gone = connection.execute(
            delete(_T).where(_T.c.article_id == article_id, _T.c.tag.in_(wanted))
        ).rowcount
        if gone:
            _changed(connection, article_id)
        return int(gone)


def tags_of(database: Database, article_ids: Sequence[int]) -> dict[int, list[str]]:
    """By article number, in alphabetical order; articles without tags are left out."""
    found: dict[int, list[str]] = {}
    with database.reading() as connection:
        rows = connection.execute(select(_T).where(_T.c.article_id.in_(article_ids)).order_by(_T.c.tag))
        for row in rows:
            found.setdefault(row.article_id, []).append(row.tag)
    return found


def all_tags(database: Database) -> list[tuple[str, int]]:
    """Every tag and how many articles have it, the commonest first."""
    count = func.count().label("articles")
    statement = select(_T.c.tag, count).group_by(_T.c.tag).order_by(count.desc(), _T.c.tag)
    with database.reading() as connection:
        return [(row.tag, int(row.articles)) for row in connection.execute(statement)]


def _changed(connection: Connection, article_id: int) -> None:
    article = tables.article
    change = reserve(connection, "change", 1)
    connection.execute(update(article).where(article.c.id == article_id).values(change=change))
