"""Collect the given addresses and print by how many MiB this process grew at most. Run by a test."""

from __future__ import annotations

import asyncio
import datetime as dt
import sys
import threading

import psutil

from archive import migrate
from archive.database import Database
from spiders.collector import collect
from spiders.settings import CollectSettings, SourceSettings

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
SETTINGS = CollectSettings(per_host_delay=dt.timedelta(0), timeout=dt.timedelta(seconds=5), retries=0)


def main(store: str, urls: list[str]) -> None:
    database = Database(f"sqlite:///{store}")
    migrate.ensure(database)
    due = [
        SourceSettings(key=f"s{number}", kind="rss", url=url, allow_private_hosts=("127.0.0.1",))
        for number, url in enumerate(urls)
    ]
    process, over = psutil.Process(), threading.Event()
    before = highest = process.memory_info().rss

    def watch() -> None:
        nonlocal highest
        while not over.wait(0.02):
            highest = max(highest, process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    asyncio.run(collect(database, SETTINGS, due, clock=lambda: NOW))
    over.set()
    watcher.join()
    print(round((highest - before) / 2**20, 1))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
