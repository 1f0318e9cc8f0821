"""How the collector behaves towards a host: pauses, headers, redirects, cut-off answers, honest reports."""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from scrapy.http import Response

from archive import queries, sources
from archive.database import Database
from archive.values import SourceState, Storage
from spiders.middlewares import LONGEST_WAIT, retry_after
from spiders.settings import CollectSettings, SourceSettings

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
Source = Callable[..., SourceSettings]
Gather = Callable[..., Any]
ITEM = "<title>Neues Rechenzentrum in der Region eins</title><link>{base}/a/1</link><guid>g1</guid>"
PAGE = "<html lang=de><body><article><h1>Titel</h1>{}</article></body></html>"


def feed(base: str) -> str:
    return f"<rss version='2.0'><channel><item>{ITEM.format(base=base)}</item></channel></rss>"


async def test_a_crawl_delay_slower_than_ours_is_kept(site: Any, gather: Gather, source_at: Source) -> None:
    site.put("/robots.txt", "User-agent: *\nCrawl-delay: 0.6\nDisallow:\n")
    due = [source_at(f"s{n}", site.put(f"/{n}", feed(site.base))) for n in range(3)]
    settings = CollectSettings(per_host_delay=dt.timedelta(seconds=0.1))
    await gather(*due, settings=settings)
    after_rules = site.times[1:]
    gaps = [b - a for a, b in pairwise(after_rules)]
    assert len(gaps) == 3
    assert min(gaps) >= dt.timedelta(seconds=0.55)


async def test_a_licence_header_goes_to_its_own_host_only(
    sites: Callable[[], Any], gather: Gather, source_at: Source
) -> None:
    own, foreign = sites(), sites()
    foreign.put("/feed", feed(foreign.base))
    own.put("/feed", "", 302, Location=foreign.url("/feed"))
    allowed = ("127.0.0.1", f"127.0.0.1:{foreign.port}")
    source = source_at(
        "s",
        own.url("/feed"),
        headers={"X-Api-Key": "geheim", "Authorization": "Bearer x"},
        allow_private_hosts=allowed,
    )
    report = (await gather(source))["s"]
    assert report.state is SourceState.OK
    sent = dict(zip(own.asked, own.headers, strict=True))
    assert sent["/feed"]["x-api-key"] == "geheim"
    for headers in foreign.headers:
        assert not headers.keys() & {"x-api-key", "authorization", "referer", "cookie"}
    assert "x-api-key" not in sent["/robots.txt"]


async def test_a_redirect_to_another_port_of_this_machine_needs_its_own_permission(
    sites: Callable[[], Any], gather: Gather, source_at: Source
) -> None:
    own, other = sites(), sites()
    own.put("/feed", "", 302, Location=other.put("/feed", feed(other.base)))
    report = (await gather(source_at("s", own.url("/feed"))))["s"]
    assert report.state is SourceState.UNREACHABLE
    assert report.reason.startswith("address not allowed: port")
    assert other.asked == []


async def test_a_redirect_within_the_site_is_checked_against_robots_txt_again(
    site: Any, gather: Gather, source_at: Source
) -> None:
    site.put("/robots.txt", "User-agent: Lagebrief\nDisallow: /intern\n")
    site.put("/feed", "", 302, Location="/intern/feed")
    site.put("/intern/feed", feed(site.base))
    report = (await gather(source_at("s", site.url("/feed"))))["s"]
    assert (report.state, report.reason) == (
        SourceState.ROBOTS_REFUSED,
        "robots.txt disallows /intern/feed",
    )
    assert "/intern/feed" not in site.asked


async def test_a_body_larger_than_the_setting_is_named_packed_or_not(
    site: Any, gather: Gather, source_at: Source
) -> None:
    large = b" " * 100_000
    plain = source_at("plain", site.put("/plain", large))
    packed = source_at("packed", site.put("/packed", gzip.compress(large), Content_Encoding="gzip"))
    settings = CollectSettings(per_host_delay=dt.timedelta(0), max_body=50_000)
    for report in (await gather(plain, packed, settings=settings)).values():
        assert (report.state, report.reason) == (SourceState.PARSE_ERROR, "the answer is larger than allowed")


async def test_a_cut_off_feed_is_read_in_full_next_time(site: Any, gather: Gather, source_at: Source) -> None:
    whole = feed(site.base)
    site.put("/feed", whole, ETag='"1"', Content_Length=str(len(whole) + 50))
    source = source_at("s", site.url("/feed"))
    assert (await gather(source))["s"].stored.new == 1
    site.put("/feed", whole, ETag='"1"')
    again = (await gather(source, now=NOW + dt.timedelta(hours=3)))["s"]
    assert (again.state, again.stored.known) == (SourceState.OK, 1)
    assert "if-none-match" not in site.headers[-1]


async def test_a_source_that_nothing_was_stored_of_is_not_reported_as_well(
    gather: Gather, source_at: Source, sqlite: Database, site: Any
) -> None:
    with sqlite.writing() as connection:
        connection.exec_driver_sql("DROP TABLE fetch")
    report = (await gather(source_at("s", site.put("/feed", feed(site.base)))))["s"]
    assert not report.state.good
    assert report.reason == "nothing of this visit was stored"


async def test_a_manual_source_is_asked_nothing(gather: Gather) -> None:
    report = (await gather(SourceSettings(key="hand", kind="manual")))["hand"]
    assert (report.state, report.entries) == (SourceState.OK, 0)


async def test_full_text_comes_from_the_article_page_and_a_refused_page_leaves_the_teaser(
    site: Any, gather: Gather, source_at: Source, sqlite: Database
) -> None:
    text = "".join(
        f"<p>Absatz {n} des Artikels mit einigen Wörtern Text, der lang genug ist.</p>" for n in range(9)
    )
    byline = (
        '<script type="application/ld+json">{"@type": "Article", "author": {"name": "Anna Ost"}}</script>'
    )
    site.put("/a/1", PAGE.format(text + byline), Content_Type="text/html")
    site.put("/a/2", "", 403)
    items = "".join(
        f"<item><title>Bericht Nummer {n} über Rechenzentren</title><link>{site.base}/a/{n}</link>"
        f"<description>Vorspann {n}</description></item>"
        for n in (1, 2)
    )
    site.put("/feed", f"<rss version='2.0'><channel>{items}</channel></rss>")
    source = source_at("s", site.url("/feed"), storage=Storage.FULL)
    report = (await gather(source))["s"]
    assert (report.state, report.stored.new) == (SourceState.OK, 2)
    kept = {article.url[-1]: article for article in queries.each(sqlite)}
    assert kept["1"].body.startswith("Absatz 0")
    assert (kept["1"].author, kept["1"].language) == ("Anna Ost", "de")
    assert (kept["2"].body, kept["2"].teaser, kept["2"].marks) == ("", "Vorspann 2", ("page-refused",))
    asked = len(site.asked)
    again = (await gather(source, now=NOW + dt.timedelta(hours=3)))["s"]
    assert again.state is SourceState.NOT_MODIFIED
    assert len(site.asked) == asked + 1, "neither page is asked for again"


async def test_pages_an_interrupted_run_did_not_reach_are_read_later(
    site: Any, gather: Gather, source_at: Source, sqlite: Database
) -> None:
    site.put("/a/1", "", 500)
    source = source_at("s", site.put("/feed", feed(site.base)), storage=Storage.FULL)
    settings = CollectSettings(per_host_delay=dt.timedelta(0), retries=0)
    await gather(source, settings=settings)
    site.put(
        "/a/1", PAGE.format("<p>Der ganze Text des Artikels, endlich.</p>" * 9), Content_Type="text/html"
    )
    report = (await gather(source, now=NOW + dt.timedelta(hours=3), settings=settings))["s"]
    assert report.state is SourceState.NOT_MODIFIED
    (article,) = queries.each(sqlite)
    assert "endlich" in article.body


async def test_a_refusing_host_is_left_alone_for_a_day(
    site: Any, gather: Gather, source_at: Source, sqlite: Database
) -> None:
    await gather(source_at("s", site.put("/feed", "", 403)))
    assert sources.statuses(sqlite, ["s"])["s"].not_before == NOW + dt.timedelta(hours=24)


async def test_an_empty_202_is_a_firewall_not_an_empty_feed(
    site: Any, gather: Gather, source_at: Source
) -> None:
    report = (await gather(source_at("s", site.put("/feed", "", 202, X_Amzn_Waf_Action="challenge"))))["s"]
    assert report.state is SourceState.BLOCKED


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("99999999999999999999", LONGEST_WAIT.total_seconds()),
        ("-5", None),
        ("bald", None),
        ("", None),
        ("²", None),
        ("Sun, 22 Nov 2026 12:10:00 GMT", 600),
        ("Sun, 22 Nov 2026 12:10:00 -0000", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", None),
        ("Fri, 01 Jan 2100 00:00:00 GMT", LONGEST_WAIT.total_seconds()),
        ("Fri, 01 Jan 99999 00:00:00 GMT", None),
    ],
)
def test_retry_after_is_read_capped_or_left_to_our_own_back_off(value: str, seconds: float | None) -> None:
    response = Response("https://quelle.example/", headers={"Retry-After": value})
    wait = retry_after(response, NOW)
    assert (wait.total_seconds() if wait is not None else None) == seconds


def test_no_retry_after_is_none() -> None:
    assert retry_after(Response("https://quelle.example/"), NOW) is None
