"""Numbers as signs of an event, however a newsroom writes them."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files

from analysis import units
from analysis.normalise import fold
from analysis.values import Figure

_NUMBER = re.compile(r"(?<![\w-])\d[\d.,]*\d(?!\w)")
_YEAR = re.compile(r"(?:19|20)\d\d")
_TELLING_DIGITS = 3
_TELLING_COUNT = 5  # "two sites" may be any two
_MONTHS = "jan feb (?:maerz|mar) apr (?:mai|may) jun jul aug sep (?:okt|oct) nov (?:dez|dec)"
_MONTH = "|".join(rf"(?P<m{place}>{month}[a-z]*)" for place, month in enumerate(_MONTHS.split(), 1))
_DATE = re.compile(rf"\b(?:(\d\d?)(?:\.|st|nd|rd|th)? (?:of )?(?:{_MONTH})\b)")
_DATE_EN = re.compile(rf"\b(?:{_MONTH}) (\d\d?)(?:st|nd|rd|th)?\b")
# Two sums within about six percent share at least one step of one of the two ladders.
_STEP = 0.12


def amounts(figures: Iterable[Figure]) -> set[str]:
    """Figures as "value unit", to three digits: 6.7 EFLOPS is 6.700 Petaflops."""
    return {f"{value:.3g} {unit}" for value, unit in _counted(figures)}


def measured(figures: Iterable[Figure], year: int) -> frozenset[tuple[str, float]]:
    """The same as (unit, value), with sums of money in US dollars."""
    return frozenset(
        ("usd", value * _rate(unit, year)) if unit in _rates() else (unit, value)
        for value, unit in _counted(figures)
    )


def counts(figures: Iterable[Figure]) -> set[str]:
    """Values without their units, which two languages read differently: "369 members", "369 Abgeordnete"."""
    return {
        f"{figure.value:.3g}"
        for figure in figures
        if isinstance(figure.value, float) and figure.value >= _TELLING_COUNT
    }


def bare(text: str) -> frozenset[str]:
    """Numbers as bare digits, 27.5 and 27,5 alike: a headline leaves units out ("480 statt 380")."""
    digits = {re.sub(r"\D", "", number) for number in _NUMBER.findall(text) if not _YEAR.fullmatch(number)}
    return frozenset(number for number in digits if len(number) >= _TELLING_DIGITS)


def dates(text: str) -> frozenset[str]:
    """Days named with their month, "06-23" for "23 June" and "23. Juni" alike."""
    plain = fold(text)
    found = [*_DATE.finditer(plain), *_DATE_EN.finditer(plain)]
    return frozenset(f"{_month(match):0>2}-{_day(match):0>2}" for match in found)


def worth(figures: Sequence[Figure], year: int) -> frozenset[str]:
    """Sums of money as steps of two ladders in US dollars, so that currencies meet."""
    return frozenset(step for figure in figures for step in _steps(figure, year))


def _steps(figure: Figure, year: int) -> Iterator[str]:
    if figure.unit in _rates() and isinstance(figure.value, float) and figure.value > 0:
        place = math.log(figure.value * _rate(figure.unit, year)) / _STEP
        yield f"a{math.floor(place)}"
        yield f"b{math.floor(place + 0.5)}"


def _counted(figures: Iterable[Figure]) -> Iterator[tuple[float, str]]:
    for figure in figures:
        if isinstance(figure.value, float) and figure.unit not in units.PERIOD_UNITS:
            yield figure.value, units.family(figure.unit)


def _rate(unit: str, year: int) -> float:
    """US dollars for one unit in a year, or in the nearest year that is known."""
    rates = _rates()[unit]
    return rates[min(rates, key=lambda known: abs(known - year))]


def _month(match: re.Match[str]) -> str:
    return next(name[1:] for name, written in match.groupdict().items() if written)


def _day(match: re.Match[str]) -> str:
    return next(group for group in match.groups() if group and group.isdigit())


@cache
def _rates() -> dict[str, dict[int, float]]:
    """US dollars for one unit of a currency, by year."""
    text = files("analysis").joinpath("data/rates.toml").read_text(encoding="utf-8")
    return {
        unit: {int(year): rate for year, rate in rates.items()} for unit, rates in tomllib.loads(text).items()
    }
