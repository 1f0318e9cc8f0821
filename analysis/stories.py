"""Which articles tell of one event.

A report joins the story whose members it is like, or opens one, in order of publication. Likeness joins many
signs: meaning, names, figures, what is told, and what contradicts (other actors, first and third draft); no
sign decides alone, see `story_model`. When in doubt, reports stay apart: a story told twice is a smaller
fault than two events made one.
"""

from __future__ import annotations

import datetime as dt
import math
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from analysis.story_model import MEANING_FEATURES, Rarity, Rows, StoryModel, norm, story_model
from analysis.story_signs import CONTRADICTIONS, FIGURES, GROUPS, NAMES, WORDS, Signs, sentences, signs_of
from analysis.values import Figure, Item, Reading

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from analysis.embedding import Embedder, Vectors
    from analysis.story_model import Numbers, Places


WINDOW = dt.timedelta(days=14)

_CANDIDATES = 160  # reports compared in full with a new one: those that share the most
_MEMBERS = 20  # of a story; a report like so many of them need not be like more
_SETTLINGS = 2
FEW = 10  # reports in four weeks; fewer are a choice of someone, not all the news there was
_FAINT = 0.02  # likeness not worth keeping
_UNDATED_DAYS = 3.0  # assumed between two reports where a date is missing
_LAST = float("inf")


@dataclass(frozen=True, slots=True)
class StoryItem:
    """A report to be grouped.

    figures: read from title, lead and body with one line feed between them, as `Item.joined`.
    sentences: shape (n, dim), one vector of length 1 for each of `story_signs.sentences`; see `with_meaning`.
    vector: shape (dim,), length 1, of the whole report; used where there are no sentences.
    """

    id: str
    outlet: str
    title: str
    lead: str
    language: str
    published: dt.datetime | None
    figures: tuple[Figure, ...] = ()
    topics: tuple[str, ...] = ()
    vector: Vectors | None = field(default=None, compare=False, repr=False)
    body: str = ""
    sentences: Vectors | None = field(default=None, compare=False, repr=False)


def report(id_: str, outlet: str, item: Item, reading: Reading) -> StoryItem:
    """The report that an item and its reading make."""
    return StoryItem(
        id=id_,
        outlet=outlet,
        title=item.title,
        lead=item.lead,
        body=item.body,
        language=reading.language,
        published=item.published,
        figures=reading.figures,
        topics=tuple(score.topic for score in reading.topics),
    )


def with_meaning(items: Sequence[StoryItem], embedder: Embedder | None) -> list[StoryItem]:
    """The items with the vectors of their sentences, which cost less than one of each whole report."""
    if embedder is None or not items:
        return list(items)
    parts = [sentences(item.title, item.lead, item.body) for item in items]
    vectors = embedder.encode([sentence for part in parts for sentence in part])
    read_to, full = 0, []
    for item, part in zip(items, parts, strict=True):
        full.append(replace(item, sentences=vectors[read_to : read_to + len(part)]))
        read_to += len(part)
    return full


def group(items: Sequence[StoryItem], model: StoryModel | None = None) -> dict[str, int]:
    """The story number of every item id; numbers count from 1 in order of publication.

    The result depends on the items, not on their order. Items without a date come last and are
    compared with all.
    """
    model = model or story_model()
    ordered = sorted(items, key=lambda item: (_time(item), item.id))
    signs = [signs_of(item.title, item.lead, item.body, item.figures) for item in ordered]
    rarity = Rarity(model)
    for own in signs:
        rarity.count(own.groups)
    shelf = Shelf(model, rarity, [_time(item) for item in ordered])
    for item, own in zip(ordered, signs, strict=True):
        shelf.add(item, own)
    return dict(zip((item.id for item in ordered), shelf.settle(), strict=True))


class Shelf:
    """Reports in order of publication, found by the signs they share with a new one."""

    def __init__(self, model: StoryModel, rarity: Rarity, times: Sequence[float]) -> None:
        """times: when the reports to come were published, in order."""
        self._expected = times
        self._model = model
        self._rarity = rarity
        self._items: list[StoryItem] = []
        self._signs: list[Signs] = []
        self._times = array("d")
        self._stories: list[int] = []
        self._sizes = [0]
        self._alike: list[dict[int, float]] = []  # reports a report was compared with, and the likeness
        self._weights: list[float] = []  # of a report's names and figures
        self._postings: dict[tuple[str, str], array[int]] = {}
        self._vectors = Rows()
        self._rows: list[tuple[int, int] | None] = []  # of a report's vectors
        self._norms: list[float] = []

    def add(self, item: StoryItem, signs: Signs) -> int:
        """Put a report, not older than any before, to its story; returns the story's number."""
        alike = self._likeness(item, signs)
        story = _best(alike, self._stories, self._sizes, self._model.threshold) or len(self._sizes)
        if story == len(self._sizes):
            self._sizes.append(0)
        self._sizes[story] += 1
        for place, likeness in alike.items():
            self._alike[place][len(self._items)] = likeness
        self._alike.append(alike)
        meaning = _meaning(item)
        self._rows.append(None if meaning is None else self._vectors.append(meaning))
        self._norms.append(1.0 if meaning is None else norm(meaning))
        for name, group_ in zip(GROUPS, signs.groups, strict=True):
            for sign in group_:
                self._postings.setdefault((name, sign), array("l")).append(len(self._items))
        self._items.append(item)
        self._signs.append(signs)
        self._times.append(_time(item))
        self._stories.append(story)
        self._weights.append(self._weight(signs))
        return story

    def compare(self, item: StoryItem, signs: Signs) -> tuple[Places, Numbers]:
        """(places, features): the reports in the window that share the most, a row of FEATURES for each."""
        import numpy as np

        start = (
            0 if item.published is None else bisect_left(self._times, _time(item) - WINDOW.total_seconds())
        )
        shared = self._shared(signs, start)
        places = np.arange(start, len(self._items))
        if len(places) > _CANDIDATES:
            # A stable sort: of equals the earlier published counts, not chance.
            places = np.sort(np.argsort(-shared.sum(axis=1), kind="stable")[:_CANDIDATES]) + start
        shared = shared[places - start]
        against = [signs.contradictions(self._signs[place]) for place in places]
        columns = (
            self._cosines(item, places),
            shared,
            self._of_smaller(signs, shared, places),
            shared[:, WORDS] * [item.language == self._items[place].language for place in places],
            [not (item.body and self._items[place].body) for place in places],
            np.full(len(places), self._crowd(item)),
            self._days(item, places),
            np.array(against).reshape(len(places), len(CONTRADICTIONS)),
        )
        return places, np.column_stack(columns)

    def knows(self, item: StoryItem, places: Places) -> npt.NDArray[np.bool_]:
        """Whether both the item and the report at each place have vectors."""
        import numpy as np

        has = _meaning(item) is not None
        return np.array([has and self._rows[place] is not None for place in places], dtype=bool)

    def settle(self) -> list[int]:
        """Story numbers in order of publication, after each report has chosen again among all that came.

        The first report of an event sees none of those behind it; this mends what it could not know.
        """
        stories, sizes = list(self._stories), list(self._sizes)
        for place in list(range(len(stories))) * _SETTLINGS:
            own = stories[place]
            sizes[own] -= 1
            chosen = _best(self._alike[place], stories, sizes, self._model.threshold)
            if not chosen and sizes[own]:
                chosen = len(sizes)
                sizes.append(0)
            stories[place] = chosen or own
            sizes[stories[place]] += 1
        number = {story: count for count, story in enumerate(dict.fromkeys(stories), 1)}
        return [number[story] for story in stories]

    def _likeness(self, item: StoryItem, signs: Signs) -> dict[int, float]:
        """By place, of the reports compared; those of other topics are left out."""
        places, features = self.compare(item, signs)
        likeness = self._model.likeness(features, self.knows(item, places))
        return {
            int(place): float(value)
            for place, value in zip(places, likeness, strict=True)
            if value >= _FAINT and not _other_topic(item, self._items[place])
        }

    def _shared(self, signs: Signs, start: int) -> Numbers:
        """(reports from start on, GROUPS): the weight of the signs that each shares."""
        import numpy as np

        count = len(self._items) - start
        found = np.zeros((count, len(GROUPS)))
        for column, (name, group_) in enumerate(zip(GROUPS, signs.groups, strict=True)):
            known = [
                (sign, self._postings[name, sign])
                for sign in sorted(group_)
                if (name, sign) in self._postings
            ]
            lists = [np.array(places[bisect_left(places, start) :]) - start for _, places in known]
            if lists:
                weights = np.repeat([self._rarity.of(name, sign) for sign, _ in known], list(map(len, lists)))
                found[:, column] = np.bincount(np.concatenate(lists), weights, minlength=count)
        return found

    def _cosines(self, item: StoryItem, places: Places) -> Numbers:
        """(places, MEANING_FEATURES): of the whole, of each sentence with its nearest, of the nearest two."""
        import numpy as np

        found = np.zeros((len(places), len(MEANING_FEATURES)))
        own, known = _meaning(item), self.knows(item, places)
        if own is None or not known.any():
            return found
        spans = [self._rows[place] or (0, 0) for place in places[known]]
        lengths = np.array([end - first for first, end in spans])
        rows = np.concatenate([np.arange(*span) for span in spans])
        each = self._vectors.of(rows) @ own.T
        ends = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        theirs = np.add.reduceat(each.max(axis=1), ends) / lengths
        ours = np.maximum.reduceat(each, ends, axis=0)
        whole = np.add.reduceat(each.sum(axis=1), ends)
        norms = norm(own) * np.array([self._norms[place] for place in places[known]])
        found[known] = np.column_stack([whole / norms, (theirs + ours.mean(axis=1)) / 2, ours.max(axis=1)])
        return found

    def _of_smaller(self, signs: Signs, shared: Numbers, places: Places) -> Numbers:
        """The shared names and figures in those of the report that has fewer, damped for few."""
        import numpy as np

        weights = np.minimum(self._weight(signs), [self._weights[place] for place in places])
        return (shared[:, NAMES] + shared[:, FIGURES]) / (weights + 1.0)

    def _weight(self, signs: Signs) -> float:
        return sum(
            self._rarity.of(GROUPS[column], sign)
            for column in (NAMES, FIGURES)
            for sign in sorted(signs.groups[column])
        )

    def _crowd(self, item: StoryItem) -> float:
        """How many reports stand around, beyond a few: of more, any two are less likely one event."""
        around = len(self._expected)
        if item.published:
            reach = WINDOW.total_seconds()
            around = bisect_right(self._expected, _time(item) + reach)
            around -= bisect_left(self._expected, _time(item) - reach)
        return math.log(max(around / FEW, 1.0))

    def _days(self, item: StoryItem, places: Places) -> Numbers:
        import numpy as np

        if item.published is None:
            return np.full(len(places), _UNDATED_DAYS)
        return np.array([abs(self._times[place] - _time(item)) for place in places]) / 86_400


def _best(
    alike: Mapping[int, float],
    stories: Sequence[int],
    sizes: Sequence[int],
    threshold: float,
) -> int:
    """The story the report is like enough, or 0.

    The average over all members admits: one report that stands between two events must not join them. Among
    stories that admit it the nearest member counts as much, since a large story has distant members too.
    """
    found: dict[int, list[float]] = {}
    for place, likeness in alike.items():
        found.setdefault(stories[place], []).append(likeness)
    means = {story: sum(all_) / min(sizes[story], _MEMBERS) for story, all_ in found.items() if sizes[story]}
    fit = [(mean + max(found[story]), -story) for story, mean in means.items() if mean >= threshold]
    return -max(fit)[1] if fit else 0


def _meaning(item: StoryItem) -> Vectors | None:
    """The vectors of a report, (n, dim); one of the whole counts as a single sentence."""
    if item.sentences is not None and len(item.sentences):
        return item.sentences
    return None if item.vector is None else item.vector.reshape(1, -1)


def _other_topic(a: StoryItem, b: StoryItem) -> bool:
    return bool(a.topics and b.topics and not set(a.topics) & set(b.topics))


def _time(item: StoryItem) -> float:
    return item.published.timestamp() if item.published else _LAST
