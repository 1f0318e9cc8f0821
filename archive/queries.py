"""Reading articles back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select

from archive import identity, tables
from archive.database import Database
from archive.known import entombed
from archive.values import Article, Entry, Revision, Storage

_A = tables.article
_BATCH = 500
# What an Article is made of; built once, since every search runs it.
_NAMES = (
    *("id", "external_id", "outlet", "source", "url", "title", "teaser", "body", "author", "language"),
    *("published", "date_mark", "first_seen", "revision", "storage", "tdm", "max_snippet", "marks"),
)
_BY_ID = select(*(_A.c[name] for name in _NAMES)).where(_A.c.id.in_(bindparam("ids", expanding=True)))


def article(database: Database, article_id: int) -> Article | None:
    """One article by the archive's number."""
    return next(iter(articles(database, [article_id])), None)


def articles(database: Database, ids: Sequence[int]) -> list[Article]:
    """Articles by number, in the order asked for; unknown numbers are left out."""
    found: dict[int, Article] = {}
    with database.reading() as connection:
        for start in range(0, len(ids), _BATCH):
            rows = connection.execute(_BY_ID, {"ids": ids[start : start + _BATCH]})
            found.update((row.id, to_article(row._mapping)) for row in rows)
    return [found[article_id] for article_id in ids if article_id in found]


def by_public_id(database: Database, public_id: str) -> Article | None:
    """One article by its imported id, or by the archive's number."""
    statement = select(_A).where(_A.c.external_id == public_id)
    if public_id.isascii() and public_id.isdigit() and len(public_id) < 10:
        statement = select(_A).where(or_(_A.c.external_id == public_id, _A.c.id == int(public_id)))
    with database.reading() as connection:
        row = connection.execute(statement.order_by(_A.c.external_id.is_(None), _A.c.id)).first()
    return to_article(row._mapping) if row else None


def published_between(database: Database, since: dt.datetime, until: dt.datetime) -> list[Article]:
    """Articles of a period [since, until), oldest first."""
    statement = select(_A).where(_A.c.published >= since, _A.c.published < until)
    with database.reading() as connection:
        return [
            to_article(row._mapping)
            for row in connection.execute(statement.order_by(_A.c.published, _A.c.id))
        ]


def each(database: Database, conditions: Sequence[ColumnElement[bool]] = ()) -> Iterator[Article]:
    """Every article in the order of its number, read in batches: memory stays flat."""
    last = 0
    while True:
        statement = select(_A).where(_A.c.id > last, *conditions).order_by(_A.c.id).limit(_BATCH)
        with database.reading() as connection:
            rows = connection.execute(statement).all()
        if not rows:
            return
        for row in rows:
            yield to_article(row._mapping)
        last = rows[-1].id


def revisions(database: Database, article_id: int) -> list[Revision]:
    """Every seen version of an article, oldest first."""
    table = tables.revision
    statement = select(table).where(table.c.article_id == article_id).order_by(table.c.number)
    with database.reading() as connection:
        rows = connection.execute(statement)
        return [Revision(r.number, r.seen, r.title, r.teaser, r.body) for r in rows]


_NO_TEXT_TO_COME = {"paywall", "gone", "consent", "login", "not-html", "page-refused", "empty"}


def unfinished(database: Database, urls: Sequence[str], *, need_body: bool) -> set[str]:
    """Which of these addresses lead to articles not yet kept, or kept without the text that may be kept.

    What was deleted is finished: nobody needs to fetch it again.
    """
    by_key = {identity.url_key(url): url for url in urls}
    known: set[str] = set()
    with database.reading() as connection:
        rows = connection.execute(
            select(tables.alias.c.key, _A.c.body, _A.c.marks)
            .join_from(tables.alias, _A)
            .where(tables.alias.c.key.in_(list(by_key)))
        )
        for key, body, marks in rows:
            if not need_body or body or _NO_TEXT_TO_COME & set(marks):
                known.add(by_key[key])
        known |= {by_key[key] for key in entombed(connection, by_key)}
    return set(by_key.values()) - known


def without_body(database: Database, source: str, since: dt.datetime) -> list[Entry]:
    """Articles of a source first seen since then whose pages were not read yet, newest first."""
    statement = (
        select(_A)
        .where(_A.c.source == source, _A.c.body == "", _A.c.url != "", _A.c.first_seen >= since)
        .order_by(_A.c.id.desc())
    )
    with database.reading() as connection:
        found = [to_article(row._mapping) for row in connection.execute(statement)]
    return [
        Entry(a.url, a.title, a.teaser, author=a.author, language=a.language, published=a.published)
        for a in found
        if not _NO_TEXT_TO_COME & set(a.marks)
    ]


def count(database: Database) -> int:
    """How many articles the archive holds."""
    return _scalar(database, select(func.count()).select_from(_A))


def last_change(database: Database) -> int:
    """The number of the newest change; what follows the archive compares its own with this."""
    counter = tables.counter
    return _scalar(database, select(counter.c.value).where(counter.c.name == "change"))


def changed_after(database: Database, change: int, limit: int) -> list[tuple[int, Article]]:
    """The next changed articles with the number of their change, in order of change."""
    statement = select(_A).where(_A.c.change > change).order_by(_A.c.change).limit(limit)
    with database.reading() as connection:
        return [(row.change, to_article(row._mapping)) for row in connection.execute(statement)]


def read_after(database: Database, article_id: int, limit: int) -> list[int]:
    """Numbers of the next articles, up to the first one that no analysis has read yet."""
    statement = (
        select(_A.c.id, _A.c.analysis_version).where(_A.c.id > article_id).order_by(_A.c.id).limit(limit)
    )
    with database.reading() as connection:
        rows = connection.execute(statement).all()
    return [row.id for row in takewhile(lambda row: row.analysis_version, rows)]


def per_outlet(database: Database) -> dict[str, int]:
    """Number of articles by outlet."""
    statement = select(_A.c.outlet, func.count()).group_by(_A.c.outlet).order_by(_A.c.outlet)
    with database.reading() as connection:
        return {row.outlet: int(row[1]) for row in connection.execute(statement)}


def sightings_between(database: Database, since: dt.datetime, until: dt.datetime) -> dict[str, int]:
    """How many articles of a period [since, until) each source has shown."""
    table = tables.sighting
    statement = (
        select(table.c.source, func.count())
        .join_from(table, _A)
        .where(_A.c.published >= since, _A.c.published < until)
        .group_by(table.c.source)
    )
    with database.reading() as connection:
        return {row.source: int(row[1]) for row in connection.execute(statement)}


def verdicts(database: Database) -> list[dict[str, Any]]:
    """Under which robots and mining verdicts articles were kept: one row per source and verdict."""
    columns = (_A.c.source, _A.c.storage, _A.c.robots, _A.c.tdm, _A.c.tdm_origin)
    statement = (
        select(*columns, func.count().label("articles"), func.max(_A.c.verdict_at).label("last"))
        .group_by(*columns)
        .order_by(*columns)
    )
    with database.reading() as connection:
        rows = [dict(row._mapping) for row in connection.execute(statement)]
    return [{**row, "last": row["last"].isoformat() if row["last"] else None} for row in rows]


def to_article(row: Any) -> Article:
    """An article from a row of its table."""
    return Article(
        id=row["id"],
        public_id=row["external_id"] or str(row["id"]),
        outlet=row["outlet"],
        source=row["source"],
        url=row["url"],
        title=row["title"],
        teaser=row["teaser"],
        body=row["body"],
        author=row["author"],
        language=row["language"],
        published=row["published"],
        date_mark=row["date_mark"],
        first_seen=row["first_seen"],
        revision=row["revision"],
        storage=Storage(row["storage"]),
        tdm=row["tdm"],
        max_snippet=row["max_snippet"],
        marks=tuple(row["marks"]),
    )


def _scalar(database: Database, statement: Select[int]) -> int:
    with database.reading() as connection:
        value: int = connection.execute(statement).scalar_one()
        return value
