"""An issue is kept so that it can be rendered again, byte for byte, wherever and whenever."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from builders_of_changes import change_and_quote
from example_week import Fill, compose_july

from archive.database import Database
from digest.issue import Issue, thaw
from digest.rendering import render

ROOT = Path(__file__).resolve().parents[2]
RENDER = """
import hashlib, json, sys
from digest.issue import thaw
from digest.rendering import render
made = render(thaw(json.load(sys.stdin)))
print(hashlib.sha256((made.subject + made.html + made.text).encode()).hexdigest())
"""


def test_a_frozen_issue_comes_back_as_it_was(july: Issue) -> None:
    assert thaw(json.loads(json.dumps(july.frozen()))) == july


def test_rendering_is_the_same_in_other_zones_languages_and_seeds(july: Issue) -> None:
    """Other machines differ in time zone, locale and the order of their sets."""
    found = set()
    for zone, locale, seed in (
        ("UTC", "C", "1"),
        ("Asia/Tokyo", "de_DE.UTF-8", "2"),
        ("America/Lima", "C.UTF-8", "3"),
    ):
        answer = subprocess.run(
            [sys.executable, "-c", RENDER],
            input=json.dumps(july.frozen()),
            env={**os.environ, "TZ": zone, "LC_ALL": locale, "LANG": locale, "PYTHONHASHSEED": seed,
                 "PYTHONUTF8": "1", "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )  # fmt: skip
        found.add(answer.stdout)
    assert len(found) == 1


def test_an_approved_issue_names_who_answers_for_it(july: Issue) -> None:
    text = " ".join(render(replace(july, state="approved")).text.split())
    assert "von der Redaktion freigegeben (verantwortlich: Erika Beispiel)." in text


def test_silent_changes_of_quoted_articles_are_told(database: Database, fill: Fill) -> None:
    change_and_quote(database, fill)
    issue = compose_july(database, min_items=1)
    (row,) = issue.corrections
    assert row.week == "KW\u00a027"
    assert (
        row.words == "Überschrift zuvor: „China plant 39 Rechenzentren in der Wüste“; Zahlen: statt 39 nun 36"
    )
    rendered = render(issue)
    for page in (rendered.html, rendered.text):
        assert "Was sich geändert hat" in page
        assert "statt 39 nun 36" in " ".join(page.split())
    assert issue.to_json()["corrections"][0]["gone"] == ["39"]
    assert thaw(json.loads(json.dumps(issue.frozen()))) == issue
