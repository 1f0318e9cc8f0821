"""What is already known of the articles that a batch of entries may be sightings of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from sqlalchemy import Connection, select

from archive import tables
from archive.values import Storage

_AT_ONCE = 400  # keys in one query; SQLite takes some thousand parameters, PostgreSQL likes fewer


@dataclass(slots=True)
class Known:
    """An article as far as a new sighting is judged by it; the fields are columns of the table."""

    id: int
    source: str
    url: str
    title: str
    teaser: str
    body: str
    published: dt.datetime
    revision: int
    content_hash: str
    storage: Storage
    date_mark: str
    marks: list[str]
    tdm: str
    author: str
    language: str

    def __post_init__(self) -> None:
        self.storage = Storage(self.storage)


def look_up(connection: Connection, keys: Sequence[str]) -> dict[str, Known]:
    """The articles behind these keys (see archive.identity); keys of one article give one and the same."""
    wanted = list(dict.fromkeys(keys))
    columns = [tables.article.c[column.name] for column in fields(Known)]
    found: dict[str, Known] = {}
    by_id: dict[int, Known] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        rows = connection.execute(
            select(tables.alias.c.key, *columns)
            .join_from(tables.alias, tables.article)
            .where(tables.alias.c.key.in_(wanted[start : start + _AT_ONCE]))
        )
        for key, *values in rows:
            found[key] = by_id.setdefault(values[0], Known(*values))
    return found


def entombed(connection: Connection, keys: Iterable[str]) -> set[str]:
    """Those of the given keys under which an article was deleted (see archive.deletion)."""
    wanted = list(dict.fromkeys(keys))
    found: set[str] = set()
    for start in range(0, len(wanted), _AT_ONCE):
        chosen = tables.tombstone.c.key.in_(wanted[start : start + _AT_ONCE])
        found.update(connection.scalars(select(tables.tombstone.c.key).where(chosen)))
    return found
