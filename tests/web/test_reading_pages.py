"""The issues as everybody may read them, and the pages in every footer."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from lxml import etree
from readers import BASE, Clock, Reader, make_site, serving, store_issue

from archive import issues
from archive.database import Database
from archive.issues import StoredIssue

CANARY = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
ATOM = {"a": "http://www.w3.org/2005/Atom"}


def test_before_the_first_issue(reader: Reader) -> None:
    assert "Noch ist keine Ausgabe erschienen." in reader.get("/ausgaben").text
    feed = etree.fromstring(reader.get("/ausgaben/feed.atom").body)
    assert feed.findall("a:entry", ATOM) == []


def test_issues_the_newest_first(reader: Reader) -> None:
    for week in ("2025-W27", "2025-W28", "2024-W52"):
        store_issue(reader.site.database, week, f"Brief {week}")
    page = reader.get("/ausgaben").text
    places = [page.index(f'href="/ausgaben/{week}"') for week in ("2025-W28", "2025-W27", "2024-W52")]
    assert places == sorted(places)
    assert "KW\u00a028 · 7. bis 13.\u00a0Juli 2025" in page


def test_an_issue_is_the_page_that_was_mailed(reader: Reader) -> None:
    html = "<!DOCTYPE html>\n<p style='color:red'>Grüße</p>\n"
    store_issue(reader.site.database, html=html)
    answer = reader.get("/ausgaben/2025-W28")
    assert answer.text == html
    assert answer.headers["x-robots-tag"] == "noindex"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "style-src 'unsafe-inline'; img-src data:;" in answer.headers["content-security-policy"]
    assert "script-src" not in answer.headers["content-security-policy"]


def test_drafts_are_nowhere(reader: Reader) -> None:
    now = dt.datetime(2025, 7, 13, tzinfo=dt.UTC)
    draft = StoredIssue("2025-W28", "draft", now, "Geheim", "extract", {"items": []}, "<p>Geheim", "")
    assert issues.save_draft(reader.site.database, draft)
    assert reader.get("/ausgaben/2025-W28").status == 404
    for path in ("/ausgaben", "/ausgaben/feed.atom", "/ausgaben/2025-W28"):
        assert "Geheim" not in reader.get(path).text


@pytest.mark.parametrize(
    "week", ["2025-w28", "2025-W99", "%00", "..%2f..", "2025-W28%20", "'--", "x" * 4_000]
)
def test_weeks_without_an_issue(reader: Reader, week: str) -> None:
    store_issue(reader.site.database)
    assert reader.get(f"/ausgaben/{week}").status == 404


def test_markup_in_a_subject_stays_text(reader: Reader) -> None:
    store_issue(reader.site.database, subject=CANARY)
    page = reader.get("/ausgaben").text
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)" in page
    feed = reader.get("/ausgaben/feed.atom").text
    assert "<script" not in feed
    assert "<img" not in feed


def test_the_feed(reader: Reader) -> None:
    store_issue(reader.site.database, subject="Brief der Woche")
    answer = reader.get("/ausgaben/feed.atom")
    assert answer.headers["content-type"] == "application/atom+xml"
    feed = etree.fromstring(answer.body)
    assert feed.findtext("a:entry/a:title", None, ATOM) == "Brief der Woche"
    links = {link.get("rel"): link.get("href") for link in feed.findall("a:link", ATOM)}
    assert links == {"self": f"{BASE}/ausgaben/feed.atom", "alternate": BASE}
    (entry,) = feed.findall("a:entry/a:link", ATOM)
    assert entry.get("href") == f"{BASE}/ausgaben/2025-W28"


def test_who_publishes_and_what_is_stored(reader: Reader) -> None:
    for path in ("/impressum", "/datenschutz"):
        page = reader.get(path).text
        assert "Haus Beispiel" in page
        assert "Weg 1, 10115 Berlin" in page
        assert "p@example.org" in page
    for word in ("Nachweis", "Zustellung", "Art. 6 Abs. 1 Buchst. a DSGVO", "löschen"):
        assert word in reader.get("/datenschutz").text


def test_alive(reader: Reader) -> None:
    assert reader.get("/gesund").text == "ok\n"


def test_below_a_path_every_link_has_it(sqlite: Database, clock: Clock) -> None:
    site = make_site(sqlite, clock, base_url="https://example.org/brief")
    with serving(replace(site, title=CANARY)) as reader:
        page = reader.get("/").text
        assert 'href="/brief/static/style.css"' in page
        assert 'action="/brief/anmelden"' in page
        assert 'href="/a' not in page
        assert "<script" not in page
        reader.sign_up("a@example.org")
        assert "https://example.org/brief/bestaetigen/" in str(reader.mails()[0].get_body(("plain",)))
