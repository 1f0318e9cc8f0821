"""The reports already known, and the story a new one joins.

A store puts what it knows (`put`) and asks for what is new (`add`, or `alike` to look only). Reports may come
in any order: a late one is compared with those published after it too.
"""

from __future__ import annotations

import datetime as dt
import math
from bisect import bisect_left, bisect_right, insort
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from analysis.story_index import Disjoint, Drawer, Table, most
from analysis.story_model import FEATURES, MEANING_FEATURES, Rarity, StoryModel, norm, story_model
from analysis.story_signs import CONCEPTS, FIGURES, GROUPS, NAMES, WORDS, Signs

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from analysis.embedding import Vectors
    from analysis.story_item import StoryItem
    from analysis.story_model import Numbers, Places

WINDOW = dt.timedelta(days=14)
_REACH = WINDOW.total_seconds()
_DAY = 86_400.0

_CANDIDATES = 80  # reports compared in full with a new one: those that share the most
_MEMBERS = 20  # of a story; a report like so many of them need not be like more
FEW = 20  # reports in four weeks; fewer are a choice of someone, not all the news there was
_FAINT = 0.02  # likeness not worth keeping
_UNDATED_DAYS = 3.0  # assumed between two reports where a date is missing
_QUIET = 200_000  # multiplications; OpenBLAS takes several threads from 262,144 on
_UNDATED = -1  # the drawer of reports without a date


class Shelf:
    """Reports and their stories. Places count from 0 in the order in which reports were put."""

    def __init__(
        self,
        model: StoryModel | None = None,
        rarity: Rarity | None = None,
        expected: Sequence[float] = (),
    ) -> None:
        """rarity: with the signs of all reports counted already; without it the shelf counts what it gets.

        expected: sorted times (`StoryItem.moment`) of all reports that will stand here, where they are known.
        """
        self._model = model or story_model()
        self._counts = rarity is None
        self._rarity = rarity or Rarity(self._model)
        self._expected = expected
        self._items: list[StoryItem] = []
        self._signs: list[Signs] = []
        self._stories: list[int] = []
        self._sizes: dict[int, int] = {}
        self._free = 1
        self._drawers: dict[int, Drawer] = {}
        self._dates: list[float] = []  # sorted
        self._numbers = Table("float64")  # moment, length of the vectors' sum, _weights
        self._disjoint = Disjoint()
        self._vectors = Table("float32")
        self._rows: list[tuple[int, int]] = []  # of a report's vectors

    def put(self, item: StoryItem, signs: Signs, story: int) -> None:
        """Place a report whose story is known. Raises ValueError for a number below 1."""
        import numpy as np

        if story < 1:
            raise ValueError(f"stories count from 1, not {story}")
        if self._counts:
            self._rarity.count(signs.groups)
        meaning = item.meaning
        self._rows.append((0, 0) if meaning is None else self._vectors.extend(meaning))
        length = 0.0 if meaning is None else norm(meaning)
        self._numbers.extend(np.array([[item.moment, length, *self._weights(signs)]]))
        self._disjoint.put(signs)
        self._drawers.setdefault(_drawer(item), Drawer()).put(len(self._items), item.moment, signs)
        if item.published:
            insort(self._dates, item.moment)
        self._items.append(item)
        self._signs.append(signs)
        self._stories.append(story)
        self._sizes[story] = self._sizes.get(story, 0) + 1
        self._free = max(self._free, story + 1)

    def add(self, item: StoryItem, signs: Signs) -> int:
        """Let a report join the story it is like enough, or open one with a number above all known."""
        story = self.choose(self.near(item, signs)) or self._free
        self.put(item, signs, story)
        return story

    def alike(self, item: StoryItem, signs: Signs) -> dict[int, float]:
        """How surely a report belongs to each story near it, 0 to 1, the likeliest first; changes nothing."""
        found = means(self.near(item, signs), self._stories, self._sizes)
        return dict(sorted(found.items(), key=lambda entry: (-entry[1], entry[0])))

    def near(self, item: StoryItem, signs: Signs) -> dict[int, float]:
        """Likeness by place, of the reports worth a thought; those of other topics are left out."""
        import numpy as np

        places, features = self.compare(item, signs)
        likeness = self._model.likeness(features, self.knows(item, places))
        return {
            int(places[row]): float(likeness[row])
            for row in np.flatnonzero(likeness >= _FAINT)
            if not _other_topic(item, self._items[places[row]])
        }

    def choose(self, near: Mapping[int, float]) -> int:
        """The story for a report with such likeness by place; 0 for one of its own."""
        return best(near, self._stories, self._sizes, self._model.threshold)

    @property
    def free(self) -> int:
        """The number of the next story."""
        return self._free

    def compare(self, item: StoryItem, signs: Signs) -> tuple[Places, Numbers]:
        """(places, features): the reports in the window that share the most, a row of FEATURES for each."""
        import numpy as np

        places, shared = self._sharing(item, signs)
        if not len(places):
            return places, np.zeros((0, len(FEATURES)))
        numbers = self._numbers.at(places)
        weights = self._weights(signs)
        others = [self._items[place] for place in places]
        columns = (
            self._cosines(item, places, numbers[:, 1]),
            shared,
            (shared[:, NAMES] + shared[:, FIGURES]) / (np.minimum(weights[0], numbers[:, 2]) + 1.0),
            shared[:, CONCEPTS] / (np.minimum(weights[1], numbers[:, 3]) + 1.0),
            shared[:, WORDS] * [item.language == other.language for other in others],
            [not (item.body and other.body) for other in others],
            np.full(len(places), self._crowd(item)),
            _days(item, numbers[:, 0]),
            self._disjoint.of(signs, places),
            [signs.other_amount(self._signs[place]) for place in places],
        )
        return places, np.column_stack(columns)

    def knows(self, item: StoryItem, places: Places) -> npt.NDArray[np.bool_]:
        """Whether both the item and the report at each place have vectors."""
        import numpy as np

        if item.meaning is None or not len(places):
            return np.zeros(len(places), dtype=bool)
        known: npt.NDArray[np.bool_] = self._numbers.at(places)[:, 1] > 0
        return known

    def _sharing(self, item: StoryItem, signs: Signs) -> tuple[Places, Numbers]:
        """(places in order, shared weights) of the reports in the window that share the most."""
        import numpy as np

        found = [
            drawer.sharing(signs, self._rarity, item.moment, _REACH, _CANDIDATES)
            for drawer in self._reached(item)
        ]
        if not found:
            return np.arange(0), np.zeros((0, len(GROUPS)))
        places = np.concatenate([places for places, _ in found])
        shared = np.concatenate([shared for _, shared in found], axis=1)
        order = np.argsort(places)
        places, shared = places[order], shared[:, order]
        chosen = most(shared.sum(axis=0), _CANDIDATES)
        return places[chosen], shared[:, chosen].T

    def _reached(self, item: StoryItem) -> list[Drawer]:
        if item.published is None:
            return list(self._drawers.values())
        own = _drawer(item)
        return [self._drawers[key] for key in (_UNDATED, own - 1, own, own + 1) if key in self._drawers]

    def _cosines(self, item: StoryItem, places: Places, norms: Numbers) -> Numbers:
        """(places, MEANING_FEATURES): of the whole, of each sentence with its nearest, of the nearest two."""
        import numpy as np

        found = np.zeros((len(places), len(MEANING_FEATURES)))
        own, known = item.meaning, self.knows(item, places)
        if own is None or not known.any():
            return found
        spans = [self._rows[place] for place in places[known]]
        lengths = np.array([end - first for first, end in spans])
        rows = np.concatenate([np.arange(*span) for span in spans])
        each = products(self._vectors.at(rows), own)
        ends = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        theirs = np.add.reduceat(each.max(axis=1), ends) / lengths
        ours = np.maximum.reduceat(each, ends, axis=0)
        whole = np.add.reduceat(each.sum(axis=1), ends) / (norm(own) * norms[known])
        found[known] = np.column_stack([whole, (theirs + ours.mean(axis=1)) / 2, ours.max(axis=1)])
        return found

    def _weights(self, signs: Signs) -> tuple[float, float]:
        """What a report's names and figures weigh, and what its concepts do."""
        return self._weight(signs, NAMES) + self._weight(signs, FIGURES), self._weight(signs, CONCEPTS)

    def _weight(self, signs: Signs, column: int) -> float:
        return sum(self._rarity.of(GROUPS[column], sign) for sign in sorted(signs.groups[column]))

    def _crowd(self, item: StoryItem) -> float:
        """How many reports stand around, beyond a few: of more, any two are less likely one event."""
        return math.log(max(self._around(item) / FEW, 1.0))

    def _around(self, item: StoryItem) -> int:
        """Reports within the window, the new one among them."""
        if self._expected:
            return _within(self._expected, item) if item.published else len(self._expected)
        if item.published is None:
            return len(self._items) + 1
        before = bisect_right(self._dates, item.moment) - bisect_left(self._dates, item.moment - _REACH)
        # What comes is not known yet: as much as came.
        return max(_within(self._dates, item), 2 * before) + 1


def products(rows: Vectors, own: Vectors) -> Vectors:
    """rows @ own.T in pieces so small that they stay in one thread.

    On a busy machine the threads of a larger product wait for each other for milliseconds.
    """
    import numpy as np

    step = max(_QUIET // own.size, 1)
    return np.concatenate([rows[start : start + step] @ own.T for start in range(0, len(rows), step)])


def means(near: Mapping[int, float], stories: Sequence[int], sizes: Mapping[int, int]) -> dict[int, float]:
    """By story: the average likeness of its members, those too far away counted as 0."""
    found: dict[int, float] = {}
    for place, likeness in near.items():
        found[stories[place]] = found.get(stories[place], 0.0) + likeness
    return {
        story: min(total / min(sizes[story], _MEMBERS), 1.0) for story, total in found.items() if sizes[story]
    }


def best(
    near: Mapping[int, float],
    stories: Sequence[int],
    sizes: Mapping[int, int],
    threshold: float,
) -> int:
    """The story a report is like enough, or 0.

    The average over all members admits: one report that stands between two events must not join them. Among
    stories that admit it the nearest member counts as much, since a large story has distant members too.
    """
    fit = {story: mean for story, mean in means(near, stories, sizes).items() if mean >= threshold}
    nearest = dict.fromkeys(fit, 0.0)
    for place, likeness in near.items():
        if stories[place] in fit:
            nearest[stories[place]] = max(nearest[stories[place]], likeness)
    return min(fit, key=lambda story: (-fit[story] - nearest[story], story), default=0)


def _within(moments: Sequence[float], item: StoryItem) -> int:
    return bisect_right(moments, item.moment + _REACH) - bisect_left(moments, item.moment - _REACH)


def _drawer(item: StoryItem) -> int:
    """Fortnights since 1970; reports within the window stand in the same drawer or the next one."""
    return int(item.moment // _REACH) if item.published else _UNDATED


def _days(item: StoryItem, moments: Numbers) -> Numbers:
    import numpy as np

    if item.published is None:
        return np.full(len(moments), _UNDATED_DAYS)
    days = np.abs(moments - item.moment) / _DAY
    return np.where(np.isinf(days), _UNDATED_DAYS, days)


def _other_topic(a: StoryItem, b: StoryItem) -> bool:
    return bool(a.topics and b.topics and not set(a.topics) & set(b.topics))
