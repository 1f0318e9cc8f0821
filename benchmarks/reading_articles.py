"""What reading articles costs: figures alone, everything without embeddings, everything with them, vectors.

    python benchmarks/reading_articles.py [--articles 2000]

The articles are made from the labelled examples of tests/data/quality: title and lead of one, and leads of
others up to 1,500 characters as body; the dense ones take sentences of figures.jsonl too. Prints articles a
second side by side and the peak memory of the process.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import time
from collections.abc import Callable
from pathlib import Path

from analysis import figures
from analysis.embedding import UseEmbedder
from analysis.reading import Reader
from analysis.search_meaning import SearchMeaning
from analysis.values import Item
from lagebrief.config import load_defaults

DATA = Path(__file__).resolve().parents[1] / "tests" / "data" / "quality"
BODY_CHARS = 1_500


def made_up(count: int, *, dense: bool = False) -> list[Item]:
    """Articles of the length that outlets write, the same in every run; dense ones are full of figures."""
    chance = random.Random(0)
    rows = [json.loads(line) for line in (DATA / "topics.jsonl").read_text(encoding="utf-8").splitlines()]
    sentences: dict[str, list[str]] = {"de": [], "en": []}
    for row in rows:
        sentences[row["language"]].append(row["lead"])
    if dense:
        for line in (DATA / "figures.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            sentences[row["language"]].append(row["text"])
    items = []
    for number in range(count):
        row = rows[number % len(rows)]
        body = ""
        while len(body) < BODY_CHARS:
            body += chance.choice(sentences[row["language"]]) + " "
        items.append(Item(row["title"], row["lead"], body[:BODY_CHARS], row["language"]))
    return items


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--articles", type=int, default=2_000)
    count = parser.parse_args().articles
    items, crowded = made_up(count), made_up(count, dense=True)
    for name, given in (("articles", items), ("dense", crowded)):
        found = sum(len(figures.read(item.joined, item.language)) for item in given[:200]) / min(count, 200)
        print(f"{name}: {found:.1f} figures each")
    topics = load_defaults().config.topics
    words, meaning = Reader(topics), Reader(topics, UseEmbedder())
    for reader in (words, meaning):
        reader.read(items[:50])  # models and registers are loaded once
    rows = {
        "figures alone": seconds(lambda: [figures.read(item.joined, item.language) for item in items]),
        "figures alone, dense": seconds(lambda: [figures.read(i.joined, i.language) for i in crowded]),
        "all, without embeddings": seconds(lambda: words.read(items)),
        "all, with embeddings": seconds(lambda: meaning.read(items)),
    }
    few, sense = items[: count // 10], SearchMeaning()
    sense.articles([("", "")])
    rows["vectors for the search"] = 10 * seconds(
        lambda: sense.articles([(item.title, item.lead) for item in few])
    )
    for name, took in rows.items():
        print(
            f"{name:26} {took:7.1f} s  {count / took:9,.0f} articles/s  {took / rows['figures alone']:6.1f} x"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MB")


if __name__ == "__main__":
    main()
