"""How relevant a text is to each topic, and why.

Words come first: strong terms, the groups a text needs, and exclusions, each with its weight and the place
it stands in. Where vectors are at hand, a topic's trained model joins these parts with the wording and the
meaning of title and lead into a probability (`analysis.topic_model`). A topic without a fitting model takes
the words as they are, moved up or down by likeness to its examples. The terms found and all parts are kept
as evidence, so that an editor can see what to change.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis import topic_model
from analysis.lexicon import Needles, Passages, Term, WordScore, parse_terms, weigh
from analysis.settings import LexiconSettings, TermGroup, TopicSettings
from analysis.topic_model import Parts, TopicModel
from analysis.values import TopicScore

if TYPE_CHECKING:
    from analysis.embedding import Embedder, Vectors

_STEEPNESS = 6.0  # how fast the score turns around a lexicon score of one half
_LIKENESS_WEIGHT = 9.0  # what a difference of 1 in likeness adds before the logistic curve
_LIKENESS_LIMIT = (
    3.0  # meaning moves a score, words decide it: likeness alone must not carry a text without any
)
_NEAREST = 2  # examples that a text is compared with: the nearest ones, since a topic has many sides
_BODY_LIFT = 1.5  # models know title and lead only; what the words of the body add on top of these counts so


@dataclass(frozen=True, slots=True)
class _Group:
    name: str
    terms: dict[str, tuple[Term, ...]]  # by language, "" for any other

    @classmethod
    def of(cls, settings: TermGroup) -> _Group:
        shared = settings.terms
        spoken = {"": shared, "de": shared + settings.de, "en": shared + settings.en}
        return cls(settings.name, {language: parse_terms(terms) for language, terms in spoken.items()})

    def weigh(self, passages: Passages, language: str, present: Set[str]) -> tuple[float, list[str]]:
        return weigh(self.terms.get(language, self.terms[""]), passages, present)


class Lexicon:
    """A topic's words, compiled once."""

    def __init__(self, settings: LexiconSettings) -> None:
        self._strong = parse_terms(settings.strong)
        self._groups = tuple(map(_Group.of, settings.groups))
        self._exclude = parse_terms(settings.exclude)
        every = [*self._strong, *self._exclude]
        for group in self._groups:
            every += [term for terms in group.terms.values() for term in terms]
        self._needles = Needles(term.needle for term in every)

    def score(self, passages: Passages, language: str) -> WordScore:
        """What the words say, part by part."""
        present = self._needles.within(passages.whole)
        strong, found = weigh(self._strong, passages, present)
        evidence = [f"stark: {', '.join(found)}"] if found else []
        weights = []
        for group in self._groups:
            weight, found = group.weigh(passages, language, present)
            weights.append(weight)
            if found:
                evidence.append(f"{group.name}: {', '.join(found)}")
        against, found = weigh(self._exclude, passages, present)
        if found:
            evidence.append(f"dagegen: {', '.join(found)}")
        return WordScore(strong, tuple(weights), against, tuple(evidence))


class TopicReader:
    """Scores texts against topics. Without an embedder, words alone decide.

    models: by topic key; those that came with the program unless given. One whose embedder or features are
    not those of its topic is left aside.
    """

    def __init__(
        self,
        topics: Sequence[TopicSettings],
        embedder: Embedder | None = None,
        models: Mapping[str, TopicModel] | None = None,
    ) -> None:
        self.topics = tuple(topics)
        self._lexicons = tuple(Lexicon(topic.lexicon) for topic in topics)
        self._embedder = embedder
        self._models = tuple(_fitting_model(topic, embedder, models) for topic in topics)
        self._examples: tuple[tuple[Vectors, Vectors] | None, ...] | None = None

    def scores(
        self, passages: Passages, language: str, vectors: Vectors | None = None
    ) -> tuple[TopicScore, ...]:
        """One score per topic, in the order of the topics, relevant or not.

        vectors: of title, lead and both, of shape (3, dim), from this reader's embedder; or None.
        """
        likenesses = self._likenesses(vectors)
        results = []
        for topic, lexicon, model, likeness in zip(
            self.topics, self._lexicons, self._models, likenesses, strict=True
        ):
            found = lexicon.score(passages, language)
            if model is None or vectors is None:
                score, parts = _by_likeness(found, likeness)
            else:
                head = lexicon.score(passages.without_body(), language) if passages.body else found
                score, parts = _by_model(model, found, head, model.parts(head, passages, vectors))
            results.append(TopicScore(topic.key, round(score, 4), (*found.evidence, *parts)))
        return tuple(results)

    def relevant(
        self, passages: Passages, language: str, vectors: Vectors | None = None
    ) -> tuple[TopicScore, ...]:
        """The scores that reach their topic's threshold."""
        scored = zip(self.topics, self.scores(passages, language, vectors), strict=True)
        return tuple(score for topic, score in scored if score.score >= topic.threshold)

    def _likenesses(self, vectors: Vectors | None) -> list[float | None]:
        """None for topics that have a model: their examples are never encoded."""
        if vectors is None or self._embedder is None:
            return [None] * len(self.topics)
        if self._examples is None:
            self._examples = tuple(
                None if model else _example_vectors(topic, self._embedder)
                for topic, model in zip(self.topics, self._models, strict=True)
            )
        both = vectors[-1]
        return [examples and _likeness(both, *examples) for examples in self._examples]


def _fitting_model(
    topic: TopicSettings, embedder: Embedder | None, models: Mapping[str, TopicModel] | None
) -> TopicModel | None:
    if embedder is None:
        return None
    model = (topic_model.bundled() if models is None else models).get(topic.key)
    return model if model and model.fits(topic.lexicon, embedder.name) else None


def _by_model(
    model: TopicModel, found: WordScore, head: WordScore, parts: Parts
) -> tuple[float, tuple[str, ...]]:
    """found: by the whole text. head: by title and lead, which is all that a model weighs."""
    by_words = model.bias + parts.words
    lift = _BODY_LIFT * max(0.0, found.total - head.total)
    score = _logistic(by_words + parts.wording + parts.meaning + lift)
    telling = f" ({', '.join(parts.telling)})" if parts.telling else ""
    evidence = [
        f"Wörter {found.total:.2f} ({by_words:+.1f})",
        f"Wortlaut {parts.wording:+.1f}{telling}",
        f"Bedeutung {parts.meaning:+.1f}",
    ]
    if lift:
        evidence.append(f"Text {lift:+.1f}")
    return score, (*evidence, f"Wahrscheinlichkeit {score:.2f}")


def _by_likeness(found: WordScore, likeness: float | None) -> tuple[float, tuple[str, ...]]:
    moved = max(-_LIKENESS_LIMIT, min(_LIKENESS_LIMIT, _LIKENESS_WEIGHT * (likeness or 0.0)))
    parts = (f"Wörter {found.total:.2f}", *(() if likeness is None else (f"Nähe {likeness:+.2f}",)))
    return _logistic(_STEEPNESS * (found.total - 0.5) + moved), parts


def _logistic(log_odds: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, log_odds))))


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
