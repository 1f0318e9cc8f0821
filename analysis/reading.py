"""Reads texts: language, topics, figures and milestones of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analysis import figures, language, milestones
from analysis.embedding import text_to_embed
from analysis.lexicon import Passages
from analysis.settings import TopicSettings
from analysis.topics import TopicReader
from analysis.values import Item, Reading

if TYPE_CHECKING:
    from analysis.embedding import Embedder, Vectors

VERSION = "1"  # kept with every reading; raise it when the same text would read differently

_SHORT = 20  # letters and digits; less is no headline
MAX_BODY = 200_000  # characters that count for topics; longer bodies are lists or broken pages


class Reader:
    """Reads texts in batches. The same texts, topics and embedder always give the same readings."""

    def __init__(self, topics: Sequence[TopicSettings], embedder: Embedder | None = None) -> None:
        self._topics = TopicReader(topics, embedder)
        self._embedder = embedder

    def read(self, items: Sequence[Item]) -> list[Reading]:
        """One reading per item, in order. Any text will do: what cannot be trusted is named in `doubtful`."""
        vectors = self.vectors(items)
        if vectors is None:
            return [self._read(item, None) for item in items]
        return [self._read(item, vector) for item, vector in zip(items, vectors, strict=True)]

    def vectors(self, items: Sequence[Item]) -> Vectors | None:
        """float32 of shape (len(items), dim) for `stories.group`, or None without an embedder."""
        if self._embedder is None:
            return None
        return self._embedder.encode([text_to_embed((item.title, item.lead, item.body)) for item in items])

    def _read(self, item: Item, vector: Vectors | None) -> Reading:
        joined = item.joined
        spoken = language.detect(joined, item.language)
        passages = Passages.of(item.title, item.lead, item.body[:MAX_BODY])
        topics = self._topics.relevant(passages, spoken, vector) if joined.strip() else ()
        # An article on Kazakhstan's AI law uses the Act's words; one that no topic wants has no milestones.
        on_topic = bool(topics) or not self._topics.topics
        return Reading(
            language=spoken,
            topics=topics,
            figures=figures.read(joined, spoken),
            milestones=milestones.mentioned(item) if on_topic else (),
            doubtful=_doubt(joined, spoken),
        )


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
