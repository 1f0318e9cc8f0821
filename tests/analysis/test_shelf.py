from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace

import numpy as np
import pytest

from analysis import stories
from analysis.shelf import Shelf
from analysis.story_index import most
from analysis.story_item import StoryItem
from analysis.values import Figure

DAY = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)


def report(id_: str, day: float | None, title: str, lead: str = "", language: str = "en") -> StoryItem:
    published = None if day is None else DAY + dt.timedelta(days=day)
    return StoryItem(id_, "reuters", title, lead, language, published)


CRANES = report("cranes", 0, "Nordwind orders 120 cranes for ByteDance", "The yard in Ulanqab pays.")
KRAENE = report("kraene", 2, "Nordwind kauft 120 Kräne für Bytedance", "Der Kran steht in Ulanqab.", "de")
OTHER = report("other", 1, "Italian senate votes on the AI authority", "Rome names AgID.")


def add(shelf: Shelf, item: StoryItem) -> int:
    return shelf.add(item, stories.signs(item))


def put(shelf: Shelf, item: StoryItem, story: int) -> None:
    shelf.put(item, stories.signs(item), story)


def alike(shelf: Shelf, item: StoryItem) -> dict[int, float]:
    return shelf.alike(item, stories.signs(item))


def test_a_new_report_joins_a_story_the_store_knows() -> None:
    shelf = Shelf()
    put(shelf, CRANES, 812)
    put(shelf, OTHER, 40)
    assert add(shelf, KRAENE) == 812


def test_a_story_opened_has_a_number_above_all_known() -> None:
    shelf = Shelf()
    put(shelf, CRANES, 812)
    assert add(shelf, OTHER) == 813
    assert add(shelf, report("third", 3, "Snow in the Alps")) == 814


def test_an_empty_shelf_opens_the_first_story() -> None:
    assert alike(Shelf(), CRANES) == {}
    assert add(Shelf(), CRANES) == 1


def test_stories_count_from_one() -> None:
    with pytest.raises(ValueError, match="not 0"):
        put(Shelf(), CRANES, 0)


@pytest.mark.parametrize("days_late", [0.5, 5, 13.9])
def test_a_late_report_finds_the_story_published_after_it(days_late: float) -> None:
    shelf = Shelf()
    put(shelf, KRAENE, 7)
    late = replace(CRANES, published=KRAENE.published and KRAENE.published - dt.timedelta(days=days_late))
    assert 7 in alike(shelf, late)
    assert days_late > 6 or add(shelf, late) == 7


@pytest.mark.parametrize("days", [-14.1, 14.1, -60, 60])
def test_beyond_a_fortnight_reports_are_not_compared(days: float) -> None:
    shelf = Shelf()
    put(shelf, CRANES, 7)
    assert alike(shelf, replace(CRANES, id="x", published=DAY + dt.timedelta(days=days))) == {}


@pytest.mark.parametrize("known", [None, DAY])
def test_a_report_without_a_date_is_compared_with_all(known: dt.datetime | None) -> None:
    shelf = Shelf()
    put(shelf, replace(CRANES, published=known), 7)
    undated = replace(KRAENE, published=None)
    assert list(alike(shelf, undated)) == [7]
    assert alike(shelf, KRAENE).keys() == {7}


def test_asking_changes_nothing_and_names_the_likeliest_first() -> None:
    shelf = Shelf()
    put(shelf, report("distant", 0, "ByteDance cranes", "The yard."), 3)
    put(shelf, CRANES, 9)
    found = alike(shelf, KRAENE)
    assert next(iter(found)) == 9
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert all(0 < value <= 1 for value in found.values())
    assert alike(shelf, KRAENE) == found
    assert shelf.free == 10


def vectors(*rows: int) -> np.ndarray:
    return np.eye(512, dtype=np.float32)[list(rows)]


def test_reports_with_and_without_vectors_stand_together() -> None:
    shelf = Shelf()
    put(shelf, CRANES, 1)
    put(shelf, replace(OTHER, sentences=vectors(0, 1)), 2)
    put(shelf, replace(OTHER, id="whole", vector=vectors(5)[0]), 2)
    assert add(shelf, replace(KRAENE, sentences=vectors(2, 3))) == 1
    assert add(shelf, KRAENE) == 1
    copy = replace(OTHER, id="copy", sentences=vectors(0, 1))
    assert add(shelf, copy) == 2


def test_knowing_no_vectors_is_not_unlikeness() -> None:
    shelf = Shelf()
    put(shelf, replace(CRANES, sentences=vectors(0, 1)), 1)
    places, features = shelf.compare(KRAENE, stories.signs(KRAENE))
    assert not shelf.knows(KRAENE, places).any()
    assert not features[:, :3].any()


def test_the_order_of_arrival_does_not_change_what_is_compared() -> None:
    items = [report(str(day), day, "ByteDance builds in Ulanqab", f"Hall {day} opens.") for day in range(20)]
    found = set()
    for seed in range(3):
        shuffled = list(items)
        random.Random(seed).shuffle(shuffled)
        shelf = Shelf()
        for item in shuffled:
            put(shelf, item, int(item.id) + 1)
        likeness = alike(shelf, report("n", 10, "ByteDance"))
        found.add(tuple(sorted((story, round(value, 9)) for story, value in likeness.items())))
    assert len(found) == 1


def test_reports_of_other_topics_are_not_near() -> None:
    shelf = Shelf()
    put(shelf, replace(CRANES, topics=("hafen",)), 1)
    assert alike(shelf, replace(KRAENE, topics=("wetter",))) == {}
    assert alike(shelf, replace(KRAENE, topics=("wetter", "hafen"))).keys() == {1}


def test_many_reports_around_make_a_report_stricter() -> None:
    quiet, busy = Shelf(), Shelf()
    for shelf in (quiet, busy):
        put(shelf, CRANES, 1)
    for number in range(60):
        put(busy, report(f"r{number}", number % 5, f"Weather note {number}"), 100 + number)
    assert alike(busy, KRAENE).get(1, 0.0) < alike(quiet, KRAENE)[1]


def test_reports_to_come_count_where_they_are_known() -> None:
    moments = sorted(CRANES.moment + number for number in range(500))
    told, untold = Shelf(expected=moments), Shelf()
    for shelf in (told, untold):
        put(shelf, CRANES, 1)
    assert alike(told, KRAENE).get(1, 0.0) < alike(untold, KRAENE)[1]


def test_a_shelf_filled_one_by_one_agrees_with_grouping_at_once() -> None:
    items = [CRANES, KRAENE, OTHER, report("late", 20, "Italian senate votes on the AI authority")]
    shelf = Shelf()
    numbers = {item.id: add(shelf, item) for item in sorted(items, key=lambda item: item.moment)}
    at_once = stories.group(items)
    same = {(a, b) for a in numbers for b in numbers if numbers[a] == numbers[b]}
    assert same == {(a, b) for a in at_once for b in at_once if at_once[a] == at_once[b]}


def test_only_the_largest_are_kept_and_of_equals_the_first() -> None:
    assert list(most([1.0, 3.0, 2.0, 3.0], 2)) == [1, 3]
    assert list(most([1.0, 2.0, 2.0, 2.0], 2)) == [1, 2]
    assert list(most([1.0], 5)) == [0]
    assert list(most([], 5)) == []


def test_amounts_of_one_unit_contradict_softly() -> None:
    def paid(id_: str, value: float) -> StoryItem:
        figure = Figure(value, "eur", "", "", "", 0, 5)
        return replace(CRANES, id=id_, figures=(figure,))

    shelf = Shelf()
    put(shelf, paid("a", 45e6), 1)
    assert alike(shelf, paid("b", 45e6))[1] > alike(shelf, paid("c", 90e6))[1]
