"""Each kind of source that is no plain feed: sitemaps, listings, aggregators, the Press Corner."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from archive import queries
from archive.database import Database
from archive.values import Entry, SourceState, Storage
from lagebrief.errors import ConfigError
from spiders import aggregators, feeds, kinds, listings, presscorner, sitemaps
from spiders.settings import SelectorSettings, SourceSettings
from spiders.values import Answer, Ask, Purpose

MakeAnswer = Callable[..., Answer]
Source = Callable[..., SourceSettings]
Gather = Callable[..., Any]
NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"


def url_element(number: int) -> str:
    return (
        f"<url><loc>https://quelle.example/a/{number}</loc><lastmod>2026-11-20T08:00:00Z</lastmod><news:news>"
        "<news:publication><news:name>Q</news:name><news:language>en</news:language></news:publication>"
        "<news:publication_date>2026-11-20T07:00:00Z</news:publication_date>"
        f"<news:title>Meldung &amp; Nummer {number}</news:title></news:news></url>"
    )


def urlset(*inside: str) -> str:
    return f"<?xml version='1.0'?><urlset xmlns='{SITEMAP}' xmlns:news='{NEWS}'>{''.join(inside)}</urlset>"


def test_a_news_sitemap_gives_headline_address_language_and_time(answer: MakeAnswer) -> None:
    (entry,) = sitemaps.read(answer(urlset(url_element(1)), kind="news_sitemap")).entries
    assert (entry.url, entry.title, entry.language) == (
        "https://quelle.example/a/1",
        "Meldung & Nummer 1",
        "en",
    )
    assert entry.published == dt.datetime(2026, 11, 20, 7, tzinfo=dt.UTC)


def test_a_sitemap_cut_off_keeps_its_whole_entries(answer: MakeAnswer) -> None:
    body = urlset(url_element(1), url_element(2))[:-200]
    parsed = sitemaps.read(answer(body, kind="news_sitemap"))
    assert [entry.title for entry in parsed.entries][:1] == ["Meldung & Nummer 1"]
    assert parsed.incomplete


def test_of_a_sitemap_index_three_maps_are_asked_for(
    answer: MakeAnswer,
) -> None:
    addresses = ["https://quelle.example/s1", "http://10.0.0.1/s", "/s2", "https://quelle.example/s3", "/s4"]
    inside = "".join(f"<sitemap><loc>{address}</loc></sitemap>" for address in addresses)
    parsed = sitemaps.read(answer(f"<sitemapindex xmlns='{SITEMAP}'>{inside}</sitemapindex>"))
    assert [ask.url for ask in parsed.more] == [f"https://quelle.example/s{n}" for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("body", "state"),
    [
        ("", SourceState.EMPTY),
        ("<rss/>", SourceState.PARSE_ERROR),
        ("<!DOCTYPE u [<!ENTITY a 'b'>]><urlset/>", SourceState.PARSE_ERROR),
        ("kein XML", SourceState.PARSE_ERROR),
    ],
)
def test_what_is_no_sitemap_is_said(answer: MakeAnswer, body: str, state: SourceState) -> None:
    parsed = sitemaps.read(answer(body, kind="news_sitemap"))
    assert (parsed.state, parsed.entries) == (state, ())
    assert parsed.reason


async def test_a_sitemap_index_that_names_itself_ends(site: Any, gather: Gather, source_at: Source) -> None:
    inside = "".join(f"<sitemap><loc>{site.url(path)}</loc></sitemap>" for path in ("/i.xml", "/o.xml"))
    for path in ("/i.xml", "/o.xml"):
        site.put(path, f"<sitemapindex xmlns='{SITEMAP}'>{inside}</sitemapindex>")
    report = (await gather(source_at("s", site.url("/i.xml"), kind="news_sitemap")))["s"]
    assert [path for path in site.asked if path.endswith(".xml")] == ["/i.xml", "/o.xml"]
    assert report.entries == 0


async def test_the_children_of_an_unchanged_index_are_asked_for_again(
    site: Any, gather: Gather, source_at: Source
) -> None:
    child = f"<sitemap><loc>{site.url('/c.xml')}</loc></sitemap>"
    site.put("/i.xml", f"<sitemapindex xmlns='{SITEMAP}'>{child}</sitemapindex>", ETag='"i"')
    site.put("/c.xml", urlset(url_element(1)), ETag='"c"')
    source = source_at("s", site.url("/i.xml"), kind="news_sitemap")
    assert (await gather(source))["s"].stored.new == 1
    site.put("/c.xml", urlset(url_element(1), url_element(2)), ETag='"c"')
    assert (await gather(source, now=NOW + dt.timedelta(hours=3)))["s"].stored.new == 1
    assert not [headers for headers in site.headers if "if-none-match" in headers]


LISTING = """<html lang="de"><body>
<article><h2><a href="/a/1">Erster Bericht • Table.Briefings</a></h2><p>Vorspann eins</p>
<b>Von Anna Ost</b></article>
<article><h2><a href="/a/2#top">Zweiter Bericht</a></h2><p>Vorspann zwei</p></article>
<article><h2><a href="/a/1">Erster Bericht noch einmal</a></h2></article>
<article><h2><a href="https://anderswo.example/a/3">Werbung</a></h2></article>
<article><h2><a href="javascript:alert(1)">Falle</a></h2></article>
</body></html>"""


def test_a_listing_names_its_articles_once_and_only_its_own(answer: MakeAnswer) -> None:
    selectors = SelectorSettings(author="b")
    parsed = listings.read(answer(LISTING, kind="html_list", selectors=selectors))
    assert [(ask.url, ask.purpose) for ask in parsed.details] == [
        ("https://quelle.example/a/1", Purpose.PAGE),
        ("https://quelle.example/a/2", Purpose.PAGE),
    ]
    known = parsed.details[0].entry
    assert known is not None
    assert (known.teaser, known.author, known.date_mark) == ("Vorspann eins", "Von Anna Ost", "")


def test_a_changed_layout_is_an_error_but_the_page_after_the_last_is_not(
    answer: MakeAnswer,
) -> None:
    changed = listings.read(answer("<html><body><section>neu</section></body></html>", kind="html_list"))
    assert changed.state is SourceState.PARSE_ERROR
    assert "layout may have changed" in changed.reason
    after = answer(
        "<html><body></body></html>", kind="html_list", ask=Ask("https://quelle.example/feed?page=3")
    )
    assert listings.read(after).state is SourceState.OK


def test_a_bot_wall_in_place_of_a_listing_is_a_block(answer: MakeAnswer) -> None:
    wall = "<html><p>Please enable JS and disable any ad blocker</p></html>"
    assert listings.read(answer(wall, kind="html_list")).state is SourceState.BLOCKED


def test_a_wrong_selector_is_the_operators(answer: MakeAnswer) -> None:
    with pytest.raises(ConfigError, match=r"sources\.quelle\.selectors"):
        listings.read(answer(LISTING, kind="html_list", selectors=SelectorSettings(link="a[")))


def test_further_pages_of_a_listing(source_at: Source) -> None:
    source = source_at("s", "https://quelle.example/tag/ki?x=1", kind="html_list", pages=3)
    assert [ask.url.rpartition("?")[2] for ask in listings.start(source)] == [
        "x=1",
        "x=1&page=2",
        "x=1&page=3",
    ]


async def test_a_listing_and_its_pages_are_collected(
    site: Any, gather: Gather, source_at: Source, sqlite: Database
) -> None:
    site.put("/tag/ki", LISTING, Content_Type="text/html")
    data = json.dumps({"@type": "NewsArticle", "datePublished": "2026-11-20T08:00:00+01:00", "headline": "x"})
    page = (
        f"<html lang=de><script type='application/ld+json'>{data}</script><article>{'Text. ' * 99}</article>"
    )
    for number in (1, 2):
        site.put(f"/a/{number}", page, Content_Type="text/html")
    source = source_at("t", site.url("/tag/ki"), kind="html_list", outlet="tablemedia")
    report = (await gather(source))["t"]
    assert (report.state, report.stored.new) == (SourceState.OK, 2)
    kept = {article.url[-1]: article for article in queries.each(sqlite)}
    assert (kept["1"].title, kept["1"].body) == ("Erster Bericht", "")
    assert kept["1"].published == dt.datetime(2026, 11, 20, 7, tzinfo=dt.UTC)
    again = (await gather(source, now=NOW + dt.timedelta(hours=12)))["t"]
    assert again.state is SourceState.OK
    assert site.asked.count("/a/1") == 1, "a known article's page is not asked for again"


REAL = "https://www.reuters.com/technology/a-b-2026-11-20/?x=1&y=%C3%A4"
CLICK = f"http://www.bing.com/news/apiclick.aspx?ref=FexRss&amp;aid=&amp;url={quote(REAL, safe='')}&amp;c=1"


def test_bing_links_are_unwrapped_once(answer: MakeAnswer, rss: Callable[..., str]) -> None:
    feed = rss(f"<title>Bericht</title><link>{CLICK}</link><description>x</description><guid>{CLICK}</guid>")
    (entry,) = aggregators.read_bing(
        answer(feed, kind="bing_news", url="https://www.bing.com/news/search")
    ).entries
    assert (entry.url, entry.guid, entry.teaser) == (REAL, "", "")


@pytest.mark.parametrize("inner", ["javascript:alert(1)", "http://127.0.0.1/", "", "file:///etc/passwd"])
def test_a_wrapped_trap_is_no_link(answer: MakeAnswer, rss: Callable[..., str], inner: str) -> None:
    link = f"http://www.bing.com/news/apiclick.aspx?url={quote(inner, safe='')}"
    feed = rss(f"<title>Bericht</title><link>{link}</link>")
    found = aggregators.read_bing(
        answer(feed, kind="bing_news", url="https://www.bing.com/news/search")
    ).entries
    assert [entry.url for entry in found] == [""]


def test_links_of_others_are_left_alone() -> None:
    assert aggregators.unwrap(REAL) == REAL
    evil = "http://bing.com.evil.example/news/apiclick.aspx?url=https%3A%2F%2Fx.example"
    assert aggregators.unwrap(evil) == evil
    other = "http://notbing.com/news/apiclick.aspx?url=https%3A%2F%2Fx.example"
    assert aggregators.unwrap(other) == other


def test_the_query_is_put_into_the_address(source_at: Source) -> None:
    source = source_at(
        "b", "https://www.bing.com/news/search?q={query}&format=rss", kind="bing_news", query='a "b c"'
    )
    (ask,) = kinds.start(source, NOW)
    assert ask.url == "https://www.bing.com/news/search?q=a+%22b+c%22&format=rss"


def test_gdelt_rows_become_entries(answer: MakeAnswer) -> None:
    rows = [
        {"url": REAL, "title": "China ' s data centre plan , explained", "seendate": "20261120T080000Z"},
        {"url": REAL, "title": "Zweiter", "language": "German", "seendate": "morgen"},
        "kein Eintrag",
    ]
    parsed = aggregators.read_gdelt(answer(json.dumps({"articles": rows}), kind="gdelt"))
    first, second = parsed.entries
    assert (first.url, first.title) == (REAL, "China' s data centre plan, explained")
    assert first.published == dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)
    assert (second.language, second.date_mark) == ("de", "unknown")


@pytest.mark.parametrize(
    ("body", "state"),
    [
        ("Please limit requests to one every 5 seconds or contact us.", SourceState.RATE_LIMITED),
        ("", SourceState.EMPTY),
        ("<html>", SourceState.PARSE_ERROR),
        ('{"articles": "x"}', SourceState.PARSE_ERROR),
        ("[]", SourceState.PARSE_ERROR),
        ("{}", SourceState.OK),
        ("[" * 100_000, SourceState.PARSE_ERROR),
    ],
)
def test_what_gdelt_says_instead(answer: MakeAnswer, body: str, state: SourceState) -> None:
    assert aggregators.read_gdelt(answer(body, kind="gdelt")).state is state


def row(number: int, **changes: Any) -> dict[str, Any]:
    made = {
        "refCode": f"IP/26/{number}",
        "eventDate": "2026-11-20",
        "title": f"Titel {number}",
        "languageCode": "DE",
    }
    return made | {"leadText": f"Vorspann {number}"} | changes


def search_page(*rows: Any, total: int | None = None) -> str:
    return json.dumps({"totalNumber": total or len(rows), "docuLanguageListResources": list(rows)})


EC = "https://ec.europa.eu/commission/presscorner/api/search"


def corner(answer: MakeAnswer, body: str, **more: Any) -> Any:
    return presscorner.read(answer(body, kind="json_api", url=EC, **more))


def test_a_search_page_names_documents_in_german(answer: MakeAnswer) -> None:
    parsed = corner(answer, search_page(row(301), row(302, title=None), "Unsinn", row(303, refCode="../x")))
    assert [entry.guid for entry in parsed.entries] == ["IP/26/301", "IP/26/302"]
    assert parsed.entries[0].url == "https://ec.europa.eu/commission/presscorner/detail/de/ip_26_301"
    assert [ask.url.partition("api/")[2] for ask in parsed.details] == [
        "documents?reference=IP/26/301&language=de",
        "documents?reference=IP/26/302&language=de",
    ]
    assert parsed.incomplete, "rows were left out"


def test_the_search_asks_for_a_fortnight_and_for_as_many_pages_as_set(
    answer: MakeAnswer, source_at: Source
) -> None:
    source = source_at("ec", EC, kind="json_api", pages=2)
    (ask,) = presscorner.start(source, NOW)
    asked = parse_qs(urlsplit(ask.url).query)
    assert (asked["datefrom"], asked["dateto"], asked["pagenumber"]) == (["08112026"], ["22112026"], ["1"])
    first = corner(answer, search_page(row(1), total=250), ask=ask, pages=2)
    assert [parse_qs(urlsplit(a.url).query)["pagenumber"] for a in first.more] == [["2"]]
    assert corner(answer, search_page(row(1), total=250), ask=first.more[0], pages=2).more == ()


@pytest.mark.parametrize("body", ["", "<html>", "[]", "{}", '{"docuLanguageListResources": 1}', "[" * 99_999])
def test_a_failed_search_page_is_never_the_last_one(answer: MakeAnswer, body: str) -> None:
    parsed = corner(answer, body)
    assert parsed.state in (SourceState.EMPTY, SourceState.PARSE_ERROR)
    assert parsed.incomplete


def document_ask(language: str) -> Ask:
    url = f"https://ec.europa.eu/commission/presscorner/api/documents?reference=IP/26/301&language={language}"
    return Ask(url, Purpose.PAGE, Entry("https://ec.europa.eu/x", "Titel", guid="IP/26/301"))


def test_a_document_without_german_text_is_asked_for_in_english_and_then_given_up(answer: MakeAnswer) -> None:
    for body in ("", "{}", '{"docuLanguageResource": {"htmlContent": ""}}'):
        (english,) = corner(answer, body, ask=document_ask("de")).details
        assert "language=en" in english.url
        assert corner(answer, body, ask=document_ask("en")).state is SourceState.EMPTY


def test_a_document_gives_text_lead_and_date(answer: MakeAnswer) -> None:
    part = {"title": "T", "htmlContent": "<p>Erster Absatz.</p><p>Zweiter.</p>", "language": "DE"}
    body = json.dumps({"publishDate": "2026-11-20T12:05:00", "docuLanguageResource": part})
    (entry,) = corner(answer, body, ask=document_ask("de"), storage=Storage.FULL).entries
    assert (entry.body, entry.teaser) == ("Erster Absatz.\nZweiter.", "Erster Absatz.")
    assert entry.published == dt.datetime(2026, 11, 20, 11, 5, tzinfo=dt.UTC)


async def test_the_press_corner_is_collected_with_its_english_fallback(
    site: Any, gather: Gather, source_at: Source, sqlite: Database
) -> None:
    part = {"htmlContent": "<p>The text.</p>", "language": "EN"}
    site.put("/api/search", search_page(row(301)))
    site.put("/api/documents?reference=IP/26/301&language=de", "")
    site.put("/api/documents?reference=IP/26/301&language=en", json.dumps({"docuLanguageResource": part}))
    source = source_at("ec", site.url("/api/search"), kind="json_api", storage=Storage.FULL)
    report = (await gather(source))["ec"]
    assert (report.state, report.stored.new) == (SourceState.OK, 1), report.reason
    (article,) = queries.each(sqlite)
    assert (article.body, article.language) == ("The text.", "de")


def test_a_feed_with_more_entries_than_we_read_says_so(answer: MakeAnswer, rss: Callable[..., str]) -> None:
    items = [f"<title>Nummer {n}</title><link>https://quelle.example/{n}</link>" for n in range(5_010)]
    parsed = feeds.read(answer(rss(*items)))
    assert len(parsed.entries) == 5_000
    assert parsed.reason == "10 entries beyond the first 5000 were left out"
    assert not parsed.incomplete


@pytest.mark.parametrize("prolog", ["<!-- <rss> -->", "<?x <a ?>", "<!--" + "x" * 70_000 + "-->"])
def test_entities_are_refused_whatever_stands_before_them(answer: MakeAnswer, prolog: str) -> None:
    body = (
        f"<?xml version='1.0'?>{prolog}<!DOCTYPE rss [<!ENTITY a 'b'>]><rss><channel><item/></channel></rss>"
    )
    assert "declares entities" in feeds.read(answer(body)).reason


def test_an_article_about_entities_is_read(answer: MakeAnswer, rss: Callable[..., str]) -> None:
    feed = rss("<title>Über XML</title><description><![CDATA[Mit <!ENTITY a 'b'> geht es.]]></description>")
    assert [entry.title for entry in feeds.read(answer(feed)).entries] == ["Über XML"]
