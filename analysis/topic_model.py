"""Trained models that weigh a topic's words against the wording and the meaning of a text.

A model is a logistic regression: a bias, a weight for each part of the word score, one for each word piece
it has met often enough, and one for each number of the three vectors of a text (title, lead, both).
`tests/quality/train_topics.py` makes the file from labelled examples.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from analysis.lexicon import Passages, WordScore
from analysis.settings import LexiconSettings

if TYPE_CHECKING:
    from analysis.embedding import Vectors

FORMAT = 2  # of the file; one of another format is not read
FILE_NAME = "topic_model.json"

_STEM = 6  # letters that stand for a word: inflection goes, and so does much of a compound's tail
_SPAN = 5  # letters of a piece from within a word: the parts of German compounds
_MAX_WORDS = 100  # of title and lead; a longer lead is a text
_TELLING = 3  # pieces named to an editor


class Parts(NamedTuple):
    """What each voice adds to the log-odds, and the pieces that count most."""

    words: float
    wording: float
    meaning: float
    telling: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TopicModel:
    """One topic's weights, in the order of `features` and of the vector's numbers."""

    embedder: str
    lexicon: str  # fingerprint of the lexicon it was trained with
    features: tuple[str, ...]
    bias: float
    words: tuple[float, ...]
    wording: Mapping[str, float] = field(repr=False)  # by piece
    meaning: Vectors = field(repr=False)  # of shape (3, dim), for title, lead, and both

    def fits(self, lexicon: LexiconSettings, embedder: str) -> bool:
        """Whether the weights still mean the same: terms may change, groups and the embedder may not."""
        return self.embedder == embedder and self.features == feature_names(lexicon)

    def parts(self, found: WordScore, passages: Passages, vectors: Vectors) -> Parts:
        """Voice by voice. vectors: of shape (3, dim), see `embedding.texts_to_embed`."""
        by_words = sum(weight * value for weight, value in zip(self.words, features(found), strict=True))
        met = pieces(passages)
        share = len(met) ** -0.5 if met else 0.0
        known = {piece: share * self.wording[piece] for piece in met if piece in self.wording}
        return Parts(by_words, sum(known.values()), float((self.meaning * vectors).sum()), _telling(known))


def feature_names(lexicon: LexiconSettings) -> tuple[str, ...]:
    """Names of what `features` returns for this lexicon."""
    return ("stark", *(f"Gruppe {group.name}" for group in lexicon.groups), "dagegen", "Gruppen", "Wörter")


def features(found: WordScore) -> tuple[float, ...]:
    """The parts of a word score that a model weighs."""
    return (found.strong, *found.groups, found.against, found.together, found.total)


def pieces(passages: Passages) -> list[str]:
    """Stems, pairs of stems and spans of letters in title and lead, each once, in the order of the text.

    kodex*, praxis* leitfa* and ~chenz~ are one of each. Each weighs 1 / √(their number).
    """
    told = f"{passages.title} {passages.opening} {passages.lead}".split()[:_MAX_WORDS]
    stems = [f"{word[:_STEM]}*" for word in told]
    pairs = [f"{first} {second}" for first, second in pairwise(stems)]
    spans = [
        f"~{padded[start : start + _SPAN]}~"
        for padded in (f" {word} " for word in told)
        for start in range(max(1, len(padded) - _SPAN + 1))
    ]
    return list(dict.fromkeys((*stems, *pairs, *spans)))


def _telling(known: Mapping[str, float]) -> tuple[str, ...]:
    """The stems and pairs that say most; spans of letters tell a reader nothing."""
    named = [piece for piece in known if not piece.startswith("~")]
    return tuple(sorted(named, key=lambda piece: -abs(known[piece]))[:_TELLING])


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
            wording=topic["wording"],
            meaning=np.asarray(topic["meaning"], dtype=np.float32).reshape(3, -1),
        )
        for key, topic in content["topics"].items()
    }
