"""What stands in the boxes of an issue, a row each, and the proof of what is printed."""

from __future__ import annotations

import datetime as dt
from base64 import b64encode
from dataclasses import dataclass
from typing import Any

from digest import typography
from digest.charts import Chart


@dataclass(frozen=True, slots=True)
class Check:
    """Proof of one printed number, date or name.

    text is what we print; start and end index `Article.joined` of the article source_id, at the place that
    says it.
    """

    kind: str
    text: str
    source_id: str
    start: int
    end: int

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "text": self.text,
            "source_id": self.source_id,
            "start": self.start,
            "end": self.end,
        }


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A row of 'Zahlen der Woche': the quantity, what it measures, who says so and where.

    also: other outlets that state it; since: the day of the first report, in words; differing: what others
    state instead, each with its outlet, such as `36 Rechenzentren (Reuters)`. checks cover all numbers.
    """

    value: str
    what: str
    what_language: str
    who: str
    url: str
    checks: tuple[Check, ...]
    also: tuple[str, ...] = ()
    since: str = ""
    differing: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "value": self.value,
            "what": self.what,
            "who": self.who,
            "url": self.url,
            "also": list(self.also),
            "since": self.since,
            "differing": list(self.differing),
            "checks": [check.to_json() for check in self.checks],
        }


@dataclass(frozen=True, slots=True)
class Deadline:
    """A row of 'Fristen'. days counts from the Monday after the week; None where the day is not known."""

    id: str
    day: dt.date
    date: str
    days: int | None
    former: str
    title: str
    legal_basis: str
    doubtful: bool
    url: str

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "date": self.day.isoformat(),
            "printed": self.date,
            "days_left": self.days,
            "former_date": self.former,
            "title": self.title,
            "legal_basis": self.legal_basis,
            "doubtful": self.doubtful,
            "url": self.url,
        }


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A row of 'Quellenlage': how a source fared this week, in German words."""

    key: str
    outlet: str
    name: str
    state: str
    words: str
    articles: int
    good: bool

    def to_json(self) -> dict[str, Any]:
        return {
            "source": self.key,
            "outlet": self.outlet,
            "name": self.name,
            "state": self.state,
            "words": self.words,
            "articles": self.articles,
        }


@dataclass(frozen=True, slots=True)
class Correction:
    """A row of 'Was sich geändert hat': an article that an earlier issue quoted was changed silently.

    week: of that issue. before: the headline as it was, or "" if it stayed. gone, new: the figures that stood
    there and those that stand there now.
    """

    outlet: str
    url: str
    language: str
    week: str
    title: str
    before: str
    gone: tuple[str, ...]
    new: tuple[str, ...]

    @property
    def words(self) -> str:
        """What changed, in German: `Zahlen: statt 39 nun 36`."""
        parts = [f"Überschrift zuvor: {typography.quote(self.before)}"] if self.before else []
        if self.gone or self.new:
            was, is_ = ", ".join(self.gone) or "keine", ", ".join(self.new) or "keine"
            parts.append(f"Zahlen: statt {was} nun {is_}")
        return "; ".join(parts)

    def to_json(self) -> dict[str, Any]:
        return {
            "outlet": self.outlet,
            "url": self.url,
            "week": self.week,
            "title": self.title,
            "before": self.before,
            "gone": list(self.gone),
            "new": list(self.new),
        }


@dataclass(frozen=True, slots=True)
class OwnCorrection:
    """A row of 'Was sich geändert hat': what we had wrong. week: label of the issue that had it."""

    week: str
    day: str
    text: str

    def to_json(self) -> dict[str, Any]:
        return {"week": self.week, "day": self.day, "text": self.text}


@dataclass(frozen=True, slots=True)
class Picture:
    """The chart of an issue: PNG in Base64, the same in words, and how high it is shown."""

    png: str
    alt: str
    height: int

    @property
    def address(self) -> str:
        """The picture as an address of its own (RFC 2397)."""
        return f"data:image/png;base64,{self.png}"


def picture(chart: Chart | None) -> Picture | None:
    """The chart as an issue keeps it."""
    return None if chart is None else Picture(b64encode(chart.png).decode(), chart.alt, chart.height)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A story that is not in the issue, and why, in German words."""

    story: int
    reason: str

    def to_json(self) -> dict[str, Any]:
        return {"story": self.story, "reason": self.reason}
