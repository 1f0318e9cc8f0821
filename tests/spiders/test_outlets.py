"""Each outlet's own reading of an entry."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from archive.values import Entry
from spiders import outlets
from spiders.outlets import reuters
from spiders.values import Answer

MakeAnswer = Callable[..., Answer]


@pytest.fixture
def refined(answer: MakeAnswer) -> Callable[..., Entry | None]:
    def refine(outlet: str, **values: str) -> Entry | None:
        made = dataclasses.replace(Entry("https://quelle.example/a", "Titel"), **values)  # type: ignore[arg-type]
        return outlets.refine(made, answer("", outlet=outlet))

    return refine


@pytest.mark.parametrize(
    ("outlet", "title", "kept"),
    [
        ("dcd", "Neues Rechenzentrum - DCD", "Neues Rechenzentrum"),
        ("ec", "Guidelines | Shaping Europe’s digital future", "Guidelines"),
        ("eurlex", "Verordnung (EU) 2024/1689 (CELEX 32024R1689)", "Verordnung (EU) 2024/1689"),
        ("iw", "IW-Kurzbericht: Strom für Rechenzentren", "Strom für Rechenzentren"),
        ("iw", "Pressemitteilung: Strom", "Strom"),
        ("tablemedia", "KI-Verordnung • Table.Briefings", "KI-Verordnung"),
        ("andere", "Titel - DCD", "Titel - DCD"),
    ],
)
def test_headlines_lose_what_belongs_to_the_site(
    refined: Callable[..., Entry | None], outlet: str, title: str, kept: str
) -> None:
    entry = refined(outlet, title=title)
    assert entry is not None
    assert entry.title == kept


def test_every_outlet_with_a_file_is_known() -> None:
    assert set(outlets.REFINERS) == {"reuters", "dcd", "tomshardware", "tablemedia", "iw", "ec", "eurlex"}


def test_tomshardware_has_one_address_for_both_editions(refined: Callable[..., Entry | None]) -> None:
    entry = refined("tomshardware", url="https://www.tomshardware.com/uk/news/a?x=1")
    assert entry is not None
    assert entry.url == "https://www.tomshardware.com/news/a?x=1"


def test_table_media_keeps_a_short_teaser_and_no_mirror(refined: Callable[..., Entry | None]) -> None:
    entry = refined("tablemedia", teaser="Wort " * 80, author="Von Anna Ost", body="alles")
    assert entry is not None
    assert len(entry.teaser) <= 200
    assert (entry.author, entry.body) == ("Anna Ost", "")
    assert refined("tablemedia", url="https://develop.table.media/a") is None


@pytest.mark.parametrize(
    ("values", "title", "marks"),
    [
        ({"title": "Plan explained - Reuters"}, "Plan explained", ()),
        ({"title": "Plan explained - reuters.com"}, "Plan explained", ()),
        ({"title": "Rate rises: Reuters poll"}, "Rate rises: Reuters poll", ()),
        ({"title": "AI News | Latest Headlines and Developments"}, None, ("hub",)),
        ({"title": "Technology", "url": "https://www.reuters.com/technology/"}, None, ("hub",)),
        ({"title": "Old", "url": "https://www.reuters.com/world/old-piece-2025-01-14/"}, None, ("stale",)),
        ({"title": "New", "url": "https://www.reuters.com/world/new-piece-2026-11-20/"}, None, ()),
        ({"title": "Odd", "url": "https://www.reuters.com/world/odd-piece-2026-13-40/"}, None, ()),
    ],
)
def test_reuters_through_indexes(
    refined: Callable[..., Entry | None], values: dict[str, str], title: str | None, marks: tuple[str, ...]
) -> None:
    entry = refined("reuters", **({"url": "https://www.reuters.com/world/a-b-c"} | values))
    assert entry is not None
    assert (entry.title, entry.marks) == (title or values["title"], marks)


def test_what_an_index_shows_of_others_is_dropped(refined: Callable[..., Entry | None]) -> None:
    assert refined("reuters", url="https://www.reuters.com.evil.example/a") is None
    assert refined("reuters", url="https://andere.example/a") is None


def test_a_description_that_repeats_the_headline_is_dropped(refined: Callable[..., Entry | None]) -> None:
    url = "https://www.reuters.com/world/a-b-c"
    entry = refined("reuters", url=url, title="A plan - Reuters", teaser="A plan  Reuters")
    assert entry is not None
    assert entry.teaser == ""
    assert reuters.date_in(url) is None
