"""Which articles tell of one event.

Two reports belong together when several independent signs agree: likeness of meaning, rare names they share,
figures they share. Vectors alone cannot tell two events of one kind apart, so they never decide alone, and
signs that contradict (first draft and third draft) keep reports apart. When in doubt, reports stay apart: a
story told twice is a smaller fault than two events made one.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from analysis.story_signs import Signs, signs_of
from analysis.values import Figure

if TYPE_CHECKING:
    from analysis.embedding import Vectors

WINDOW = dt.timedelta(days=14)

# Joined as a logistic model would; each weight is what its sign adds for full agreement.
_THRESHOLD = 0.75
_COSINE = 1.35
_NAMES = 1.3
_FIGURES = 0.55
_OTHER_STAGE = 1.5
_OTHER_THEME = 0.4
_PER_DAY = 0.02
_FEW = 50  # reports; of fewer, two that share a name would make it look common
_NO_VECTOR_COSINE = 0.3  # assumed where no vector is at hand, so that names and figures must carry the pair


@dataclass(frozen=True, slots=True)
class StoryItem:
    """A report to be grouped. vector: shape (dim,), length 1, from one embedder for all, or None."""

    id: str
    outlet: str
    title: str
    lead: str
    language: str
    published: dt.datetime | None
    figures: tuple[Figure, ...] = ()
    topics: tuple[str, ...] = ()
    vector: Vectors | None = field(default=None, compare=False, repr=False)


@dataclass(slots=True)
class _Story:
    number: int
    members: list[tuple[StoryItem, Signs]]
    latest: dt.datetime | None


def group(items: Sequence[StoryItem]) -> dict[str, int]:
    """The story number of every item id; numbers count from 1 in order of publication.

    The result depends on the items, not on their order. Items without a date are compared with all.
    """
    ordered = sorted(items, key=lambda item: (item.published is None, _time(item), item.id))
    signs = [signs_of(item.title, item.lead, item.figures) for item in ordered]
    rarity = _rarity(signs)
    stories: list[_Story] = []
    numbers: dict[str, int] = {}
    for item, own in zip(ordered, signs, strict=True):
        story = _nearest(item, own, stories, rarity)
        if story is None:
            story = _Story(len(stories) + 1, [], item.published)
            stories.append(story)
        story.members.append((item, own))
        story.latest = item.published or story.latest
        numbers[item.id] = story.number
    return numbers


def _nearest(
    item: StoryItem, own: Signs, stories: Sequence[_Story], rarity: Mapping[str, float]
) -> _Story | None:
    """The story whose members the item is most like on average, if it is like enough."""
    best, best_score = None, _THRESHOLD
    for story in reversed(stories):
        if item.published and story.latest and item.published - story.latest > WINDOW:
            continue
        score = sum(_likeness(item, own, *member, rarity) for member in story.members) / len(story.members)
        if score >= best_score:
            best, best_score = story, score
    return best


def _likeness(
    a: StoryItem, signs_a: Signs, b: StoryItem, signs_b: Signs, rarity: Mapping[str, float]
) -> float:
    if a.topics and b.topics and not set(a.topics) & set(b.topics):
        return 0.0
    cosine = (
        float(a.vector @ b.vector) if a.vector is not None and b.vector is not None else _NO_VECTOR_COSINE
    )
    names = _agreement(signs_a.names, signs_b.names, rarity)
    figures = _agreement(signs_a.figures, signs_b.figures, rarity)
    score = _COSINE * cosine + _NAMES * names + _FIGURES * figures
    score -= _OTHER_STAGE * signs_a.other_stage(signs_b) + _OTHER_THEME * signs_a.other_theme(signs_b)
    return score - _PER_DAY * _days_between(a, b)


def _agreement(a: frozenset[str], b: frozenset[str], rarity: Mapping[str, float]) -> float:
    """What two sets share, 0 to 1: the weight of common signs in that of the smaller set, damped for few."""
    shared = sum(rarity[sign] for sign in a & b)
    if not shared:
        return 0.0
    smaller = min(sum(rarity[sign] for sign in a), sum(rarity[sign] for sign in b))
    return shared / (smaller + 1.0)


def _rarity(signs: Sequence[Signs]) -> dict[str, float]:
    """How much a sign tells, 0 to 1: a name in every report says nothing."""
    seen = Counter(sign for one in signs for sign in one.names | one.figures)
    total = max(_FEW, len(signs))
    weights: dict[str, float] = defaultdict(float)
    for sign, count in seen.items():
        weights[sign] = max(0.05, math.log(total / count) / math.log(total)) if count > 1 else 1.0
    return weights


def _days_between(a: StoryItem, b: StoryItem) -> float:
    if a.published is None or b.published is None:
        return 0.0
    return abs((a.published - b.published).total_seconds()) / 86_400


def _time(item: StoryItem) -> float:
    return item.published.timestamp() if item.published else 0.0
