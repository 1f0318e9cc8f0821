"""A real week of an agency that reports on everything: what is not on our topics stays out of the issue."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from archive import queries
from digest.weeks import Week
from lagebrief import jobs
from lagebrief.app import App, opened
from lagebrief.config import load_defaults
from lagebrief.errors import NothingToDoError
from spiders.settings import Kind, SourceSettings

WEEK = Week(2026, 28)
SAMPLE = "samples/reuters/gnews_decoded_reuters_direct_2026-07-12.xml"
SPORT = re.compile(
    r"\b(?:World Cup|Wimbledon|football|soccer|match|final|goal|tennis|Tour de France)\b", re.I
)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_args: object) -> None:
        """Nothing."""


@pytest.fixture
def reuters(shared: Path, tmp_path: Path) -> Iterator[App]:
    """The program with one source, at the end of the week: the recorded feed over HTTP."""
    site = tmp_path / "site"
    site.mkdir()
    shutil.copy(shared / SAMPLE, site / "feed.xml")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    source = SourceSettings(
        key="reuters",
        name="Reuters",
        kind=Kind.RSS,
        url=f"http://127.0.0.1:{server.server_port}/feed.xml",
        language="en",
        allow_private_hosts=("127.0.0.1",),
    )
    loaded = load_defaults()
    collect = loaded.config.collect.model_copy(update={"per_host_delay": dt.timedelta(0)})
    chosen = loaded.config.digest.model_copy(update={"on_too_few": "short"})
    changed = {"sources": (source,), "collect": collect, "digest": chosen}
    config = loaded.config.model_copy(update=changed)
    with opened(
        replace(loaded, config=config, data_dir_override=tmp_path / "data"),
        clock=lambda: WEEK.end + dt.timedelta(hours=6),
    ) as app:
        yield app
    server.shutdown()
    server.server_close()
    thread.join()


def test_no_match_no_storm_and_no_fire_makes_the_issue(reuters: App) -> None:
    (report,) = asyncio.run(jobs.collect(reuters, force=True))
    assert report.stored.new == 500
    jobs.analyse(reuters)
    titles = [article.title for article in queries.each(reuters.database)]
    assert sum(bool(SPORT.search(title)) for title in titles) > 10, "the week has its matches"
    try:
        items = jobs.compose(reuters, WEEK).content["items"]
    except NothingToDoError:
        items = []
    printed = [item["headline"] for item in items]
    assert not [title for title in printed if SPORT.search(title)]
    assert [
        title for title in printed if not re.search(r"\b(?:AI|KI|data cent(?:er|re)s?|chips?)\b", title)
    ] == []
