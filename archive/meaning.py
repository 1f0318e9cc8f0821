"""Articles by what they mean: the nearest to a text, whatever words and language it is in.

The vectors (`archive.search_vectors`) are made some time after an article was stored; so the newest articles
that have none yet are looked at again each time.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import ColumnElement, Row, select

from archive import deletion, queries, search_vectors, tables
from archive.database import Database

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Rows = npt.NDArray[np.float32]
    Direction = npt.NDArray[np.float32]  # of shape (dim,)

LIKE = 0.2  # the least cosine worth showing; chosen on the train split of tests/data/quality/queries.jsonl
MOST = 50

_BATCH = 500
_AT_THE_START = 5_000  # vectors read at once
_MOST_AWAITED = 1_000
_RECENT = 10_000  # changes among which articles are awaited that had no vector at the start
_A, _V = tables.article, tables.search_vector


class Sense(Protocol):
    """What gives texts their vectors; `analysis.search_meaning` has one."""

    @property
    def name(self) -> str:
        """The model and its version."""

    @property
    def dim(self) -> int:
        """Numbers per vector."""

    def placed(self, kept: Rows, /) -> Rows:
        """The vectors of articles as they were kept, shape (n, dim), as they are compared with queries."""

    def queries(self, texts: list[str], /) -> Rows:
        """One row of length 1 for each query."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for, as a direction among the articles of an archive."""

    _meaning: Meaning
    _direction: Direction

    def toward(self, ids: Sequence[int], weight: float) -> Wanted:
        """The same, drawn towards some articles: what is like them is wanted too (Rocchio 1971)."""
        return Wanted(self._meaning, self._meaning.drawn(self._direction, ids, weight))

    def likeness(self, among: Collection[int] = ()) -> dict[int, float]:
        """The cosine of the MOST likest articles, of at least LIKE, the likest first; then of those given."""
        return self._meaning.likeness(self._direction, among)


class Meaning:
    """The vectors of an archive in memory: four bytes a number, 1.5 KB an article. Follows the archive.

    Threads may share it.
    """

    def __init__(self, database: Database, sense: Sense) -> None:
        import numpy as np

        self._database = database
        self._sense = sense
        self._lock = threading.Lock()
        self._matrix: Rows = np.zeros((_BATCH, sense.dim), dtype=np.float32)
        self._ids: list[int] = []
        self._places: dict[int, int] = {}
        self._awaited: dict[int, None] = {}  # articles without a vector, the newest last
        self._position = 0

    def ask(self, text: str) -> Wanted | None:
        """What a text means; None for an empty one, and where no article has a vector to compare."""
        if not text.strip():
            return None
        self.follow()
        # Without a vector nothing is like it, and no model need be loaded.
        return Wanted(self, self._sense.queries([text])[0]) if self._ids else None

    def drawn(self, direction: Direction, ids: Sequence[int], weight: float) -> Direction:
        """A direction of length 1 between the given one and the mean of some articles."""
        with self._lock:
            known = [self._places[id_] for id_ in ids if id_ in self._places]
            return _unit(direction + weight * self._matrix[known].mean(axis=0)) if known else direction

    def likeness(self, direction: Direction, among: Collection[int]) -> dict[int, float]:
        """By article, see `Wanted.likeness`."""
        import numpy as np

        with self._lock:
            cosines = self._matrix[: len(self._ids)] @ direction
            best = np.argpartition(-cosines, MOST)[:MOST] if len(cosines) > MOST else np.arange(len(cosines))
            places = sorted((int(p) for p in best if cosines[p] >= LIKE), key=lambda p: (-cosines[p], p))
            known = [place for id_ in among if (place := self._places.get(id_)) is not None]
            return {self._ids[place]: float(cosines[place]) for place in (*places, *known)}

    def follow(self) -> None:
        """Take in the vectors that came since the last time."""
        with self._lock:
            if queries.last_change(self._database) < self._position:  # an archive that was put back
                self._ids, self._places, self._awaited, self._position = [], {}, {}, 0
            if not self._position:
                self._begin()
            self._look_again()
            before = self._position
            while rows := self._rows(_A.c.change > self._position):
                self._take(rows)
                self._position = rows[-1].change
            self._position = max(self._position, self._forget_deleted(before))
            while len(self._awaited) > _MOST_AWAITED:
                del self._awaited[next(iter(self._awaited))]

    def _forget_deleted(self, after: int) -> int:
        """Returns the change up to which was looked."""
        newest = queries.last_change(self._database)
        for id_ in deletion.deleted_between(self._database, after, newest) if newest > after else ():
            self._awaited.pop(id_, None)
            self._forget(id_)
        return newest

    def _begin(self) -> None:
        """Take in all vectors there are, and which of the newest articles have none yet."""
        newest, last = queries.last_change(self._database), 0
        while rows := self._rows(_A.c.id > last, order=_A.c.id, limit=_AT_THE_START, bare=False):
            self._take(rows)
            last = rows[-1].id
        recent, none = _A.c.change > newest - _RECENT, _V.c.vector.is_(None)
        awaited = self._rows(
            recent, none, search_vectors.MAY_BE_MINED, order=_A.c.change.desc(), limit=_MOST_AWAITED
        )
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
        """The next articles with the vector of their present text. bare: also those without, as None."""
        made = search_vectors.current(self._sense.name)
        columns = (_A.c.id, _A.c.change, _V.c.vector, search_vectors.MAY_BE_MINED.label("awaits"))
        statement = select(*columns).join_from(_A, _V, made, isouter=bare)
        with self._database.reading() as connection:
            return list(connection.execute(statement.where(*conditions).order_by(order).limit(limit)))

    def _take(self, rows: Sequence[Row[Any]]) -> None:
        for row in rows:
            self._awaited.pop(row.id, None)
            if row.vector is None:
                self._forget(row.id)
                if row.awaits:
                    self._awaited[row.id] = None
        self._put({row.id: row.vector for row in rows if row.vector is not None})

    def _put(self, kept: dict[int, bytes]) -> None:
        import numpy as np

        if not kept:
            return
        for id_ in kept:
            if self._places.setdefault(id_, len(self._ids)) == len(self._ids):
                self._ids.append(id_)
        while len(self._ids) > len(self._matrix):
            self._matrix = np.concatenate([self._matrix, np.zeros_like(self._matrix)])
        rows = search_vectors.read(list(kept.values()), self._sense.dim)
        self._matrix[[self._places[id_] for id_ in kept]] = self._sense.placed(rows)

    def _forget(self, id_: int) -> None:
        """What the vector was made of has changed or is gone; the last one moves to its place."""
        if (place := self._places.pop(id_, None)) is None:
            return
        last = self._ids.pop()
        if last != id_:
            self._matrix[place] = self._matrix[len(self._ids)]
            self._ids[place], self._places[last] = last, place


def _unit(direction: Direction) -> Direction:
    import numpy as np

    unit: Direction = direction / max(float(np.linalg.norm(direction)), 1e-6)
    return unit
