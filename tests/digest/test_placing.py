"""Placing articles online: a report joins what is there, whenever it comes."""

from __future__ import annotations

import pytest
from example_week import ECHO, FIRST, NOW, Draft, Fill

from archive import locks, queries, stories
from archive.database import Database
from digest.stories import place
from lagebrief.errors import TryAgainError

OTHER = Draft(
    "ec",
    "Kommission verschiebt Leitlinien für Hochrisiko-Systeme",
    "Die Leitlinien der KI-Verordnung kommen im Herbst.",
    topic="eu-ai-act",
    day=9,
)


def told(database: Database) -> dict[str, tuple[int, str]]:
    articles = list(queries.each(database))
    places = stories.places(database, [article.id for article in articles])
    return {a.title: (places[a.id].story, places[a.id].mark) for a in articles}


def test_a_new_report_joins_the_story_that_is_there(database: Database, fill: Fill) -> None:
    fill(FIRST, OTHER)
    before = told(database)
    fill(ECHO)
    after = told(database)
    assert after[ECHO.title][0] == after[FIRST.title][0] == before[FIRST.title][0]
    assert after[OTHER.title] == before[OTHER.title]
    assert after[FIRST.title][1] == "neu"


def test_a_late_report_becomes_the_first_and_the_story_stays(database: Database, fill: Fill) -> None:
    fill(ECHO)
    story = told(database)[ECHO.title][0]
    fill(FIRST)
    assert told(database)[FIRST.title] == (story, "neu")
    assert told(database)[ECHO.title] == (story, "")


def test_placing_again_changes_nothing(database: Database, fill: Fill) -> None:
    fill(FIRST, ECHO, OTHER)
    before = told(database)
    assert place(database, None, lambda: NOW) == 0
    assert told(database) == before


def test_only_one_process_places_at_a_time(database: Database, fill: Fill) -> None:
    fill(FIRST)
    with locks.alone(database, "stories"), pytest.raises(TryAgainError):
        place(database, None, lambda: NOW)
