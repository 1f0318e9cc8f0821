"""Articles by what they mean: the nearest to a text, whatever words and language it is in.

An article is the mean of its sentences' vectors (`archive.vectors`). They are made some time after an article
was stored, and not of all articles; so the newest ones that have none yet are looked at again each time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Row, and_, select

from archive import queries, tables, vectors
from archive.database import Database

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Rows = npt.NDArray[np.float32]

# Chosen on the train split of tests/data/quality/queries.jsonl.
LIKE = 0.25
MOST = 50

_BATCH = 500
_MOST_AWAITED = 1_000
_RECENT = 10_000  # changes among which articles are awaited that had no vector at the start
_A, _V = tables.article, tables.article_vector


class Meaning:
    """The vectors of an archive in memory: four bytes a number, 2 KB an article. Follows the archive.

    model, dim: of the vectors to take. encode: gives one row of length 1 for each text. Threads may share it.
    """

    def __init__(self, database: Database, model: str, dim: int, encode: Callable[[list[str]], Rows]) -> None:
        import numpy as np

        self._database = database
        self._model = model
        self._encode = encode
        self._lock = threading.Lock()
        self._matrix: Rows = np.zeros((_BATCH, dim), dtype=np.float32)
        self._ids: list[int] = []
        self._places: dict[int, int] = {}
        self._awaited: dict[int, None] = {}  # articles without a vector, the newest last
        self._position = 0

    def nearest(self, text: str) -> list[int]:
        """The articles whose meaning is like a text, with a cosine of at least LIKE, the likest first."""
        if not text.strip():
            return []
        import numpy as np

        self.follow()
        if not self._ids:  # without a vector nothing is like it, and no model need be loaded
            return []
        wanted = self._encode([text])[0]
        with self._lock:
            likeness = self._matrix[: len(self._ids)] @ wanted
            best = np.argsort(-likeness, kind="stable")[:MOST]
            return [self._ids[place] for place in best if likeness[place] >= LIKE]

    def follow(self) -> None:
        """Take in the vectors that came since the last time."""
        with self._lock:
            if queries.last_change(self._database) < self._position:  # an archive that was put back
                self._ids, self._places, self._awaited, self._position = [], {}, {}, 0
            if not self._position:
                self._begin()
            self._look_again()
            while rows := self._rows(_A.c.change > self._position):
                self._take(rows)
                self._position = rows[-1].change
            while len(self._awaited) > _MOST_AWAITED:
                del self._awaited[next(iter(self._awaited))]

    def _begin(self) -> None:
        """Take in all vectors there are, and which of the newest articles have none yet."""
        newest, last = queries.last_change(self._database), 0
        while rows := self._rows(_V.c.article_id > last, order=_V.c.article_id, bare=False):
            self._take(rows)
            last = rows[-1].id
        recent, none = _A.c.change > newest - _RECENT, _V.c.rows.is_(None)
        awaited = self._rows(recent, none, order=_A.c.change.desc(), limit=_MOST_AWAITED)
        self._awaited = dict.fromkeys(row.id for row in reversed(awaited))
        self._position = newest

    def _look_again(self) -> None:
        awaited = list(self._awaited)
        for start in range(0, len(awaited), _BATCH):
            self._take(self._rows(_A.c.id.in_(awaited[start : start + _BATCH])))

    def _rows(
        self,
        *conditions: ColumnElement[bool],
        order: ColumnElement[int] = _A.c.change,
        limit: int = _BATCH,
        bare: bool = True,
    ) -> list[Row[Any]]:
        """The next articles with the vectors of their present text. bare: also those without, as None."""
        made = and_(_V.c.article_id == _A.c.id, _V.c.revision == _A.c.revision, _V.c.model == self._model)
        statement = select(_A.c.id, _A.c.change, _V.c.rows).join_from(_A, _V, made, isouter=bare)
        with self._database.reading() as connection:
            return list(connection.execute(statement.where(*conditions).order_by(order).limit(limit)))

    def _take(self, rows: Iterable[Row[Any]]) -> None:
        for row in rows:
            self._awaited.pop(row.id, None)
            if row.rows:
                self._put(row.id, vectors.read(row.rows, self._matrix.shape[1]))
            else:
                self._awaited[row.id] = None
                self._forget(row.id)

    def _put(self, id_: int, sentences: Rows) -> None:
        import numpy as np

        place = self._places.setdefault(id_, len(self._ids))
        if place == len(self._ids):
            self._ids.append(id_)
        if place == len(self._matrix):
            self._matrix = np.concatenate([self._matrix, np.zeros_like(self._matrix)])
        mean = sentences.sum(axis=0)
        self._matrix[place] = mean / max(float(np.linalg.norm(mean)), 1e-6)

    def _forget(self, id_: int) -> None:
        """What the vector was made of has changed; the place stays, like nothing."""
        if id_ in self._places:
            self._matrix[self._places[id_]] = 0.0
