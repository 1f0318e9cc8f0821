"""What sites say to machines: robots.txt and reservations, read as they are meant."""

from __future__ import annotations

import codecs
import json

import pytest

from spiders import policy
from spiders.policy import Reservation

HOME = "https://quelle.example"
TOKEN = "Lagebrief"


@pytest.mark.parametrize(
    ("status", "allowed", "evidence"),
    [
        (404, True, "no robots.txt (404)"),
        (403, True, "no robots.txt (403)"),
        (429, False, "robots.txt answered 429: nothing may be fetched until it answers"),
        (500, False, "robots.txt answered 500: nothing may be fetched until it answers"),
        (0, False, "robots.txt could not be reached: nothing may be fetched until it answers"),
    ],
)
def test_a_missing_file_allows_and_an_unreachable_one_forbids(
    status: int, allowed: bool, evidence: str
) -> None:
    permission = policy.Robots(status, "").permission(f"{HOME}/a", TOKEN)
    assert (permission.allowed, permission.evidence) == (allowed, evidence)


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        ("", "/a", True),
        ("User-agent: *\nDisallow:", "/a", True),
        ("User-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\nAllow: /plus/\nDisallow: /", "/plus/a", True),
        ("User-agent: lagebrief\nDisallow: /\n\nUser-agent: *\nDisallow:", "/a", False),
        ("User-agent: Andere\nDisallow: /", "/a", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/x.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/x.pdf?a", True),
        ("<!doctype html><title>Startseite</title>", "/a", True),
    ],
)
def test_rules(text: str, path: str, allowed: bool) -> None:
    assert policy.Robots(200, text).permission(HOME + path, TOKEN).allowed is allowed


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        ("User-agent: *\nCrawl-delay: 5", 5.0),
        ("User-agent: *\nCrawl-delay: 0.5", 0.5),
        ("User-agent: *\nCrawl-delay: 86400", 60.0),
        ("User-agent: *\nCrawl-delay: bald", 0.0),
        ("User-agent: *\nCrawl-delay: -3", 0.0),
        ("User-agent: andere\nCrawl-delay: 5", 0.0),
        ("", 0.0),
    ],
)
def test_a_crawl_delay_is_read_and_capped(text: str, delay: float) -> None:
    assert policy.Robots(200, text).delay(TOKEN) == delay


def test_signals_are_kept_as_hints() -> None:
    text = "User-agent: *\nContent-Signal: search=yes,ai-train=no,use=reference\nDisallow: /x\n"
    assert policy.Robots(200, text).hints == ("content-signal: search=yes,ai-train=no,use=reference",)


@pytest.mark.parametrize(
    "body",
    [
        codecs.BOM_UTF8 + b"User-agent: *\nDisallow: /\n",
        codecs.BOM_UTF16_LE + "User-agent: *\nDisallow: /\n".encode("utf-16-le"),
        "User-agent: *\nDisallow: /\n# größe".encode("latin-1"),
    ],
)
def test_robots_txt_is_decoded(body: bytes) -> None:
    assert not policy.Robots(200, policy.decode_robots(body)).permission(f"{HOME}/a", TOKEN).allowed


TDMREP = json.dumps(
    [
        {"location": "/presse/*", "tdm-reservation": 0},
        {"location": "*.pdf$", "tdm-reservation": "1"},
        {"location": "/", "tdm-reservation": 1},
    ]
)


@pytest.mark.parametrize(("path", "tdm"), [("/presse/1", "free"), ("/a/b.pdf", "reserved"), ("", "reserved")])
def test_the_first_matching_rule_of_tdmrep_counts(path: str, tdm: str) -> None:
    assert policy.site_reservation(TDMREP, HOME + path) == Reservation(tdm, "tdmrep.json")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "kein JSON",
        "{}",
        "[1]",
        "[" * 100_000,
        '[{"location": "/", "tdm-reservation": true}]',
        '[{"location": "/", "tdm-reservation": "yes"}]',
        '[{"tdm-reservation": 1}]',
    ],
)
def test_a_broken_tdmrep_reserves_nothing(text: str) -> None:
    assert policy.site_reservation(text, f"{HOME}/a").tdm == ""


@pytest.mark.parametrize(
    ("site", "header", "meta", "expected"),
    [
        ("", None, None, ("", "")),
        ("reserved", None, None, ("reserved", "tdmrep.json")),
        ("reserved", "0", None, ("free", "header")),
        ("", "1", None, ("reserved", "header")),
        ("", "1", "0", ("free", "meta")),
        ("reserved", "yes", "", ("reserved", "tdmrep.json")),
        ("free", " 1 ", None, ("reserved", "header")),
    ],
)
def test_the_nearer_signal_supersedes(
    site: str, header: str | None, meta: str | None, expected: tuple[str, str]
) -> None:
    found = policy.reservation(Reservation(site, "tdmrep.json" if site else ""), header, meta)
    assert (found.tdm, found.origin) == expected


@pytest.mark.parametrize(
    ("values", "characters"),
    [
        (["noarchive, max-snippet:20"], 20),
        (["max-snippet: 50", "lagebrief: max-snippet:0"], 0),
        (["max-snippet:-1"], -1),
        ([""], -1),
    ],
)
def test_the_smallest_snippet_counts(values: list[str], characters: int) -> None:
    assert policy.max_snippet(values) == characters


def test_noarchive_forbids_a_copy() -> None:
    assert policy.forbids_archiving(["NoArchive, noai"])
    assert not policy.forbids_archiving(["index, follow"])
