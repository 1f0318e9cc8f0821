"""The main job from end to end: four weeks collected over HTTP, one German issue whose numbers hold."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import feedparser
import pytest
from demo_files import Demo
from lxml import html as lxml_html
from program import assert_one_line, run

from analysis.language import detect
from archive import queries
from archive.database import Database

WEEK = "2025-W28"
ITEM_KEYS = {
    "story", "topic", "mark", "told", "score", "headline", "summary", "language_note", "sources", "figures",
    "checks",
}  # fmt: skip
SOURCE_KEYS = {"outlet", "title", "url", "published", "language"}
CHECK_KEYS = {"kind", "text", "source_id", "start", "end"}
PAGE = """<!DOCTYPE html><title>measuring</title>
<iframe id="mail" src="{name}" style="width:375px;height:3000px;border:0"></iframe>
<script>
onload = () => {{
  const page = document.getElementById("mail").contentDocument;
  const wide = [...page.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > 375.5);
  document.title = [page.documentElement.scrollWidth, wide.length, page.body.innerText.length].join("|");
}};
</script>"""


@pytest.fixture(scope="module")
def shown(demo: Demo) -> dict[str, Any]:
    """The issue as `digest show --json` gives it."""
    answer = run("--data-dir", demo.data, "digest", "show", WEEK, "--json")
    assert answer.returncode == 0, answer.stderr
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


@pytest.fixture(scope="module")
def texts(demo: Demo) -> Iterator[dict[str, str]]:
    """What the archive holds of each article, by every id it goes by."""
    database = Database(f"sqlite:///{demo.data / 'lagebrief.db'}")
    yield {key: a.joined for a in queries.each(database) for key in (str(a.id), a.public_id)}
    database.close()


def test_every_source_was_read_and_every_file_written(demo: Demo) -> None:
    rows = [line.split("\t") for line in demo.stdout.splitlines() if "\t" in line]
    assert len(rows) >= 9
    assert {row[1] for row in rows} <= {"ok", "not_modified"}
    for suffix in ("html", "txt", "eml"):
        assert demo.file(suffix).stat().st_size > 1_000
        assert str(demo.file(suffix)) in demo.stdout
    assert "Traceback" not in demo.log


def test_the_issue_has_the_promised_shape(shown: dict[str, Any]) -> None:
    assert set(shown) >= {"week", "state", "subject", "writer", "items", "milestones", "coverage", "left_out"}
    assert (shown["week"], shown["state"]) == (WEEK, "approved")
    assert "KW" in shown["subject"]
    assert len(shown["items"]) >= 7
    for item in shown["items"]:
        assert set(item) >= ITEM_KEYS
        assert item["mark"] in {"neu", "fortsetzung", "korrektur"}
        assert item["sources"]
        assert all(set(source) >= SOURCE_KEYS for source in item["sources"])
        assert all(set(check) == CHECK_KEYS for check in item["checks"])
    assert all(set(row) >= {"story", "reason"} for row in shown["left_out"])


def test_xinjiang_is_told_once_with_checked_numbers(
    demo: Demo, shown: dict[str, Any], texts: dict[str, str]
) -> None:
    told = [item for item in shown["items"] if "Xinjiang" in item["headline"] + item["summary"]]
    (item,) = [item for item in told if any("115.000" in check["text"] for check in item["checks"])]
    assert {"reuters", "dcd", "tomshardware", "tablemedia"} <= {s["outlet"] for s in item["sources"]}
    numbers = {check["text"] for check in item["checks"] if check["kind"] == "number"}
    assert any("115.000" in text for text in numbers)
    assert any(re.search(r"\b39\b", text) for text in numbers)
    page = lxml_html.document_fromstring(demo.file("html").read_bytes()).text_content()
    assert "115.000" in page
    assert page.count(item["headline"]) == 1


def digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def test_every_check_leads_to_its_place_in_the_archive(shown: dict[str, Any], texts: dict[str, str]) -> None:
    checks = [check for item in shown["items"] for check in item["checks"]]
    assert len(checks) >= 5
    for check in checks:
        source = texts[check["source_id"]]
        assert 0 <= check["start"] < check["end"] <= len(source)
        read_from = source[check["start"] : check["end"]]
        if check["kind"] == "number":
            assert digits(check["text"]) in digits(read_from), (check, read_from)


def test_the_page_and_the_text_are_german(demo: Demo) -> None:
    page = demo.file("html").read_text(encoding="utf-8")
    assert 'lang="de"' in page
    assert "Beispielausgabe" in page
    assert detect(demo.file("txt").read_text(encoding="utf-8")[:3_000]) == "de"
    assert not re.search(r"<img|<script|<link|https?://127\.0\.0\.1", page)


def test_the_mail_can_be_read_by_others(demo: Demo) -> None:
    mail = message_from_bytes(demo.file("eml").read_bytes(), policy=policy.default)
    assert not mail.defects
    assert "KW" in mail["Subject"]
    assert (mail["From"].addresses[0].addr_spec, mail["To"]) == ("brief@example.org", "leser@example.org")
    assert mail["Message-ID"]
    assert mail["List-Id"]
    html, text = mail.get_body(("html",)), mail.get_body(("plain",))
    assert html
    assert text
    assert "115.000" in html.get_content()
    assert "115.000" in text.get_content()


@pytest.mark.chromium
def test_the_page_fits_a_telephone(demo: Demo, chromium: str, tmp_path: Path) -> None:
    shutil.copy(demo.file("html"), tmp_path / "mail.html")
    (tmp_path / "page.html").write_text(PAGE.format(name="mail.html"))
    quiet = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run")
    quiet += ("--disable-sync", "--disable-background-networking", "--disable-component-update")
    files = ("--allow-file-access-from-files", f"--user-data-dir={tmp_path / 'profile'}")
    command = [chromium, *quiet, *files, "--dump-dom", (tmp_path / "page.html").as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    width, wide, letters = done.stdout.partition("<title>")[2].partition("</title>")[0].split("|")
    assert (width, wide) == ("375", "0")
    assert int(letters) > 3_000


def test_searching_what_was_collected(demo: Demo) -> None:
    answer = run("--data-dir", demo.data, "search", "Xinjiang", "--json")
    found = json.loads(answer.stdout)
    assert found["total"] >= 4
    assert {hit["language"] for hit in found["hits"]} >= {"de", "en"}


def test_a_second_demo_gives_the_same_bytes(demo: Demo, tmp_path: Path) -> None:
    answer = run(
        "-q", "demo", "--out", tmp_path / "out", cwd=tmp_path, env={"TZ": "Asia/Tokyo", "LC_ALL": "C"}
    )
    assert answer.returncode == 0, answer.stderr
    for path in demo.issues:
        assert (tmp_path / "out" / path.name).read_bytes() == path.read_bytes(), path.name


def test_the_second_week_says_what_goes_on(demo: Demo) -> None:
    answer = run("--data-dir", demo.data, "digest", "show", "2025-W29", "--json")
    marks = {item["mark"]: item for item in json.loads(answer.stdout)["items"]}
    assert marks["fortsetzung"]["told"] == WEEK
    text = (demo.out / "lagebrief-2025-W29.txt").read_text(encoding="utf-8").replace("\xa0", " ")
    assert "Fortsetzung · zuletzt in KW 28" in text
    explained = run("--data-dir", demo.data, "digest", "show", "2025-W29", "--explain").stdout
    assert "in: story" in explained
    assert "relevance" in explained


def test_an_approved_issue_is_exported_and_not_composed_again(demo: Demo, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(demo.data, data)
    assert_one_line(run("--data-dir", data, "digest", "approve", WEEK), 2, "approved, not a draft")
    assert_one_line(run("--data-dir", data, "digest", "compose", "--week", WEEK), 2, "already approved")
    answer = run("--data-dir", data, "digest", "export", WEEK, "--out", tmp_path / "export")
    assert answer.returncode == 0, answer.stderr
    exported = tmp_path / "export" / f"lagebrief-{WEEK}.html"
    assert exported.read_bytes() == demo.file("html").read_bytes()
    issues = json.loads(run("--data-dir", data, "status", "--json").stdout)["issues"]
    assert {issue["week"]: issue["state"] for issue in issues} == {WEEK: "approved", "2025-W29": "approved"}


@pytest.mark.usefixtures("weasyprint")
def test_an_issue_goes_on_paper_the_same_each_time(demo: Demo, tmp_path: Path) -> None:
    files = []
    for name in ("a", "b"):
        answer = run("--data-dir", demo.data, "digest", "export", WEEK, "--out", tmp_path / name, "--pdf")
        assert (answer.returncode, answer.stderr) == (0, "")
        assert answer.stdout.splitlines()[-1] == str(tmp_path / name / f"lagebrief-{WEEK}.pdf")
        files.append(Path(answer.stdout.splitlines()[-1]).read_bytes())
    assert files[0].startswith(b"%PDF-")
    assert files[0] == files[1]


def test_approved_issues_are_a_feed(demo: Demo, tmp_path: Path) -> None:
    call = ("--data-dir", demo.data, "digest", "feed", "--url", "https://brief.example.org/")
    assert run(*call, "--out", tmp_path / "neu" / "feed.xml").stdout == ""
    feed = feedparser.parse((tmp_path / "neu" / "feed.xml").read_bytes())
    address = "https://brief.example.org/ausgaben/"
    assert [entry.link for entry in feed.entries] == [f"{address}2025-W29", f"{address}2025-W28"]
    assert "Fortsetzung:" in feed.entries[0].content[0].value
    items = json.loads(run(*call, "--as", "jsonfeed").stdout)["items"]
    assert [item["id"] for item in items] == [entry.id for entry in feed.entries]
    assert_one_line(run(*call[:-1], "ftp://x"), 2, "--url", "https://brief.example.org")
