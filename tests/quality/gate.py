"""Measure topics, figures, stories and search on the test split and fail below the pinned floors.

    python tests/quality/gate.py                 the table; exit code 1 below a floor or with a changed set
    python tests/quality/gate.py --mistakes 10   also the first mistakes of each kind
    python tests/quality/gate.py --pin           pin what was reached as the new floors
    python tests/quality/gate.py --pin --lower   the same, also where that is less than before

The test split is never trained on. floors.toml carries a fingerprint of the sets, so that a floor and the
rows it stands for cannot drift apart.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import search_score
from scoring import Score, figure_score, merged_lookalikes, pair_score, topic_score

from analysis.embedding import UseEmbedder
from analysis.reading import Reader
from analysis.stories import StoryItem, group, report, with_meaning
from analysis.values import Item
from lagebrief.config import load_defaults

DATA = Path(__file__).resolve().parent.parent / "data" / "quality"
FLOORS = DATA / "floors.toml"
SETS = (
    "topics.jsonl",
    "figures.jsonl",
    "stories.jsonl",
    "stories_more.jsonl",
    "topics_more.jsonl",
    "queries.jsonl",
    "query_pairs.jsonl",
)
_SLACK = 0.005

Results = dict[str, float]
Say = Callable[[str], None]


def rows(name: str, split: str = "test") -> list[dict[str, Any]]:
    """The rows of a set that belong to a split."""
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["split"] == split]


def fingerprint() -> str:
    """Changes with every change of a set."""
    digest = hashlib.blake2b(digest_size=8)
    for name in SETS:
        digest.update((DATA / name).read_bytes())
    return digest.hexdigest()


def measure_topics(reader: Reader, mistake: Say) -> Iterator[tuple[str, Score]]:
    """Relevance by title and lead, topic by topic."""
    given = rows("topics.jsonl")
    readings = reader.read([item_of(row, with_body=False) for row in given])
    found = [[score.topic for score in reading.topics] for reading in readings]
    for topic in load_defaults().config.topics:
        for row, topics in zip(given, found, strict=True):
            if (topic.key in row["topics"]) != (topic.key in topics):
                kind = "missed" if topic.key in row["topics"] else "wrong"
                mistake(f"{topic.key} {kind}: {row['id']} {row['title']} | {row['lead']}")
        yield topic.key, topic_score([row["topics"] for row in given], found, topic.key)


def measure_figures(reader: Reader, mistake: Say) -> Iterator[tuple[str, Score]]:
    """Figures sentence by sentence, first value and unit, then with the qualifier."""
    totals = {False: Score(0, 0, 0), True: Score(0, 0, 0)}
    for row in rows("figures.jsonl"):
        reading = reader.read([Item(row["text"], language=row["language"])])[0]
        found = [
            {"value": figure.plain_value, "unit": figure.unit, "qualifier": figure.qualifier}
            for figure in reading.figures
        ]
        for with_qualifier in totals:
            score = figure_score(row["figures"], row["optional"], found, with_qualifier=with_qualifier)
            totals[with_qualifier] += score
            if with_qualifier and (score.wrong or score.missed):
                mistake(f"figures: {row['id']} {row['text']} found {found}")
    yield "figures value+unit", totals[False]
    yield "figures with qualifier", totals[True]


def measure_stories(reader: Reader, mistake: Say) -> tuple[Score, int, int]:
    """Pairs of reports, merged look-alike pairs, and how many of those there are."""
    given = rows("stories_more.jsonl")
    items = [item_of(row) for row in given]
    numbers = group(with_meaning(_reports(given, items, reader), UseEmbedder()))
    gold = {row["id"]: row["story_id"] for row in given}
    lookalikes: dict[str, set[str]] = {}
    for row in given:
        if row.get("lookalike"):
            lookalikes.setdefault(row["lookalike"], set()).add(row["story_id"])
    merged = merged_lookalikes(lookalikes, gold, numbers)
    for name in merged:
        mistake(f"stories: look-alike pair {name} merged: {sorted(lookalikes[name])}")
    return pair_score(gold, numbers), len(merged), len(lookalikes)


def _reports(given: Sequence[dict[str, Any]], items: Sequence[Item], reader: Reader) -> list[StoryItem]:
    read = zip(given, items, reader.read(items), strict=True)
    return [report(row["id"], row["outlet"], item, reading) for row, item, reading in read]


def item_of(row: dict[str, Any], *, with_body: bool = True) -> Item:
    """A row as an item to read."""
    published = dt.datetime.fromisoformat(row["published"]).replace(tzinfo=dt.UTC)
    body = row.get("body", "") if with_body else ""
    return Item(row["title"], row["lead"], body, row["language"], published)


def measure(mistake: Say) -> Results:
    """Print the table; the figures that have floors."""
    reader = Reader(load_defaults().config.topics, UseEmbedder())
    results: Results = {}
    scores = [*measure_topics(reader, mistake), *measure_figures(reader, mistake)]
    pairs, merged, lookalikes = measure_stories(reader, mistake)
    click.echo(f"{'':28} precision  recall      F1")
    for name, score in (*scores, ("stories, pairs", pairs)):
        click.echo(f"{name:28} {score.precision:9.3f} {score.recall:7.3f} {score.f1:7.3f}")
        results[name] = round(score.f1, 3)
    click.echo(f"{'stories, look-alikes merged':28} {merged} of {lookalikes}")
    results["stories, look-alikes apart"] = round(1 - merged / max(lookalikes, 1), 3)
    for found, mistakes in search_score.measure():
        for name, value in found.items():
            click.echo(f"{name:62} {value:.3f}")
        results |= found
        for line in mistakes:
            mistake(line)
    return results


def below(results: Results, floors: Results) -> list[str]:
    """What fell under its floor."""
    return [
        f"{name}: {results.get(name, 0.0):.3f} is below the floor {floor:.3f}"
        for name, floor in floors.items()
        if results.get(name, 0.0) < floor - _SLACK
    ]


def pin(results: Results, floors: Results, *, lower: bool) -> None:
    """Write the floors. Raises SystemExit where one would fall without --lower."""
    fallen = below(results, floors)
    if fallen and not lower:
        sys.exit("not pinned, these would fall (--lower allows it):\n" + "\n".join(fallen))
    lines = [f'sets = "{fingerprint()}"', "", "[floors]"]
    lines += [f'"{name}" = {value}' for name, value in results.items()]
    text = "\n".join(["# Written by tests/quality/gate.py --pin", *lines, ""])
    FLOORS.write_text(text, encoding="utf-8")


@click.command()
@click.option("--mistakes", default=0, help="Show so many mistakes.")
@click.option("--pin", "do_pin", is_flag=True, help="Pin what was reached.")
@click.option("--lower", is_flag=True, help="With --pin: a floor may fall.")
def main(mistakes: int, do_pin: bool, lower: bool) -> None:
    """The gate."""
    seen: list[str] = []
    results = measure(seen.append)
    _show(seen, mistakes)
    pinned = tomllib.loads(FLOORS.read_text(encoding="utf-8")) if FLOORS.exists() else {}
    floors: Results = pinned.get("floors", {})
    if do_pin:
        pin(results, floors, lower=lower)
        return
    problems = below(results, floors)
    if pinned.get("sets") != fingerprint():
        problems.append("the sets have changed since the floors were pinned: measure and pin again")
    if problems:
        sys.exit("\n".join(problems))


def _show(seen: Sequence[str], limit: int) -> None:
    kinds: dict[str, int] = {}
    for line in seen:
        kind = line.split(":", 1)[0]
        kinds[kind] = kinds.get(kind, 0) + 1
        if kinds[kind] <= limit:
            click.echo(line)


if __name__ == "__main__":
    main()
