"""What a short query means, among texts.

The embeddings were made to compare sentences; two or three words typed into a search box lie off to one side
of them. A linear map, learned from queries and what answers them (`tests/quality/train_queries.py`), moves a
query to where its answers are: W of low rank, and a shift.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from analysis.embedding import Embedder, Vectors

    Numbers = npt.NDArray[np.float32]

_KEPT = "query_map.npz"


@dataclass(frozen=True, slots=True, eq=False)
class QueryMap:
    """A query q of length 1 becomes q + q·down·up + shift, of length 1 again.

    down: (dim, rank). up: (rank, dim). shift: (dim,). made_for: the name of the embedder.
    """

    made_for: str
    down: Numbers
    up: Numbers
    shift: Numbers

    def moved(self, queries: Vectors) -> Vectors:
        """The vectors of queries, shape (n, dim), where their answers are."""
        import numpy as np

        there = queries + queries @ self.down @ self.up + self.shift
        moved: Vectors = there / np.maximum(np.linalg.norm(there, axis=1, keepdims=True), 1e-6)
        return moved


@cache
def query_map() -> QueryMap:
    """The map that comes with the program."""
    import numpy as np

    with files("analysis").joinpath("data", _KEPT).open("rb") as file, np.load(file) as kept:
        down, up, shift = (kept[name].astype(np.float32) for name in ("down", "up", "shift"))
        return QueryMap(str(kept["made_for"]), down, up, shift)


class QueryMeaning:
    """Gives queries their vectors. An embedder that the map was not made for is used as it is."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def encode(self, queries: list[str]) -> Vectors:
        """float32 of shape (len(queries), dim), each row of length 1."""
        vectors, learned = self._embedder.encode(queries), query_map()
        return learned.moved(vectors) if learned.made_for == self._embedder.name else vectors
