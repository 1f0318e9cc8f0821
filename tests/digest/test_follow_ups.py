"""A story that an issue told comes back only when something new was said, and says so."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import pytest
from example_week import CHINA, ECHO, FIRST, TOPICS, Draft, Fill, compose_july

from archive import issues
from archive.database import Database
from archive.issues import StoredIssue
from digest.issue import Issue
from digest.rendering import render
from digest.selection import select
from digest.settings import DigestSettings
from digest.weeks import Week
from lagebrief.errors import NothingToDoError

NEWS = Draft(
    "dcd",
    "China's 39 AI data centers in Xinjiang need 1.4 GW of power",
    "Yiwu county asks for a new line to feed 115,000 Nvidia processors.",
    topic=CHINA,
    figures=((39, "data_centre", "", "", "39 AI data centers"), (1.4, "gw", "", "", "1.4 GW")),
    day=9,
)
DENIAL = Draft(
    "table",
    "Peking dementiert: keine 39 KI-Rechenzentren in Xinjiang",
    "Den Bericht über Yiwu und 115.000 Nvidia-Chips weist das Ministerium zurück.",
    topic=CHINA,
    figures=((39, "data_centre", "", "", "39 KI-Rechenzentren"),),
    day=10,
)
OTHER = Draft(
    "ec",
    "Kommission verschiebt Leitlinien für Hochrisiko-Systeme",
    "Die Leitlinien der KI-Verordnung kommen im Herbst.",
    topic="eu-ai-act",
)
W27 = Week(2025, 27)


def compose(database: Database, **settings: object) -> Issue:
    return compose_july(database, min_items=1, **settings)


def tell(database: Database, fill: Fill, state: str = "approved") -> int:
    """Let the issue of KW 27 tell the story of the first report."""
    fill(FIRST)
    (story,) = select(database, W27, TOPICS, DigestSettings(min_items=1)).stories
    now = dt.datetime(2025, 7, 7, tzinfo=dt.UTC)
    content = {"items": [{"story": story.id}]}
    issues.save_draft(database, StoredIssue(str(W27), state, now, "", "extract", content, "", ""))
    return story.id


def test_what_only_repeats_is_left_out_with_the_reason(database: Database, fill: Fill) -> None:
    story = tell(database, fill)
    fill(ECHO)
    with pytest.raises(NothingToDoError):
        compose(database)
    fill(replace(OTHER, day=9))
    issue = compose(database)
    assert [item.lead.outlet for item in issue.items] == ["ec"]
    assert [left.story for left in issue.left_out] == [story]
    assert "seit KW\u00a027 nichts Neues" in issue.left_out[0].reason


def test_a_follow_up_says_when_the_story_was_told(database: Database, fill: Fill) -> None:
    story = tell(database, fill)
    fill(ECHO, NEWS)
    issue = compose(database)
    (item,) = issue.items
    assert (item.story, item.mark, item.told) == (story, "fortsetzung", "2025-W27")
    assert item.lead.outlet == "dcd"  # the German report says nothing new
    rendered = render(issue)
    assert "Fortsetzung · zuletzt in KW\u00a027" in rendered.html
    assert "Fortsetzung · zuletzt in KW\u00a027" in rendered.text
    assert json.loads(json.dumps(issue.to_json()))["items"][0]["mark"] == "fortsetzung"


def test_a_denial_outweighs_a_follow_up(database: Database, fill: Fill) -> None:
    tell(database, fill)
    fill(NEWS, DENIAL)
    (item,) = compose(database).items
    assert (item.mark, item.lead.outlet) == ("dementi", "tablemedia")


def test_a_draft_told_nobody(database: Database, fill: Fill) -> None:
    tell(database, fill, state="draft")
    fill(ECHO)
    (item,) = compose(database).items
    assert (item.mark, item.told, item.mark_line) == ("neu", "", "")


def test_every_mark_has_its_german_line(database: Database, fill: Fill) -> None:
    fill(ECHO)
    (item,) = compose(database).items
    for mark, word in (("korrektur", "Korrektur"), ("dementi", "Dementi"), ("fortsetzung", "Fortsetzung")):
        assert replace(item, mark=mark, told="2025-W27").mark_line.startswith(f"{word} · ")


def test_rows_of_figures_name_all_who_state_them_and_who_differs(database: Database, fill: Fill) -> None:
    other = replace(
        ECHO,
        title="China plant 36 KI-Rechenzentren in Xinjiang mit Nvidia-Chips",
        figures=((36, "data_centre", "", "", "36 KI-Rechenzentren"),),
        day=10,
        source="iw",
    )
    fill(replace(FIRST, day=7), ECHO, other)
    issue = compose(database)
    row = next(row for row in issue.figure_rows if row.value.startswith("39"))
    assert {row.who, *row.also} == {"Reuters", "Table.Media"}
    assert row.since.replace("\xa0", " ") == "7. Juli 2025"
    assert [text.replace("\xa0", " ") for text in row.differing] == ["36 Rechenzentren (IW Köln)"]
    assert {check.text for check in row.checks} == {"39", "36"}
    assert "anders: 36" in render(issue).html
