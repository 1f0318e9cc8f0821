"""How well the archive's search finds what an editor asks for: recall@20 and nDCG@10 on judged queries.

    python tests/quality/search_score.py [--split train] [--mistakes 10]

The archive is made of all items of `SETS`; queries.jsonl says which of them answer a query and how well.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import json
import math
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis import search_words
from analysis.embedding import Embedder, UseEmbedder
from analysis.reading import Reader
from analysis.search_meaning import SearchMeaning
from analysis.values import Item, Reading, TopicScore
from archive import migrate, queries, readings, transfer
from archive.database import Database
from archive.meaning import Meaning
from archive.search import SearchIndex
from archive.search_page import Ask
from archive.values import Article
from digest import stories
from lagebrief import jobs
from lagebrief.app import App
from lagebrief.config import load_defaults

DATA = Path(__file__).resolve().parent.parent / "data" / "quality"
SETS = ("topics.jsonl", "topics_more.jsonl", "stories.jsonl", "stories_more.jsonl")
QUERIES = "queries.jsonl"
_RECALL_AT, _NDCG_AT = 20, 10
_SPLITS = {"test": "", "train": ", known queries"}  # what their figures are called
_NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)  # the date of items that have none

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Searched:
    """A query with what it found, best first, and the two figures of it, from 0 to 1."""

    query: Row
    found: tuple[str, ...]
    recall: float
    ndcg: float

    @property
    def missed(self) -> list[str]:
        """Answers that are not among those found, the best first."""
        relevant = self.query["relevant"]
        return sorted(relevant.keys() - set(self.found), key=lambda id_: (-relevant[id_], id_))


def recall(relevant: Mapping[str, int], found: Sequence[str]) -> float:
    """The share of the answers that stand among the first 20."""
    return len(relevant.keys() & set(found[:_RECALL_AT])) / len(relevant)


def ndcg(relevant: Mapping[str, int], found: Sequence[str]) -> float:
    """Normalised discounted cumulative gain of the first 10 (Järvelin, Kekäläinen 2002); gain 2^grade - 1."""
    return _gain([relevant.get(id_, 0) for id_ in found]) / _gain(sorted(relevant.values(), reverse=True))


def _gain(grades: Sequence[int]) -> float:
    return sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(grades[:_NDCG_AT]))


@contextmanager
def archive() -> Iterator[tuple[Database, SearchIndex]]:
    """All items in a temporary archive as the program keeps it: topics, stories, vectors, a full index."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = Database(f"sqlite:///{folder / 'archive.db'}")
        migrate.upgrade(database)
        items = b"".join((DATA / set_).read_bytes() for set_ in SETS)
        stored = transfer.read_items(io.BytesIO(items), _unreadable, lambda _bytes: None)
        transfer.import_items(database, stored, _NOW)
        _label(database, UseEmbedder())
        jobs.give_meaning(App(load_defaults(), database, lambda: _NOW))
        index = SearchIndex(folder, database, search_words)
        index.follow()
        yield database, index
        database.close()


def _unreadable(problem: transfer.Problem) -> None:
    sys.exit(f"line {problem.line} of the sets: {problem.reason}")


def _label(database: Database, embedder: Embedder) -> None:
    """Topics by the labels; reports of stories, which have none, as the Reader decides."""
    labels = {row["id"]: row["topics"] for set_ in SETS for row in rows(set_) if "topics" in row}
    articles = list(queries.each(database))
    unlabelled = [article for article in articles if article.public_id not in labels]
    reader = Reader(load_defaults().config.topics, embedder)
    read = reader.read([_item(article) for article in unlabelled])
    for article, reading in zip(unlabelled, read, strict=True):
        labels[article.public_id] = [score.topic for score in reading.topics]
    topics = {key: tuple(TopicScore(topic, 1.0) for topic in found) for key, found in labels.items()}
    pairs = [(article, Reading(article.language, topics[article.public_id])) for article in articles]
    readings.save(database, "labels", pairs)
    stories.place(database, embedder, lambda: _NOW)


def rows(name: str) -> list[dict[str, Any]]:
    """All rows of a set."""
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def _item(article: Article) -> Item:
    return Item(article.title, article.teaser, article.body, article.language, article.published)


def search(index: SearchIndex, asked: Sequence[Row], meaning: Ask | None = None) -> list[Searched]:
    """Every query with its figures."""
    return [_searched(index, query, meaning) for query in asked]


def _searched(index: SearchIndex, query: Row, meaning: Ask | None) -> Searched:
    hits = index.search(query["query"], limit=_RECALL_AT, meaning=meaning).hits
    found = tuple(hit.article.public_id for hit in hits)
    return Searched(query, found, recall(query["relevant"], found), ndcg(query["relevant"], found))


def figures(searched: Sequence[Searched], suffix: str) -> dict[str, float]:
    """The means over all queries and over those whose answers stand in the other language."""
    chosen = {"": searched, ", other language": [one for one in searched if one.query["other_language"]]}
    return {
        f"search {name}{suffix}{among}": round(sum(getattr(one, key) for one in of) / len(of), 3)
        for among, of in chosen.items()
        for name, key in (("recall@20", "recall"), ("nDCG@10", "ndcg"))
    }


def worst(searched: Sequence[Searched], suffix: str) -> list[str]:
    """A line for each query that is not answered perfectly, the worst first."""
    poor = sorted((one for one in searched if one.recall < 1 or one.ndcg < 1), key=lambda one: one.ndcg)
    return [
        f"search{suffix}: {one.query['id']} {one.query['query']!r} recall {one.recall:.2f} "
        f"nDCG {one.ndcg:.2f}, missed {' '.join(one.missed) or 'nothing'}"
        for one in poor
    ]


def measure(splits: Sequence[str] = tuple(_SPLITS)) -> Iterator[tuple[dict[str, float], list[str]]]:
    """(figures, mistakes) of each split, by words alone and joined with meaning."""
    with archive() as (database, index):
        meaning = Meaning(database, SearchMeaning())
        for split in splits:
            asked = [query for query in rows(QUERIES) if query["split"] == split]
            for way, ask in (("", None), (", with meaning", meaning.ask)):
                searched = search(index, asked, ask)
                yield figures(searched, _SPLITS[split] + way), worst(searched, _SPLITS[split] + way)


def main() -> None:
    """Print the figures and the worst queries."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--split", choices=tuple(_SPLITS), default="train")
    parser.add_argument("--mistakes", type=int, default=0)
    options = parser.parse_args()
    for reached, mistakes in measure([options.split]):
        for name, value in reached.items():
            print(f"{name:62} {value:.3f}")
        print("\n".join(mistakes[: options.mistakes]))


if __name__ == "__main__":
    main()
