"""The ledger of figures: who stated which quantity when, and who states another.

Figures of one unit are one statement if they have the same value and stand in reports on one event, or in
reports that name the same firm, place or programme beside it. Two statements on one event differ if they
count the same thing, come to amounts of the same order, and no report holds both.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from analysis import names, units
from analysis.normalise import fold
from analysis.values import Figure

_ROUNDED = 0.01  # apart by less, two amounts are one
_SAME_ORDER = 3.0  # apart by more, they count different things
_STEM = 5
_SENTENCE = 200  # characters on either side of a figure in which a name belongs to it


@dataclass(frozen=True, slots=True)
class Quote:
    """A figure as one report states it. context: the words around it, with the report's title."""

    figure: Figure
    article: str
    outlet: str
    published: dt.datetime
    story: int = 0
    context: str = ""

    @property
    def family(self) -> str:
        """Units that count the same thing have one."""
        return units.family(self.figure.unit)

    @property
    def value(self) -> float:
        return float(self.figure.value)


@dataclass(frozen=True, slots=True)
class Statement:
    """One quantity with everybody who states it, oldest first, and the statements that differ."""

    quotes: tuple[Quote, ...]
    differing: tuple[Statement, ...] = field(default=(), repr=False)

    @property
    def first(self) -> Quote:
        return self.quotes[0]


def around(joined: str, figure: Figure, title: str) -> str:
    """The context of a figure for `Quote`: its surroundings and the title."""
    return f"{title}\n{joined[max(0, figure.start - _SENTENCE) : figure.end + _SENTENCE]}"


def statements(quotes: Sequence[Quote]) -> list[Statement]:
    """All statements, the latest stated first. Dates and spans of time are no part of a ledger."""
    families: dict[str, list[Quote]] = defaultdict(list)
    for quote in sorted(quotes, key=_when):
        if isinstance(quote.figure.value, float | int) and quote.family not in units.PERIOD_UNITS:
            families[quote.family].append(quote)
    found = []
    for family in families.values():
        found += _with_differing([Statement(tuple(group)) for group in _same(family)])
    return sorted(found, key=lambda one: (one.quotes[-1].published, one.first.article), reverse=True)


def _same(quotes: Sequence[Quote]) -> list[list[Quote]]:
    """Quotes of one family grouped by value, and within one value by event or name."""
    groups: list[list[Quote]] = []
    by_value = sorted(quotes, key=lambda quote: quote.value)
    start = 0
    for place in range(1, len(by_value) + 1):
        ends = place == len(by_value) or not _equal(by_value[start].value, by_value[place].value)
        if ends:
            groups += _by_matter(by_value[start:place])
            start = place
    return groups


def _by_matter(quotes: Sequence[Quote]) -> list[list[Quote]]:
    """Joins quotes that share a story, or a telling name."""
    above = list(range(len(quotes)))  # a disjoint-set forest: each place points towards its group's

    def top(place: int) -> int:
        while above[place] != place:
            above[place] = above[above[place]]
            place = above[place]
        return place

    holder: dict[object, int] = {}
    for place, quote in enumerate(quotes):
        for key in _matter(quote):
            above[top(place)] = top(holder.setdefault(key, place))
    groups: dict[int, list[Quote]] = defaultdict(list)
    for place, quote in enumerate(quotes):
        groups[top(place)].append(quote)
    return [sorted(group, key=_when) for group in groups.values()]


def _when(quote: Quote) -> tuple[dt.datetime, str, str, int]:
    """In order of time; of two at once the outlets decide: numbers of articles differ between archives."""
    return quote.published, quote.outlet, quote.context, quote.figure.start


def _matter(quote: Quote) -> set[object]:
    telling = {name.id for name in names.find(quote.context)} - names.WIDE
    return {*telling, quote.story or quote.article}


def _equal(one: float, other: float) -> bool:
    return abs(one - other) <= _ROUNDED * max(abs(one), abs(other))


def _with_differing(family: Sequence[Statement]) -> list[Statement]:
    """The statements of a family, each with those on one of its events that differ."""
    told: dict[int, list[int]] = defaultdict(list)  # by story
    for place, one in enumerate(family):
        for story in _stories(one):
            told[story].append(place)
    found = []
    for place, one in enumerate(family):
        near = sorted({other for story in _stories(one) for other in told[story]} - {place})
        found.append(Statement(one.quotes, tuple(family[p] for p in near if _differ(one, family[p]))))
    return found


def _stories(statement: Statement) -> set[int]:
    return {quote.story for quote in statement.quotes if quote.story}


def _differ(one: Statement, other: Statement) -> bool:
    """Of two statements on one event."""
    if {quote.article for quote in one.quotes} & {quote.article for quote in other.quotes}:
        return False
    if {quote.outlet for quote in one.quotes} == {quote.outlet for quote in other.quotes}:
        return False
    low, high = sorted((abs(one.first.value), abs(other.first.value)))
    return bool(low) and high / low <= _SAME_ORDER and bool(_things(one) & _things(other))


def _things(statement: Statement) -> set[str]:
    """What is counted: names and stems of the subjects' words, and the unit for things that are counted."""
    found: set[str] = set()
    for quote in statement.quotes:
        subject = quote.figure.subject
        found |= {name.id for name in names.find(subject)}
        found |= {fold(word)[:_STEM] for word in subject.split() if len(word) > _STEM - 1}
        if quote.family in _COUNTED:
            found.add(quote.family)
    return found - names.WIDE


_COUNTED = frozenset({"data_centre", "chip", "gw", "mw", "exaflops"})  # the unit itself says what is counted
