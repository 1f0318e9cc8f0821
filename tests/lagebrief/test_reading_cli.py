"""What is read from texts, as others script against it: analyse, stories, figures, milestones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from example_lines import LINES
from program import assert_one_line, json_lines, lines_file, run


def test_analysing_lines_in_the_promised_shape(place: Path) -> None:
    answer = run("analyse", "--jsonl", lines_file(*LINES))
    assert answer.returncode == 0, answer.stderr
    rows = json_lines(answer.stdout)
    assert [row["id"] for row in rows] == ["x1", "2", "x3"]
    for row in rows:
        assert set(row) - {"doubtful"} == {"id", "language", "topics", "figures", "milestones"}
        assert all(set(topic) == {"topic", "score"} and 0 < topic["score"] <= 1 for topic in row["topics"])
        keys = {"value", "unit", "qualifier", "subject", "text", "start", "end"}
        assert all(set(figure) == keys for figure in row["figures"])
    assert [row["language"] for row in rows] == ["en", "de", "de"]
    assert [[topic["topic"] for topic in row["topics"]] for row in rows] == [
        ["china-ai-rechenzentren"],
        ["eu-ai-act"],
        ["china-ai-rechenzentren"],
    ]
    gpus = next(figure for figure in rows[0]["figures"] if figure["value"] == 115_000)
    assert (gpus["unit"], gpus["qualifier"], isinstance(gpus["value"], int)) == ("gpu", "mehr als", True)

    # Every span is exactly its text.
    assert sum(len(row["figures"]) for row in rows) >= 5
    for given, row in zip(LINES, rows, strict=True):
        joined = "\n".join(given.get(part, "") for part in ("title", "lead", "body"))
        text = given.get("text", joined)
        assert all(text[f["start"] : f["end"]] == f["text"] for f in row["figures"])


def test_lines_from_standard_input_and_strange_signs(place: Path) -> None:
    strange = json.dumps({"id": "\ud800", "title": "\u0000 5 GW \ud83d \U0001f680\u2028 in China"}) + "\r\n\n"
    answer = run("analyse", "--jsonl", "-", input=strange)
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["id"] == "?"


BROKEN = [
    b"kaputt",
    b"[]",
    b"3",
    b'{"id": "a"}',
    b'{"title": "t"}',
    b'{"id": ["a"], "title": "t"}',
    b"[" * 99_999,
]


@pytest.mark.parametrize("command", ["analyse", "stories"])
def test_broken_lines_are_named_and_skipped(place: Path, command: str) -> None:
    answer = run(command, "--jsonl", lines_file(LINES[0], *BROKEN, LINES[1]))
    assert answer.returncode == 3
    assert [row["id"] for row in json_lines(answer.stdout)] == ["x1", "2"]
    named = [line.split(":")[0] for line in answer.stderr.splitlines()]
    assert named == [f"line {number}" for number in range(2, 2 + len(BROKEN))]
    assert "Traceback" not in answer.stderr


def test_stories_of_lines_in_the_promised_shape(place: Path) -> None:
    twin = {
        **LINES[0],
        "id": "x4",
        "outlet": "reuters",
        "title": "Exclusive: China plans 39 data centers in Xinjiang",
    }
    rows = json_lines(run("stories", "--jsonl", lines_file(*LINES[:2], twin)).stdout)
    assert [set(row) for row in rows] == [{"id", "story"}] * 3
    stories = {row["id"]: row["story"] for row in rows}
    assert stories["x1"] == stories["x4"] != stories["2"]


def test_figures_are_listed_with_their_sources(filled: Path) -> None:
    assert run("--data-dir", "d", "analyse").returncode == 0
    rows = json.loads(run("--data-dir", "d", "figures", "list", "--unit", "gpu", "--json").stdout)
    assert [(row["value"], row["outlet"], row["url"]) for row in rows] == [
        (115_000, "dcd", "https://example.org/x1")
    ]
    assert run("--data-dir", "d", "figures", "list", "--since", "2025-07-01").returncode == 0
    assert_one_line(run("figures", "list", "--since", "gestern"), 2, "--since")


def test_the_ledger_says_who_stated_a_figure_when(filled: Path) -> None:
    twin = {**LINES[0], "id": "x9", "outlet": "reuters", "published": "2025-07-09"}
    assert run("--data-dir", "d", "archive", "import", "--jsonl", lines_file(twin)).returncode == 0
    assert run("--data-dir", "d", "analyse").returncode == 0
    (row,) = json.loads(run("--data-dir", "d", "figures", "ledger", "--unit", "gpu", "--json").stdout)
    assert (row["value"], [said["outlet"] for said in row["said_by"]]) == (115_000, ["dcd", "reuters"])
    lines = run("--data-dir", "d", "figures", "ledger", "--subject", "xinjiang").stdout.replace("\xa0", " ")
    assert "39 Rechenzentren: DataCenterDynamics 8. 7. 2025, Reuters 9. 7. 2025" in lines.splitlines()
    assert run("--data-dir", "d", "figures", "ledger", "--subject", "Kamtschatka").stdout == ""
    assert json.loads(run("--data-dir", "d", "figures", "ledger", "--differing", "--json").stdout) == []


def test_stories_of_the_archive_have_a_lead_and_marks(filled: Path) -> None:
    twin = {**LINES[0], "id": "x9", "outlet": "reuters", "published": "2025-07-09"}
    assert run("--data-dir", "d", "archive", "import", "--jsonl", lines_file(twin)).returncode == 0
    assert run("--data-dir", "d", "analyse").returncode == 0
    period = ("--since", "2025-07-07", "--until", "2025-07-14")
    (story,) = json.loads(run("--data-dir", "d", "stories", *period, "--json").stdout)
    assert story["lead"] == "x1"
    assert [(each["id"], each["mark"]) for each in story["articles"]] == [("x1", "neu"), ("x9", "")]
    assert run("--data-dir", "d", "stories", *period).stdout.count("\t") == 8
    assert "no stories" in run("--data-dir", "d", "stories", "--until", "2020-01-01").stderr


def test_a_date_that_differs_is_checked_settled_and_reopened(place: Path) -> None:
    line = {
        "id": "d1",
        "outlet": "reuters",
        "title": "AI Act: high-risk deadline moves again",
        "lead": "Duties under Annex III of the EU AI Act now apply from 2 February 2028.",
        "published": "2026-10-01",
    }
    assert run("--data-dir", "d", "archive", "import", "--jsonl", lines_file(line)).returncode == 0
    assert run("--data-dir", "d", "analyse").returncode == 0

    def check(*more: str) -> list[dict[str, Any]]:
        dates: list[dict[str, Any]] = json.loads(
            run("--data-dir", "d", "milestones", "check", "--json", *more).stdout
        )["dates"]
        return dates

    (date,) = check()
    assert (date["milestone"], date["stated"], date["registered"]) == (
        "hochrisiko-anhang3",
        "2028-02-02",
        "2027-12-02",
    )
    says = date["articles"][0]["says"].replace("\xa0", " ")
    assert says.startswith("Reuters (1. Oktober 2026) nennt für")
    assert says.endswith("den 2. Februar 2028; im Register steht der 2. Dezember 2027")
    key = ("hochrisiko-anhang3", "2028-02-02")
    assert run("--data-dir", "d", "milestones", "settle", *key).returncode == 0
    assert check() == []
    assert [one["settled"] for one in check("--all")] == [True]
    assert run("--data-dir", "d", "milestones", "reopen", *key).returncode == 0
    assert len(check()) == 1
    assert_one_line(run("--data-dir", "d", "milestones", "reopen", *key), 2, "not settled")
    assert_one_line(
        run("--data-dir", "d", "milestones", "settle", "nie", "2028-02-02"), 2, "no milestone 'nie'"
    )
    assert_one_line(run("--data-dir", "d", "milestones", "settle", "sanktionen", "bald"), 2, "not a day")


def test_milestones_as_a_calendar() -> None:
    written = run("milestones", "list", "--ics").stdout
    assert written.startswith("BEGIN:VCALENDAR")
    assert "UID:hochrisiko-anhang3@lagebrief" in written


def test_milestones_are_listed_in_order() -> None:
    rows = json.loads(run("milestones", "list", "--json").stdout)
    assert len(rows) > 20
    assert [row["date"] for row in rows] == sorted(row["date"] for row in rows)
    assert any(row["former_dates"] for row in rows)
