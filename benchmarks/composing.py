"""What composing an issue costs: a week of 2,000 analysed articles, in a process of its own.

    python benchmarks/composing.py [--articles 2000]

The articles are those of reading_articles.py, spread over a week and eight outlets; collecting and reading
them is not timed. Prints seconds of each step beside that of reading the week from the archive, and the
peak memory.
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from reading_articles import made_up

from archive import readings, sources
from archive.values import Entry, Harvest, SourceState, Storage, Verdict
from digest.weeks import Week
from lagebrief import jobs
from lagebrief.app import App, opened
from lagebrief.config import load_defaults

WEEK = Week(2025, 28)
OUTLETS = tuple(f"outlet{number}" for number in range(8))


def program(folder: Path) -> App:
    """The program over an archive in a folder, at the end of the week; its sources are the eight outlets."""
    loaded = load_defaults()
    source = next(source for source in loaded.config.sources if source.state == "active")
    ours = tuple(source.model_copy(update={"key": key, "outlet": key, "name": key}) for key in OUTLETS)
    config = loaded.config.model_copy(update={"sources": ours})
    changed = replace(loaded, config=config, data_dir_override=folder)
    manager = opened(changed, clock=lambda: WEEK.end + dt.timedelta(hours=6))
    return manager.__enter__()  # the process ends with the benchmark


def fill(folder: Path, count: int) -> None:
    """Store and read the articles."""
    app = program(folder)
    step = dt.timedelta(days=7) / count
    for number, outlet in enumerate(OUTLETS):
        entries = tuple(
            Entry(
                url=f"https://{outlet}.example/{place}",
                title=f"{item.title} ({place})",
                teaser=item.lead,
                body=item.body,
                language=item.language,
                published=WEEK.start + step * place,
            )
            for place, item in enumerate(made_up(count))
            if place % len(OUTLETS) == number
        )
        harvest = Harvest(
            outlet, outlet, f"https://{outlet}.example/feed", WEEK.end, SourceState.OK,
            entries=entries, storage=Storage.FULL, verdict=Verdict(),
        )  # fmt: skip
        sources.store(app.database, harvest)
    print(f"read {jobs.analyse(app)} articles", flush=True)


def compose(folder: Path) -> None:
    """Time composing, beside reading the week alone."""
    app = program(folder)
    started = time.perf_counter()
    week = readings.read_between(app.database, WEEK.start, WEEK.end)
    reading = time.perf_counter() - started
    on_topic = sum(bool(read.topics) for read in week)
    del week
    started = time.perf_counter()
    issue = jobs.compose(app, WEEK)
    took = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    items = len(issue.content["items"])
    print(f"{on_topic} articles on topic, {items} items, {len(issue.html):,} bytes of HTML")
    print(f"{'the week read from the archive':34} {reading:6.2f} s   1")
    print(f"{'composed, rendered and kept':34} {took:6.2f} s   {took / reading:.1f} x")
    print(f"peak memory {peak:.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--articles", type=int, default=2_000)
    parser.add_argument("--compose", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.compose:
        compose(given.compose)
        return
    with tempfile.TemporaryDirectory() as name:
        fill(Path(name), given.articles)
        subprocess.run([sys.executable, __file__, "--compose", name], check=True)


if __name__ == "__main__":
    main()
