"""Which story an article belongs to. Once told, it stays: issues refer to stories by number."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, exists, insert, select, update

from archive import readings, tables
from archive.batch import reserve
from archive.database import Database
from archive.readings import ReadArticle

_A = tables.article
_M = tables.story_article
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Place:
    """Where an article stands: its story, its mark there, and what it says that is new, in German words.

    mark: neu, fortsetzung, korrektur, dementi, or "" for a report that repeats what is known.
    """

    story: int
    mark: str = ""
    news: str = ""


def unplaced(database: Database, limit: int) -> list[ReadArticle]:
    """Articles on a topic that belong to no story yet, in order of publication."""
    on_topic = exists().where(tables.topic.c.article_id == _A.c.id)
    in_story = exists().where(_M.c.article_id == _A.c.id)
    return readings.read_where(database, on_topic, ~in_story, limit=limit)


def between(
    database: Database, since: dt.datetime, until: dt.datetime
) -> tuple[list[ReadArticle], dict[int, Place]]:
    """Articles of a period [since, until] that belong to stories, and their places by article number."""
    in_story = exists().where(_M.c.article_id == _A.c.id)
    found = readings.read_where(database, _A.c.published >= since, _A.c.published <= until, in_story)
    return found, places(database, [read.article.id for read in found])


def places(database: Database, article_ids: Sequence[int]) -> dict[int, Place]:
    """By article number; articles without a story are left out."""
    found = {}
    with database.reading() as connection:
        for start in range(0, len(article_ids), _BATCH):
            chosen = _M.c.article_id.in_(article_ids[start : start + _BATCH])
            for row in connection.execute(select(_M).where(chosen)):
                found[row.article_id] = Place(row.story, row.mark, row.news)
    return found


def siblings(database: Database, article_ids: Sequence[int]) -> list[int]:
    """The other articles of the stories that some articles belong to."""
    told = select(_M.c.story).where(_M.c.article_id.in_(article_ids))
    others = select(_M.c.article_id).where(_M.c.story.in_(told), _M.c.article_id.not_in(article_ids))
    with database.reading() as connection:
        return list(connection.scalars(others.order_by(_M.c.article_id)))


def members(database: Database, stories: Iterable[int]) -> dict[int, list[ReadArticle]]:
    """The articles of stories, oldest first, by story number."""
    wanted = sorted(set(stories))
    found: dict[int, list[ReadArticle]] = defaultdict(list)
    for start in range(0, len(wanted), _BATCH):
        chosen = select(_M.c.article_id).where(_M.c.story.in_(wanted[start : start + _BATCH]))
        read = readings.read_where(database, _A.c.id.in_(chosen))
        where = places(database, [one.article.id for one in read])
        for one in read:
            found[where[one.article.id].story].append(one)
    return dict(found)


def place(database: Database, places: Mapping[int, Place], now: dt.datetime) -> dict[int, int]:
    """Put articles into stories, by article number; a story numbered 0 or less is a new one.

    Returns the number that each new story got, by the number it was given. An article placed already stays in
    its story and gets the new mark there; one deleted meanwhile is left out. All or nothing is written, so
    that no article stands in a story without its mark.
    """
    fresh = sorted({place.story for place in places.values() if place.story <= 0}, reverse=True)
    with database.writing() as connection:
        first = reserve(connection, "story", len(fresh)) if fresh else 0
        numbers = {story: first + count for count, story in enumerate(fresh)}
        alive, placed = _standing(connection, list(places))
        rows = [
            {
                "article_id": article,
                "story": numbers.get(place.story, place.story),
                "mark": place.mark,
                "news": place.news,
                "placed": now,
            }
            for article, place in places.items()
            if article in alive and article not in placed
        ]
        if rows:
            connection.execute(insert(_M), rows)
        for article in placed & places.keys():
            new = {"mark": places[article].mark, "news": places[article].news}
            connection.execute(update(_M).where(_M.c.article_id == article).values(new))
    return numbers


def _standing(connection: Connection, article_ids: Sequence[int]) -> tuple[set[int], set[int]]:
    """(those that are there, those in a story already)."""
    alive: set[int] = set()
    placed: set[int] = set()
    for start in range(0, len(article_ids), _BATCH):
        ids = article_ids[start : start + _BATCH]
        alive |= set(connection.scalars(select(_A.c.id).where(_A.c.id.in_(ids))))
        placed |= set(connection.scalars(select(_M.c.article_id).where(_M.c.article_id.in_(ids))))
    return alive, placed


def forget(database: Database, article_ids: Sequence[int]) -> None:
    """Take articles out of their stories, so that they are placed anew."""
    with database.writing() as connection:
        connection.execute(delete(_M).where(_M.c.article_id.in_(article_ids)))
