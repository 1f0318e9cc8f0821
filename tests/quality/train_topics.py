"""Train the topic models and write analysis/data/topic_model.json.

    python tests/quality/train_topics.py            train, write, and report
    python tests/quality/train_topics.py --report   report only

Trains on the rows of topics.jsonl with split "train" and on topics_more.jsonl. Strengths are chosen by
cross-validation in which one event is never on both sides. Test rows are read for the report only.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np
import numpy.typing as npt
from scoring import Score, topic_score

from analysis import topic_model
from analysis.embedding import UseEmbedder, texts_to_embed
from analysis.lexicon import Passages
from analysis.settings import TopicSettings
from analysis.topics import Lexicon, TopicReader
from lagebrief.config import load_defaults

if TYPE_CHECKING:
    from analysis.embedding import Vectors

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data" / "quality"
MODEL_FILE = ROOT / "analysis" / "data" / topic_model.FILE_NAME

FOLDS = 6
SLACKNESS = (10.0, 20.0)  # how far weights may go, the C of other programs
# How freely lexicon and wording are weighed beside meaning. The lexicon's is bounded, since terms were
# collected from some of these very rows: cross-validation flatters them.
WORD_SCALES = (0.5, 0.7)
WORDING_SCALES = (0.75, 1.0)
KEPT = 6000  # pieces per topic; the many that say next to nothing would only fill the file
SEEN, SPAN_SEEN = 4, 6  # texts in which a piece must stand to be learnt; spans of letters are many
_STEPS = 30  # Newton's method needs about ten

Row = dict[str, Any]
Array = npt.NDArray[np.float64]
Answers = npt.NDArray[np.bool_]


def read_rows(name: str, split: str) -> list[Row]:
    """Rows of a set that belong to a split."""
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["split"] == split]


def training_rows() -> list[Row]:
    """All rows a model may learn from."""
    return read_rows("topics.jsonl", "train") + read_rows("topics_more.jsonl", "train")


@dataclass(frozen=True, slots=True)
class Fit:
    """What a logistic regression takes from each row it has learnt from."""

    rows: Array
    bias: float

    def probabilities(self, likeness: Array) -> Array:
        """likeness: of shape (texts, rows), the products of their inputs."""
        return _probabilities(likeness @ self.rows + self.bias)


def fit(likeness: Array, wanted: Answers, slackness: float) -> Fit:
    """Logistic regression with weights held small (the bias is free), by Newton's method.

    There are ten times as many inputs as rows, so it solves for the rows: weights = inputs.T @ Fit.rows.
    """
    ones, log_odds = np.ones(len(wanted)), np.zeros(len(wanted))
    for _ in range(_STEPS):
        reached = _probabilities(log_odds)
        curve = np.maximum(reached * (1 - reached), 1e-6)
        aim = log_odds + (wanted - reached) / curve
        held = likeness + np.diag(1 / (slackness * curve))
        by_aim, by_ones = np.linalg.solve(held, np.stack([aim, ones], axis=1)).T
        bias = by_aim.sum() / by_ones.sum()
        found = by_aim - bias * by_ones
        before, log_odds = log_odds, likeness @ found + bias
        if np.abs(log_odds - before).max() < 1e-6:
            break
    return Fit(found, float(bias))


def _probabilities(log_odds: Array) -> Array:
    return 1 / (1 + np.exp(-np.clip(log_odds, -30, 30)))


def folds(rows: Sequence[Row]) -> npt.NDArray[np.int_]:
    """A fold for every row, the same for rows of one event."""
    names = [row.get("event", row["id"]) for row in rows]
    order = sorted(set(names))
    random.Random(0).shuffle(order)
    fold_of = {name: place % FOLDS for place, name in enumerate(order)}
    return np.array([fold_of[name] for name in names])


def cross_validate(likeness: Array, wanted: Answers, fold: npt.NDArray[np.int_], slackness: float) -> Array:
    """The probability of every row, from a model that has not seen its fold."""
    reached = np.empty(len(wanted))
    for held_out in range(FOLDS):
        out = fold == held_out
        learnt = fit(likeness[np.ix_(~out, ~out)], wanted[~out], slackness)
        reached[out] = learnt.probabilities(likeness[np.ix_(out, ~out)])
    return reached


def surprise(reached: Array, wanted: Answers) -> float:
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


@dataclass(frozen=True, slots=True)
class Wording:
    """The pieces of all rows: which there are, and what each counts in each row."""

    names: tuple[str, ...]
    rarity: Array  # by name: rare pieces say more
    counts: Array  # shape (rows, names), rarity / √(pieces of the row)

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Wording:
        met = [topic_model.pieces(Passages.of(row["title"], row["lead"], "")) for row in rows]
        often = Counter(piece for each in met for piece in each)
        names = sorted(
            name for name, times in often.items() if times >= (SPAN_SEEN if name[0] == "~" else SEEN)
        )
        place = {name: number for number, name in enumerate(names)}
        rarity = np.log(len(rows) / np.array([often[name] for name in names]))
        counts = np.zeros((len(rows), len(names)))
        for row, each in zip(counts, met, strict=True):
            known = [place[piece] for piece in each if piece in place]
            row[known] = rarity[known] * len(each) ** -0.5
        return cls(tuple(names), rarity, counts)


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that a model may weigh, and how alike rows are in each."""

    meaning: Array  # shape (rows, 3 · dim)
    wording: Wording
    meaning_likeness: Array
    wording_likeness: Array

    @classmethod
    def of(cls, rows: Sequence[Row], embedder: UseEmbedder) -> Inputs:
        meaning = embed(rows, embedder).reshape(len(rows), -1).astype(np.float64)
        wording = Wording.of(rows)
        return cls(meaning, wording, meaning @ meaning.T, wording.counts @ wording.counts.T)

    def likeness(self, words: Array, by_wording: float) -> Array:
        """Products of the rows' inputs, of shape (rows, rows)."""
        return self.meaning_likeness + by_wording**2 * self.wording_likeness + words @ words.T


def train(topic: TopicSettings, rows: Sequence[Row], inputs: Inputs) -> tuple[Row, Array]:
    """The topic's part of the model file, and the cross-validated probability of each row."""
    words, fold = word_features(topic, rows), folds(rows)
    wanted = np.array([topic.key in row["topics"] for row in rows])
    trials = []
    for by_words, by_wording, slackness in product(WORD_SCALES, WORDING_SCALES, SLACKNESS):
        likeness = inputs.likeness(words * by_words, by_wording)
        reached = cross_validate(likeness, wanted, fold, slackness)
        trials.append((surprise(reached, wanted), by_words, by_wording, slackness, reached))
    _, by_words, by_wording, slackness, reached = min(trials, key=lambda trial: trial[:4])
    likeness = inputs.likeness(words * by_words, by_wording)
    learnt = fit(likeness, wanted, slackness)
    wording = by_wording**2 * inputs.wording.rarity * (inputs.wording.counts.T @ learnt.rows)
    part = {
        "lexicon": topic_model.lexicon_fingerprint(topic.lexicon),
        "features": topic_model.feature_names(topic.lexicon),
        "word_scale": by_words,
        "wording_scale": by_wording,
        "slackness": slackness,
        "bias": round(learnt.bias, 4),
        "words": [round(float(weight), 4) for weight in by_words**2 * words.T @ learnt.rows],
        "wording": strongest(inputs.wording, wording),
        "meaning": [round(float(weight), 3) for weight in inputs.meaning.T @ learnt.rows],
    }
    return part, reached


def strongest(wording: Wording, weights: Array) -> dict[str, float]:
    """The pieces that move texts most, by name."""
    kept = sorted(np.argsort(-np.abs(weights), kind="stable")[:KEPT])
    return {wording.names[place]: round(float(weights[place]), 2) for place in kept}


def embed(rows: Sequence[Row], embedder: UseEmbedder) -> Vectors:
    """shape (rows, 3, dim)."""
    texts = [text for row in rows for text in texts_to_embed(row["title"], row["lead"])]
    return embedder.encode(texts).reshape(len(rows), 3, -1)


def found_by(reader: TopicReader, rows: Sequence[Row], vectors: Vectors | None) -> list[list[str]]:
    """The topics of each row."""
    return [
        [
            one.topic
            for one in reader.relevant(
                Passages.of(row["title"], row["lead"], ""),
                row["language"],
                None if vectors is None else vectors[place],
            )
        ]
        for place, row in enumerate(rows)
    ]


def report(topics: Sequence[TopicSettings], embedder: UseEmbedder) -> None:
    """Print the test split's scores with the model and with words alone."""
    rows = read_rows("topics.jsonl", "test")
    gold = [row["topics"] for row in rows]
    for name, vectors in (("with vectors", embed(rows, embedder)), ("words alone", None)):
        found = found_by(TopicReader(topics, embedder), rows, vectors)
        for topic in topics:
            _say(f"test, {name}", topic.key, topic_score(gold, found, topic.key))


def report_training(topic: TopicSettings, rows: Sequence[Row], reached: Array) -> None:
    """Print the cross-validated scores, and how much everyday news is called relevant."""
    found = [[topic.key] if one >= topic.threshold else [] for one in reached]
    _say("train, cross-validated", topic.key, topic_score([row["topics"] for row in rows], found, topic.key))
    everyday = [one for row, one in zip(rows, found, strict=True) if row["id"].startswith("o")]
    print(f"{'everyday, relevant':22} {topic.key:24} {sum(map(len, everyday))} of {len(everyday)}")


def _say(what: str, key: str, score: Score) -> None:
    print(f"{what:22} {key:24} P {score.precision:.3f}  R {score.recall:.3f}  F1 {score.f1:.3f}")


@click.command(help=__doc__.splitlines()[0] if __doc__ else None)
@click.option("--report", "report_only", is_flag=True, help="Measure the model file as it is.")
def main(report_only: bool) -> None:
    topics, embedder = load_defaults().config.topics, UseEmbedder()
    if not report_only:
        rows = training_rows()
        inputs, parts = Inputs.of(rows, embedder), {}
        for topic in topics:
            parts[topic.key], reached = train(topic, rows, inputs)
            report_training(topic, rows, reached)
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
