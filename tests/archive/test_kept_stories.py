"""Stories beside their articles, dates that differ from the register, and vectors."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from builders import DAY, NOW, entry, harvest, reading

from analysis.values import DateSignal
from archive import queries, readings, signals, sources, stories, vectors
from archive.database import Database
from archive.stories import Place
from archive.values import Article
from lagebrief.errors import StoreError


def stored(database: Database, count: int, *, topics: tuple[str, ...] = ("eu-ai-act",)) -> list[Article]:
    entries = [entry(number, published=NOW - (count - number) * DAY) for number in range(count)]
    sources.store(database, harvest(*entries))
    articles = readings.pending(database, "v1", 100)
    readings.save(database, "v1", [(article, reading(topics=topics)) for article in articles])
    return articles


def at(stories: dict[Article, int]) -> dict[int, Place]:
    return {article.id: Place(story) for article, story in stories.items()}


def test_articles_on_a_topic_wait_for_a_story_in_order(database: Database) -> None:
    articles = stored(database, 3)
    assert [read.article.id for read in stories.unplaced(database, 2)] == [a.id for a in articles[:2]]
    numbers = stories.place(database, at({articles[0]: -1, articles[1]: -1, articles[2]: -2}), NOW)
    assert stories.unplaced(database, 10) == []
    assert numbers == {-1: 1, -2: 2}
    assert stories.places(database, [a.id for a in articles]) == {
        articles[0].id: Place(1),
        articles[1].id: Place(1),
        articles[2].id: Place(2),
    }


def test_off_topic_articles_wait_for_nothing(database: Database) -> None:
    stored(database, 2, topics=())
    assert stories.unplaced(database, 10) == []


def test_an_article_joins_a_story_that_is_there_and_stays(database: Database) -> None:
    first, second = stored(database, 2)
    stories.place(database, at({first: 0}), NOW)
    stories.place(database, at({second: 1}), NOW)
    stories.place(database, at({second: -1}), NOW)  # told once, it stays
    members = stories.members(database, [1])
    assert [read.article.id for read in members[1]] == [first.id, second.id]


def test_marks_are_kept(database: Database) -> None:
    (article,) = stored(database, 1)
    stories.place(database, {article.id: Place(0, "neu")}, NOW)
    assert stories.places(database, [article.id])[article.id] == Place(1, "neu")
    stories.place(database, {article.id: Place(1, "korrektur", "36 statt 39")}, NOW)
    assert stories.places(database, [article.id])[article.id] == Place(1, "korrektur", "36 statt 39")


def test_articles_are_placed_all_or_none(database: Database) -> None:
    first, second = stored(database, 2)
    stories.place(database, {first.id: Place(0, "neu")}, NOW)
    unmarkable = Place(1, None)  # type: ignore[arg-type]
    with pytest.raises(StoreError):
        stories.place(database, {second.id: Place(1, "dementi"), first.id: unmarkable}, NOW)
    assert stories.places(database, [first.id, second.id]) == {first.id: Place(1, "neu")}


def test_a_period_has_its_articles_and_their_places(database: Database) -> None:
    articles = stored(database, 3)
    stories.place(database, at(dict.fromkeys(articles, -1)), NOW)
    found, places = stories.between(database, NOW - 2 * DAY, NOW)
    assert [read.article.id for read in found] == [article.id for article in articles[1:]]
    assert set(places) == {article.id for article in articles[1:]}


def test_who_is_read_anew_without_a_topic_leaves_the_story(database: Database) -> None:
    (article,) = stored(database, 1)
    stories.place(database, at({article: 0}), NOW)
    readings.save(database, "v2", [(article, reading())])
    assert stories.places(database, [article.id]) == {}


def test_an_article_that_is_gone_is_not_placed(database: Database) -> None:
    (article,) = stored(database, 1)
    stories.place(database, at({article: -1, replace(article, id=9_999): -1}), NOW)
    assert stories.places(database, [article.id, 9_999]) == {article.id: Place(1)}


SIGNAL = DateSignal("hochrisiko-anhang3", dt.date(2028, 2, 2), dt.date(2027, 12, 2), "2 February 2028", 3, 18)


def signalled(database: Database) -> Article:
    sources.store(database, harvest(entry(1)))
    (article,) = readings.pending(database, "v1", 10)
    readings.save(database, "v1", [(article, replace(reading(topics=("t",)), date_signals=(SIGNAL,)))])
    return article


def test_a_stated_date_is_open_until_an_editor_settles_it(database: Database) -> None:
    article = signalled(database)
    (found,) = signals.stated_dates(database)
    assert (found.milestone, found.stated, found.text) == (SIGNAL.milestone, SIGNAL.stated, SIGNAL.text)
    assert found.article.id == article.id
    signals.settle(database, SIGNAL.milestone, SIGNAL.stated, NOW)
    signals.settle(database, SIGNAL.milestone, SIGNAL.stated, NOW)
    assert signals.stated_dates(database) == []
    assert [one.settled for one in signals.stated_dates(database, settled=True)] == [True]
    assert signals.reopen(database, SIGNAL.milestone, SIGNAL.stated)
    assert not signals.reopen(database, SIGNAL.milestone, SIGNAL.stated)
    assert len(signals.stated_dates(database)) == 1


def test_a_new_reading_takes_a_stated_date_back(database: Database) -> None:
    article = signalled(database)
    readings.save(database, "v2", [(article, reading(topics=("t",)))])
    assert signals.stated_dates(database, settled=True) == []


def test_vectors_come_back_for_the_same_model_and_text_only(database: Database) -> None:
    articles = stored(database, 2)
    rows = np.eye(3, dtype=np.float32)[:2]
    vectors.save(database, "m1", {articles[0]: rows, articles[1]: rows[:1]})
    found = vectors.load(database, articles, "m1", 3)
    assert np.array_equal(found[articles[0].id], rows)
    assert found[articles[1].id].shape == (1, 3)
    assert vectors.load(database, articles, "m2", 3) == {}
    changed = replace(articles[0], revision=2)
    assert set(vectors.load(database, [changed, articles[1]], "m1", 3)) == {articles[1].id}


def test_vectors_lose_less_than_a_thousandth(database: Database) -> None:
    (article,) = stored(database, 1)
    row = np.random.default_rng(1).normal(size=(1, 512)).astype(np.float32)
    row /= np.linalg.norm(row)
    vectors.save(database, "m", {article: row})
    cosine = float((vectors.load(database, [article], "m", 512)[article.id] @ row.T).item())
    assert cosine == pytest.approx(1, abs=1e-3)


def test_vectors_of_a_deleted_article_are_left_out(database: Database) -> None:
    (article,) = stored(database, 1)
    gone = replace(article, id=9_999)
    vectors.save(database, "m", {gone: np.eye(3, dtype=np.float32)})
    assert vectors.load(database, [gone], "m", 3) == {}
    vectors.save(database, "m", {})
    assert queries.count(database) == 1
