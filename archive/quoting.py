"""Which articles stand in an issue. An issue is frozen; so what it quotes must stay to be looked up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from archive import identity, tables
from archive.database import Database

_I = tables.issue
_BATCH = 400


@dataclass(frozen=True, slots=True)
class Quoting:
    """What one issue quotes: public ids from its checks and figures, keys of the addresses of its sources."""

    week: str
    state: str
    ids: frozenset[str]
    keys: frozenset[str]


def quoting(database: Database, week: str | None = None) -> list[Quoting]:
    """What each stored issue quotes, oldest week first."""
    statement = select(_I.c.week, _I.c.state, _I.c.content).order_by(_I.c.week)
    if week:
        statement = statement.where(_I.c.week == week)
    with database.reading() as connection:
        return [_read(*row) for row in connection.execute(statement)]


def quoted_articles(connection: Connection, issues: list[Quoting]) -> set[int]:
    """Numbers of the articles that the issues quote."""
    ids = sorted({public_id for issue in issues for public_id in issue.ids})
    keys = sorted({key for issue in issues for key in issue.keys})
    article, alias = tables.article, tables.alias
    numbers = [int(id_) for id_ in ids if id_.isascii() and id_.isdigit() and len(id_) < 10]
    found: set[int] = set()
    for batch in _batches(ids):
        found.update(connection.scalars(select(article.c.id).where(article.c.external_id.in_(batch))))
    for batch in _batches(numbers):  # a public id is the number where no id was imported
        own = article.c.external_id.is_(None)
        found.update(connection.scalars(select(article.c.id).where(article.c.id.in_(batch), own)))
    for batch in _batches(keys):
        found.update(connection.scalars(select(alias.c.article_id).where(alias.c.key.in_(batch))))
    return found


def _read(week: str, state: str, content: Any) -> Quoting:
    ids, urls = set(), set()
    for node in _objects(content):  # items and boxes alike
        if node.get("source_id"):
            ids.add(str(node["source_id"]))
        if node.get("url"):
            urls.add(str(node["url"]))
    return Quoting(week, state, frozenset(ids), frozenset(map(identity.url_key, urls)) - {""})


def _objects(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _objects(child)


def _batches(values: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(values), _BATCH):
        yield values[start : start + _BATCH]
