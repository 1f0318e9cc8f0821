"""Days, months, years and parts of them that a text names, so that both languages meet."""

from __future__ import annotations

import datetime as dt
import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass

from babel.dates import get_day_names, get_month_names

from analysis import dates

_WEEK = 7
_LEAP = 2024  # the year is not known: 29 February may be meant
_NEAR_MONTHS = 7
_LANGUAGES = ("de", "en")


@dataclass(frozen=True, slots=True)
class Time:
    """A stretch of time as far as a text tells it; 0 or "" for what it leaves open.

    weekday: 1 is Monday. part: `start`, `mid`, `end`, `q1` to `q4`, `h1` or `h2`.
    """

    start: int
    end: int
    year: int = 0
    month: int = 0
    day: int = 0
    weekday: int = 0
    part: str = ""

    def bears_out(self, told: Time, published: dt.date) -> bool:
        """Does this time, of a source, say all that the told one says? What it leaves open is no denial.

        A year that the source does not write is that of its publication, or the one next to it.
        """
        if told.weekday and told.weekday != self._weekday(published):
            return False
        for own, other in ((self.month, told.month), (self.day, told.day), (self.part, told.part)):
            if other and own != other:
                return False
        return not told.year or told.year == self.year or (not self.year and self._near(told, published))

    def _weekday(self, published: dt.date) -> int:
        if self.weekday or not self.day:
            return self.weekday
        year = self.year or published.year
        if self.day > monthrange(year, self.month)[1]:
            return 0
        return dt.date(year, self.month, self.day).isoweekday()

    def _near(self, told: Time, published: dt.date) -> bool:
        return (
            bool(self.month)
            and abs(told.year * 12 + self.month - published.year * 12 - published.month) < _NEAR_MONTHS
        )


def _by_name(names: dict[int, str]) -> dict[str, int]:
    return {name.casefold(): number for number, name in names.items()}


_MONTHS = {
    name: number
    for locale in _LANGUAGES
    for name, number in _by_name(dict(get_month_names("wide", locale=locale))).items()
}
_WEEKDAYS = {
    name: number + 1
    for locale in _LANGUAGES
    for name, number in _by_name(dict(get_day_names("wide", locale=locale))).items()
} | {"sonnabend": 6}
_MONTH = re.compile(rf"\b({'|'.join(_MONTHS)})\b(?:,? (?P<year>(?:19|20)\d\d)\b)?", re.I)
_WEEKDAY = re.compile(rf"\b({'|'.join(_WEEKDAYS)})s?\b", re.I)
_YEAR = re.compile(r"(?<![\w.,/-])(?:19|20)\d\d(?![\w/]|[.,]\d)")
_PARTS = {
    "start": r"anfang|früh im jahr|early|beginning of|start of",
    "mid": r"mitte|mid|middle of",
    "end": r"ende|late|end of",
}
_PART_OF = re.compile(
    rf"\b(?:{'|'.join(f'(?P<{name}>{words})' for name, words in _PARTS.items())})"
    r"[ -]+(?:of |des |the |dieses )?"
    rf"(?=(?:19|20)\d\d|jahr|year|{'|'.join(_MONTHS)})",
    re.I,
)
_WHOLE_PARTS = {
    "start": r"jahres(?:beginn|anfang)|(?:quartals|monats)beginn",
    "mid": r"jahresmitte|mid-?year",
    "end": r"(?:jahres|monats|quartals)ende|year[- ]end",
}
_WHOLE_PART = re.compile(
    rf"\b(?:{'|'.join(f'(?P<{name}>{words})' for name, words in _WHOLE_PARTS.items())})\b", re.I
)
_NUMBERED = {
    "1": r"1\.|erste[nrms]?|first|1st", "2": r"2\.|zweite[nrms]?|second|2nd",
    "3": r"3\.|dritte[nrms]?|third|3rd", "4": r"4\.|vierte[nrms]?|fourth|4th",
}  # fmt: skip
_DIVISION = re.compile(
    rf"\b(?:(?:{'|'.join(f'(?P<n{n}>{words})' for n, words in _NUMBERED.items())})[ -]"
    r"(?:(?P<q>quartals?|quarter)|(?P<h>halbjahre?s?|halbjahr|half))|(?P<short>[qh][1-4]))(?!\w)",
    re.I,
)
_RELATIVE = {
    "today": 0, "heute": 0, "yesterday": -1, "gestern": -1, "vorgestern": -2, "tomorrow": 1, "morgen": 1,
}  # fmt: skip
_RELATIVE_DAY = re.compile(rf"\b({'|'.join(_RELATIVE)})\b", re.I)
_RELATIVE_YEAR = re.compile(
    r"\b(?:(?P<last>last|vergangene[ns]|vorige[ns]|im vorjahr)|(?P<this>this|diese[nsm]?|the current)"
    r"|(?P<next>next|nächste[ns]|kommende[ns])) ?(?:year|jahre?s?)\b",
    re.I,
)


def times(text: str, published: dt.date | None = None) -> list[Time]:
    """Every time a text names; with its day of publication, "on Tuesday" and "this year" as dates too."""
    found = list(_days(text))
    covered = [(time.start, time.end) for time in found]

    def free(start: int) -> bool:
        return not any(first <= start < last for first, last in covered)

    found += [time for time in _months(text) if free(time.start)]
    covered += [(time.start, time.end) for time in found if time.month and time.year]
    found += [Time(m.start(), m.end(), year=int(m.group())) for m in _YEAR.finditer(text) if free(m.start())]
    found += _parts(text)
    found += [Time(*m.span(), weekday=_WEEKDAYS[m[1].casefold()]) for m in _WEEKDAY.finditer(text)]
    if published:
        found += list(_relative(text, published))
    return sorted(found, key=lambda time: (time.start, time.end))


def _days(text: str) -> Iterator[Time]:
    for date in dates.written(text):
        if date.iso:
            day = dt.date.fromisoformat(date.iso)
            yield Time(date.start, date.end, day.year, day.month, day.day)
            continue
        written = text[date.start : date.end]
        month = next((_MONTHS[m[1].casefold()] for m in _MONTH.finditer(written)), 0)
        number = re.search(r"\d{1,2}", written)
        if month and number and 1 <= int(number.group()) <= monthrange(_LEAP, month)[1]:
            yield Time(date.start, date.end, month=month, day=int(number.group()))


def _months(text: str) -> Iterator[Time]:
    for found in _MONTH.finditer(text):
        if found[1][0].isupper():  # "may" and "march" are words too
            yield Time(*found.span(), year=int(found["year"] or 0), month=_MONTHS[found[1].casefold()])


def _parts(text: str) -> Iterator[Time]:
    for found in (*_PART_OF.finditer(text), *_WHOLE_PART.finditer(text)):
        yield Time(*found.span(), part=next(name for name in _PARTS if found[name]))
    for found in _DIVISION.finditer(text):
        if found["short"]:
            yield Time(*found.span(), part=found["short"].casefold())
        else:
            number = next(n for n in _NUMBERED if found[f"n{n}"])
            yield Time(*found.span(), part=("q" if found["q"] else "h") + number)


def _relative(text: str, published: dt.date) -> Iterator[Time]:
    for found in _RELATIVE_DAY.finditer(text):
        yield _on(found, published + dt.timedelta(days=_RELATIVE[found[1].casefold()]))
    for found in _WEEKDAY.finditer(text):
        back = (published.isoweekday() - _WEEKDAYS[found[1].casefold()]) % _WEEK
        yield _on(found, published - dt.timedelta(days=back))
    for found in _RELATIVE_YEAR.finditer(text):
        step = -1 if found["last"] else int(bool(found["next"]))
        yield Time(*found.span(), year=published.year + step)


def _on(found: re.Match[str], day: dt.date) -> Time:
    return Time(*found.span(), day.year, day.month, day.day)
