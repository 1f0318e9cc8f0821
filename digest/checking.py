"""Nothing unchecked is printed: figures become German facts only after a second look at their source.

Three questions, and any No drops the figure: does the span still hold the text the figure was read from? Do
the digits (or the number word) in that text make the figure's value? Does the unit have a German name?
The second look reads digits without regard to separators or language, so it shares no rule with the
analysis it controls.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import pairwise

from babel.dates import get_day_names, get_month_names

from analysis.numbers import WORDS
from analysis.units import counted
from analysis.values import Figure
from archive.readings import ReadArticle
from archive.values import Article
from digest import typography
from digest.issue import Fact
from digest.rows import Check

_DIGITS = re.compile(r"\d+(?:[.,'\u00a0\u202f ]\d+)*")
_SCALE = re.compile(
    r"[\s\u00a0-]*(?:hundred|hundert|thousand|tausend|tsd\b|mill\w+|mio\b|mrd\b|bill\w+|trill\w+|[bmt]n\b|[kmb]\b|[百千万亿]+)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)?")
_MONTHS = {
    number: {get_month_names("wide", locale=locale)[number][:3].casefold() for locale in ("de", "en")}
    for number in range(1, 13)
}
_TITLE_CASE = 0.7
_NO_NAMES = {"ki", "ai", "it", "eu", "us"} | {
    name.casefold()
    for locale in ("de", "en")
    for names in (get_month_names("wide", locale=locale), get_day_names("wide", locale=locale))
    for name in names.values()
}
_CONVERTED = {"exaflops"}  # written in peta- or teraflops, too
_GROUP = 3
_JOINT = re.compile(r"\s*/\s*|,\s+|\s+(?:and|und|or|oder)\s+")
_RANGE_GAP = 40
_SPAN_BETWEEN = re.compile(r"\b(?:between|zwischen|bis)\b|\d\s*[-–]\s*\S*\d", re.IGNORECASE)
_NEAR = 160
_NAME_WORDS = 4
_NAME_CHARACTERS = 40


def facts(read: ReadArticle) -> tuple[Fact, ...]:
    """The figures of an article that may be printed, in German, in the order of the text.

    An article whose outlet reserves text and data mining yields none.
    """
    article = read.article
    if article.tdm == "reserved":
        return ()
    figures = sorted(read.figures, key=lambda figure: (figure.start, figure.end))
    found = [_fact(article, figure) for figure in figures] + list(_ranges(article, figures))
    unique: dict[str, Fact] = {}
    for fact in sorted(filter(None, found), key=lambda fact: fact.figure.start):
        unique.setdefault(fact.text, fact)
    return tuple(unique.values())


def uncovered(text: str, checks: Iterable[Check]) -> str:
    """What is left of a text of ours that has digits no check stands for; empty when all are covered."""
    for printed in sorted({check.text for check in checks}, key=len, reverse=True):
        text = re.sub(rf"(?<![\w.,]){re.escape(printed)}(?![\d])", "", text)
    return text if re.search(r"\d", text) else ""


def number_place(article: Article, figure: Figure, *, scaled: bool = False) -> tuple[int, int] | None:
    """Where in `article.joined` the figure's number stands; None when text and value do not agree.

    scaled: the word for the scale stands outside the figure's text ("380 to 480 billion").
    """
    held = article.joined[figure.start : figure.end] == figure.text
    if not held or isinstance(figure.value, str) or figure.value < 0:
        return None
    value = Decimal(str(figure.value)).normalize()
    for match in _DIGITS.finditer(figure.text):
        scale = _SCALE.match(figure.text, match.end())
        if _agrees(match[0], value, scaled=scaled or scale is not None or figure.unit in _CONVERTED):
            return figure.start + match.start(), figure.start + (scale or match).end()
    for match in _WORD.finditer(figure.text):
        if WORDS.get(match[0].lower()) == float(value):
            return figure.start + match.start(), figure.start + match.end()
    return None


def _agrees(written: str, value: Decimal, *, scaled: bool) -> bool:
    """Compare digit by digit; without a word for the scale the size must fit one way of reading it."""
    first, *groups = re.split(r"\D", written)
    digits = "".join((first, *groups))
    if digits.strip("0") != "".join(map(str, value.as_tuple().digits)).strip("0"):
        return False
    readings = {Decimal(digits).scaleb(-len(groups[-1]) if groups else 0)}
    if all(len(group) == _GROUP for group in groups):
        readings.add(Decimal(digits))
    return scaled or value in readings


def _fact(article: Article, figure: Figure) -> Fact | None:
    if isinstance(figure.value, str):
        return _date_fact(article, figure)
    place = number_place(article, figure)
    quantity = typography.quantity(figure.value, figure.unit)
    text = quantity and typography.qualified(figure.qualifier, quantity)
    if place is None or quantity is None or not text:
        return None
    checks = [_number_check(article, figure.value, figure.unit, place)]
    name = _name(article, figure)
    if name:
        text = f"{text} ({'/'.join(check.text for check in name)})"
        checks += name
    elif not typography.speaks_for_itself(figure.unit):
        return None
    return Fact(text, figure, article.public_id, tuple(checks))


def _number_check(article: Article, value: float, unit: str, place: tuple[int, int]) -> Check:
    printed = typography.number(value) if unit == "factor" else typography.scaled(value)
    return Check("number", printed, article.public_id, *place)


def _ranges(article: Article, figures: list[Figure]) -> Iterator[Fact]:
    """`2 bis 3 GW` from a figure with "von" and its neighbour with "bis"."""
    for low, high in pairwise(figures):
        if not _is_range(article, low, high) or isinstance(low.value, str) or isinstance(high.value, str):
            continue
        lower = number_place(article, low, scaled=_SCALE.search(high.text) is not None)
        upper = number_place(article, high)
        quantity = typography.quantity(high.value, high.unit)
        if lower and upper and quantity:
            checks = (
                _number_check(article, low.value, low.unit, lower),
                _number_check(article, high.value, high.unit, upper),
            )
            yield Fact(f"{checks[0].text} bis {quantity}", high, article.public_id, checks)


def _is_range(article: Article, low: Figure, high: Figure) -> bool:
    """A span between two bounds; "from 380 to 480" may be a rise as well, so it is not taken for one."""
    written = article.joined[low.start : high.end]
    return (
        (low.qualifier, high.qualifier, low.unit) == ("von", "bis", high.unit)
        and 0 <= high.start - low.end <= _RANGE_GAP
        and typography.speaks_for_itself(low.unit)
        and _SPAN_BETWEEN.search(written) is not None
    )


def _date_fact(article: Article, figure: Figure) -> Fact | None:
    """A day still to come when the article appeared; a past or vague one says nothing by itself."""
    try:
        day = dt.date.fromisoformat(str(figure.value))
    except ValueError:
        return None
    held = article.joined[figure.start : figure.end] == figure.text
    if not held or day <= article.published.date() or not _names_day(figure.text, day):
        return None
    printed = typography.date(day)
    check = Check("date", printed, article.public_id, figure.start, figure.end)
    return Fact(f"Termin {printed}", figure, article.public_id, (check,))


def _names_day(text: str, day: dt.date) -> bool:
    numbers = [int(digits) for digits in re.findall(r"\d+", text)]
    if day.day not in numbers or day.year not in numbers:
        return False
    if any(word[:3].casefold() in _MONTHS[day.month] for word in _WORD.findall(text)):
        return True
    return sorted(numbers) == sorted((day.day, day.month, day.year))


def _name(article: Article, figure: Figure) -> list[Check]:
    """Checks for the names in what is counted ("Nvidia H100 and H200 processors") or has the percentage.

    Other measures get none: the name nearest to a sum of money need not be what it is about.
    """
    if _in_title_case(article, figure) or (figure.unit != "percent" and not counted(figure.unit)):
        return []
    names = _JOINT.split(_without_nouns(figure.subject))
    if not all(map(_is_name, names)) or (figure.unit == "percent" and " " not in names[0]):
        return []  # for a percentage two words at least: in German every single noun looks like a name
    found = [_find(article, figure, name) for name in names]
    return [check for check in found if check] if all(found) else []


def _in_title_case(article: Article, figure: Figure) -> bool:
    """True in a headline that writes All Its Words Like This: there a capital letter tells nothing."""
    words = [word for word in article.title.split() if word[0].isalpha()]
    capitals = sum(word[0].isupper() for word in words)
    in_headline = figure.start < len(article.title)
    return in_headline and article.language != "de" and capitals > _TITLE_CASE * len(words)


def _without_nouns(subject: str) -> str:
    """The subject up to the common noun it ends in, which is the unit and already said in German."""
    words = subject.split()
    while words and (words[-1].islower() or counted(words[-1])):
        words.pop()
    return " ".join(words)


def _is_name(text: str) -> bool:
    words = text.split()
    return (
        0 < len(words) <= _NAME_WORDS
        and len(text) <= _NAME_CHARACTERS
        and all(word[0].isupper() for word in words)
        and not any(word.casefold() in _NO_NAMES for word in words)
    )


def _find(article: Article, figure: Figure, name: str) -> Check | None:
    first, last = max(figure.start - _NEAR, 0), figure.end + _NEAR
    match = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)").search(article.joined, first, last)
    return Check("name", name, article.public_id, match.start(), match.end()) if match else None
