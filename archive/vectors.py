"""Meaning of the sentences of articles on a topic as vectors, kept so that no text is encoded twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select

from archive import tables
from archive.database import Database
from archive.values import Article

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Rows = npt.NDArray[np.float32]

_V = tables.article_vector
_BATCH = 500
_KEPT = "<f2"  # half precision: a cosine changes by less than a thousandth, the archive halves


def load(database: Database, articles: Sequence[Article], model: str, dim: int) -> dict[int, Rows]:
    """By article number, float32 of shape (n, dim); only rows of this model and of the present revision."""
    revision = {article.id: article.revision for article in articles}
    ids, found = list(revision), {}
    with database.reading() as connection:
        for start in range(0, len(ids), _BATCH):
            chosen = _V.c.article_id.in_(ids[start : start + _BATCH])
            for row in connection.execute(select(_V).where(chosen, _V.c.model == model)):
                if row.revision == revision[row.article_id]:
                    found[row.article_id] = _read(row.rows, dim)
    return found


def _read(kept: bytes, dim: int) -> Rows:
    """The rows of one article as they were kept, float32 of shape (n, dim)."""
    import numpy as np

    return np.frombuffer(kept, dtype=_KEPT).reshape(-1, dim).astype(np.float32)


def save(database: Database, model: str, vectors: Mapping[Article, Rows]) -> None:
    """Keep the vectors of articles, instead of those they had. An article deleted meanwhile is left out."""
    rows: list[dict[str, Any]] = [
        {
            "article_id": article.id,
            "revision": article.revision,
            "model": model,
            "rows": each.astype(_KEPT).tobytes(),
        }
        for article, each in vectors.items()
    ]
    if not rows:
        return
    ids = [row["article_id"] for row in rows]
    with database.writing() as connection:
        alive = set(connection.scalars(select(tables.article.c.id).where(tables.article.c.id.in_(ids))))
        connection.execute(delete(_V).where(_V.c.article_id.in_(ids)))
        kept = [row for row in rows if row["article_id"] in alive]
        if kept:
            connection.execute(insert(_V), kept)
