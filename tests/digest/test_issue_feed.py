"""The feed of issues, read by the parser that reads everybody's feeds."""

from __future__ import annotations

import datetime as dt
import json
from calendar import timegm
from dataclasses import replace
from typing import Any

import feedparser
import pytest
from example_week import NOW
from lxml import html

from archive.issues import StoredIssue
from digest.feeds import atom, json_feed
from digest.issue import Issue
from digest.issue_feed import issue_feed

BASE = "https://brief.example.org"
APPROVED = dt.datetime(2025, 7, 14, 8, 30, tzinfo=dt.UTC)


@pytest.fixture
def approved(july: Issue) -> StoredIssue:
    content = {**july.to_json(), "frozen": july.frozen()}
    return StoredIssue(
        str(july.week), "approved", NOW, july.subject, "extract", content, "", "", APPROVED, "Redaktion"
    )


def parsed(*issues: StoredIssue, **options: str) -> Any:
    feed = feedparser.parse(atom(issue_feed(issues, "Lagebrief", "Beispielverlag GmbH", **options)))
    assert not feed.bozo
    return feed


def with_items(issue: StoredIssue, **changes: object) -> StoredIssue:
    """The issue with its first story changed and no other."""
    return replace(issue, content={"items": [{**issue.content["items"][0], **changes}]})


def test_an_issue_is_an_entry(approved: StoredIssue) -> None:
    feed = parsed(approved, base=BASE)
    (entry,) = feed.entries
    assert (feed.feed.title, feed.feed.author, feed.feed.link) == ("Lagebrief", "Beispielverlag GmbH", BASE)
    assert (entry.title, entry.link) == (approved.subject, f"{BASE}/ausgaben/2025-W28")
    assert dt.datetime.fromtimestamp(timegm(entry.published_parsed), dt.UTC) == APPROVED
    assert entry.content[0].language == "de"
    page = html.fragment_fromstring(entry.content[0].value, create_parent="div")
    headlines = [item["headline"] for item in approved.content["items"]]
    assert [line.text_content() for line in page.iter("li")] == headlines
    assert [line.text_content()[:14] for line in page.xpath("//li[@lang='en']")] == ["Inner Mongolia"]
    assert page.xpath("//a/@href") == [entry.link]


def test_without_an_address_there_is_no_link(approved: StoredIssue) -> None:
    feed = parsed(approved)
    assert not feed.feed.get("links")
    assert not feed.entries[0].get("links")
    assert "<a" not in feed.entries[0].content[0].value


@pytest.mark.parametrize(
    ("options", "id_"),
    [
        ({}, "urn:lagebrief:issue:2025-W28"),
        ({"base": f"{BASE}:8443/x"}, "urn:lagebrief:issue:brief.example.org:2025-W28"),
        ({"list_id": "Lage <liste.example.org>"}, "urn:lagebrief:issue:liste.example.org:2025-W28"),
        ({"list_id": "liste.example.org"}, "urn:lagebrief:issue:liste.example.org:2025-W28"),
        ({"list_id": "Lage <A b:c>", "base": BASE}, "urn:lagebrief:issue:a-b-c:2025-W28"),
    ],
)
def test_the_id_lasts_as_long_as_the_list(approved: StoredIssue, options: dict[str, str], id_: str) -> None:
    feed = parsed(approved, **options)
    assert feed.entries[0].id == id_
    assert feed.feed.id == id_.replace("issue", "issues").removesuffix(":2025-W28")


def test_what_is_not_new_has_its_mark(approved: StoredIssue) -> None:
    feed = parsed(with_items(approved, mark="korrektur", told="2025-W27"))
    assert '<strong lang="de">Korrektur:</strong> China baut 39' in feed.entries[0].content[0].value


def test_foreign_text_stays_text(approved: StoredIssue) -> None:
    hostile = '<script>alert(1)</script> & "x"\u202e\x00'
    issue = with_items(approved, headline=hostile, sources=[{"language": '"><b>'}])
    written = atom(issue_feed([replace(issue, subject=hostile)], "L", "V", base=BASE)).decode()
    assert "&amp;lt;script&amp;gt;" in written
    assert "\u202e" not in written
    (entry,) = feedparser.parse(written, sanitize_html=False).entries
    page = html.fragment_fromstring(entry.content[0].value, create_parent="div")
    assert [element.tag for element in page.iter()] == ["div", "ul", "li", "p", "a"]
    assert page.xpath("string(//li)") == '<script>alert(1)</script> & "x"'


def test_as_json_it_is_the_same(approved: StoredIssue) -> None:
    feed = issue_feed([approved], "Lagebrief", "Beispielverlag GmbH", base=BASE)
    (item,) = json.loads(json_feed(feed))["items"]
    (entry,) = parsed(approved, base=BASE).entries
    assert (item["id"], item["url"], item["title"]) == (entry.id, entry.link, entry.title)
    assert item["content_html"].startswith("<ul><li")


def test_an_issue_of_an_older_version_and_an_empty_feed(approved: StoredIssue) -> None:
    (entry,) = parsed(replace(approved, content={}, approved_at=None)).entries
    assert entry.published_parsed is not None
    assert parsed().entries == []
