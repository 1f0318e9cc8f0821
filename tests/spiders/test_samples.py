"""Real feeds, pages and robots.txt files, served from this machine to the real collector."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from archive import queries, sources
from archive.database import Database
from archive.values import Article, SourceState, Storage
from spiders import policy
from spiders.settings import SourceSettings

Source = Callable[..., SourceSettings]
Gather = Callable[..., Any]
WEEKS = ["2026-06-07", "2026-06-14", "2026-07-12"]


@pytest.fixture(scope="module")
def samples(shared: Path) -> Path:
    return shared / "samples"


def moment(day: str, days_later: int = 0) -> dt.datetime:
    return dt.datetime.fromisoformat(f"{day}T23:00:00+00:00") + dt.timedelta(days=days_later)


def by_id(database: Database) -> dict[int, Article]:
    return {article.id: article for article in queries.each(database)}


async def test_three_weeks_of_reuters_headlines_lose_nothing_and_are_stable(
    samples: Path, site: Any, gather: Gather, source_at: Source, sqlite: Database
) -> None:
    total, make = 0, partial(source_at, outlet="reuters", storage=Storage.HEADLINE)
    for day in WEEKS:
        body = (samples / "reuters" / f"gnews_decoded_reuters_direct_{day}.xml").read_bytes()
        source = make("reuters-index", site.put("/feed", body))
        report = (await gather(source, now=moment(day)))["reuters-index"]
        assert (report.state, report.entries) == (SourceState.OK, 500), report.reason
        assert report.stored.new == 500, "no article is in two of the three weeks"
        total += report.stored.new
    kept = by_id(sqlite)
    assert len(kept) == total == 1_500
    assert not [a.title for a in kept.values() if a.title.endswith(("- Reuters", "reuters.com", "| Reuters"))]
    assert not [a for a in kept.values() if a.teaser]
    assert len([a for a in kept.values() if "news.google.com" in a.url]) == 25, (
        "links the index did not decode"
    )
    assert len([a for a in kept.values() if a.url.startswith("https://www.reuters.com/")]) == 1_475
    assert {a.language for a in kept.values()} == {""}
    site.put("/feed", site.replies["/feed"].body + b"\n")  # another body with the same entries
    again = (await gather(source, now=moment(WEEKS[-1], 1)))["reuters-index"]
    assert (again.stored.new, again.stored.changed, again.stored.known) == (0, 0, 500)
    assert by_id(sqlite) == kept


async def test_a_hub_page_among_headlines_is_marked(
    samples: Path, site: Any, gather: Gather, source_at: Source, sqlite: Database
) -> None:
    body = (samples / "reuters" / "gnews_rebuilt_technology_2026-08-22.xml").read_bytes()
    await gather(
        source_at("reuters-tech", site.put("/feed", body), outlet="reuters"), now=moment("2026-08-22")
    )
    marked = {article.title: article.marks for article in queries.each(sqlite)}
    assert len(marked) == 7
    assert marked.pop("AI News | Latest Headlines and Developments") == ("hub",)
    assert set(marked.values()) == {()}


async def test_teasers_lose_their_invisible_characters_and_stale_items_are_marked(
    samples: Path, site: Any, gather: Gather, source_at: Source, sqlite: Database
) -> None:
    body = (samples / "reuters" / "section_derived_reuters_2026-04-16.xml").read_bytes()
    report = (
        await gather(source_at("r", site.put("/feed", body), outlet="reuters"), now=moment("2026-04-16"))
    )["r"]
    assert (report.state, report.stored.new) == (SourceState.OK, 500)
    kept = by_id(sqlite).values()
    unseen = {"\u200b", "\u200c", "\u2060", "\ufeff", "\u00ad"}
    assert not [a for a in kept if unseen & set(a.title + a.teaser)]
    assert sum(bool(a.teaser) for a in kept) == 481
    assert {a.title.split("’")[0]: a.marks for a in kept if a.marks} == {"Buffett": ("stale",)}


@pytest.mark.parametrize(
    ("name", "title"),
    [
        (
            "uk_feeds_tag_data-center_2026-05-18",
            "China says 'world's first' offshore wind-powered",
        ),
        ("uk_feeds_tag_chip_2026-05-25", "Huawei claims sanctions-busting breakthrough"),
        ("feeds_tag_big-tech_2026-06-26", "OpenAI's ChatGPT-5.6 gets the same banhammer treatment"),
    ],
)
async def test_a_feed_cut_off_in_its_first_item_still_yields_it(
    samples: Path, site: Any, gather: Gather, source_at: Source, sqlite: Database, name: str, title: str
) -> None:
    body = (samples / "tomshardware" / f"{name}.partial.xml").read_bytes()
    source = source_at("t", site.put("/feed", body, ETag='"1"'), outlet="tomshardware")
    report = (await gather(source, now=moment(name[-10:])))["t"]
    assert (report.state, report.reason) == (
        SourceState.PARSE_ERROR,
        "the feed is broken; its whole entries were kept",
    )
    (article,) = queries.each(sqlite)
    assert article.title.startswith(title)
    assert article.title == article.title.strip()
    assert article.url.startswith("https://www.tomshardware.com/tech-industry/")
    assert article.date_mark == "unknown"
    assert sources.statuses(sqlite, ["t"])["t"].validators.etag == ""


async def test_a_german_atom_feed(
    samples: Path, site: Any, gather: Gather, source_at: Source, sqlite: Database
) -> None:
    body = (samples / "tablemedia" / "sibling_heise.atom").read_bytes()
    source = source_at("h", site.put("/feed", body), kind="atom", language="de")
    report = (await gather(source, now=moment("2016-02-01")))["h"]
    assert (report.state, report.stored.new) == (SourceState.OK, 15)
    first = min(queries.each(sqlite), key=lambda article: article.id)
    assert first.title == "Java-Anwendungsserver: Red Hat gibt WildFly 10 frei"
    assert first.teaser.startswith("Die nun verfügbare Version 10")
    assert (first.language, first.published) == ("de", dt.datetime(2016, 2, 1, 16, 22, tzinfo=dt.UTC))


async def test_a_description_in_many_cdata_pieces(
    samples: Path, site: Any, gather: Gather, source_at: Source, sqlite: Database
) -> None:
    body = (samples / "ec" / "ec.europa.eu_news_eu_explained_news_en_2012.partial.rss").read_bytes()
    await gather(source_at("ec", site.put("/feed", body)), now=moment("2012-05-04"))
    (article,) = queries.each(sqlite)
    assert article.title == "Get closer to Europe – on Europe Day"
    assert "lasting peace, economic cooperation and border-free travel" in article.teaser
    assert "<" not in article.teaser
    assert "Festival of Europe" not in article.teaser, "the text of an image's attribute"


PAGES = {
    "tablemedia/sibling_fundus_NetzpolitikOrg_2024_04_28.html": (
        "2024-04-28T06:52:55",
        "Die Schürze sitzt, der Ofen ist vorgeheizt",
        "die ihr zum Opfer fallen.",
    ),
    "tablemedia/sibling_fundus_Correctiv_2026_05_24.html": (
        "2026-05-21T14:46:45",
        "China hat ein Spionagenetzwerk",
        "Faktencheck: Marcus Bensmann",
    ),
    "tomshardware/fundus_TechRadar_2026_05_21.html": ("2026-05-19T21:00:00", "A big shift", ""),
    "tomshardware/trafilatura_tomshardware.com.rtx.html": (
        "2020-11-04T21:53:22",
        "Nvidia’s RTX 3000 series graphics cards",
        "popping up in overseas stores.",
    ),
}
NAVIGATION = ["Cookie", "Anmelden", "Sign in", "Newsletter abonnieren", "display name before commenting"]


@pytest.mark.parametrize("name", PAGES)
async def test_an_article_page_gives_its_text_and_its_date(
    samples: Path,
    site: Any,
    gather: Gather,
    source_at: Source,
    sqlite: Database,
    rss: Callable[..., str],
    name: str,
) -> None:
    date, begin, end = PAGES[name]
    page = site.put("/artikel", (samples / name).read_bytes(), Content_Type="text/html; charset=utf-8")
    feed = rss(f"<title>Überschrift aus dem Feed</title><link>{page}</link>")
    source = source_at("s", site.put("/feed", feed), storage=Storage.FULL)
    await gather(source, now=moment(date[:10], 2))
    (article,) = queries.each(sqlite)
    assert article.title == "Überschrift aus dem Feed"
    assert article.body.startswith(begin)
    assert article.body.endswith(end)
    assert len(article.body) > 3_000
    assert not [word for word in NAVIGATION if word in article.body]
    assert article.published == dt.datetime.fromisoformat(f"{date}+00:00")


async def test_the_text_behind_a_paywall_is_not_kept_although_the_page_holds_it(
    samples: Path, site: Any, gather: Gather, source_at: Source, sqlite: Database, rss: Callable[..., str]
) -> None:
    body = (samples / "reuters" / "fundus_Reuters_2024_03_07.html").read_bytes()
    page = site.put("/artikel", body, Content_Type="text/html; charset=utf-8")
    source = source_at(
        "s", site.put("/feed", rss(f"<title>Titel</title><link>{page}</link>")), storage=Storage.FULL
    )
    await gather(source, now=moment("2024-03-08"))
    (article,) = queries.each(sqlite)
    assert (article.body, article.marks) == ("", ("paywall",))
    assert article.author == "Maya Gebeily, Anthony Deutsch"
    assert article.teaser.startswith("An Israeli tank crew")


async def test_reuters_refuses_us_by_its_robots_txt_of_2026(
    samples: Path, site: Any, gather: Gather, source_at: Source
) -> None:
    site.put("/robots.txt", (samples / "reuters" / "robots_reuters.com_2026-06-15.txt").read_bytes())
    source = source_at("r", site.put("/arc/outboundfeeds/news-sitemap/", "<urlset/>"), kind="news_sitemap")
    report = (await gather(source, now=moment("2026-06-15")))["r"]
    assert report.state is SourceState.ROBOTS_REFUSED
    assert report.reason == "robots.txt disallows /arc/outboundfeeds/news-sitemap/"
    assert site.asked == ["/robots.txt"]


def test_reuters_robots_txt_of_2024_let_its_sections_be_read(samples: Path) -> None:
    text = (samples / "reuters" / "robots_reuters.com_2024-04-28.txt").read_text()
    robots = policy.Robots(200, text)
    assert robots.permission("https://www.reuters.com/world/", "Lagebrief").allowed
    assert not robots.permission("https://www.reuters.com/search", "Lagebrief").allowed
