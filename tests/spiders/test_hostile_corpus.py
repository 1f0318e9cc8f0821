"""Every file of the hostile corpus ends as its expectation says: feeds, pages, robots.txt, reservations."""

from __future__ import annotations

import json
import os
import time
import unicodedata
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import psutil
import pytest
import pytest_asyncio

from archive import queries, sources
from archive.database import Database
from archive.values import Entry, Harvest, SourceState, Storage
from spiders import feeds, policy, sitemaps
from spiders.addresses import names_private_host
from spiders.parsing import Parser
from spiders.values import Answer, Ask, Parsed, Purpose

SHARED = Path(os.environ.get("LAGEBRIEF_SHARED", Path(__file__).parents[3] / "shared")) / "trust"
EXPECT_FILE = SHARED / "corpus" / "hostile_expect.json"
EXPECT: list[dict[str, Any]] = json.loads(EXPECT_FILE.read_text()) if EXPECT_FILE.is_file() else []
MakeAnswer = Callable[..., Answer]
HOME = "https://quelle.example/feed"


def of(folder: str) -> list[Any]:
    chosen = [case for case in EXPECT if case["file"].startswith(f"hostile/{folder}/")]
    return [pytest.param(case, id=case["file"].rsplit("/", 1)[1]) for case in chosen]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def parser() -> AsyncIterator[Parser]:
    """One reading process for all files, as in a run of the collector."""
    opened = Parser()
    yield opened
    opened.close()


def read_file(corpus: Path, case: dict[str, Any], answer: MakeAnswer, **more: Any) -> Answer:
    return answer((corpus / case["file"]).read_bytes(), **more)


def titles(parsed: Parsed) -> list[str]:
    return [entry.title for entry in parsed.entries]


def all_text(parsed: Parsed) -> str:
    return "\n".join(
        part
        for e in parsed.entries
        for part in (e.url, e.title, e.teaser, e.body, e.guid, e.author, e.language, *e.aliases)
    )


def is_printable(text: str) -> bool:
    return not any(unicodedata.category(c) in ("Cc", "Cs") and c != "\n" for c in text)


@pytest.mark.parametrize("case", of("feeds"))
async def test_a_hostile_feed(case: dict[str, Any], corpus: Path, answer: MakeAnswer, parser: Parser) -> None:
    begun = time.monotonic()
    parsed = await parser.read(read_file(corpus, case, answer))
    took = time.monotonic() - begun
    check_entries(parsed, case["expect"], took)
    check_flag(parsed, case["expect"].get("flag", ""))
    text = all_text(parsed)
    assert is_printable(text)
    text.encode("utf-8")


def check_entries(parsed: Parsed, expect: dict[str, Any], took: float) -> None:
    found, text = titles(parsed), all_text(parsed)
    if "titles" in expect:
        assert found == expect["titles"]
    for key in ("titles_best", "titles_normalised"):
        if key in expect:
            assert [title.replace("\xa0", " ") for title in found] == expect[key]
    assert set(expect.get("titles_include", ())) <= set(found)
    if "titles_include_any" in expect:
        assert set(expect["titles_include_any"]) & set(found)
    if "entries" in expect:
        assert len(found) == expect["entries"], parsed.reason
    assert len(found) >= expect.get("entries_min", 0)
    assert len(found) in expect.get("entries_any", [len(found)])
    for forbidden in expect.get("must_not_contain", ()):
        assert forbidden not in text
    if "links" in expect:
        assert [entry.url for entry in parsed.entries] == expect["links"]
    assert took < expect.get("max_seconds", 10) + 2  # the reading process may have to start first
    for address in expect.get("discovered", ()):
        assert address in parsed.reason


def check_flag(parsed: Parsed, flag: str) -> None:
    if flag == "broken":
        assert parsed.incomplete
        assert parsed.reason
    elif flag == "not-a-feed":
        assert parsed.state in (SourceState.PARSE_ERROR, SourceState.BLOCKED)
        assert not parsed.entries
    elif flag == "paywall":
        assert any("paywall" in entry.marks for entry in parsed.entries)


def harvest_of(parsed: Parsed, answer: Answer) -> Harvest:
    return Harvest(
        "quelle",
        "quelle",
        answer.url,
        answer.now,
        parsed.state,
        entries=parsed.entries,
        storage=Storage.TEASER,
    )


IDENTITY = [case for case in EXPECT if case["kind"] == "identity"]
SERIES = [c for c in IDENTITY if not c["file"].endswith(".1.xml")]


@pytest.mark.parametrize("case", [pytest.param(c, id=Path(c["file"]).name) for c in SERIES])
def test_identity(case: dict[str, Any], corpus: Path, answer: MakeAnswer, database: Database) -> None:
    path = corpus / case["file"]
    before = path.with_name(path.name.replace(".2.xml", ".1.xml"))
    for file in [before, path] if before != path else [path]:
        made = answer(file.read_bytes())
        sources.store(database, harvest_of(feeds.read(made), made))
    assert queries.count(database) == case["expect"]["articles_total"]
    assert sources.store(database, harvest_of(feeds.read(made), made)).new == 0


def test_an_edited_title_keeps_its_history(corpus: Path, answer: MakeAnswer, sqlite: Database) -> None:
    for number in (1, 2):
        made = answer((corpus / f"hostile/feeds/title_edited.{number}.xml").read_bytes())
        sources.store(sqlite, harvest_of(feeds.read(made), made))
    (article,) = queries.each(sqlite)
    assert [r.number for r in queries.revisions(sqlite, article.id)] == [1, 2]


def by_guid(corpus: Path, name: str, answer: MakeAnswer) -> tuple[dict[str, Entry], Answer]:
    made = answer((corpus / "hostile" / "feeds" / name).read_bytes(), url=HOME)
    return {entry.guid: entry for entry in feeds.read(made).entries}, made


def test_absurd_dates(corpus: Path, answer: MakeAnswer) -> None:
    found, made = by_guid(corpus, "dates_absurd.xml", answer)
    assert len(found) == 20
    unknown = ["epoche", "jahr0001", "negativ", "unsinn", "leer", "feb30", "stunde25", "offset", "riesig"]
    for name in unknown:
        assert (found[name].published, found[name].date_mark) == (None, "unknown"), name
    for name in ("zukunft", "morgen", "jahr9999", "dez"):
        assert (found[name].published, found[name].date_mark) == (made.now, "future"), name
    hours = {"zone": 6, "deutsch": 7, "punkt": 7, "iso": 7}
    for name, hour in hours.items():
        assert found[name].published == made.now.replace(day=20, hour=hour), name
    leap = found["schaltsekunde"].published
    assert leap is not None
    assert (leap.isoformat(), found["schaltsekunde"].date_mark) == ("2017-01-01T00:00:00+00:00", "stale")
    twice = found["dst-doppelt"].published
    assert twice is not None
    assert twice.isoformat() == "2026-10-25T00:30:00+00:00"
    assert found["dst-luecke"].published is not None


def test_hostile_links(corpus: Path, answer: MakeAnswer) -> None:
    case = next(case for case in EXPECT if case["file"].endswith("links_hostile.xml"))
    by_name, _ = by_guid(corpus, "links_hostile.xml", answer)
    found = {guid.removeprefix("l-"): entry for guid, entry in by_name.items()}
    exact = {
        "userinfo2": ("https://quelle.example/a", ""),
        "noscheme": ("https://quelle.example/a", ""),
    }
    for name, rule in case["expect"]["rules"].items():
        link = found[name].url
        assert link == "" or link.startswith(("http://", "https://")), name
        assert "@" not in link.split("/")[2] if link else True
        if rule in ("reject", "ssrf") or rule.startswith("reject:"):
            assert link == "", (name, link)
        if link:
            host = link.split("/")[2]
            assert not names_private_host(host), (name, link)
            assert link.isascii()
            assert len(link) <= 2_048
        if name in exact:
            assert link in exact[name], (name, link)


def test_unicode_titles(corpus: Path, answer: MakeAnswer) -> None:
    found, _ = by_guid(corpus, "unicode_titles.xml", answer)
    assert len(found) == 20
    for name, entry in found.items():
        assert not {unicodedata.category(c) for c in entry.title} & {"Cc", "Cs"}, name
        assert unicodedata.is_normalized("NFC", entry.title), name
        assert len(entry.title) <= 1_000, name
    assert found["len10k"].title.endswith("…")
    assert "\u00ad" not in found["shy"].title
    assert not set(found["rlo"].title) & set(map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]))
    assert not set(found["zw"].title) & {"\u200b", "\u200c", "\ufeff", "\u2060"}
    assert not any(0xFFF9 <= ord(c) <= 0xFFFB for c in found["ann"].title)
    assert found["leer"].title
    assert "\u200d" in found["emoji"].title


def test_markup_and_header_tricks_are_plain_single_lines(corpus: Path, answer: MakeAnswer) -> None:
    found, _ = by_guid(corpus, "xss_everywhere.xml", answer)
    for entry in found.values():
        for text in (entry.title, entry.author, entry.teaser):
            assert "\n" not in text
            assert "<script" not in text.lower()
    lines, _ = by_guid(corpus, "crlf_titles.xml", answer)
    assert not [entry for entry in lines.values() if "\n" in entry.title or "\r" in entry.title]


@pytest.mark.parametrize("case", of("html"))
async def test_a_hostile_page(case: dict[str, Any], corpus: Path, answer: MakeAnswer, parser: Parser) -> None:
    url = "https://quelle.example/artikel/1"
    expect = case["expect"]
    wanted = (*expect.get("contains", ()), *expect.get("contains_best", ()))
    known = Entry(url=url, title="" if wanted else "Titel aus dem Feed", teaser="Vorspann aus dem Feed")
    asked = Ask(url, Purpose.PAGE, known)
    made = read_file(corpus, case, answer, url=url, ask=asked, content_type="text/html", storage=Storage.FULL)
    parsed = await parser.read(made)
    text = all_text(parsed)
    assert is_printable(text)
    for forbidden in expect.get("must_not_contain", ()):
        assert forbidden not in text
    for piece in wanted:
        assert piece in text
    if "flag" in expect:
        assert expect["flag"] in parsed.flags
    if expect.get("tdm") == "reserved":
        assert parsed.tdm_meta == "1"
    if "max_snippet" in expect:
        assert (parsed.max_snippet, parsed.archive_allowed) == (expect["max_snippet"], False)
    if expect.get("canonical_adopted") is False:
        assert [entry.url for entry in parsed.entries] == [url]
    if expect.get("flag") != "gone":
        assert len(parsed.entries) == 1
        assert titles(parsed) == [known.title] or wanted
        assert parsed.entries[0].teaser == "Vorspann aus dem Feed"
    assert not parsed.more
    assert not parsed.details


@pytest.mark.parametrize("case", [c for c in of("robots") if "allowed" in c.values[0]["expect"]])
def test_robots_txt(case: dict[str, Any], corpus: Path) -> None:
    robots = policy.Robots(200, policy.decode_robots((corpus / case["file"]).read_bytes()))
    token = case["expect"].get("token", "Lagebrief")
    for path, allowed in case["expect"]["allowed"].items():
        assert robots.permission(f"https://quelle.example{path}", token).allowed is allowed, path


def test_signals_for_machines_are_kept_as_they_stood(corpus: Path) -> None:
    folder = corpus / "hostile" / "robots"
    usage = policy.Robots(200, (folder / "content_usage.txt").read_text()).hints
    signal = policy.Robots(200, (folder / "content_signal.txt").read_text()).hints
    assert any(hint.startswith("content-usage: ") and "train-ai=n" in hint for hint in usage)
    assert any(hint.startswith("content-signal: ") for hint in signal)
    delay = policy.Robots(200, (folder / "crawl_delay.txt").read_text()).delay("Lagebrief")
    assert 0 < delay <= 60


@pytest.mark.parametrize("name", ["utf16.txt", "html_as_robots.txt"])
def test_odd_robots_txt_is_read_without_an_error(corpus: Path, name: str) -> None:
    text = policy.decode_robots((corpus / "hostile" / "robots" / name).read_bytes())
    policy.Robots(200, text).permission("https://quelle.example/a", "Lagebrief")


def test_tdmrep_files(corpus: Path) -> None:
    folder = corpus / "hostile" / "robots"
    good, broken = (folder / "tdmrep.json").read_text(), (folder / "tdmrep_broken.json").read_text()
    assert policy.site_reservation(good, "https://quelle.example/presse/1").tdm == "free"
    assert policy.site_reservation(good, "https://quelle.example/a").tdm == "reserved"
    assert policy.site_reservation(broken, "https://quelle.example/a").tdm == ""


def test_a_news_sitemap_is_no_feed_but_is_read_as_what_it_is(corpus: Path, answer: MakeAnswer) -> None:
    body = (corpus / "hostile" / "feeds" / "sitemap_news.xml").read_bytes()
    assert "news_sitemap" in feeds.read(answer(body)).reason
    assert len(sitemaps.read(answer(body, kind="news_sitemap")).entries) == 1


MOST = 10 * 1024 * 1024  # the body limit of the collector, which stands before the reader
GENERATED = {
    "one_element_200mb": (1, "the feed is broken; its whole entries were kept"),
    "entries_100k": (feeds.MAX_LOOSE, "more were left out"),
    "deep_xml_1m": (0, "nested too deeply"),
    "attrs_1m": (0, "reading the answer"),
    "one_line_title_10mb": (0, "holds no whole entry"),
    "gzip_bomb_1gb": (1, "the feed is broken; its whole entries were kept"),
    "gzip_bomb_nested": (0, "not a feed"),
    "billion_laughs_10": (0, "declares entities"),
    "quadratic_blowup": (0, "declares entities"),
    "redos_title": (6, ""),
}


@pytest.fixture(scope="module")
def generators(shared: Path, load: Callable[[Path], ModuleType]) -> ModuleType:
    return load(shared / "trust" / "corpus" / "hostile" / "generators" / "gen_hostile.py")


@pytest.mark.parametrize("name", GENERATED)
async def test_a_huge_feed_costs_only_itself(
    name: str, generators: ModuleType, answer: MakeAnswer, parser: Parser
) -> None:
    body = first_bytes(generators.ALL[name][0](), MOST)
    before = psutil.Process().memory_info().rss
    begun = time.monotonic()
    parsed = await parser.read(answer(body))
    took = time.monotonic() - begun
    grown = (psutil.Process().memory_info().rss - before) / 2**20
    entries, reason = GENERATED[name]
    assert len(parsed.entries) == entries
    assert reason in parsed.reason
    assert took < 14
    assert grown < 100
    assert not [entry for entry in parsed.entries if len(entry.title) > 1_000 or len(entry.teaser) > 5_000]
    following = await parser.read(
        answer("<rss version='2.0'><channel><item><title>Danach</title></item></channel></rss>")
    )
    assert titles(following) == ["Danach"]


@pytest.mark.parametrize("name", ["html_50mb", "deep_html_200k"])
async def test_a_huge_page_costs_only_itself(
    name: str, generators: ModuleType, answer: MakeAnswer, parser: Parser
) -> None:
    url = "https://quelle.example/1"
    asked = Ask(url, Purpose.PAGE, Entry(url=url, title="Titel", teaser="Vorspann"))
    body = first_bytes(generators.ALL[name][0](), MOST)
    begun = time.monotonic()
    parsed = await parser.read(answer(body, url=url, ask=asked, storage=Storage.FULL))
    assert time.monotonic() - begun < 14
    assert all(len(entry.body) <= 200_000 for entry in parsed.entries)


def first_bytes(blocks: Any, limit: int) -> bytes:
    body = bytearray()
    for block in blocks:
        body += block
        if len(body) >= limit:
            break
    return bytes(body[:limit])
