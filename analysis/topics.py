"""How relevant a text is to each topic, and why.

The lexicon speaks first: max(strong terms, weakest required group), lowered by exclusions. Where vectors are
at hand, likeness to the topic's examples against its counter-examples moves that score up or down. Both parts
and the terms found are kept as evidence, so that an editor can see what to change.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.lexicon import Passages, Term, parse_terms, weigh
from analysis.settings import LexiconSettings, TermGroup, TopicSettings
from analysis.values import TopicScore

if TYPE_CHECKING:
    from analysis.embedding import Embedder, Vectors

_STEEPNESS = 6.0  # how fast the score turns around a lexicon score of one half
_LIKENESS_WEIGHT = 9.0  # what a difference of 1 in likeness adds before the logistic curve
_LIKENESS_LIMIT = (
    3.0  # meaning moves a score, words decide it: likeness alone must not carry a text without any
)
_NEAREST = 2  # examples that a text is compared with: the nearest ones, since a topic has many sides


@dataclass(frozen=True, slots=True)
class _Group:
    name: str
    terms: dict[str, tuple[Term, ...]]  # by language, "" for any other

    @classmethod
    def of(cls, settings: TermGroup) -> _Group:
        shared = settings.terms
        spoken = {"": shared, "de": shared + settings.de, "en": shared + settings.en}
        return cls(settings.name, {language: parse_terms(terms) for language, terms in spoken.items()})

    def weigh(self, passages: Passages, language: str) -> tuple[float, list[str]]:
        return weigh(self.terms.get(language, self.terms[""]), passages)


class Lexicon:
    """A topic's words, compiled once."""

    def __init__(self, settings: LexiconSettings) -> None:
        self._strong = parse_terms(settings.strong)
        self._groups = tuple(map(_Group.of, settings.groups))
        self._exclude = parse_terms(settings.exclude)

    def score(self, passages: Passages, language: str) -> tuple[float, tuple[str, ...]]:
        """Score from 0 to 1, and the evidence for it."""
        strong, found = weigh(self._strong, passages)
        evidence = [f"stark: {', '.join(found)}"] if found else []
        weights = []
        for group in self._groups:
            weight, found = group.weigh(passages, language)
            weights.append(weight)
            if found:
                evidence.append(f"{group.name}: {', '.join(found)}")
        against, found = weigh(self._exclude, passages)
        if found:
            evidence.append(f"dagegen: {', '.join(found)}")
        together = min(weights, default=0.0)
        return (1 - (1 - strong) * (1 - together)) * (1 - against), tuple(evidence)


class TopicReader:
    """Scores texts against topics. Without an embedder, words alone decide."""

    def __init__(self, topics: Sequence[TopicSettings], embedder: Embedder | None = None) -> None:
        self.topics = tuple(topics)
        self._lexicons = tuple(Lexicon(topic.lexicon) for topic in topics)
        self._embedder = embedder
        self._examples: tuple[tuple[Vectors, Vectors], ...] | None = None

    def scores(
        self, passages: Passages, language: str, vector: Vectors | None = None
    ) -> tuple[TopicScore, ...]:
        """One score per topic, in the order of the topics, relevant or not.

        vector: the text's vector of shape (dim,) from this reader's embedder, or None.
        """
        likenesses = self._likenesses(vector)
        results = []
        for topic, lexicon, likeness in zip(self.topics, self._lexicons, likenesses, strict=True):
            by_words, evidence = lexicon.score(passages, language)
            parts = (f"Wörter {by_words:.2f}", *(() if likeness is None else (f"Nähe {likeness:+.2f}",)))
            score = round(_join(by_words, likeness or 0.0), 4)
            results.append(TopicScore(topic.key, score, (*evidence, *parts)))
        return tuple(results)

    def relevant(
        self, passages: Passages, language: str, vector: Vectors | None = None
    ) -> tuple[TopicScore, ...]:
        """The scores that reach their topic's threshold."""
        scored = zip(self.topics, self.scores(passages, language, vector), strict=True)
        return tuple(score for topic, score in scored if score.score >= topic.threshold)

    def _likenesses(self, vector: Vectors | None) -> list[float | None]:
        if vector is None or self._embedder is None:
            return [None] * len(self.topics)
        if self._examples is None:
            self._examples = tuple(_example_vectors(topic, self._embedder) for topic in self.topics)
        return [_likeness(vector, *examples) for examples in self._examples]


def _example_vectors(topic: TopicSettings, embedder: Embedder) -> tuple[Vectors, Vectors]:
    return embedder.encode(list(topic.examples)), embedder.encode(list(topic.counter_examples))


def _likeness(vector: Vectors, examples: Vectors, counter_examples: Vectors) -> float | None:
    """Mean cosine to the nearest examples minus that to the nearest counter-examples, from -1 to 1."""
    if not len(examples) or not len(counter_examples):
        return None  # one side alone says how long a text is rather than what it is about
    return _nearness(vector, examples) - _nearness(vector, counter_examples)


def _nearness(vector: Vectors, examples: Vectors) -> float:
    cosines = sorted((examples @ vector).tolist(), reverse=True)[:_NEAREST]
    return float(sum(cosines) / len(cosines))


def _join(by_words: float, likeness: float) -> float:
    moved = max(-_LIKENESS_LIMIT, min(_LIKENESS_LIMIT, _LIKENESS_WEIGHT * likeness))
    return 1 / (1 + math.exp(-(_STEEPNESS * (by_words - 0.5) + moved)))
