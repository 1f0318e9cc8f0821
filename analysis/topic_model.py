"""Trained models that weigh a topic's words against the meaning of a text.

A model is a logistic regression: a bias, a weight for each part of the word score, and one for each number
of the text's vector. `tests/quality/train_topics.py` makes the file from labelled examples.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from analysis.lexicon import WordScore
from analysis.settings import LexiconSettings

if TYPE_CHECKING:
    from analysis.embedding import Vectors

FORMAT = 1  # of the file; one of another format is not read
FILE_NAME = "topic_model.json"


@dataclass(frozen=True, slots=True)
class TopicModel:
    """One topic's weights, in the order of `features` and of the vector's numbers."""

    embedder: str
    lexicon: str  # fingerprint of the lexicon it was trained with
    features: tuple[str, ...]
    bias: float
    words: tuple[float, ...]
    meaning: Vectors = field(repr=False)

    def fits(self, lexicon: LexiconSettings, embedder: str) -> bool:
        """Whether the weights still mean the same: terms may change, groups and the embedder may not."""
        return self.embedder == embedder and self.features == feature_names(lexicon)

    def parts(self, found: WordScore, vector: Vectors) -> tuple[float, float]:
        """What words and meaning add to the log-odds."""
        by_words = sum(weight * value for weight, value in zip(self.words, features(found), strict=True))
        return by_words, float(self.meaning @ vector)


def feature_names(lexicon: LexiconSettings) -> tuple[str, ...]:
    """Names of what `features` returns for this lexicon."""
    return ("stark", *(f"Gruppe {group.name}" for group in lexicon.groups), "dagegen", "Gruppen", "Wörter")


def features(found: WordScore) -> tuple[float, ...]:
    """The parts of a word score that a model weighs."""
    return (found.strong, *found.groups, found.against, found.together, found.total)


def fingerprint(value: Any) -> str:
    """Of anything JSON can hold, the same on every machine."""
    written = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()[:16]


def lexicon_fingerprint(lexicon: LexiconSettings) -> str:
    """Changes with every term, so that a stale model can be told."""
    return fingerprint(lexicon.model_dump(mode="json"))


@cache
def bundled() -> Mapping[str, TopicModel]:
    """The models that come with the program, by topic key."""
    file = resources.files("analysis") / "data" / FILE_NAME
    return read(file.read_text(encoding="utf-8")) if file.is_file() else {}


def read(written: str) -> dict[str, TopicModel]:
    """Models of a file's text; none if its format is not known."""
    import numpy as np

    content = json.loads(written)
    if content["format"] != FORMAT:
        return {}
    return {
        key: TopicModel(
            embedder=content["embedder"],
            lexicon=topic["lexicon"],
            features=tuple(topic["features"]),
            bias=topic["bias"],
            words=tuple(topic["words"]),
            meaning=np.asarray(topic["meaning"], dtype=np.float32),
        )
        for key, topic in content["topics"].items()
    }
