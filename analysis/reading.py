"""Reads texts: language, topics, figures and milestones of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analysis import date_signals, figures, language, milestones
from analysis.embedding import texts_to_embed
from analysis.lexicon import Passages
from analysis.settings import TopicSettings
from analysis.topics import TopicReader
from analysis.values import Item, Reading, TopicScore

if TYPE_CHECKING:
    from analysis.embedding import Embedder, Vectors

VERSION = "5"  # kept with every reading; raise it when the same text would read differently, or keep more

_SHORT = 20  # letters and digits; less is no headline
_OPENING = 300  # characters of the body that stand in for a missing lead
MAX_BODY = 200_000  # characters that count for topics; longer bodies are lists or broken pages


class Reader:
    """Reads texts in batches. The same texts, topics and embedder always give the same readings."""

    def __init__(self, topics: Sequence[TopicSettings], embedder: Embedder | None = None) -> None:
        self._topics = TopicReader(topics, embedder)
        self._embedder = embedder

    def read(self, items: Sequence[Item]) -> list[Reading]:
        """One reading per item, in order. Any text will do: what cannot be trusted is named in `doubtful`."""
        vectors = self._meanings(items)
        if vectors is None:
            return [self._read(item, None) for item in items]
        return [self._read(item, meaning) for item, meaning in zip(items, vectors, strict=True)]

    def scores(self, item: Item) -> tuple[TopicScore, ...]:
        """Every topic's score for one text with its evidence, relevant or not; for an editor who asks why."""
        vectors = self._meanings([item])
        passages = Passages.of(item.title, _lead(item), item.body[:MAX_BODY])
        spoken = language.detect(item.joined, item.language)
        return self._topics.scores(passages, spoken, None if vectors is None else vectors[0])

    def _meanings(self, items: Sequence[Item]) -> Vectors | None:
        """float32 of shape (len(items), 3, dim) for topics, all texts in one batch."""
        if self._embedder is None:
            return None
        texts = [text for item in items for text in texts_to_embed(item.title, _lead(item))]
        return self._embedder.encode(texts).reshape(len(items), 3, self._embedder.dim)

    def _read(self, item: Item, vectors: Vectors | None) -> Reading:
        joined = item.joined
        spoken = language.detect(joined, item.language)
        passages = Passages.of(item.title, _lead(item), item.body[:MAX_BODY])
        topics = self._topics.relevant(passages, spoken, vectors) if joined.strip() else ()
        # An article on Kazakhstan's AI law uses the Act's words; one that no topic wants has no milestones.
        on_topic = bool(topics) or not self._topics.topics
        found = figures.read(joined, spoken)
        spoken_of = milestones.passages(item) if on_topic else ()
        return Reading(
            language=spoken,
            topics=topics,
            figures=found,
            milestones=milestones.ids(spoken_of),
            date_signals=date_signals.read(item, found, spoken_of),
            doubtful=_doubt(joined, spoken),
        )


def _lead(item: Item) -> str:
    """What a text says up front it is about. More would blur its vector, and cost time."""
    return item.lead.strip() or item.body[:_OPENING].strip()


def _doubt(joined: str, spoken: str) -> str:
    """Why a reading should not be trusted, in German for the desk; "" if it may."""
    if not joined.strip():
        return "kein Text"
    if spoken not in language.LANGUAGES:
        return f"Sprache {spoken} wird nicht gelesen"
    if len(joined) > MAX_BODY:
        return f"Text sehr lang, nur die ersten {MAX_BODY} Zeichen gelesen"
    if "\ufffd" in joined:
        return "Text mit unlesbaren Zeichen"
    return "Text sehr kurz" if sum(map(str.isalnum, joined[:200])) < _SHORT else ""
