"""Which articles tell of one event.

A report joins the story whose members it is like, or opens one. Likeness joins many signs: meaning, names,
figures, what is told, and what contradicts (other actors, first and third draft); no sign decides alone, see
`story_model`. When in doubt, reports stay apart: a story told twice is a smaller fault than two events made
one. `group` is for reports that are all there, `join` for an archive that grows, `Shelf` for one at a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from analysis.shelf import Shelf, best
from analysis.story_item import StoryItem
from analysis.story_model import Rarity, StoryModel, story_model
from analysis.story_signs import sentences, signs_of
from analysis.values import Item, Reading

if TYPE_CHECKING:
    from analysis.embedding import Embedder
    from analysis.story_signs import Signs

__all__ = ["Shelf", "StoryItem", "group", "join", "report", "signs", "with_meaning"]

_SETTLINGS = 2


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


def signs(item: StoryItem) -> Signs:
    """What a shelf knows the report by."""
    year = {"year": item.published.year} if item.published else {}
    return signs_of(item.title, item.lead, item.body, item.figures, **year)


def group(items: Sequence[StoryItem], model: StoryModel | None = None) -> dict[str, int]:
    """The story number of every item id; numbers count from 1 in order of publication.

    The result depends on the items, not on their order. Items without a date come last and are
    compared with all.
    """
    found = join([], items, model)
    ordered = [found[item.id] for item in _in_order(items)]
    number = {story: count for count, story in enumerate(dict.fromkeys(ordered), 1)}
    return {id_: number[story] for id_, story in found.items()}


def join(
    known: Sequence[tuple[StoryItem, int]], items: Sequence[StoryItem], model: StoryModel | None = None
) -> dict[str, int]:
    """The story number of every item id, beside reports whose stories are known and stay as they are.

    A number above all known ones is a new story.
    """
    model = model or story_model()
    ordered, known = _in_order(items), sorted(known, key=lambda one: _place(one[0]))
    there, new = [(item, signs(item)) for item, _ in known], [(item, signs(item)) for item in ordered]
    rarity = Rarity(model)
    for _, own in (*there, *new):
        rarity.count(own.groups)
    shelf = Shelf(model, rarity, sorted(item.moment for item, _ in (*there, *new)))
    for (item, own), (_, story) in zip(there, known, strict=True):
        shelf.put(item, own, story)
    stories = [story for _, story in known]
    alike: list[dict[int, float]] = [{} for _ in known]  # by place: reports compared with, and the likeness
    for place, (item, own) in enumerate(new, len(known)):
        near = shelf.near(item, own)
        for other, likeness in near.items():
            alike[other][place] = likeness
        alike.append(dict(near))
        stories.append(shelf.choose(near) or shelf.free)
        shelf.put(item, own, stories[-1])
    _settle(stories, alike, model.threshold, len(known))
    return dict(zip((item.id for item in ordered), stories[len(known) :], strict=True))


def _in_order(items: Sequence[StoryItem]) -> list[StoryItem]:
    """By time; of reports at one moment outlet and title decide, since ids differ between archives."""
    return sorted(items, key=_place)


def _place(item: StoryItem) -> tuple[float, str, str, str]:
    return item.moment, item.outlet, item.title, item.id


def _settle(
    stories: list[int], alike: Sequence[Mapping[int, float]], threshold: float, first_new: int
) -> None:
    """Let each new report choose again among all that came, in place.

    The first report of an event sees none of those behind it; this mends what it could not know.
    """
    sizes = Counter(stories)
    for place in list(range(first_new, len(stories))) * _SETTLINGS:
        own = stories[place]
        sizes[own] -= 1
        chosen = best(alike[place], stories, sizes, threshold)
        if not chosen and sizes[own]:
            chosen = max(sizes) + 1
        stories[place] = chosen or own
        sizes[stories[place]] += 1
