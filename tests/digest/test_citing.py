from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from urllib.parse import unquote

import feedparser
import pytest

from archive.values import Article, Storage
from digest.citing import citation, passage_link
from digest.feeds import Feed, FeedEntry, atom, json_feed

MOMENT = dt.datetime(2025, 7, 9, 22, 15, tzinfo=dt.UTC)
ARTICLE = Article(
    1, "1", "dcd", "dcd", "https://example.org/a", "China plant 39 Rechenzentren", "", "", "", "de",
    MOMENT, "", MOMENT, 1, Storage.TEASER, "", -1,
)  # fmt: skip
DAY = dt.date(2026, 11, 23)


def cite(**changes: str) -> str:
    return citation(replace(ARTICLE, **changes), "DataCenterDynamics", DAY).replace("\xa0", " ")


def test_a_citation_in_german_form() -> None:
    assert cite(author="A. Muster") == (
        "A. Muster: China plant 39 Rechenzentren. In: DataCenterDynamics, 9. Juli 2025, "
        "https://example.org/a "
        "(abgerufen am 23. November 2026)."
    )


@pytest.mark.parametrize(
    ("changes", "start"),
    [
        ({"title": "Wer baut?"}, "Wer baut? In: "),
        ({"author": "Redaktion"}, "China plant 39 Rechenzentren. In: "),
        ({"url": ""}, "China plant 39 Rechenzentren. In: DataCenterDynamics, 9. Juli 2025."),
        ({"date_mark": "unknown"}, "China plant 39 Rechenzentren. In: DataCenterDynamics, ohne Datum, "),
    ],
)
def test_what_is_missing_is_left_out(changes: dict[str, str], start: str) -> None:
    assert cite(**changes).startswith(start)


def test_a_link_leads_to_the_passage() -> None:
    link = passage_link("https://example.org/a", "39 Zentren, KI-Chips & mehr")
    address, _, passage = link.partition("#:~:text=")
    assert address == "https://example.org/a"
    assert unquote(passage) == "39 Zentren, KI-Chips & mehr"
    assert not set(passage) & set(",-& ")
    assert passage_link("https://example.org/a#teil", "x") == "https://example.org/a#teil:~:text=x"
    assert passage_link("", "x") == ""
    assert passage_link("https://example.org/a", " ") == "https://example.org/a"


def test_a_long_passage_is_named_by_its_ends() -> None:
    words = [f"Wort{number}" for number in range(60)]
    passage = passage_link("https://example.org/a", " ".join(words)).partition("text=")[2]
    first, last = passage.split(",")
    assert unquote(first).split() == words[:5]
    assert unquote(last).split() == words[-5:]


ENTRY = FeedEntry(
    "urn:x:1", "A & B <c>\x00", "https://example.org/?a=1&b=2", MOMENT, MOMENT, "Kurz", author="dcd"
)


def test_an_atom_feed_is_read_by_others() -> None:
    read = feedparser.parse(atom(Feed("urn:x", "Suche: Xinjiang", [ENTRY], url="https://example.org/f")))
    assert not read.bozo
    assert read.feed.title == "Suche: Xinjiang"
    (entry,) = read.entries
    assert (entry.id, entry.title, entry.link) == ("urn:x:1", "A & B <c>", "https://example.org/?a=1&b=2")
    assert entry.updated == "2025-07-09T22:15:00+00:00"


def test_a_json_feed_has_what_the_standard_asks_for() -> None:
    feed = json.loads(json_feed(Feed("urn:x", "Suche", [ENTRY])))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["items"][0]["id"] == "urn:x:1"
    assert feed["items"][0]["content_text"] == "Kurz"


def test_an_empty_feed_is_the_same_each_time() -> None:
    assert atom(Feed("urn:x", "leer", [])) == atom(Feed("urn:x", "leer", []))
