"""The figures of a text: every quantity with its unit, its qualifier and its place.

Four steps, each linear in the text: find numbers, read the unit behind each, join ranges, add qualifiers.
What has no known unit is no figure: years, articles, versions and model names fall out here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from analysis import dates, qualifiers, shares, subjects
from analysis.counting import NumberInText, UnitInText, numbers_in, unit_behind
from analysis.normalise import Traceable
from analysis.values import Figure

MAX_CHARS = 200_000  # of a text; no article is longer, and a page that is has its figures at the top

_JOINT = re.compile(
    r"(?:,? in (?:19|20)\d\d)? ?(?P<joint>-|bis|to|auf|and|und|or|oder|statt|zu)(?: (?:zu|rund|etwa|"
    r"about|über|over))? ?",
    re.I,
)
_SHARING = {"or", "oder", "statt", "zu"}  # two numbers of one unit that are no range
_OPENER_REACH = 24  # characters before a range in which "from" or "between" stands
_OPENER = {
    "-": re.compile(""), "bis": re.compile(""), "to": re.compile(r"\bfrom\b", re.I),
    "auf": re.compile(r"\bvon\b", re.I),
    "and": re.compile(r"\bbetween\b", re.I), "und": re.compile(r"\bzwischen\b", re.I),
}  # fmt: skip
_RANGE_WORD = re.compile(r"\b(?:between|from|zwischen|von)\s*$", re.I)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A figure in the making; start and end index the traceable text."""

    value: float | str
    unit: str
    start: int
    end: int
    qualifier: str = ""


def read(joined: str, language: str) -> tuple[Figure, ...]:
    """The figures of `Item.joined`, in order of appearance, spans indexing it; at most MAX_CHARS are read.

    language: "de" or "en"; it decides what 1.500 and "Billion" mean.
    """
    source = Traceable.of(joined[:MAX_CHARS])
    drafts = sorted(_drafts(source.text, language), key=lambda draft: (draft.start, -draft.end))
    return tuple(_finish(joined, source, draft) for draft in _without_overlaps(drafts))


def _drafts(text: str, language: str) -> Iterator[_Draft]:
    written = list(dates.written(text))
    for date in written:
        if date.iso and dates.is_legal(text, date):
            yield _Draft(date.iso, "date", date.start, date.end)
    phrases = list(shares.find(text))
    for share in phrases:
        yield _qualified(text, _Draft(share.value, share.unit, share.start, share.end))
    taken = [(date.start, date.end) for date in written] + [(share.start, share.end) for share in phrases]
    yield from _counted(text, numbers_in(text, language, sorted(taken)), language)


def _counted(text: str, numbers: list[NumberInText], language: str) -> Iterator[_Draft]:
    """Pairs each number with its unit, and with its neighbour where the two make a range."""
    position, read_to = 0, 0
    units = [unit_behind(text, number, language) for number in numbers]
    while position < len(numbers):
        number, unit = numbers[position], units[position]
        position += 1
        if number.start < read_to:
            continue
        following = numbers[position] if position < len(numbers) else None
        pair = following and _range(text, number, unit, following, units[position])
        if pair:
            yield from pair
            position += 1
            read_to = pair[1].end
        elif unit:
            yield _qualified(text, _draft(number, unit))
            read_to = unit.read_to


def _range(
    text: str,
    first: NumberInText,
    unit: UnitInText | None,
    second: NumberInText,
    second_unit: UnitInText | None,
) -> tuple[_Draft, _Draft] | None:
    """Two figures where "380 auf 480 Milliarden Yuan" or "$30,000-$40,000" is written, else None."""
    gap = text[(unit.end if unit else first.end) : second.start]
    joint = _JOINT.fullmatch(gap) if len(gap) < 24 else None
    if not joint or not second_unit or (unit and unit.name != second_unit.name):
        return None
    word = joint["joint"].lower()
    before = text[max(0, first.start - _OPENER_REACH) : first.start]
    shares_unit = unit is None or bool(first.sign) or unit.name == "percent"
    if word not in _SHARING and not _OPENER[word].search(before) and not (word == "to" and shares_unit):
        return None
    if word in _SHARING and unit:
        return None
    lower = _share_scale(first, second)
    low, high = (
        _draft(lower, replace(second_unit, end=unit.end if unit else first.end)),
        _draft(second, second_unit),
    )
    if word in _SHARING:
        return _qualified(text, low), high
    opened = _RANGE_WORD.search(before)
    start = first.start - (len(before) - opened.start()) if opened else first.start
    return replace(low, qualifier="von", start=start), replace(high, qualifier="bis")


def _share_scale(first: NumberInText, second: NumberInText) -> NumberInText:
    """In "380 to 480 billion" the first number is in billions too."""
    return first if first.scale != 1 else replace(first, scale=second.scale)


def _draft(number: NumberInText, unit: UnitInText) -> _Draft:
    value = float(f"{number.value * number.scale * unit.factor:.12g}")
    return _Draft(value, unit.name, number.start, max(unit.end, number.end))


def _qualified(text: str, draft: _Draft) -> _Draft:
    name, start = qualifiers.before(text, draft.start)
    if name:
        return replace(draft, qualifier=name, start=start)
    name, end = qualifiers.after(text, draft.end)
    return replace(draft, qualifier=name, end=end)


def _without_overlaps(drafts: Iterable[_Draft]) -> Iterator[_Draft]:
    read_to = 0
    for draft in drafts:
        if draft.start >= read_to:
            yield draft
            read_to = draft.end


def _finish(joined: str, source: Traceable, draft: _Draft) -> Figure:
    start, end = source.span(draft.start, draft.end)
    subject = subjects.near(source.text, draft.start, draft.end, draft.unit)
    return Figure(draft.value, draft.unit, draft.qualifier, subject, joined[start:end], start, end)
