"""What changed in an archive, batch by batch, as the search index takes it in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from archive import queries, tables
from archive.annotations import tags_of
from archive.database import Database
from archive.values import Article

_BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Changed:
    """Changed articles in the order of their changes, with the topics and tags of each by its number."""

    articles: Sequence[tuple[int, Article]]
    topics: dict[int, list[str]]
    tags: dict[int, list[str]]

    @property
    def last(self) -> int:
        """The newest of these changes."""
        return self.articles[-1][0]


def changes_after(database: Database, position: int) -> Iterator[Changed]:
    """All that changed after a position."""
    while changed := queries.changed_after(database, position, _BATCH):
        ids = [article.id for _, article in changed]
        batch = Changed(changed, _topics(database, ids), tags_of(database, ids))
        position = batch.last
        yield batch


def _topics(database: Database, ids: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    table = tables.topic
    with database.reading() as connection:
        for row in connection.execute(
            select(table.c.article_id, table.c.topic).where(table.c.article_id.in_(ids))
        ):
            found.setdefault(row.article_id, []).append(row.topic)
    return found
