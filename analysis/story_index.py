"""Tables in which reports are found again quickly: by the signs they share, by place, by contradiction."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from analysis.story_signs import DISJOINT, GROUPS, Signs

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from analysis.story_model import Numbers, Places, Rarity

    Bits = npt.NDArray[np.uint64]

_WORD_BITS = 64
_WORDS_OF_A_KIND = 4


class Table:
    """Rows of numbers that grow in number; a row is found by its place."""

    def __init__(self, dtype: str) -> None:
        self._dtype = dtype
        self._rows: npt.NDArray[Any] | None = None
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def extend(self, rows: npt.NDArray[Any]) -> tuple[int, int]:
        """rows: shape (n, width), or (n,). The places they take, from and to."""
        import numpy as np

        first, self._count = self._count, self._count + len(rows)
        if self._rows is None:
            self._rows = np.empty((1024, *rows.shape[1:]), dtype=self._dtype)
        while self._count > len(self._rows):
            self._rows = np.concatenate([self._rows, np.empty_like(self._rows)])
        self._rows[first : self._count] = rows
        return first, self._count

    def at(self, places: Places) -> npt.NDArray[Any]:
        if self._rows is None:
            raise LookupError("the table is empty")
        return self._rows[places]


class Drawer:
    """The reports of some days, found by their signs."""

    def __init__(self) -> None:
        self._places = array("q")  # on the shelf
        self._moments = array("d")
        self._postings: tuple[dict[str, array[int]], ...] = tuple({} for _ in GROUPS)

    def put(self, place: int, moment: float, signs: Signs) -> None:
        """Take in the report that stands at a place of the shelf."""
        for postings, group in zip(self._postings, signs.groups, strict=True):
            for sign in group:
                postings.setdefault(sign, array("i")).append(len(self._places))
        self._places.append(place)
        self._moments.append(moment)

    def sharing(
        self, signs: Signs, rarity: Rarity, moment: float, reach: float, count: int
    ) -> tuple[Places, Numbers]:
        """(places, weight of the signs shared in each of GROUPS) of the reports that share the most.

        Only those within reach of the moment, in seconds; where either has no date, all.
        """
        import numpy as np

        shared = self._shared(signs, rarity)
        total = shared.sum(axis=0)
        moments = np.array(self._moments)
        if np.isfinite(moment):
            total[np.isfinite(moments) & (np.abs(moments - moment) > reach)] = -1.0
        chosen = most(total, count)
        chosen = chosen[total[chosen] >= 0]
        return np.array(self._places, dtype=np.intp)[chosen], shared[:, chosen]

    def _shared(self, signs: Signs, rarity: Rarity) -> Numbers:
        """(GROUPS, all reports here)"""
        import numpy as np

        found = np.zeros((len(GROUPS), len(self._places)))
        for column, (name, group) in enumerate(zip(GROUPS, signs.groups, strict=True)):
            known = self._postings[column]
            ours = [sign for sign in sorted(group) if sign in known]
            if ours:
                lists = [known[sign] for sign in ours]
                weights = np.repeat([rarity.of(name, sign) for sign in ours], list(map(len, lists)))
                found[column] = np.bincount(np.concatenate(lists), weights, minlength=len(self._places))
        return found


class Disjoint:
    """For many reports at once: which kinds of sign both have, and share nothing of.

    A sign is one bit of its kind. Beyond 256 signs of a kind two have one bit, which at worst hides a
    contradiction.
    """

    def __init__(self) -> None:
        self._bits: tuple[dict[object, int], ...] = tuple({} for _ in DISJOINT)
        self._table = Table("uint64")

    def put(self, signs: Signs) -> None:
        self._table.extend(self._coded(signs).reshape(1, -1))

    def of(self, signs: Signs, places: Places) -> Numbers:
        """(places, DISJOINT): 1 for a contradiction, 0 else."""
        import numpy as np

        own = self._coded(signs)
        theirs = self._table.at(places)
        by_kind = (len(places), len(DISJOINT), _WORDS_OF_A_KIND)
        both = (theirs & own).reshape(by_kind).any(axis=2)
        has = theirs.reshape(by_kind).any(axis=2) & own.reshape(by_kind[1:]).any(axis=1)
        return np.asarray(has & ~both, dtype=np.float64)

    def _coded(self, signs: Signs) -> Bits:
        import numpy as np

        words = [0] * (len(DISJOINT) * _WORDS_OF_A_KIND)
        for kind, (bits, own) in enumerate(zip(self._bits, signs.disjoint, strict=True)):
            for sign in own:
                bit = bits.setdefault(sign, len(bits)) % (_WORDS_OF_A_KIND * _WORD_BITS)
                words[kind * _WORDS_OF_A_KIND + bit // _WORD_BITS] |= 1 << bit % _WORD_BITS
        return np.array(words, dtype=np.uint64)


def most(weights: Sequence[float] | Numbers, count: int) -> Places:
    """Places of the largest weights in order of place; of equals the first, so that chance has no say."""
    import numpy as np

    weights = np.asarray(weights)
    if len(weights) <= count:
        return np.arange(len(weights))
    least = np.partition(weights, len(weights) - count)[len(weights) - count]
    above = np.flatnonzero(weights > least)
    return np.sort(np.concatenate([above, np.flatnonzero(weights == least)[: count - len(above)]]))
