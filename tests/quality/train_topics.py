"""Train the topic models and write analysis/data/topic_model.json.

    python tests/quality/train_topics.py            train, write, and report
    python tests/quality/train_topics.py --report   report only

Trains on the rows of topics.jsonl with split "train" and on topics_more.jsonl. Strengths are chosen by
cross-validation in which one event is never on both sides. Test rows are read for the report only.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import click
import numpy as np
import numpy.typing as npt
from scoring import Score, topic_score

from analysis import topic_model
from analysis.embedding import UseEmbedder, text_to_embed
from analysis.lexicon import Passages
from analysis.settings import TopicSettings
from analysis.topics import Lexicon, TopicReader
from lagebrief.config import load_defaults

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data" / "quality"
MODEL_FILE = ROOT / "analysis" / "data" / topic_model.FILE_NAME

FOLDS = 6
SLACKNESS = (3.0, 10.0, 30.0)  # how far weights may go, the C of other programs
# How freely words are weighed beside meaning. Bounded, since terms were collected from some of these very
# rows: cross-validation flatters them.
WORD_SCALES = (0.25, 0.35, 0.5)
_STEPS = 30  # Newton's method needs about ten

Row = dict[str, Any]
Array = npt.NDArray[np.float64]


def read_rows(name: str, split: str) -> list[Row]:
    """Rows of a set that belong to a split."""
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["split"] == split]


def training_rows() -> list[Row]:
    """All rows a model may learn from."""
    return read_rows("topics.jsonl", "train") + read_rows("topics_more.jsonl", "train")


@dataclass(frozen=True, slots=True)
class Fit:
    """Weights of a logistic regression; the bias stands last."""

    weights: Array

    def probabilities(self, inputs: Array) -> Array:
        return _probabilities(inputs @ self.weights[:-1] + self.weights[-1])


def fit(inputs: Array, wanted: npt.NDArray[np.bool_], slackness: float) -> Fit:
    """Logistic regression with weights held small (the bias is free), by Newton's method."""
    given = np.hstack([inputs, np.ones((len(inputs), 1))])
    hold = np.full(given.shape[1], 1 / slackness)
    hold[-1] = 1e-9
    weights = np.zeros(given.shape[1])
    for _ in range(_STEPS):
        reached = _probabilities(given @ weights)
        slope = given.T @ (reached - wanted) + hold * weights
        curve = (given.T * (reached * (1 - reached))) @ given + np.diag(hold)
        step = np.linalg.solve(curve, slope)
        weights -= step
        if np.abs(step).max() < 1e-8:
            break
    return Fit(weights)


def _probabilities(log_odds: Array) -> Array:
    return 1 / (1 + np.exp(-np.clip(log_odds, -30, 30)))


def folds(rows: Sequence[Row]) -> npt.NDArray[np.int_]:
    """A fold for every row, the same for rows of one event."""
    names = [row.get("event", row["id"]) for row in rows]
    order = sorted(set(names))
    random.Random(0).shuffle(order)
    fold_of = {name: place % FOLDS for place, name in enumerate(order)}
    return np.array([fold_of[name] for name in names])


def cross_validate(
    inputs: Array, wanted: npt.NDArray[np.bool_], fold: npt.NDArray[np.int_], slackness: float
) -> Array:
    """The probability of every row, from a model that has not seen its fold."""
    reached = np.empty(len(inputs))
    for held_out in range(FOLDS):
        out = fold == held_out
        reached[out] = fit(inputs[~out], wanted[~out], slackness).probabilities(inputs[out])
    return reached


def surprise(reached: Array, wanted: npt.NDArray[np.bool_]) -> float:
    """Mean log loss: how far probabilities are from what was wanted."""
    return float(-np.log(np.clip(np.where(wanted, reached, 1 - reached), 1e-9, 1)).mean())


def word_features(topic: TopicSettings, rows: Sequence[Row]) -> Array:
    """shape (rows, features)."""
    lexicon = Lexicon(topic.lexicon)
    return np.array(
        [
            topic_model.features(lexicon.score(Passages.of(row["title"], row["lead"], ""), row["language"]))
            for row in rows
        ]
    )


def train(topic: TopicSettings, rows: Sequence[Row], vectors: Array) -> tuple[Row, Score]:
    """The topic's part of the model file, and its cross-validated score."""
    words, fold = word_features(topic, rows), folds(rows)
    wanted = np.array([topic.key in row["topics"] for row in rows])
    trials = []
    for scale, slackness in product(WORD_SCALES, SLACKNESS):
        reached = cross_validate(np.hstack([vectors, words * scale]), wanted, fold, slackness)
        trials.append((surprise(reached, wanted), scale, slackness, reached))
    _, scale, slackness, reached = min(trials, key=lambda trial: trial[:3])
    weights = fit(np.hstack([vectors, words * scale]), wanted, slackness).weights
    meaning, by_words, bias = np.split(weights, [vectors.shape[1], len(weights) - 1])
    found = [[topic.key] if one >= topic.threshold else [] for one in reached]
    part = {
        "lexicon": topic_model.lexicon_fingerprint(topic.lexicon),
        "features": topic_model.feature_names(topic.lexicon),
        "word_scale": scale,
        "slackness": slackness,
        "bias": round(float(bias[0]), 4),
        "words": [round(float(weight * scale), 4) for weight in by_words],
        "meaning": [round(float(weight), 3) for weight in meaning],
    }
    return part, topic_score([row["topics"] for row in rows], found, topic.key)


def embed(rows: Sequence[Row], embedder: UseEmbedder) -> Array:
    """shape (rows, dim)."""
    return embedder.encode([text_to_embed((row["title"], row["lead"])) for row in rows]).astype(np.float64)


def scored(reader: TopicReader, rows: Sequence[Row], vectors: Array | None) -> Iterator[tuple[str, Score]]:
    """How well a reader does, topic by topic."""
    found = [
        [
            one.topic
            for one in reader.relevant(
                Passages.of(row["title"], row["lead"], ""),
                row["language"],
                None if vectors is None else vectors[place].astype(np.float32),
            )
        ]
        for place, row in enumerate(rows)
    ]
    for topic in reader.topics:
        yield topic.key, topic_score([row["topics"] for row in rows], found, topic.key)


def report(topics: Sequence[TopicSettings], embedder: UseEmbedder) -> None:
    """Print the test split's scores with the model and with words alone."""
    rows = read_rows("topics.jsonl", "test")
    for name, vectors in (("with vectors", embed(rows, embedder)), ("words alone", None)):
        for key, score in scored(TopicReader(topics, embedder), rows, vectors):
            _say(f"test, {name}", key, score)


def _say(what: str, key: str, score: Score) -> None:
    print(f"{what:22} {key:24} P {score.precision:.3f}  R {score.recall:.3f}  F1 {score.f1:.3f}")


@click.command(help=__doc__.splitlines()[0] if __doc__ else None)
@click.option("--report", "report_only", is_flag=True, help="Measure the model file as it is.")
def main(report_only: bool) -> None:
    topics, embedder = load_defaults().config.topics, UseEmbedder()
    if not report_only:
        rows = training_rows()
        vectors, parts = embed(rows, embedder), {}
        for topic in topics:
            parts[topic.key], score = train(topic, rows, vectors)
            _say("train, cross-validated", topic.key, score)
        content = {
            "format": topic_model.FORMAT,
            "embedder": embedder.name,
            "trained_on": topic_model.fingerprint(rows),
            "topics": parts,
        }
        MODEL_FILE.write_text(json.dumps(content, ensure_ascii=False) + "\n", encoding="utf-8")
        topic_model.bundled.cache_clear()
    report(topics, embedder)


if __name__ == "__main__":
    main()
