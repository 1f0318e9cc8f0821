"""Deleting articles, on request or because their time is over, so that they do not come back.

An article goes whole: its row, and with it revisions, aliases, sightings, reading, figures, notes, tags,
place in a story and vectors. Its keys stay as tombstones, hashes that tell nothing of the text, by which
archive.articles knows it again; and its number goes to the table `deletion` under the next number of the
counter of changes, so that what follows the archive hears of it. Stored issues are not touched.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from archive import identity, tables
from archive.batch import add_unless_there, reserve
from archive.database import Database
from archive.quoting import quoted_articles, quoting
from archive.values import Article

ON_REQUEST, EXPIRED = "on request", "expired"
_A, _T = tables.article, tables.tombstone


@dataclass(frozen=True, slots=True)
class Extent:
    """What goes with an article, and what does not.

    stories: numbers of the stories it belongs to. issues: week and state of the issues that quote it; their
    stored text stays.
    """

    revisions: int
    figures: int
    notes: int
    tags: int
    stories: tuple[int, ...]
    issues: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class KeptOut:
    """A deleted article: since when and why it is kept out, and under how many keys."""

    at: dt.datetime
    reason: str
    keys: int


def extent(database: Database, article: Article) -> Extent:
    """What `delete` would take away."""
    issues = quoting(database)
    member = tables.story_article
    with database.reading() as connection:

        def rows(table: Any) -> int:
            count = select(func.count()).where(table.c.article_id == article.id)
            return int(connection.execute(count.select_from(table)).scalar_one())

        stories = connection.scalars(select(member.c.story).where(member.c.article_id == article.id))
        return Extent(
            rows(tables.revision),
            rows(tables.figure),
            rows(tables.note),
            rows(tables.tag),
            tuple(stories),
            tuple((i.week, i.state) for i in issues if article.id in quoted_articles(connection, [i])),
        )


def delete_article(database: Database, article: Article, reason: str, now: dt.datetime) -> bool:
    """Delete one article on request; False where somebody else was quicker."""
    with database.writing() as connection:
        told = f"{ON_REQUEST}: {reason}" if reason else ON_REQUEST
        return remove(connection, [article.id], told, now) == 1


def remove(connection: Connection, ids: Sequence[int], reason: str, now: dt.datetime) -> int:
    """Delete articles in the open transaction and bury their keys; returns how many there were.

    ids: some hundred at most.
    """
    there = list(connection.scalars(select(_A.c.id).where(_A.c.id.in_(ids))))
    if not there:
        return 0
    if connection.dialect.name == "sqlite":  # overwrites what is deleted, in the file too
        connection.exec_driver_sql("PRAGMA secure_delete=ON").close()
    graves = [
        {"key": key, "at": now, "reason": reason, "article_id": article_id}
        for article_id, keys in _keys(connection, there).items()
        for key in keys
    ]
    if graves:
        add_unless_there(connection, _T, graves)
    first = reserve(connection, "change", len(there))
    numbered = [{"change": change, "article_id": id_} for change, id_ in enumerate(there, first)]
    connection.execute(insert(tables.deletion), numbered)
    connection.execute(delete(_A).where(_A.c.id.in_(there)))
    return len(there)


def kept_out(database: Database, name: str) -> KeptOut | None:
    """The deleted article of this address, imported id or number; None where nothing is kept out under it."""
    with database.reading() as connection:
        same = _same(connection, name)
        if same is None:
            return None
        rows = connection.execute(select(_T.c.at, _T.c.reason).where(same)).all()
        return KeptOut(rows[0].at, rows[0].reason, len(rows))


def allow(database: Database, name: str) -> KeptOut | None:
    """Let a deleted article be collected again, named as in `kept_out`; None where there is none."""
    found = kept_out(database, name)
    with database.writing() as connection:
        same = _same(connection, name)
        if same is not None:
            connection.execute(delete(_T).where(same))
    return found


def _same(connection: Connection, name: str) -> ColumnElement[bool] | None:
    named = [key for key in (identity.url_key(name), identity.external_key(name)) if key]
    grave = connection.execute(select(_T).where(_T.c.key.in_(named))).first()
    if grave is None and name.isascii() and name.isdigit() and len(name) < 10:
        grave = connection.execute(select(_T).where(_T.c.article_id == int(name))).first()
    if grave is None:
        return None
    column, value = (_T.c.article_id, grave.article_id) if grave.article_id else (_T.c.key, grave.key)
    same: ColumnElement[bool] = column == value
    return same


def deleted_between(database: Database, after: int, until: int) -> list[int]:
    """Numbers of the articles whose deletion is a change in (after, until]."""
    table = tables.deletion
    wanted = select(table.c.article_id).where(table.c.change > after, table.c.change <= until)
    with database.reading() as connection:
        return list(connection.scalars(wanted))


def buried(database: Database) -> dict[str, int]:
    """How many deleted articles are kept out, by reason: `on request` and `expired`."""
    statement = select(_T.c.reason, func.count(_T.c.article_id.distinct())).group_by(_T.c.reason)
    found = {ON_REQUEST: 0, EXPIRED: 0}
    with database.reading() as connection:
        for reason, count in connection.execute(statement):
            found[EXPIRED if reason == EXPIRED else ON_REQUEST] += int(count)
    return found


def _keys(connection: Connection, ids: Sequence[int]) -> dict[int, list[str]]:
    """Every key of each article, a guid's with each title it had (see identity.guid_graves)."""
    alias, revision = tables.alias, tables.revision
    published = {
        r.id: r.published for r in connection.execute(select(_A.c.id, _A.c.published).where(_A.c.id.in_(ids)))
    }
    titles: dict[int, set[str]] = defaultdict(set)
    for row in connection.execute(
        select(revision.c.article_id, revision.c.title).where(revision.c.article_id.in_(ids))
    ):
        titles[row.article_id].add(row.title)
    found: dict[int, list[str]] = defaultdict(list)
    for row in connection.execute(select(alias.c.article_id, alias.c.key).where(alias.c.article_id.in_(ids))):
        own = found[row.article_id]
        if row.key.startswith("g:"):
            own += identity.guid_graves(row.key, titles[row.article_id], published[row.article_id])
        else:
            own.append(row.key)
    return found
