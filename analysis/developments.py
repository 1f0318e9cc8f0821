"""What a report adds to a story: its beginning, a follow-up, a correction, a denial, or nothing new.

Decided from words, figures and names against all that was reported before; no sign of meaning is needed.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analysis import names, units
from analysis.values import Figure

NEW, FOLLOW_UP, CORRECTION, DENIAL, REPEAT = "neu", "fortsetzung", "korrektur", "dementi", ""

SAME_NEWS = dt.timedelta(hours=20)  # what other outlets write within a day of the first report is that news
_ALIKE = 0.03  # figures this near to each other are one, rounded differently
_FEW_NEWS = 3  # pieces of news that are named

_CORRECTED = re.compile(
    r"^\W*(?:korrektur|berichtigung|richtigstellung|correction|corrected|clarification)\b"
    r"|\bin einer (?:früheren|ersten) (?:fassung|version)\b"
    r"|\b(?:an )?earlier version of (?:this|the) (?:article|story|report)\b"
    r"|\b(?:haben wir|wurde) (?:das |dies |den fehler )?(?:korrigiert|berichtigt)\b"
    r"|\b(?:has been|was) corrected\b|\bzieht (?:den |die |ihren |seinen )?(?:bericht|meldung) zurück\b"
    r"|\b(?:retracts|withdraws) (?:its |the |a )?(?:report|story|claim)\b",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\bdementi\w*|\bbestreite[nt]\w*|\bbestritt\w*|\b(?:weis|wies|weist|weisen|wiesen)\b.{3,80}\bzurück\b"
    r"|\bwiderspr(?:icht|ach|echen|achen)\b|\b(?:tritt|trat|treten)\b.{3,60}\bentgegen\b"
    r"|\bdeni(?:es|ed|al)\b|\bdeny(?:ing)?\b|\brefut(?:es?|ed|ing)\b|\bdisput(?:es|ed)\b"
    r"|\b(?:reject(?:s|ed)?|dismiss(?:es|ed)?)\b.{0,30}\b(?:report|claim|allegation|accusation|rumou?r)s?\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Report:
    """A report as it is compared; figures index title, lead and body as `Item.joined`."""

    title: str
    lead: str
    body: str
    published: dt.datetime
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True)
class Development:
    """mark: one of the five above. news: what nobody had reported before, in its own words."""

    mark: str
    news: tuple[str, ...] = ()


def developments(reports: Sequence[Report]) -> list[Development]:
    """One for each report of a story, given in order of publication."""
    known = _Known()
    found = []
    for number, report in enumerate(reports):
        news = known.news_in(report)
        found.append(_judge(report, reports[:number], news))
        known.take(report)
    return found


def _judge(report: Report, earlier: Sequence[Report], news: tuple[str, ...]) -> Development:
    if not earlier:
        return Development(NEW)
    if _says(_CORRECTED, report) and not any(_says(_CORRECTED, other) for other in earlier):
        return Development(CORRECTION, news)
    if _says(_DENIED, report) and not any(_says(_DENIED, other) for other in earlier):
        return Development(DENIAL, news)
    later = report.published - earlier[0].published >= SAME_NEWS
    return Development(FOLLOW_UP if later and news else REPEAT, news)


def _says(pattern: re.Pattern[str], report: Report) -> bool:
    return bool(pattern.search(report.title) or pattern.search(report.lead))


class _Known:
    """Figures and names that reports so far have brought."""

    def __init__(self) -> None:
        self._figures: dict[str, list[float]] = {}
        self._names: set[str] = set()

    def take(self, report: Report) -> None:
        for figure in _telling(report.figures):
            self._figures.setdefault(figure.unit, []).append(float(figure.value))
        register = names.register()
        for id_ in _names(f"{report.title}\n{report.lead}\n{report.body}"):
            # Who spoke of Hami has spoken of Xinjiang.
            self._names.update((id_, *register.wholes(id_)))

    def news_in(self, report: Report) -> tuple[str, ...]:
        """Figures, then names, of title and lead that are not known yet."""
        head = f"{report.title}\n{report.lead}"
        figures = [f.text for f in _telling(report.figures) if f.end <= len(head) and not self._has(f)]
        register = names.register()
        known = self._names | names.WIDE
        new_names = [register.printed(id_) for id_ in _names(head) if id_ not in known]
        return tuple(dict.fromkeys([*figures, *new_names]))[:_FEW_NEWS]

    def _has(self, figure: Figure) -> bool:
        value = float(figure.value)
        known = self._figures.get(figure.unit, ())
        return any(abs(value - other) <= _ALIKE * max(abs(value), abs(other)) for other in known)


def _telling(figures: Iterable[Figure]) -> list[Figure]:
    return [f for f in figures if isinstance(f.value, float) and f.unit not in units.PERIOD_UNITS]


def _names(text: str) -> list[str]:
    """Ids in order of the text."""
    return list(dict.fromkeys(name.id for name in names.find(text)))
