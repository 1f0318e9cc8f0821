"""Numbers that a text states: quantities with their unit and qualifier, and those that stand alone."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from analysis import figures, qualifiers, units
from analysis.counting import numbers_in
from analysis.normalise import Traceable, fold
from analysis.units import MEASURES, PERIODS, family
from analysis.values import Figure
from digest.typography import SAME_THING

_MEASURED = frozenset(unit.name for unit in MEASURES.values()) | frozenset(PERIODS.values())
_PERIOD_UNITS = frozenset(PERIODS.values())
_ROUNDING = 0.005  # of a third in percent
_LARGE = 1e6  # a sum so large may stand without its currency: "davon allein 85 Milliarden"
_BY_HALF, _HALVED = (50.0, "percent"), (0.5, "factor")  # "down by half", "halbiert"
_LOWER, _UPPER, _NEAR = "at least", "at most", "about"
_BOUNDS = {
    "mehr als": _LOWER, "über": _LOWER, "mindestens": _LOWER, "von": _LOWER,
    "bis zu": _UPPER, "höchstens": _UPPER, "weniger als": _UPPER, "bis": _UPPER,
    "ca.": _NEAR, "rund": _NEAR, "etwa": _NEAR, "knapp": _NEAR, "fast": _NEAR,
}  # fmt: skip
_NOUN = re.compile(r"[^\W\d_]{3,}(?:-[^\W\d_]+)*")
_VOTED = re.compile(r"\bvot(?:e[ds]?|ing)\b|stimm", re.I)
_SAME = {"group": "company"}  # European groups are firms
_NEXT_WORD = re.compile(r"[ \u00a0-]([^\W\d_]+)")
_ORDINALS = {
    word: number
    for number, words in {
        2: "zweite second 2nd", 3: "dritte third 3rd", 4: "vierte fourth 4th", 5: "fuenfte fifth 5th",
        6: "sechste sixth 6th", 7: "siebte seventh 7th", 8: "achte eighth 8th", 9: "neunte ninth 9th",
        10: "zehnte tenth 10th",
    }.items()
    for word in words.split()
}  # fmt: skip
_ORDINAL = re.compile(r"\b(?:[^\W\d_]+|\d(?:nd|rd|th))\b")
_ARTICLE = re.compile(
    r"\b(?:de[rnms]|die|das|am|im|zum|zur)\s$", re.I
)  # "die achten" is a rank, "zu achten" is not
_NOT_EVEN = re.compile(r"\b(?:nicht einmal|not even)\s$", re.I)
_COULD = re.compile(r"(?:could|can|may|might)\b", re.I)
_PARTS = {"third": 100 / 3, "quarter": 25.0, "fifth": 20.0, "sixth": 100 / 6, "eighth": 12.5, "tenth": 10.0}
_PART = re.compile(
    rf"(?<![\w-])(?:(?P<half>half)(?! (?:a|an|year)\b)|(?:a|one) (?P<part>{'|'.join(_PARTS)})"
    r"(?= (?:of|more|less|fewer|lower|higher|cheaper|larger|smaller|in|to|from|below|above|off)\b"
    r"|[.,;:]|$))(?![\w-])",
    re.I,
)
_NOT_EXCEED = re.compile(r"\b(?:not|never) (?=exceed\w*|top\b)", re.I)
_NOT_OVER = re.compile(r"nicht (?:zu )?(?:überschr|übersteig|überstieg)", re.I)
_VAGUE = re.compile(
    r"\b(?:(?P<dozens>dutzende\w*|dozens)|(?P<hundreds>hunderte\w*|hundreds)|(?P<thousands>tausende\w*|thousands)"
    r"|(?P<millions>millionen\w*|millions)|(?P<billions>milliarden\w*|billions)|(?P<trillions>billionen\w*|trillions))\b",
    re.I,
)
_SIZES = {
    "dozens": 12.0,
    "hundreds": 1e2,
    "thousands": 1e3,
    "millions": 1e6,
    "billions": 1e9,
    "trillions": 1e12,
}


@dataclass(frozen=True, slots=True)
class Amount:
    """A number in a text; unit is "" where none was read, `ordinal` for a rank, `vague` for `Tausende`.

    noun: what stands behind a number without a known unit, if it is written like a German noun.
    """

    start: int
    end: int
    value: float
    unit: str = ""
    bound: str = ""
    noun: str = ""

    def bears_out(self, told: Amount, counted: Collection[str]) -> bool:
        """Does this amount, of a source, say what the told one says: number, unit and bound?

        counted: the units of things that the source names anywhere, for a number whose unit cannot be read.
        An exact number may be told as about so much, never as a bound, and a bound stays what it is.
        """
        if abs(self.value - told.value) < _ROUNDING and self.unit == told.unit == "percent":
            return self._bounds(told)
        if (self.value, self.unit) == _BY_HALF and (told.value, told.unit) == _HALVED:
            return True
        if self.value != told.value:
            return False
        if _unit(self.unit) != _unit(told.unit) and not self._may_be(told, counted):
            return False
        return self._bounds(told)

    def _bounds(self, told: Amount) -> bool:
        return told.bound == self.bound or (not self.bound and told.bound == _NEAR)

    def _may_be(self, told: Amount, counted: Collection[str]) -> bool:
        """A number whose unit could not be read on one side may count things, but is no sum or measure."""
        if "ordinal" in (self.unit, told.unit) or "vague" in (self.unit, told.unit):
            return False
        if not told.unit and told.value >= _LARGE:
            return True
        if told.noun and self.unit:  # "39 Fabriken" where the source counts projects
            return False
        own = "" if self.unit == "unit" else self.unit  # "8,192 units"
        unread = not own or not told.unit
        if told.unit and _unit(told.unit) not in counted:
            return False
        return unread and (own or told.unit) not in _MEASURED


def things(text: str) -> frozenset[str]:
    """The units of everything a text names that can be counted."""
    found = {_unit(unit) for word in _NOUN.findall(text) if (unit := units.counted(word))}
    return frozenset(found | {"vote"}) if _VOTED.search(text) else frozenset(found)


def _unit(name: str) -> str:
    name = _SAME.get(name, name)
    return SAME_THING.get(family(name), family(name))


def amounts(
    text: str, language: str, read: Sequence[Figure] | None = None, apart: Sequence[tuple[int, int]] = ()
) -> list[Amount]:
    """Every number of a text in order, except inside the stretches `apart`, such as dates.

    read: the figures of the text where they were read before.
    """
    known = figures.read(text, language) if read is None else read
    found = [
        Amount(f.start, f.end, float(f.value), f.unit, _bound(f.qualifier, f.unit))
        for f in known
        if not isinstance(f.value, str)
    ]
    taken = sorted([*apart, *((amount.start, amount.end) for amount in found)])
    found = [_rebound(text, amount) for amount in found]
    for amount in (_rebound(text, alone) for alone in _alone(text, language)):
        if not _within(amount, taken):
            found.append(amount)
            taken.append((amount.start, amount.end))
    return sorted(found, key=lambda amount: amount.start)


def _bound(qualifier: str, unit: str) -> str:
    """ "Over three years" is how long it takes; nothing is exceeded."""
    if unit in _PERIOD_UNITS and qualifier == "über":
        return ""
    return _BOUNDS.get(qualifier, "")


def _rebound(text: str, amount: Amount) -> Amount:
    """The bound that words further off make of it: "could rise 48%", "nicht einmal ein Zehntel"."""
    before = text[: amount.start]
    if _NOT_EVEN.search(before) or _NOT_EXCEED.search(text, max(amount.start - 5, 0), amount.end):
        return replace(amount, bound=_UPPER)
    if _NOT_OVER.search(text, amount.end):
        return replace(amount, bound=_UPPER)
    return replace(amount, bound="") if _COULD.match(text, amount.start) else amount


def _alone(text: str, language: str) -> Iterator[Amount]:
    source = Traceable.of(text)
    for number in numbers_in(source.text, language, ()):
        behind = _NEXT_WORD.match(source.text, number.end)
        unit = PERIODS.get(fold(behind[1]), "") if behind else ""
        end = behind.end() if behind and unit else number.end
        qualifier, start = qualifiers.before(source.text, number.start)
        place = source.span(start, end)
        noun = behind[1] if behind and not unit and behind[1][0].isupper() else ""
        yield Amount(*place, float(number.value * number.scale), unit, _bound(qualifier, unit), noun)
    for found in _PART.finditer(source.text):
        qualifier, start = qualifiers.before(source.text, found.start())
        value = 50.0 if found["half"] else _PARTS[found["part"].lower()]
        yield Amount(*source.span(start, found.end()), value, "percent", _bound(qualifier, "percent"))
    for found in _ORDINAL.finditer(source.text):
        word = fold(found.group())
        stem = word if word in _ORDINALS else re.sub(r"[nrsm]$", "", word)
        if stem in _ORDINALS and not (word == "achten" and not _ARTICLE.search(source.text[: found.start()])):
            yield Amount(*source.span(*found.span()), float(_ORDINALS[stem]), "ordinal")
    for found in _VAGUE.finditer(source.text):
        size = next(size for name, size in _SIZES.items() if found[name])
        yield Amount(*source.span(*found.span()), size, "vague")


def _within(amount: Amount, stretches: Sequence[tuple[int, int]]) -> bool:
    return any(start < amount.end and amount.start < end for start, end in stretches)
