"""The values an issue is made of: frozen, plain, and all that rendering may see."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from analysis.values import Figure
from digest import typography
from digest.rows import Check, Correction, Deadline, FigureRow, LeftOut, OwnCorrection, Picture, SourceLine
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
    revision: the version of the report that the issue was made from.
    """

    source_id: str
    outlet: str
    name: str
    title: str
    url: str
    published: dt.datetime
    language: str
    dated: bool = True
    revision: int = 0

    def to_json(self) -> dict[str, Any]:
        return {
            "outlet": self.outlet,
            "title": self.title,
            "url": self.url,
            "published": self.published.isoformat(),
            "language": self.language,
        }


WRITERS = {"llm": "Von einem Sprachmodell geschrieben", "translate": "Maschinell übersetzt"}
MARKS = {"neu": "Neu", "fortsetzung": "Fortsetzung", "korrektur": "Korrektur", "dementi": "Dementi"}


@dataclass(frozen=True, slots=True)
class IssueItem:
    """A story in an issue. sources[0] leads: headline and teaser are its own words, in its language.

    writer: who wrote it. A writer of German sentences leaves them in `text`, with a German headline and no
    teaser;
    told_by: the outlets they rest on.
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
    writer: str = "extract"
    text: tuple[str, ...] = ()
    told_by: tuple[str, ...] = ()
    score_parts: tuple[tuple[str, float], ...] = ()

    @property
    def lead(self) -> SourceRef:
        return self.sources[0]

    @property
    def headline_language(self) -> str:
        return "de" if self.text else self.lead.language

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
        return "\n".join(part for part in (self.fact_sentence, " ".join(self.text), self.teaser) if part)

    @property
    def writer_line(self) -> str:
        """`Maschinell übersetzt nach Reuters`, for sentences that no source has in these words."""
        if not self.text:
            return ""
        return f"{WRITERS[self.writer]} nach {typography.enumerate_(list(self.told_by))}"

    @property
    def language_note(self) -> str:
        """Says in which language the source's own words stand; empty for German."""
        if self.text:
            return self.writer_line
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
            "writer": self.writer,
            "headline": self.headline,
            "summary": self.summary,
            "language_note": self.language_note,
            "sources": [source.to_json() for source in self.sources],
            "figures": [fact.to_json() for fact in self.figures],
            "checks": [check.to_json() for check in self.checks],
        }


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
    own_corrections: tuple[OwnCorrection, ...] = ()
    chart: Picture | None = None

    @property
    def revisions(self) -> dict[str, int]:
        """By id of an article, the version that the issue was made from."""
        return {source.source_id: source.revision for item in self.items for source in item.sources}

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
            "own_corrections": [correction.to_json() for correction in self.own_corrections],
            "left_out": [story.to_json() for story in self.left_out],
        }

    def frozen(self) -> dict[str, Any]:
        """Everything rendering needs, as JSON can hold it; `thaw` makes the same issue of it."""
        whole: dict[str, Any] = TypeAdapter(Issue).dump_python(self, mode="json")
        return whole


def thaw(whole: dict[str, Any]) -> Issue:
    """The issue of which `Issue.frozen` was made. Raises pydantic.ValidationError for anything else."""
    return TypeAdapter(Issue).validate_python(whole)
