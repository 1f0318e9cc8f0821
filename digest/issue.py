"""The values an issue is made of: frozen, plain, and all that rendering may see."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from analysis.values import Figure
from digest import typography
from digest.settings import ImpressumSettings
from digest.weeks import Week


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What an issue must know of a configured source.

    state: active, paused or not_collectable. via: which way to the outlet this is, "" if there is one only.
    """

    key: str
    outlet: str
    name: str
    teaser_words: int = 0
    state: str = "active"
    reason: str = ""
    via: str = ""


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
class Fact:
    """A figure in German words, every number of it checked against the article source_id."""

    text: str
    figure: Figure
    source_id: str
    checks: tuple[Check, ...]

    def to_json(self) -> dict[str, Any]:
        figure = self.figure
        return {
            "value": figure.plain_value,
            "unit": figure.unit,
            "qualifier": figure.qualifier,
            "subject": figure.subject,
            "text": figure.text,
            "start": figure.start,
            "end": figure.end,
            "source_id": self.source_id,
            "printed": self.text,
        }


@dataclass(frozen=True, slots=True)
class SourceRef:
    """One report on a story. `name` is the outlet's name for readers.

    dated: False where the outlet gives no date and `published` is the day the report was found.
    """

    source_id: str
    outlet: str
    name: str
    title: str
    url: str
    published: dt.datetime
    language: str
    dated: bool = True

    def to_json(self) -> dict[str, Any]:
        return {
            "outlet": self.outlet,
            "title": self.title,
            "url": self.url,
            "published": self.published.isoformat(),
            "language": self.language,
        }


MARKS = {"neu": "Neu", "fortsetzung": "Fortsetzung", "korrektur": "Korrektur", "dementi": "Dementi"}


@dataclass(frozen=True, slots=True)
class IssueItem:
    """A story in an issue. sources[0] leads: headline and teaser are its own words, in its language.

    fact_line is our own German line, empty where no figure could be checked; fact_source: who says so.
    told: the week of the issue that told the story last, or "". score_parts: what ranked it,
    each part with its weight applied.
    """

    story: int
    topic: str
    mark: str
    headline: str
    teaser: str
    fact_line: str
    fact_source: str
    sources: tuple[SourceRef, ...]
    figures: tuple[Fact, ...] = ()
    checks: tuple[Check, ...] = ()
    told: str = ""
    score_parts: tuple[tuple[str, float], ...] = ()

    @property
    def lead(self) -> SourceRef:
        return self.sources[0]

    @property
    def mark_line(self) -> str:
        """`Fortsetzung · zuletzt in KW 28`, or empty for what is new."""
        if not self.told:
            return ""
        return f"{MARKS[self.mark]} · zuletzt in {Week.parse(self.told).label}"

    @property
    def fact_sentence(self) -> str:
        """`Laut DataCenterDynamics: 39 Rechenzentren, mehr als 115.000 GPUs.`, or empty."""
        return f"Laut {self.fact_source}: {self.fact_line}." if self.fact_line else ""

    @property
    def summary(self) -> str:
        return "\n".join(part for part in (self.fact_sentence, self.teaser) if part)

    @property
    def language_note(self) -> str:
        """Says in which language the source's own words stand; empty for German."""
        if self.lead.language in ("de", ""):
            return ""
        what = "Überschrift und Anriss" if self.teaser else "Überschrift"
        return f"{what} im Original ({typography.language_name(self.lead.language)})"

    def to_json(self) -> dict[str, Any]:
        return {
            "story": self.story,
            "topic": self.topic,
            "mark": self.mark,
            "told": self.told,
            "score": dict(self.score_parts),
            "headline": self.headline,
            "summary": self.summary,
            "language_note": self.language_note,
            "sources": [source.to_json() for source in self.sources],
            "figures": [fact.to_json() for fact in self.figures],
            "checks": [check.to_json() for check in self.checks],
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
class LeftOut:
    """A story that is not in the issue, and why, in German words."""

    story: int
    reason: str

    def to_json(self) -> dict[str, Any]:
        return {"story": self.story, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Issue:
    """One weekly edition. topics: key and German name of each section, in the order of printing.

    deadlines_as_of is the day up to which the register of deadlines was kept.
    """

    week: Week
    state: str
    title: str
    subject: str
    preheader: str
    notice: str
    writer: str
    composed: dt.datetime
    topics: tuple[tuple[str, str], ...]
    items: tuple[IssueItem, ...]
    figure_rows: tuple[FigureRow, ...]
    deadlines: tuple[Deadline, ...]
    deadlines_as_of: dt.date
    coverage: tuple[SourceLine, ...]
    left_out: tuple[LeftOut, ...]
    impressum: ImpressumSettings
    corrections: tuple[Correction, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The shape of `lagebrief digest show WEEK --json`."""
        return {
            "week": str(self.week),
            "state": self.state,
            "subject": self.subject,
            "writer": self.writer,
            "items": [item.to_json() for item in self.items],
            "milestones": [deadline.to_json() for deadline in self.deadlines],
            "figure_rows": [row.to_json() for row in self.figure_rows],
            "coverage": [line.to_json() for line in self.coverage],
            "corrections": [correction.to_json() for correction in self.corrections],
            "left_out": [story.to_json() for story in self.left_out],
        }

    def frozen(self) -> dict[str, Any]:
        """Everything rendering needs, as JSON can hold it; `thaw` makes the same issue of it."""
        whole: dict[str, Any] = TypeAdapter(Issue).dump_python(self, mode="json")
        return whole


def thaw(whole: dict[str, Any]) -> Issue:
    """The issue of which `Issue.frozen` was made. Raises pydantic.ValidationError for anything else."""
    return TypeAdapter(Issue).validate_python(whole)
