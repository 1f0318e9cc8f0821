"""The example web, read over real HTTP with the tools a reader would use."""

from __future__ import annotations

import datetime as dt
import json
import re
from calendar import timegm
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from email.message import Message
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urljoin, urlsplit
from urllib.request import Request, urlopen

import feedparser
import pytest
from lxml import etree
from lxml import html as lxml_html

from lagebrief.demo.articles import BERLIN, Article, load_articles
from lagebrief.demo.world import WEEK_END, ExampleWeb

ARTICLES = load_articles()
LATE = dt.datetime(2025, 7, 21, tzinfo=BERLIN)
HOSTS = ["dcd", "tomshardware", "tablemedia", "iw", "ec", "eurlex", "aiact", "bing", "gdelt"]
FEEDS = {
    "reuters-bing": "reuters",
    "dcd": "dcd",
    "tomshardware": "tomshardware",
    "iw": "iw",
    "eurlex": "eurlex",
    "aiact": "aiact",
}


@pytest.fixture
def web() -> Iterator[ExampleWeb]:
    with ExampleWeb() as running:
        yield running


def get(url: str, method: str = "GET", **headers: str) -> tuple[int, Message, bytes]:
    request = Request(  # noqa: S310 - always a loopback address of this test
        url, method=method, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )
    try:
        with urlopen(request, timeout=10) as answer:  # noqa: S310
            return answer.status, answer.headers, answer.read()
    except HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def get_json(url: str) -> Any:
    status, headers, body = get(url)
    assert status == 200
    assert headers.get_content_type() == "application/json"
    return json.loads(body)


def get_page(url: str) -> Any:
    status, _, body = get(url)
    assert status == 200
    return lxml_html.fromstring(body.decode())


def week(article: Article) -> int:
    return article.published.astimezone(BERLIN).isocalendar().week


def out_by(moment: dt.datetime, outlet: str) -> list[Article]:
    return [article for article in ARTICLES if article.outlet == outlet and article.published <= moment]


# What the example says


def test_every_item_is_unique_and_in_its_weeks() -> None:
    assert len({article.key for article in ARTICLES}) == len(ARTICLES)
    assert len({article.url for article in ARTICLES}) == len(ARTICLES)
    assert {week(article) for article in ARTICLES} == {26, 27, 28, 29}
    assert all(article.published.tzinfo and article.published < LATE for article in ARTICLES)
    assert all(article.title and article.teaser and article.paragraphs for article in ARTICLES)


def test_week_28_is_rich() -> None:
    items = [article for article in ARTICLES if week(article) == 28]
    relevant = [article for article in items if article.topics]
    assert len(items) >= 20
    assert len(relevant) >= 12
    assert {article.outlet for article in relevant} == {article.outlet for article in ARTICLES}


def test_noise_is_about_a_third() -> None:
    noise = sum(not article.topics for article in ARTICLES)
    assert 0.3 <= noise / len(ARTICLES) <= 0.42


def test_xinjiang_is_told_by_four_outlets_in_two_languages() -> None:
    told = [article for article in ARTICLES if article.story == "xinjiang-39"]
    assert {article.outlet for article in told} == {"reuters", "dcd", "tomshardware", "tablemedia"}
    assert {article.language for article in told} == {"de", "en"}
    for article in told:
        assert dt.date(2025, 7, 8) <= article.published.date() <= dt.date(2025, 7, 16)
        shown = f"{article.title} {article.teaser}"
        assert re.search(r"\b39\b", shown), article.key
        assert re.search(r"\b115[,.]000\b", shown), article.key


def test_other_events_are_told_by_several_outlets() -> None:
    outlets = defaultdict(set)
    for article in ARTICLES:
        outlets[article.story].add(article.outlet)
    shared = [story for story, told_by in outlets.items() if story and len(told_by) >= 2]
    assert len(shared) >= 8


@pytest.mark.parametrize(
    ("words", "first_known"),
    [
        (r"115[.,]000|Nyocor|Yiwu", "2025-07-08"),
        (r"stop(ped)? (the )?clock|two-year pause|Uhr anh[aä]lt", "2025-06-23"),
        (r"Airbus", "2025-07-03"),
        (r"three chapters|drei Kapitel", "2025-07-10"),
        (r"\bH20\b|MI308", "2025-07-14"),
        (r"Meta (will not|refuses)|10\^23", "2025-07-18"),
    ],
)
def test_nothing_is_known_before_it_happened(words: str, first_known: str) -> None:
    for article in ARTICLES:
        text = f"{article.title} {article.teaser} {article.body}"
        if re.search(words, text):
            assert f"{article.published:%Y-%m-%d}" >= first_known, article.key


def test_titles_and_teasers_have_the_quirks_of_real_ones() -> None:
    titles = [article.title for article in ARTICLES]
    assert any(title.startswith("Exclusive:") for title in titles)
    assert any("—" in title for title in titles)
    assert any("\u2011" in title for title in titles)
    assert any("data centre" in title for title in titles)
    assert any("data center" in title for title in titles)
    assert any("\u200b" in article.teaser for article in ARTICLES if article.outlet == "reuters")
    assert all(len(article.title) >= 150 for article in ARTICLES if article.outlet == "tomshardware")
    assert all(len(article.teaser) <= 200 for article in ARTICLES if article.outlet == "tablemedia")


def test_made_up_numbers_cannot_be_taken_for_real_documents() -> None:
    for article in ARTICLES:
        if article.outlet == "ec" and article.slug != "IP/25/1787":
            assert re.fullmatch(r"[A-Z]+/25/9\d{3}", article.slug)
        if article.outlet == "eurlex" and article.slug != "32024R1689":
            assert re.fullmatch(r"[35]2025(R|XC)9\d{3}", article.slug)


# What the hosts answer


@pytest.mark.parametrize(("source", "outlet"), FEEDS.items())
def test_a_feed_shows_the_outlets_items_newest_first(web: ExampleWeb, source: str, outlet: str) -> None:
    status, headers, body = get(web.urls()[source])
    assert status == 200
    assert headers.get_content_type() == "application/rss+xml"
    feed = feedparser.parse(body)
    assert not feed.bozo
    assert "Beispiel" in feed.feed.title
    assert "Beispiel" in feed.feed.description
    expected = out_by(WEEK_END, outlet)[::-1][: 12 if source == "reuters-bing" else None]
    assert [entry.title for entry in feed.entries] == [
        (article.at(WEEK_END) or article).title for article in expected
    ]
    assert [dt.datetime.fromtimestamp(timegm(entry.published_parsed), dt.UTC) for entry in feed.entries] == [
        article.published for article in expected
    ]


def test_each_source_has_an_address_on_its_own_port(web: ExampleWeb) -> None:
    urls = web.urls()
    assert set(urls) == {*FEEDS, "reuters-gdelt", "tablemedia", "ec"}
    assert all(urlsplit(url).hostname == "127.0.0.1" for url in urls.values())
    assert len({urlsplit(url).port for url in urls.values()}) == len(HOSTS)


def test_later_items_are_hidden(web: ExampleWeb) -> None:
    web.as_of = dt.datetime(2025, 7, 8, 12, 0, tzinfo=BERLIN)
    entries = feedparser.parse(get(web.urls()["dcd"])[2]).entries
    assert len(entries) == len(out_by(web.as_of, "dcd"))
    assert not any("Xinjiang" in entry.title for entry in entries)
    web.as_of = LATE
    assert len(feedparser.parse(get(web.urls()["dcd"])[2]).entries) == len(out_by(LATE, "dcd"))


def test_a_time_without_zone_is_refused(web: ExampleWeb) -> None:
    with pytest.raises(ValueError, match="time zone"):
        web.as_of = dt.datetime(2025, 7, 8)  # noqa: DTZ001 - the fault under test


def test_a_silent_correction_shows_from_its_moment_on(web: ExampleWeb) -> None:
    url = web.urls()["dcd"]
    web.as_of = dt.datetime(2025, 7, 11, 12, 0, tzinfo=BERLIN)
    before = get(url)
    assert "625 GPUs" in feedparser.parse(before[2]).entries[0].summary
    web.as_of = dt.datetime(2025, 7, 12, 12, 0, tzinfo=BERLIN)
    after = get(url)
    assert "625 servers" in feedparser.parse(after[2]).entries[0].summary
    assert after[1]["ETag"] != before[1]["ETag"]
    assert after[1]["Last-Modified"] == "Sat, 12 Jul 2025 08:00:00 GMT"


@pytest.mark.parametrize("source", [*FEEDS, "reuters-gdelt", "tablemedia", "ec"])
def test_an_unchanged_answer_is_304(web: ExampleWeb, source: str) -> None:
    url = web.urls()[source]
    _, headers, _ = get(url)
    by_tag = get(url, If_None_Match=headers["ETag"])
    by_date = get(url, If_Modified_Since=headers["Last-Modified"])
    assert (by_tag[0], by_tag[2]) == (304, b"")
    assert (by_date[0], by_date[2]) == (304, b"")
    web.as_of = dt.datetime(2025, 7, 1, tzinfo=BERLIN)
    assert get(url, If_None_Match=headers["ETag"])[0] == 200


def test_the_tag_counts_before_the_date(web: ExampleWeb) -> None:
    url = web.urls()["dcd"]
    later = "Mon, 14 Jul 2025 00:00:00 GMT"
    assert get(url, If_None_Match='"other"', If_Modified_Since=later)[0] == 200
    assert get(url, If_None_Match=f"W/{get(url)[1]['ETag']}")[0] == 304
    assert get(url, If_Modified_Since="not a date")[0] == 200


@pytest.mark.parametrize("host", HOSTS)
def test_every_host_has_robots_and_no_tdm_reservation(web: ExampleWeb, host: str) -> None:
    status, headers, body = get(f"{web.base(host)}/robots.txt")
    assert (status, headers.get_content_type()) == (200, "text/plain")
    assert b"User-agent: *" in body
    assert get(f"{web.base(host)}/.well-known/tdmrep.json")[0] == 404
    assert (b"Content-Signal: search=yes,ai-train=no,use=reference" in body) == (host == "dcd")


def test_head_is_answered_but_not_by_iw(web: ExampleWeb) -> None:
    status, headers, body = get(web.urls()["dcd"], method="HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) > 0
    assert get(web.urls()["iw"], method="HEAD")[0] == 401


def test_a_stopped_web_answers_no_more() -> None:
    with ExampleWeb() as web:
        url = web.urls()["dcd"]
    with pytest.raises(OSError, match="refused"):
        get(url)


# The dialects


def test_dcd_shows_twenty_items_with_images() -> None:
    first = next(article for article in ARTICLES if article.outlet == "dcd")
    many = [
        replace(first, key=f"d-{n}", slug=f"item-{n}", published=first.published + dt.timedelta(hours=n))
        for n in range(25)
    ]
    with ExampleWeb(articles=many) as web:
        entries = feedparser.parse(get(web.urls()["dcd"])[2]).entries
    assert [entry.link.rsplit("/", 2)[1] for entry in entries] == [f"item-{n}" for n in range(24, 4, -1)]
    assert all(entry.enclosures[0].type == "image/jpeg" for entry in entries)


def test_toms_feed_keeps_its_faults(web: ExampleWeb) -> None:
    _, _, body = get(web.urls()["tomshardware"])
    assert b'xmlns:dc="https://purl.org/dc/elements/1.1/"' in body
    assert b"<title><![CDATA[ " in body
    items = etree.fromstring(body).findall("channel/item")
    assert all(len(item.findtext("guid", "")) == 22 for item in items)
    full = items[0].findtext("{https://purl.org/dc/elements/1.1/}content")
    assert full is not None
    assert full.startswith(" <p>")
    assert items[0].find("{http://search.yahoo.com/mrss/}content") is not None


def test_toms_tag_feed_shows_what_carries_the_tag(web: ExampleWeb) -> None:
    feed = feedparser.parse(get(f"{web.base('tomshardware')}/feeds/tag/data-center")[2])
    assert 0 < len(feed.entries) < len(out_by(WEEK_END, "tomshardware"))
    assert get(f"{web.base('tomshardware')}/feeds/tag/nothing")[0] == 404


def test_bing_wraps_the_address(web: ExampleWeb) -> None:
    _, _, body = get(web.urls()["reuters-bing"])
    root = etree.fromstring(body)
    links = [item.findtext("link", "") for item in root.findall("channel/item")]
    assert all(link.startswith("http://www.bing.com/news/apiclick.aspx?ref=FexRss&") for link in links)
    assert all("&url=https%3a%2f%2fwww.reuters.com%2f" in link for link in links)
    targets = [parse_qs(urlsplit(link).query)["url"][0] for link in links]
    assert all(re.search(r"-2025-0[67]-\d\d/$", target) for target in targets)
    assert set(targets) <= {article.url for article in ARTICLES}
    source = f"{{{root.nsmap['News']}}}Source"
    assert {item.findtext(source) for item in root.iter("item")} == {"Reuters"}
    assert get(f"{web.base('bing')}/news/search?q=x")[0] == 404


def test_gdelt_lists_addresses_without_teasers(web: ExampleWeb) -> None:
    found = get_json(web.urls()["reuters-gdelt"])["articles"]
    assert [entry["url"] for entry in found] == [item.url for item in out_by(WEEK_END, "reuters")[::-1]]
    assert all(re.fullmatch(r"2025\d{4}T\d{2}(00|15|30|45)00Z", entry["seendate"]) for entry in found)
    assert {entry["domain"] for entry in found} == {"reuters.com"}
    few = get_json(f"{web.base('gdelt')}/api/v2/doc/doc?query=x&maxrecords=3")["articles"]
    assert few == found[:3]
    web.as_of = dt.datetime(2025, 1, 1, tzinfo=BERLIN)
    assert get_json(web.urls()["reuters-gdelt"]) == {}


def test_wordpress_feed_has_full_posts(web: ExampleWeb) -> None:
    entry = feedparser.parse(get(web.urls()["aiact"])[2]).entries[0]
    assert entry.author == "EU AI Act Team"
    assert entry.content[0].value.startswith("<p>")
    assert re.fullmatch(r"https://artificialintelligenceact\.eu/\?p=\d+", entry.id)


def test_eurlex_titles_name_the_act(web: ExampleWeb) -> None:
    for entry in feedparser.parse(get(web.urls()["eurlex"])[2]).entries:
        assert re.search(r"\(EU\) 202[45]/\d{4}", entry.title)
        assert "?uri=CELEX:" in entry.link


# Press Corner


def search(web: ExampleWeb, **query: str | int) -> Any:
    fields = "&".join(f"{name}={value}" for name, value in query.items())
    return get_json(f"{web.base('ec')}/commission/presscorner/api/search?{fields}")


def test_press_corner_search_pages_and_filters(web: ExampleWeb) -> None:
    everything = get_json(web.urls()["ec"])
    assert everything["totalNumber"] == len(out_by(WEEK_END, "ec"))
    second = search(web, language="de", pagesize=4, pagenumber=2)
    assert second["docuLanguageListResources"] == everything["docuLanguageListResources"][4:8]
    assert search(web, pagesize=4, pagenumber=9)["docuLanguageListResources"] == []
    day = search(web, language="de", pagesize=100, datefrom="10072025", dateto="10072025")
    assert [entry["refCode"] for entry in day["docuLanguageListResources"]] == ["QANDA/25/9033", "IP/25/1787"]
    only = search(web, pagesize=100, documentTypeCodes="QANDA")
    assert {entry["docutype"]["code"] for entry in only["docuLanguageListResources"]} == {"QANDA"}


def test_press_corner_search_falls_back_to_english_titles(web: ExampleWeb) -> None:
    found = get_json(web.urls()["ec"])["docuLanguageListResources"]
    assert {entry["languageCode"] for entry in found} == {"DE", "EN"}
    assert {entry["languageCode"] for entry in search(web, language="en")["docuLanguageListResources"]} == {
        "EN"
    }


def test_press_corner_refuses_an_odd_date(web: ExampleWeb) -> None:
    assert get(f"{web.base('ec')}/commission/presscorner/api/search?datefrom=2025-07-10")[0] == 400


def test_press_corner_document_in_both_languages(web: ExampleWeb) -> None:
    address = f"{web.base('ec')}/commission/presscorner/api/documents?reference=IP/25/1787"
    german = get_json(f"{address}&language=de")
    assert german["publishDate"] == "2025-07-10T12:05:00"
    assert german["docuLanguageResource"]["language"] == "DE"
    assert "2. August 2025" in german["docuLanguageResource"]["htmlContent"]
    assert "Beispiel" in german["docuLanguageResource"]["subtitle"]
    assert get_json(f"{address}&language=en")["docuLanguageResource"]["original"] is True


def test_press_corner_without_german_version_is_empty_and_200(web: ExampleWeb) -> None:
    address = f"{web.base('ec')}/commission/presscorner/api/documents?reference=MEX/25/9023"
    assert get(f"{address}&language=de")[::2] == (200, b"")
    assert get_json(f"{address}&language=en")["refCd"] == "MEX/25/9023"


def test_press_corner_does_not_know_tomorrow(web: ExampleWeb) -> None:
    address = f"{web.base('ec')}/commission/presscorner/api/documents?reference=IP/25/9042&language=en"
    assert get(address)[0] == 404
    web.as_of = LATE
    assert get(address)[0] == 200


# Table.Media


def test_listing_has_relative_links_and_no_dates(web: ExampleWeb) -> None:
    address = web.urls()["tablemedia"]
    pages = [get_page(f"{address}?page={number}") for number in (1, 2, 3)]
    teasers = [page.cssselect("article.teaser") for page in pages]
    assert [len(found) for found in teasers] == [10, len(out_by(WEEK_END, "tablemedia")) - 10, 0]
    for teaser in teasers[0]:
        assert teaser.cssselect("h3 a")[0].get("href").startswith("/")
        assert teaser.cssselect("p.lead")[0].text_content()
        assert teaser.cssselect(".byline")[0].text_content() == "Von Redaktion"
    assert not pages[0].xpath("//time")
    assert pages[0].findtext(".//title").endswith(" • Table.Briefings")
    assert pages[0].cssselect("a[rel=next]")
    assert not pages[1].cssselect("a[rel=next]")


def test_briefing_listing_shows_its_own_items(web: ExampleWeb) -> None:
    links = get_page(f"{web.base('tablemedia')}/china/news").cssselect("article.teaser h3 a")
    assert links
    assert all(link.get("href").startswith("/china/news/") for link in links)


def test_article_page_carries_date_and_canonical_address(web: ExampleWeb) -> None:
    address = web.urls()["tablemedia"]
    headlines = []
    for link in get_page(address).cssselect("article.teaser h3 a"):
        page = get_page(urljoin(address, link.get("href")))
        canonical = page.cssselect("link[rel=canonical]")[0].get("href")
        data = json.loads(page.cssselect("script[type='application/ld+json']")[0].text_content())
        article = next(item for item in ARTICLES if item.url == canonical)
        assert canonical.startswith("https://table.media/")
        assert data["@type"] == "NewsArticle"
        assert data["isAccessibleForFree"] is False
        assert dt.datetime.fromisoformat(data["datePublished"]) == article.published
        assert page.cssselect("h1.headline")[0].text_content() == article.title
        headlines.append(data["headline"])
    assert any("&#8211;" in headline for headline in headlines)


def test_article_page_of_tomorrow_is_not_there(web: ExampleWeb) -> None:
    later = next(article for article in ARTICLES if article.key == "tm-h20")
    assert get(web.base("tablemedia") + urlsplit(later.url).path)[0] == 404
