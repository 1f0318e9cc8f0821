"""How likely it is that two reports tell of one event: a small logistic model over their signs.

Its weights stand in `data/story_model.json` and come from `tests/quality/train_stories.py`. There are two
sets: one for reports whose meaning is known as vectors, one for words alone.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from analysis.story_signs import CONTRADICTIONS, GROUPS

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from analysis.embedding import Vectors

    Places = npt.NDArray[np.intp]
    Numbers = npt.NDArray[np.float64]

SHARED = tuple(f"shared {group}" for group in GROUPS)
WORD_FEATURES = (
    *SHARED,
    "shared of smaller",
    "concepts of smaller",
    "same language",
    "brief",
    "crowd",
    "days",
    *CONTRADICTIONS,
)
MEANING_FEATURES = ("cosine", "sentences", "best sentence")
FEATURES = (*MEANING_FEATURES, *WORD_FEATURES)
_LEAST = 0.03  # the weight of a sign that every report has


@dataclass(frozen=True, slots=True)
class Weights:
    """A logistic model: probability = 1 / (1 + exp(-(bias + features · factors)))."""

    bias: float
    factors: tuple[float, ...]

    @classmethod
    def of(cls, data: Mapping[str, float], features: Sequence[str]) -> Weights:
        return cls(data["bias"], tuple(data[name] for name in features))

    def probability(self, features: Numbers) -> Numbers:
        import numpy as np

        found: Numbers = 1 / (1 + np.exp(-(self.bias + features @ np.array(self.factors))))
        return found


@dataclass(frozen=True, slots=True)
class StoryModel:
    """threshold: the likeness from which a report joins; common: in how many of `reports` a sign was seen."""

    meaning: Weights
    words: Weights
    threshold: float
    common: Mapping[str, int]
    reports: int

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> StoryModel:
        return cls(
            Weights.of(data["meaning"], FEATURES),
            Weights.of(data["words"], WORD_FEATURES),
            data["threshold"],
            data["common"],
            data["reports"],
        )

    def likeness(self, features: Numbers, knows_meaning: npt.NDArray[np.bool_]) -> Numbers:
        """The probability of each row of FEATURES to be one event, 0 to 1."""
        import numpy as np

        return np.where(
            knows_meaning,
            self.meaning.probability(features),
            self.words.probability(features[:, len(MEANING_FEATURES) :]),
        )


@cache
def story_model() -> StoryModel:
    """The model that comes with the program."""
    return StoryModel.of(json.loads(files("analysis").joinpath("data/story_model.json").read_text("utf-8")))


class Rarity:
    """How much sharing a sign tells, from nearly 0 (in every report) to 1.

    Counts of the given reports are joined with those of earlier ones, so that two reports alone have sensible
    weights, and in many reports their own counts decide.
    """

    def __init__(self, model: StoryModel) -> None:
        self._counts = dict(model.common)
        self._reports = model.reports

    def count(self, groups: Iterable[Iterable[str]]) -> None:
        """Take note of one report's signs."""
        self._reports += 1
        for name, signs in zip(GROUPS, groups, strict=True):
            for sign in signs:
                key = f"{name}:{sign}"
                self._counts[key] = self._counts.get(key, 0) + 1

    def of(self, group: str, sign: str) -> float:
        total = max(self._reports, 2) + 1
        seen = max(self._counts.get(f"{group}:{sign}", 1), 1)
        return max(_LEAST, math.log(total / seen) / math.log(total))


def norm(vectors: Vectors) -> float:
    """Length of their sum; never 0, as a report without words may have it."""
    import numpy as np

    return max(float(np.linalg.norm(vectors.sum(axis=0))), 1e-6)
