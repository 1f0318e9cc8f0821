"""Working with finds from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import feedparser
import pytest
from program import assert_one_line, run

LINES = [
    {"id": "x1", "outlet": "dcd", "title": "China plans 39 data centers in Xinjiang", "language": "en",
     "lead": "Power is cheap.", "published": "2025-07-08", "url": "https://example.org/x1"},
    {"id": "x2", "outlet": "tablemedia", "title": "China baut Rechenzentren in Xinjiang", "language": "de",
     "lead": "Strom ist billig.", "published": "2025-07-09", "url": "https://example.org/x2"},
]  # fmt: skip


@pytest.fixture(autouse=True)
def filled(place: Path) -> Path:
    bring(*LINES)
    return place


def bring(*lines: dict[str, str]) -> None:
    Path("in.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    assert lagebrief("archive", "import", "--jsonl", "in.jsonl").returncode == 0


def lagebrief(*words: str):  # type: ignore[no-untyped-def]
    return run("--data-dir", "d", *words)


def test_facets_and_suggestions() -> None:
    found = json.loads(lagebrief("search", "Rechenzentrum", "--facets", "--json").stdout)
    assert [hit["id"] for hit in found["hits"]] == ["x2", "x1"]
    assert found["facets"]["outlet"] == {"dcd": 1, "tablemedia": 1}
    assert found["facets"]["month"] == {"2025-07": 2}
    assert all(hit["score"] < 1000 for hit in found["hits"])
    assert json.loads(lagebrief("search", "Xinjang", "--json").stdout)["suggestion"] == "xinjiang"
    assert "Meinten Sie: xinjiang" in lagebrief("search", "Xinjang").stderr


@pytest.mark.parametrize(
    ("format_", "start"),
    [
        ("csv", "id,published"),
        ("excel", "\ufeffid;published"),
        ("ris", "TY  - NEWS"),
        ("bibtex", "@online{"),
        ("markdown", "- ["),
        ("jsonl", '{"id": "x2"'),
        ("jsonfeed", "{\n"),
    ],
)
def test_finds_in_other_formats(format_: str, start: str) -> None:
    answer = lagebrief("search", "Xinjiang", "--lang", "de", "--as", format_)
    assert answer.returncode == 0
    assert answer.stdout.startswith(start)
    assert "example.org/x2" in answer.stdout


def test_an_article_is_shown_cited_and_annotated() -> None:
    assert lagebrief("article", "note", "x1", "prüfen", "--by", "R.").returncode == 0
    assert lagebrief("article", "tag", "x1", "Wichtig").returncode == 0
    shown = json.loads(lagebrief("article", "show", "x1", "--json").stdout)
    assert (shown["tags"], shown["notes"][0]["text"]) == (["wichtig"], "prüfen")
    assert json.loads(lagebrief("article", "tags", "--json").stdout) == {"wichtig": 1}
    assert json.loads(lagebrief("search", "schlagwort:wichtig", "--json").stdout)["total"] == 1
    cited = lagebrief("article", "cite", "x1", "--passage", "39 data centers").stdout
    assert "https://example.org/x1#:~:text=39%20data%20centers (abgerufen am" in cited
    assert_one_line(lagebrief("article", "cite", "x1", "--passage", "40 data"), 2, "do not stand in")
    assert lagebrief("article", "note", "x1", "--remove", str(shown["notes"][0]["number"])).returncode == 0
    assert lagebrief("article", "untag", "x1", "wichtig").returncode == 0
    assert_one_line(lagebrief("article", "show", "gibtesnicht"), 2, "no article 'gibtesnicht'")
    assert_one_line(lagebrief("article", "note", "x1"), 2, "--remove")
    answer = lagebrief("article", "related", "x1", "--json")
    assert answer.returncode == 0, answer.stderr
    related = json.loads(answer.stdout)
    assert [one["id"] for one in related] == ["x2"]


def test_versions_and_silent_changes() -> None:
    bring({**LINES[0], "title": "China plans 36 data centers in Xinjiang"})
    rows = json.loads(lagebrief("article", "revisions", "x1", "--json").stdout)
    assert [row["number"] for row in rows] == [1, 2]
    assert "[-39-]{+36+}" in lagebrief("article", "revisions", "x1").stdout
    assert json.loads(lagebrief("article", "silent-changes", "--json").stdout) == []  # mended at once


def test_a_kept_search_reports_and_feeds() -> None:
    assert lagebrief("searches", "add", "xj", "Xinjiang").returncode == 0
    assert_one_line(lagebrief("searches", "add", "xj", "x"), 2, "already")
    assert lagebrief("searches", "run").returncode == 4
    new = {
        "id": "x3",
        "title": "Neues aus Xinjiang",
        "url": "https://example.org/x3",
        "published": "2025-07-10",
    }
    bring({**LINES[1], **new})
    assert lagebrief("analyse").returncode == 0
    peeked = json.loads(lagebrief("searches", "run", "--peek", "--json").stdout)
    assert [row["id"] for row in peeked] == ["x3"]
    assert json.loads(lagebrief("searches", "run", "xj", "--json").stdout) == peeked
    assert lagebrief("searches", "run", "xj").returncode == 4
    assert lagebrief("searches", "feed", "xj", "--out", "o/xj.xml").returncode == 0
    feed = feedparser.parse(Path("o/xj.xml").read_bytes())
    assert [entry.link for entry in feed.entries][:2] == ["https://example.org/x3", "https://example.org/x2"]
    assert [one["name"] for one in json.loads(lagebrief("searches", "list", "--json").stdout)] == ["xj"]
    assert lagebrief("searches", "remove", "xj").returncode == 0
    assert_one_line(lagebrief("searches", "run", "xj"), 2, "no search 'xj'")
