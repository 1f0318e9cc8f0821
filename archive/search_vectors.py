"""The vector of each article by which a search finds it by its meaning; made once for each text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, delete, func, select

from archive import queries, tables
from archive.batch import add_unless_there
from archive.database import Database
from archive.values import Article

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Rows = npt.NDArray[np.float32]

_A, _V = tables.article, tables.search_vector
_KEPT = "<f2"  # half precision: a cosine changes by less than a thousandth, the archive halves
MAY_BE_MINED = _A.c.tdm != "reserved"


def current(model: str) -> ColumnElement[bool]:
    """Whether a vector belongs to the present text of its article, which may be mined."""
    return and_(_V.c.article_id == _A.c.id, _V.c.revision == _A.c.revision, _V.c.model == model, MAY_BE_MINED)


def lacking(database: Database, model: str, batch: int) -> Iterator[list[Article]]:
    """The articles without a vector of this model and of their present text, newest first.

    Those that must not be mined are left out.
    """
    before = None
    while True:
        statement = select(_A).join_from(_A, _V, current(model), isouter=True).order_by(_A.c.id.desc())
        statement = statement.where(_V.c.article_id.is_(None), MAY_BE_MINED).limit(batch)
        with database.reading() as connection:
            rows = connection.execute(statement if before is None else statement.where(_A.c.id < before))
            found = [queries.to_article(row._mapping) for row in rows]
        if not found:
            return
        before = found[-1].id
        yield found


def count_lacking(database: Database, model: str) -> int:
    """How many articles `lacking` gives."""
    statement = select(func.count()).select_from(_A.outerjoin(_V, current(model)))
    with database.reading() as connection:
        counted = connection.execute(statement.where(_V.c.article_id.is_(None), MAY_BE_MINED))
        return int(counted.scalar_one())


def save(database: Database, model: str, articles: Sequence[Article], vectors: Rows) -> None:
    """Keep a vector for each article, instead of what it had. One deleted meanwhile is left out."""
    rows: list[dict[str, Any]] = [
        {"article_id": article.id, "revision": article.revision, "model": model, "vector": vector.tobytes()}
        for article, vector in zip(articles, vectors.astype(_KEPT), strict=True)
    ]
    ids = [article.id for article in articles]
    with database.writing() as connection:
        alive = set(connection.scalars(select(_A.c.id).where(_A.c.id.in_(ids))))
        connection.execute(delete(_V).where(_V.c.article_id.in_(ids)))
        if kept := [row for row in rows if row["article_id"] in alive]:
            add_unless_there(connection, _V, kept)  # another process may have made it at the same moment


def drop_reserved(database: Database) -> int:
    """Delete the vectors of articles that must no longer be mined; returns how many there were."""
    reserved = select(_A.c.id).where(~MAY_BE_MINED)
    with database.writing() as connection:
        return connection.execute(delete(_V).where(_V.c.article_id.in_(reserved))).rowcount


def read(kept: Sequence[bytes], dim: int) -> Rows:
    """Vectors as they were kept, float32 of shape (len(kept), dim)."""
    import numpy as np

    return np.frombuffer(b"".join(kept), dtype=_KEPT).reshape(-1, dim).astype(np.float32)
