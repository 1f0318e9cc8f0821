"""Articles from other programs: what they write is read, cleaned, and known again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from program import assert_one_line, run

from archive import queries
from archive.database import Database
from archive.values import Article
from lagebrief import import_fields, imports
from spiders.settings import SourceSettings

LONG = "Der Bau beginnt im Herbst und dauert zwei Jahre. " * 20

FRESHRSS: dict[str, Any] = {
    "id": "user/-/state/com.google/starred",
    "title": "List of favourite articles",
    "author": "a",
    "items": [
        {
            "id": "tag:google.com,2005:reader/item/000512a7",
            "crawlTimeMsec": "1752192000000",
            "published": 1752192000,
            "title": "Größere Hallen f&uuml;r KI <b>in</b> Xinjiang",
            "canonical": [{"href": "https://www.dcd.example/a/?utm_source=x"}],
            "alternate": [{"href": "https://www.dcd.example/a/"}],
            "categories": ["user/-/state/com.google/starred"],
            "origin": {"streamId": "feed/4", "htmlUrl": "https://www.dcd.example/", "title": "DCD"},
            "summary": {"content": "<p>39 Hallen.</p><script>alert(1)</script><p>115.000 GPUs.</p>"},
            "author": "Ö. Çelik",
        },
        {
            "id": "tag:google.com,2005:reader/item/000512a8",
            "published": 1752278400,
            "title": "Zweite Meldung",
            "alternate": [{"href": "ftp://x"}, {"href": "https://blog.example/b"}],
            "origin": {"streamId": "feed/https://blog.example/feed", "title": "Blog"},
            "content": {"content": f"<div>{LONG}</div>"},
        },
    ],
}
MINIFLUX: dict[str, Any] = {
    "total": 1,
    "entries": [
        {
            "id": 888,
            "hash": "9f3c",
            "title": "KI-Verordnung: Fristen verschoben",
            "url": "https://www.dcd.example/c",
            "published_at": "2025-07-10T10:00:00+02:00",
            "content": f"<p>{LONG}</p><p>Ende.</p>",
            "author": "Red.",
            "feed": {
                "id": 42,
                "title": "DCD",
                "site_url": "https://www.dcd.example",
                "feed_url": "https://f.example/",
            },
        }
    ],
}
SCRAPY: list[dict[str, Any]] = [
    {"url": "https://www.dcd.example/s1", "title": ["Erste"], "text": ["Absatz eins.", "Absatz zwei."]},
    {"url": "https://x.example/s2", "title": "Zweite", "description": "<p>Kurz</p>", "date": "11.07.2025"},
    {
        "url": "https://x.example/s3",
        "title": "Dritte",
        "date": "neulich",
        "author": ["A", "B"],
        "language": "de-DE",
    },
]
CONFIG = '[[sources]]\nkey = "dcd-feed"\noutlet = "dcd"\nkind = "rss"\nurl = "https://dcd.example/rss"\n'


@pytest.fixture(autouse=True)
def _config(place: Path) -> None:
    Path("config.toml").write_text(CONFIG)


def write(name: str, content: Any) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
    )
    return path


def stored() -> list[Article]:
    database = Database("sqlite:///data/lagebrief.db")
    found = list(queries.each(database))
    database.close()
    return found


def test_starred_articles_of_freshrss() -> None:
    answer = run("archive", "import", "--google-reader", write("starred.json", FRESHRSS))
    assert (answer.returncode, answer.stderr.splitlines()[-1]) == (
        0,
        "2 new, 0 changed, 0 known, 0 items skipped",
    )
    one, two = stored()
    assert (one.outlet, one.title, one.teaser, one.body, one.author) == (
        "dcd",
        "Größere Hallen für KI in Xinjiang",
        "39 Hallen. 115.000 GPUs.",
        "",
        "Ö. Çelik",
    )
    assert one.published.isoformat() == "2025-07-11T00:00:00+00:00"
    assert (two.outlet, two.url, two.teaser, two.body) == (
        "blog.example",
        "https://blog.example/b",
        "",
        LONG.strip(),
    )
    again = run("archive", "import", "--google-reader", "starred.json")
    assert again.stderr.splitlines()[-1] == "0 new, 0 changed, 2 known, 0 items skipped"


def test_entries_of_miniflux_from_stdin() -> None:
    answer = run("archive", "import", "--miniflux", "-", input=json.dumps(MINIFLUX))
    assert answer.returncode == 0, answer.stderr
    (article,) = stored()
    assert (article.outlet, article.title, article.author) == ("dcd", MINIFLUX["entries"][0]["title"], "Red.")
    assert article.body == f"{LONG.strip()}\nEnde."
    assert article.published.isoformat() == "2025-07-10T08:00:00+00:00"
    assert article.date_mark == ""


def test_a_folder_of_scrapy_exports() -> None:
    write("exports/a.json", SCRAPY[:2])
    write("exports/tief/b.jl", b"\n".join(json.dumps(row).encode() for row in (SCRAPY[2], SCRAPY[0])) + b"\n")
    write("exports/liesmich.txt", b"kein Export")
    answer = run("archive", "import", "--scrapy", "exports")
    assert (answer.returncode, answer.stderr.splitlines()[-1]) == (
        0,
        "3 new, 0 changed, 1 known, 0 items skipped",
    )
    one, two, three = stored()
    assert (one.outlet, one.title, one.body) == ("dcd", "Erste", "Absatz eins.\nAbsatz zwei.")
    assert (two.outlet, two.teaser, f"{two.published:%Y-%m-%d %H}") == ("x.example", "Kurz", "2025-07-10 22")
    assert (three.date_mark, three.author, three.language) == ("unknown", "A B", "de")


def test_broken_items_are_named_and_the_others_kept() -> None:
    items = [
        7,
        {},
        {"title": "Ohne Adresse"},
        *FRESHRSS["items"],
        {"title": "\ud800", "canonical": [{"href": "x"}]},
    ]
    answer = run(
        "archive", "import", "--google-reader", write("s.json", json.dumps({"items": items}).encode())
    )
    assert answer.returncode == 3
    assert answer.stderr.splitlines()[:4] == [
        "item 1: not a JSON object",
        "item 2: it has no title",
        "item 3: it has no web address",
        "item 6: it has no web address",
    ]
    assert answer.stderr.splitlines()[-1] == "2 new, 0 changed, 0 known, 4 items skipped"


def test_broken_files_and_lines_of_scrapy() -> None:
    write("e/1.json", b"[{]")
    write("e/2.json", {"kein": "Liste"})
    write("e/3.jsonl", b'kaputt\n\n[1]\n{"url": "https://x.example/1", "title": "Gut"}\n' + b"[" * 100_000)
    write("e/4.json", [SCRAPY[0], {"title": "t", "url": "javascript:x"}])
    answer = run("archive", "import", "--scrapy", "e")
    assert answer.returncode == 3
    assert [line for line in answer.stderr.splitlines() if line.startswith(("1", "2.", "3", "4"))] == [
        "1.json: not JSON",
        "2.json: not a JSON list of items",
        "3.jsonl: line 1: not JSON",
        "3.jsonl: line 3: not a JSON object",
        "3.jsonl: line 5: not JSON",
        "4.json: item 2: it has no web address",
    ]
    assert [article.title for article in stored()] == ["Gut", "Erste"]


@pytest.mark.parametrize(
    ("option", "content", "reason"),
    [
        ("--google-reader", b"<opml/>", "not JSON"),
        ("--google-reader", MINIFLUX, "no list 'items'"),
        ("--miniflux", FRESHRSS, "no list 'entries'"),
        ("--miniflux", [1], "no list 'entries'"),
        ("--miniflux", b"[" * 100_000, "not JSON"),
    ],
)
def test_a_file_of_another_kind_is_refused(option: str, content: Any, reason: str) -> None:
    answer = run("-q", "archive", "import", option, write("f.json", content))
    assert_one_line(answer, 2, "f.json: ", reason)


def test_exactly_one_kind_is_needed() -> None:
    write("f.json", MINIFLUX)
    assert_one_line(run("archive", "import"), 2, "exactly one of --jsonl, --scrapy")
    both = run("archive", "import", "--miniflux", "f.json", "--google-reader", "f.json")
    assert_one_line(both, 2, "exactly one")
    assert_one_line(run("archive", "import", "--scrapy", "f.json"), 2, "f.json is no folder")
    Path("leer").mkdir()
    assert_one_line(run("archive", "import", "--scrapy", "leer"), 2, "leer holds no file")


def test_what_a_source_brought_stays_as_it_is() -> None:
    """An import knows nothing of the reservation under which an article was kept."""
    given = ("add-url", "https://www.dcd.example/c", "--title", "Von Hand", "--outlet", "dcd")
    assert run(*given).returncode == 0
    answer = run("archive", "import", "--miniflux", write("m.json", MINIFLUX))
    assert answer.stderr.splitlines()[-1] == "0 new, 0 changed, 1 known, 0 items skipped"
    (article,) = stored()
    assert (article.title, article.body, article.source) == ("Von Hand", "", "manual")


def test_a_host_shared_by_two_outlets_or_of_an_index_names_none() -> None:
    def source(key: str, url: str, kind: str = "rss") -> SourceSettings:
        return SourceSettings.model_validate({"key": key, "kind": kind, "url": url})

    given = [
        source("a", "https://www.a.example/1"),
        source("b", "https://shared.example/1"),
        source("c", "https://shared.example/2"),
        source("d", "https://index.example/", "bing_news"),
    ]
    assert imports.outlets_of(given) == {"a.example": "a"}


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (1752192000, "2025-07-11T00:00:00+00:00"),
        (1752192000000, "2025-07-11T00:00:00+00:00"),
        ("1752192000", "2025-07-11T00:00:00+00:00"),
        (["2025-07-11T00:00:00Z"], "2025-07-11T00:00:00+00:00"),
        ("Fri, 11 Jul 2025 02:00:00 +0200", "2025-07-11T00:00:00+00:00"),
    ],
)
def test_dates_as_others_write_them(value: Any, moment: str) -> None:
    found = import_fields._date(value)
    assert found
    assert found.isoformat() == moment


@pytest.mark.parametrize("value", [None, "", [], {}, "neulich", float("nan"), 1e300, "9" * 40])
def test_what_is_no_date(value: Any) -> None:
    assert import_fields._date(value) is None
