"""Keeping the archive's stories: new articles join or open one, and each gets its mark there."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from analysis.developments import Report, developments
from analysis.shelf import WINDOW
from analysis.stories import join, with_meaning
from analysis.story_item import StoryItem
from archive import locks, stories, vectors
from archive.database import Database
from archive.readings import ReadArticle
from archive.stories import Place

if TYPE_CHECKING:
    from analysis.embedding import Embedder

_BATCH = 2_000  # articles placed at once; for each batch the reports around it are looked at again


def place(
    database: Database,
    embedder: Embedder | None,
    clock: Callable[[], dt.datetime],
    on_progress: Callable[[int], None] = lambda _count: None,
) -> int:
    """Put every article on a topic that has no story yet into one; returns how many were put.

    Raises TryAgainError while another process does the same.
    """
    count = 0
    with locks.alone(database, "stories"):
        while batch := stories.unplaced(database, _BATCH):
            _place_batch(database, batch, embedder, clock())
            count += len(batch)
            on_progress(len(batch))
    return count


def _place_batch(
    database: Database, batch: Sequence[ReadArticle], embedder: Embedder | None, now: dt.datetime
) -> None:
    first, last = batch[0].article.published, batch[-1].article.published
    around, places = stories.between(database, _before(first), _after(last))
    items = _items(database, [*around, *batch], embedder)
    known = [(item, places[read.article.id].story) for item, read in zip(items, around, strict=False)]
    found = join(known, items[len(around) :])
    old = {story for _, story in known}
    told: dict[int, list[ReadArticle]] = defaultdict(list)  # by story; a new one has a number below 0
    for read in batch:
        story = found[str(read.article.id)]
        told[story if story in old else -story].append(read)
    stories.place(database, _marked(database, told), now)


def _marked(database: Database, told: Mapping[int, Sequence[ReadArticle]]) -> dict[int, Place]:
    """All members of the stories with their marks: a late report may turn out to be the first."""
    members = stories.members(database, [story for story in told if story > 0])
    marked: dict[int, Place] = {}
    for story, new in told.items():
        reads = sorted([*members.get(story, ()), *new], key=_when)
        for read, development in zip(reads, developments(list(map(_report, reads))), strict=True):
            marked[read.article.id] = Place(story, development.mark, "; ".join(development.news))
    return marked


def _when(read: ReadArticle) -> tuple[dt.datetime, int]:
    return read.article.published, read.article.id


def _report(read: ReadArticle) -> Report:
    article = read.article
    return Report(article.title, article.teaser, article.body, article.published, read.figures)


def _items(database: Database, articles: Sequence[ReadArticle], embedder: Embedder | None) -> list[StoryItem]:
    """The reports with their vectors, which are kept for the next time."""
    items = list(map(_item, articles))
    if embedder is None:
        return items
    # A reservation leaves us the headline as feed metadata; its meaning is not mined.
    free = [read.article for read in articles if read.article.tdm != "reserved"]
    kept = vectors.load(database, free, embedder.name, embedder.dim)
    missing = {str(article.id): article for article in free if article.id not in kept}
    made = with_meaning([item for item in items if item.id in missing], embedder)
    fresh = {missing[item.id]: item.sentences for item in made if item.sentences is not None}
    vectors.save(database, embedder.name, fresh)
    known = {str(id_): rows for id_, rows in kept.items()}
    known |= {str(article.id): rows for article, rows in fresh.items()}
    return [replace(item, sentences=known.get(item.id)) for item in items]


def _item(read: ReadArticle) -> StoryItem:
    article = read.article
    return StoryItem(
        id=str(article.id),
        outlet=article.outlet,
        title=article.title,
        lead=article.teaser,
        body=article.body,
        language=article.language,
        published=article.published,
        figures=read.figures,
        topics=tuple(score.topic for score in read.topics),
    )


def _before(moment: dt.datetime) -> dt.datetime:
    return max(moment, _EARLIEST + WINDOW) - WINDOW


def _after(moment: dt.datetime) -> dt.datetime:
    return min(moment, _LATEST - WINDOW) + WINDOW


_EARLIEST = dt.datetime.min.replace(tzinfo=dt.UTC)
_LATEST = dt.datetime.max.replace(tzinfo=dt.UTC)
