"""What the analysis found in each article: topics, figures and milestones, replaced as a whole."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from analysis.values import DateSignal, Figure, Reading, TopicScore
from archive import tables
from archive.batch import reserve
from archive.database import Database
from archive.queries import to_article
from archive.values import Article

_A = tables.article


@dataclass(frozen=True, slots=True)
class ReadArticle:
    """An article with its stored reading."""

    article: Article
    topics: tuple[TopicScore, ...]
    figures: tuple[Figure, ...]
    milestones: tuple[str, ...]


def pending(database: Database, version: str, limit: int) -> list[Article]:
    """Articles without a reading of this version, oldest first."""
    statement = select(_A).where(_A.c.analysis_version != version).order_by(_A.c.id).limit(limit)
    with database.reading() as connection:
        return [to_article(row._mapping) for row in connection.execute(statement)]


def save(database: Database, version: str, readings: Sequence[tuple[Article, Reading]]) -> int:
    """Store readings of a batch, each only while its article still has the revision that was read.

    Returns how many were stored; the others changed meanwhile and stay pending.
    """
    if not readings:
        return 0
    with database.writing() as connection:
        current = _unchanged(connection, [article for article, _ in readings])
        kept = [(article, reading) for article, reading in readings if article.id in current]
        ids = [article.id for article, _ in kept]
        for table in (tables.topic, tables.figure, tables.milestone_link, tables.date_signal):
            connection.execute(delete(table).where(table.c.article_id.in_(ids)))
        off_topic = [article.id for article, reading in kept if not reading.topics]
        member = tables.story_article
        connection.execute(delete(member).where(member.c.article_id.in_(off_topic)))
        for table, rows in _rows(kept).items():
            if rows:
                connection.execute(insert(table), rows)
        first_change = reserve(connection, "change", len(kept))
        for change, (article, reading) in enumerate(kept, first_change):
            connection.execute(
                update(_A)
                .where(_A.c.id == article.id)
                .values(
                    analysis_version=version,
                    language=article.language or reading.language,
                    change=change,
                )
            )
    return len(kept)


def forget(database: Database) -> None:
    """Mark every article as unread, for a reading of the whole archive."""
    with database.writing() as connection:
        connection.execute(update(_A).values(analysis_version=""))


def read_between(database: Database, since: dt.datetime, until: dt.datetime) -> list[ReadArticle]:
    """Articles of a period [since, until) with their readings, oldest first."""
    return read_where(database, _A.c.published >= since, _A.c.published < until)


def read_where(
    database: Database, *conditions: ColumnElement[bool], limit: int | None = None
) -> list[ReadArticle]:
    """Articles that fulfil all conditions with their readings, oldest first."""
    in_order = select(_A).where(*conditions).order_by(_A.c.published, _A.c.id).limit(limit)
    chosen = in_order.with_only_columns(_A.c.id)
    with database.reading() as connection:
        rows = connection.execute(in_order).all()
        topics, figures, milestones = (
            _by_article(connection, table, chosen)
            for table in (tables.topic, tables.figure, tables.milestone_link)
        )
    return [
        ReadArticle(
            to_article(row._mapping),
            tuple(TopicScore(t["topic"], t["score"], tuple(t["evidence"])) for t in topics[row.id]),
            tuple(to_figure(f) for f in figures[row.id]),
            tuple(m["milestone"] for m in milestones[row.id]),
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A figure with the article it was read from."""

    figure: Figure
    article: Article


def figures(
    database: Database,
    *,
    unit: str | None = None,
    subject: str | None = None,
    since: dt.datetime | None = None,
    limit: int = 1_000,
) -> list[FigureRow]:
    """Stored figures, newest article first."""
    table = tables.figure
    statement = select(table, _A).join_from(table, _A).order_by(_A.c.published.desc(), table.c.id)
    if unit:
        statement = statement.where(table.c.unit == unit)
    if subject:
        statement = statement.where(table.c.subject.icontains(subject, autoescape=True))
    if since:
        statement = statement.where(_A.c.published >= since)
    with database.reading() as connection:
        rows = [row._mapping for row in connection.execute(statement.limit(limit))]
    return [
        FigureRow(
            to_figure({column.name: row[column] for column in table.c}),
            to_article({column.name: row[column] for column in _A.c}),
        )
        for row in rows
    ]


def to_figure(row: Any) -> Figure:
    """A figure from a row of its table."""
    value: float | str = row["date"] or row["value"]
    return Figure(value, row["unit"], row["qualifier"], row["subject"], row["text"], row["start"], row["end"])


def _unchanged(connection: Connection, articles: Sequence[Article]) -> set[int]:
    read = {article.id: article.revision for article in articles}
    rows = connection.execute(select(_A.c.id, _A.c.revision).where(_A.c.id.in_(list(read))))
    return {row.id for row in rows if row.revision == read[row.id]}


def _rows(kept: Sequence[tuple[Article, Reading]]) -> dict[Any, list[dict[str, Any]]]:
    rows: dict[Any, list[dict[str, Any]]] = {
        tables.topic: [],
        tables.figure: [],
        tables.milestone_link: [],
        tables.date_signal: [],
    }
    for article, reading in kept:
        rows[tables.topic] += [
            {
                "article_id": article.id,
                "topic": score.topic,
                "score": score.score,
                "evidence": list(score.evidence),
            }
            for score in reading.topics
        ]
        rows[tables.figure] += [_figure_row(article, figure) for figure in reading.figures]
        rows[tables.milestone_link] += [
            {"article_id": article.id, "milestone": milestone} for milestone in set(reading.milestones)
        ]
        rows[tables.date_signal] += [_signal_row(article, signal) for signal in reading.date_signals]
    return rows


def _figure_row(article: Article, figure: Figure) -> dict[str, Any]:
    is_date = isinstance(figure.value, str)
    return {
        "article_id": article.id,
        "revision": article.revision,
        "value": None if is_date else figure.value,
        "date": figure.value if is_date else None,
        "unit": figure.unit,
        "qualifier": figure.qualifier,
        "subject": figure.subject,
        "text": figure.text,
        "start": figure.start,
        "end": figure.end,
    }


def _signal_row(article: Article, signal: DateSignal) -> dict[str, Any]:
    return {
        "article_id": article.id,
        "milestone": signal.milestone,
        "stated": signal.stated.isoformat(),
        "registered": signal.registered.isoformat(),
        "revision": article.revision,
        "text": signal.text,
        "start": signal.start,
        "end": signal.end,
    }


def _by_article(connection: Connection, table: Any, chosen: Any) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in connection.execute(select(table).where(table.c.article_id.in_(chosen))):
        found[row.article_id].append(row._mapping)
    return found
