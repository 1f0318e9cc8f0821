"""The issue on paper, read back as whoever opens the file would."""

from __future__ import annotations

import io
import re
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from example_week import NOW
from lxml import html
from pypdf import PageObject, PdfReader

from archive.issues import StoredIssue
from digest.issue import Issue
from digest.pdf import pdf
from digest.rendering import render
from lagebrief.errors import InputError

paper = pytest.mark.usefixtures("weasyprint")
A4 = (595.28, 841.89)
LONGEST_LINE = 120  # characters; the smallest print has about 100 in a line


def stored(issue: Issue) -> StoredIssue:
    rendered = render(issue)
    content = {**issue.to_json(), "frozen": issue.frozen()}
    return StoredIssue(
        str(issue.week), issue.state, NOW, rendered.subject, "extract", content, rendered.html, rendered.text
    )


def read(written: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(written), strict=True)


def words(page: PageObject) -> str:
    """The text of a page in one line, with usual spaces."""
    return " ".join(page.extract_text().split())


def links(document: PdfReader) -> set[str]:
    notes = [note.get_object() for page in document.pages for note in page.get("/Annots", [])]
    return {str(note["/A"]["/URI"]) for note in notes if "/URI" in note.get("/A", {})}


@pytest.fixture
def thick(july: Issue) -> Issue:
    """An issue of many pages: each story told six times."""
    items = tuple(
        replace(item, headline=f"Nr. {number}: {item.headline}")
        for number, item in enumerate(july.items * 6, start=1)
    )
    return replace(july, items=items)


@paper
def test_headlines_numbers_and_links_are_there(july: Issue) -> None:
    document = read(pdf(stored(july)))
    text = " ".join(words(page) for page in document.pages)
    for item in july.items:
        assert item.headline in text
        assert item.fact_line.replace("\u00a0", " ") in text
    assert "Zahlen der Woche" in text
    assert "Verantwortlich: Erika Beispiel" in text
    hrefs = html.document_fromstring(stored(july).html).xpath("//a/@href")
    assert len(links(document)) == len(set(hrefs)) >= 10


@paper
def test_the_file_says_what_it_is(july: Issue) -> None:
    issue = replace(stored(july), state="approved", approved_at=NOW.replace(hour=9))
    document = read(pdf(issue))
    about = document.metadata
    assert about is not None
    assert (about.title, about.author) == (july.subject, "Beispielverlag GmbH")
    assert about.creation_date == NOW
    assert about.modification_date == NOW.replace(hour=9)
    assert document.root_object["/Lang"] == "de"
    assert document.root_object["/MarkInfo"]["/Marked"]
    outline = [str(getattr(entry, "title", "")) for entry in document.outline]
    assert outline[0] == "Lagebrief"


@paper
def test_each_page_is_a4_and_numbered(thick: Issue) -> None:
    document = read(pdf(stored(thick)))
    assert len(document.pages) >= 6
    for number, page in enumerate(document.pages, start=1):
        assert (float(page.mediabox.width), float(page.mediabox.height)) == pytest.approx(A4, abs=0.1)
        assert f"Seite {number} von {len(document.pages)}" in words(page)
        assert "Lagebrief · KW 28 · 2025" in words(page)


@paper
def test_no_story_and_no_row_is_torn_apart(thick: Issue) -> None:
    pages = [words(page) for page in read(pdf(stored(thick))).pages]
    for item in thick.items:
        (page,) = [page for page in pages if item.headline in page]
        story = page[page.index(item.headline) :]
        assert item.teaser in story
        assert item.sources[-1].title in story
    for name in ("Chinas KI-Rechenzentren", "EU AI Act", "Quellenlage"):
        assert not any(re.search(rf"{name}( Lagebrief · KW 28 · 2025.*)?$", page) for page in pages)


@paper
def test_nothing_sticks_out(july: Issue) -> None:
    endless = replace(july.items[0], headline="Rechenzentrum" * 12, teaser="https://example.org/" + "x" * 300)
    document = read(pdf(stored(replace(july, items=(endless, *july.items[1:])))))
    lines = [line for page in document.pages for line in page.extract_text().splitlines()]
    assert max(len(line) for line in lines) < LONGEST_LINE
    assert "".join(lines).count("x") >= 300


@paper
def test_the_same_issue_gives_the_same_bytes(july: Issue) -> None:
    assert pdf(stored(july)) == pdf(stored(july))
    assert pdf(stored(july)) != pdf(stored(replace(july, notice="")))


@paper
def test_an_issue_of_an_older_version_has_no_author(july: Issue) -> None:
    issue = replace(stored(july), content=july.to_json())
    about = read(pdf(issue)).metadata
    assert about is not None
    assert about.author is None


@pytest.fixture
def trap() -> Iterator[tuple[str, list[str]]]:
    """A web server on this machine, and what it was asked for."""
    asked: list[str] = []

    class Trap(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Silence."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Trap) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


@paper
def test_nothing_is_fetched(july: Issue, trap: tuple[str, list[str]], tmp_path: Path) -> None:
    address, asked = trap
    (tmp_path / "secret.css").write_text("h1::after { content: 'AUS DER DATEI' }")
    reaching = (
        f'<link rel="stylesheet" href="{address}/a.css"><style>@import url({address}/b.css);'
        f"@import url({(tmp_path / 'secret.css').as_uri()});"
        f"body {{ background: url({address}/c.png) }} @font-face {{ font-family: X; src: url({address}/d) }}"
        f'</style><img src="{address}/e.png"><p style="font-family: X">'
    )
    issue = stored(july)
    document = read(pdf(replace(issue, html=issue.html.replace("</head>", f"</head>{reaching}"))))
    assert july.items[0].headline in " ".join(words(page) for page in document.pages)
    assert "AUS DER DATEI" not in words(document.pages[0])
    assert asked == []


def test_without_the_package_it_says_what_to_install(july: Issue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(InputError, match=r"pip install 'lagebrief\[pdf\]'"):
        pdf(stored(july))


def test_without_pango_it_says_what_to_install(
    july: Issue, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "weasyprint.py").write_text("print('talk')\nraise OSError('cannot load library')\n")
    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InputError, match=r"apt install libpango-1\.0-0"):
        pdf(stored(july))
    assert capsys.readouterr().out == ""
