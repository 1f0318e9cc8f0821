"""Dates that an article states for a milestone and that are not the register's.

The register never follows an article by itself: an editor is told, and decides. Only dates that the reading
of figures takes for legal ones count, and only where it is clear which milestone they belong to.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from analysis import milestones
from analysis.milestones import Passage
from analysis.values import DateSignal, Figure, Item, Milestone

_PAST = "abgeschlossen"  # such a step has its day; dates beside it are those of duties it speaks of
# A date beside one of these is told as the one that no longer holds.
_FORMER = re.compile(
    r"\b(?:statt|anstatt|anstelle|eigentlich|ursprünglich\w*|bisher\w*|zuvor|früher\w*|vorgesehen|verschoben"
    r"|verschieb\w+|aufgeschoben|instead|original\w*|previous\w*|former\w*|initial\w*|rather than|postpone\w*"
    r"|delay\w*|pushed|moved|was due|were due|had been)\b",
    re.IGNORECASE,
)


def read(item: Item, figures: Sequence[Figure], passages: Sequence[Passage]) -> tuple[DateSignal, ...]:
    """The dates of an article that differ from the register, in order of the text, each once.

    figures: those of `item`, of which the dates are looked at. passages: `milestones.passages(item)`.
    """
    legal = [figure for figure in figures if figure.unit == "date"]
    dates = [(figure, dt.date.fromisoformat(str(figure.value))) for figure in legal]
    if not dates:
        return ()
    register = {milestone.id: milestone for milestone in milestones.load_register()}
    found: dict[tuple[str, dt.date], DateSignal] = {}
    for passage in passages:
        stated = [(f, day) for f, day in dates if passage.start <= f.start and f.end <= passage.end]
        for signal in _differing(item, passage, stated, register):
            found.setdefault((signal.milestone, signal.stated), signal)
    return tuple(found.values())


def _differing(
    item: Item,
    passage: Passage,
    stated: Sequence[tuple[Figure, dt.date]],
    register: dict[str, Milestone],
) -> list[DateSignal]:
    spoken_of = [register[id_] for id_ in passage.named]
    explained = {day for _, day in stated for milestone in spoken_of if _agrees(milestone, day)}
    open_dates = [(figure, day) for figure, day in stated if day not in explained]
    candidates = [
        milestone
        for milestone in spoken_of
        if milestone.status != _PAST
        and not milestone.replaced_by
        and not any(_agrees(milestone, day) for _, day in stated)
    ]
    # Two duties or two dates in one passage: which belongs to which is for people to say, not for us.
    if len(candidates) != 1 or len({day for _, day in open_dates}) != 1:
        return []
    (figure, day), milestone = open_dates[0], candidates[0]
    if _told_as_former(item, passage, milestone, day):
        return []
    return [DateSignal(milestone.id, day, milestone.date, figure.text, figure.start, figure.end)]


def _agrees(milestone: Milestone, day: dt.date) -> bool:
    """Whether a date is the milestone's, or falls into its month or quarter."""
    if milestone.precision == "day":
        return day == milestone.date
    months = 1 if milestone.precision == "month" else 3
    last = milestone.date.year * 12 + milestone.date.month
    return last - months < day.year * 12 + day.month <= last


def _told_as_former(item: Item, passage: Passage, milestone: Milestone, day: dt.date) -> bool:
    """A date of the past that held when the article was published, or that it calls the former one."""
    former = next((former for former in milestone.history if former.date == day), None)
    if former is None:
        return False
    if item.published and item.published.date() < former.until:
        return True
    return bool(_FORMER.search(item.joined, passage.start, passage.end))
