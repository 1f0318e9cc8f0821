"""Learns where the answers of a query lie and writes analysis/data/query_map.npz.

    python tests/quality/train_queries.py            # what it is worth on items left out; nothing is written
    python tests/quality/train_queries.py --write

Learns from the train split of queries.jsonl and from query_pairs.jsonl (a query for one item each), by the
softmax over all items: the answers of a query shall be nearer to it than everything else. The reports of one
event answer the queries of each other. The test split is only reported: with all items known, and, which is
the harder question, where half of the events were left out and only these are searched.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np
import numpy.typing as npt

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

import search_score  # noqa: E402

from analysis.search_meaning import E5, QueryMap, unit  # noqa: E402
from archive import queries, search_vectors, tables  # noqa: E402

MODEL = ROOT / "analysis/data/query_map.npz"
PAIRS = "query_pairs.jsonl"
# Chosen by cross-validation over the train queries: the penalty on W, how sharp the softmax is, how often all
# is gone through, how much the pairs weigh beside the judged queries, and how much of W is kept.
PENALTY, SHARPNESS, STEPS, PAIRS_WEIGH, RANK = 0.03, 20.0, 150, 2.0, 96
_SAME_EVENT = 0.7  # what another report of the event is worth beside the item that a query was written for
_RATE, _MOMENTUM, _SPREAD = 0.003, 0.9, 0.999  # of Adam (Kingma and Ba 2015)

Numbers = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Lesson:
    """Queries, shape (n, dim), with the shares of the items that answer each, shape (n, items)."""

    queries: Numbers
    answers: Numbers
    weight: float

    def among(self, items: npt.NDArray[np.intp]) -> Lesson:
        """What of it is left where only some items are there."""
        answers = self.answers[:, items]
        some = answers.sum(axis=1) > 0.5
        kept = answers[some]
        return Lesson(self.queries[some], kept / kept.sum(axis=1, keepdims=True), self.weight)


@dataclass(frozen=True)
class World:
    """All items: their ids, the event of each (itself where it is alone), their vectors as they are kept."""

    ids: list[str]
    events: list[str]
    vectors: Numbers

    @property
    def place(self) -> dict[str, int]:
        return {id_: place for place, id_ in enumerate(self.ids)}


def world() -> World:
    """The items as the archive knows them."""
    with search_score.archive() as (database, _):
        articles = list(queries.each(database))
        with database.reading() as connection:
            kept = {row.article_id: row.vector for row in connection.execute(tables.search_vector.select())}
    ids = [article.public_id for article in articles]
    told = {
        row["id"]: row.get("story_id") or row.get("event") or row["id"]
        for set_ in search_score.SETS
        for row in search_score.rows(set_)
    }
    vectors = search_vectors.read([kept[article.id] for article in articles], E5.dim)
    return World(ids, [told[id_] for id_ in ids], vectors)


def lessons(items: World, embedder: E5) -> list[Lesson]:
    """The judged queries of the train split, and the pairs."""
    judged = [row for row in search_score.rows(search_score.QUERIES) if row["split"] == "train"]
    pairs = search_score.rows(PAIRS)
    together = defaultdict(list)
    for id_, event in zip(items.ids, items.events, strict=True):
        together[event].append(id_)
    event_of = dict(zip(items.ids, items.events, strict=True))
    alike = [dict.fromkeys(together[event_of[row["id"]]], _SAME_EVENT) | {row["id"]: 1.0} for row in pairs]
    return [
        _lesson(items, embedder, [row["query"] for row in judged], [row["relevant"] for row in judged], 1.0),
        _lesson(items, embedder, [row["query"] for row in pairs], alike, PAIRS_WEIGH),
    ]


def _lesson(
    items: World,
    embedder: E5,
    asked: list[str],
    answers: Sequence[dict[str, float]],
    weight: float,
) -> Lesson:
    shares = np.zeros((len(asked), len(items.ids)), dtype=np.float32)
    for row, found in enumerate(answers):
        for id_, grade in found.items():
            shares[row, items.place[id_]] = grade
    return Lesson(embedder.queries(asked), shares / shares.sum(axis=1, keepdims=True), weight)


def learn(taught: Sequence[Lesson], answers: Numbers, made_for: str) -> QueryMap:
    """The map; the same lessons always give the same."""
    asked = np.concatenate([lesson.queries for lesson in taught]).mean(axis=0)
    middle = answers.mean(axis=0)
    seen = [Lesson(unit(lesson.queries - asked), lesson.answers, lesson.weight) for lesson in taught]
    placed = unit(answers - middle)
    dim = answers.shape[1]
    known = np.zeros((dim + 1, dim), dtype=np.float32)  # W, and the shift as the weight of a constant 1
    mean, spread = np.zeros_like(known), np.zeros_like(known)
    for step in range(1, STEPS + 1):
        slope = PENALTY * known
        for lesson in seen:
            slope += lesson.weight * _slope(lesson, placed, known)
        mean += (1 - _MOMENTUM) * (slope - mean)
        spread += (1 - _SPREAD) * (slope * slope - spread)
        known -= (
            _RATE * (mean / (1 - _MOMENTUM**step)) / (np.sqrt(spread / (1 - _SPREAD**step)) + 1e-6)
        ).astype(np.float32)
    u, s, v = np.linalg.svd(known[:-1])
    return QueryMap(made_for, u[:, :RANK] * s[:RANK], v[:RANK], known[-1], asked, middle)


def _slope(lesson: Lesson, answers: Numbers, known: Numbers) -> Numbers:
    """How the loss changes with each number that is learned."""
    moved = lesson.queries + lesson.queries @ known[:-1] + known[-1]
    likeness = SHARPNESS * (moved @ answers.T)
    likeness -= likeness.max(axis=1, keepdims=True)
    share = np.exp(likeness)
    share /= share.sum(axis=1, keepdims=True)
    pull = SHARPNESS * ((share - lesson.answers) @ answers) / len(moved)
    return np.concatenate([lesson.queries.T @ pull, pull.sum(axis=0, keepdims=True)])


def by_meaning_alone(
    items: World,
    made: QueryMap,
    asked: Numbers,
    judged: Sequence[search_score.Row],
    some: npt.NDArray[np.intp],
) -> str:
    """Recall@20 and nDCG@10 where only some items are searched, and only by meaning."""
    there = [items.ids[place] for place in some]
    answers = made.placed(items.vectors[some])
    figures = []
    for vector, row in zip(asked, judged, strict=True):
        relevant = {id_: grade for id_, grade in row["relevant"].items() if id_ in set(there)}
        if relevant:
            order = np.argsort(-(answers @ vector), kind="stable")[:20]
            found = [there[place] for place in order]
            figures.append((search_score.recall(relevant, found), search_score.ndcg(relevant, found)))
    recall, ndcg = np.mean(figures, axis=0)
    return f"recall@20 {recall:.3f}  nDCG@10 {ndcg:.3f}  ({len(figures)} queries)"


def main() -> None:
    """Report, and write if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    embedder, items = E5(), world()
    taught = lessons(items, embedder)
    judged = [row for row in search_score.rows(search_score.QUERIES) if row["split"] == "test"]
    plain = embedder.queries([row["query"] for row in judged])

    def report(title: str, made: QueryMap, some: npt.NDArray[np.intp]) -> None:
        for name, asked in (("as they are", unit(plain - made.queries)), ("moved", made.moved(plain))):
            print(f"{title}, {name:12} {by_meaning_alone(items, made, asked, judged, some)}")

    side = np.array([blake2b(event.encode()).digest()[0] % 2 for event in items.events])
    for half in (0, 1):
        known, new = np.flatnonzero(side == half), np.flatnonzero(side != half)
        made = learn([lesson.among(known) for lesson in taught], items.vectors[known], embedder.name)
        report(f"half {half}, items left out", made, new)
    made = learn(taught, items.vectors, embedder.name)
    report("all items", made, np.arange(len(items.ids)))
    if options.write:
        names = ("down", "up", "shift", "queries", "passages")
        half_precision = {name: getattr(made, name).astype(np.float16) for name in names}
        np.savez(MODEL, made_for=made.made_for, **half_precision)
        print(f"written: {MODEL.name}, {MODEL.stat().st_size / 1024:.0f} KB")


if __name__ == "__main__":
    main()
