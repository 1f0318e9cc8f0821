"""What a reading of a text yields: plain frozen values that every room may hold."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Item:
    """A text to read. `joined` is what every span indexes."""

    title: str
    lead: str = ""
    body: str = ""
    language: str = ""
    published: dt.datetime | None = None

    @property
    def joined(self) -> str:
        """Title, lead and body with one line feed between them, missing parts empty."""
        return f"{self.title}\n{self.lead}\n{self.body}"


@dataclass(frozen=True, slots=True)
class Figure:
    """A quantity with the place in the text it was read from.

    value: a plain number in base units (98 billion dollars = 98e9); for unit "date" an ISO date string.
    unit: usd, eur, cny, percent, mw, gw, gwh, twh, gpu, chip, server, data_centre, factor, date, ...
    qualifier: "", "ca.", "über", "mehr als", "bis zu", "mindestens", "weniger als", "fast", "von", "bis".
    text is exactly joined[start:end].
    """

    value: float | str
    unit: str
    qualifier: str
    subject: str
    text: str
    start: int
    end: int

    @property
    def plain_value(self) -> float | int | str:
        """The value as people and JSON write it: 115000 instead of 115000.0."""
        if isinstance(self.value, float) and self.value.is_integer():
            return int(self.value)
        return self.value


@dataclass(frozen=True, slots=True)
class TopicScore:
    """A topic the text is relevant to, with a score from 0 to 1 and the evidence that made it."""

    topic: str
    score: float
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything one reading found. `doubtful` says why a result should not be trusted, or is empty."""

    language: str
    topics: tuple[TopicScore, ...] = ()
    figures: tuple[Figure, ...] = ()
    milestones: tuple[str, ...] = ()
    doubtful: str = ""


@dataclass(frozen=True, slots=True)
class Milestone:
    """A dated duty or step of the AI Act. `former_dates` are the dates it had before, oldest first.

    precision: "day", "month" or "quarter"; of a month or quarter, `date` is the last day.
    replaced_by: the id of the milestone that holds now, where this one keeps a date of the past.
    """

    id: str
    date: dt.date
    precision: str
    title: str
    description: str
    legal_basis: str
    status: str
    confidence: str
    sources: tuple[str, ...] = ()
    note: str = ""
    former_dates: tuple[dt.date, ...] = field(default=())
    replaced_by: str = ""
