"""What reading a feed costs: our strict path, feedparser alone, and an unchanged body, side by side.

    python benchmarks/reading_feeds.py [ENTRIES]

Prints microseconds an entry and the ratio to feedparser. The feed is generated; nothing is fetched.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import sys
import time
from collections.abc import Callable

import feedparser

from spiders import feeds
from spiders.settings import Kind, SourceSettings
from spiders.values import Answer, Ask

_ITEM = (
    "<item><title>Rechenzentrum Nummer {n} meldet {n} Megawatt &amp; mehr</title>"
    "<link>https://example.org/{n}</link><guid isPermaLink='false'>g{n}</guid>"
    "<pubDate>Fri, 11 Jul 2025 08:00:00 +0200</pubDate>"
    "<description>Ein Absatz mit einigen Worten über ein neues Rechenzentrum im Westen.</description></item>"
)


def generated(entries: int) -> bytes:
    """A well-formed RSS feed."""
    items = "".join(_ITEM.format(n=number) for number in range(entries))
    return f"<?xml version='1.0'?><rss version='2.0'><channel>{items}</channel></rss>".encode()


def best_of(runs: int, work: Callable[[], object]) -> float:
    """Seconds of the quickest of several runs."""
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)


def main() -> None:
    entries = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    body = generated(entries)
    source = SourceSettings(key="bench", kind=Kind.RSS, url="https://example.org/feed")
    answer = Answer(source, Ask(source.url), source.url, body, "", dt.datetime(2025, 7, 11, tzinfo=dt.UTC))
    rows = {
        "feedparser": best_of(3, lambda: feedparser.parse(body)),
        "strict path, cleaned and dated": best_of(3, lambda: feeds.read(answer)),
        "unchanged body (hash only)": best_of(3, lambda: hashlib.blake2b(body, digest_size=16).hexdigest()),
    }
    for name, seconds in rows.items():
        print(f"{name:32} {seconds / entries * 1e6:9.2f} µs/entry   {rows['feedparser'] / seconds:9.1f} x")


if __name__ == "__main__":
    main()
