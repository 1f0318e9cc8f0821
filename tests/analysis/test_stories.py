from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from analysis import figures, stories
from analysis.embedding import UseEmbedder, text_to_embed
from analysis.stories import StoryItem

Row = dict[str, Any]
EMBEDDER = UseEmbedder()


def items_of(rows: list[Row], with_vectors: bool = True) -> list[StoryItem]:
    texts = [text_to_embed((row["title"], row["lead"], row.get("body", ""))) for row in rows]
    vectors = list(EMBEDDER.encode(texts)) if with_vectors else [None] * len(rows)
    return [
        StoryItem(
            id=row["id"],
            outlet=row.get("outlet", ""),
            title=row["title"],
            lead=row["lead"],
            language=row["language"],
            published=dt.datetime.fromisoformat(row["published"]).replace(tzinfo=dt.UTC),
            figures=figures.read(
                "\n".join((row["title"], row["lead"], row.get("body", ""))), row["language"]
            ),
            vector=vector,
        )
        for row, vector in zip(rows, vectors, strict=True)
    ]


def report(id_: str, published: str, language: str, title: str, lead: str = "") -> Row:
    return {"id": id_, "published": published, "language": language, "title": title, "lead": lead}


def groups(*rows: Row, with_vectors: bool = True) -> set[frozenset[str]]:
    numbers = stories.group(items_of(list(rows), with_vectors))
    return {frozenset(id_ for id_, other in numbers.items() if other == n) for n in set(numbers.values())}


QUAY = report(
    "a", "2026-03-02", "de", "Werft Nordwind kauft 120 Kräne", "Der Auftrag kostet 45 Millionen Euro."
)
QUAY_EN = report(
    "b", "2026-03-04", "en", "Nordwind orders 120 cranes", "The shipyard will pay 45 million euros."
)


@pytest.mark.parametrize("with_vectors", [True, False])
def test_two_languages_one_event(with_vectors: bool) -> None:
    assert groups(QUAY, QUAY_EN, with_vectors=with_vectors) == {frozenset("ab")}


def test_a_month_apart_is_another_event() -> None:
    assert groups(QUAY, QUAY_EN | {"published": "2026-04-20"}) == {frozenset("a"), frozenset("b")}


def test_two_sites_of_one_company_stay_apart() -> None:
    first = report(
        "a", "2026-04-10", "en", "DeepSeek hires for data centre in Ulanqab", "Two posts are open."
    )
    second = report(
        "b", "2026-04-21", "de", "DeepSeek sucht Gelände in Guizhou", "Gedacht ist an 10.000 Karten."
    )
    assert groups(first, second) == {frozenset("a"), frozenset("b")}


def test_first_and_third_draft_stay_apart() -> None:
    first = report("a", "2026-03-01", "en", "First draft of the port code released")
    third = report("b", "2026-03-10", "en", "Third draft of the port code released")
    assert groups(first, third) == {frozenset("a"), frozenset("b")}


def test_other_topics_are_other_stories() -> None:
    one, two = items_of([QUAY, QUAY_EN])
    apart = [replace(one, topics=("hafen",)), replace(two, topics=("wetter",))]
    assert len(set(stories.group(apart).values())) == 2


def test_the_order_given_does_not_matter() -> None:
    items = items_of([QUAY, QUAY_EN, report("c", "2026-03-03", "de", "Regen im Norden")])
    results = {tuple(sorted(stories.group(list(order)).items())) for order in itertools.permutations(items)}
    assert len(results) == 1


def test_nothing_and_items_without_a_date() -> None:
    assert stories.group([]) == {}
    bare = StoryItem("x", "", "", "", "", None, vector=np.zeros(512, dtype=np.float32))
    assert stories.group([bare]) == {"x": 1}


@pytest.mark.parametrize(("with_vectors", "floor"), [(True, 0.84), (False, 0.74)])
def test_stories_stay_above_their_floor(
    dev_rows: Callable[[str], list[Row]], with_vectors: bool, floor: float
) -> None:
    rows = dev_rows("stories")
    numbers = stories.group(items_of(rows, with_vectors))
    pairs = [
        (one["story_id"] == two["story_id"], numbers[one["id"]] == numbers[two["id"]])
        for one, two in itertools.combinations(rows, 2)
    ]
    right = pairs.count((True, True))
    assert 2 * right / (2 * right + pairs.count((True, False)) + pairs.count((False, True))) >= floor
