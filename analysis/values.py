"""What a reading of a text yields: plain frozen values that every room may hold."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


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
class DateSignal:
    """A text states a date for a milestone that is not the register's; `text` is joined[start:end]."""

    milestone: str
    stated: dt.date
    registered: dt.date
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything one reading found. `doubtful` says why a result should not be trusted, or is empty."""

    language: str
    topics: tuple[TopicScore, ...] = ()
    figures: tuple[Figure, ...] = ()
    milestones: tuple[str, ...] = ()
    date_signals: tuple[DateSignal, ...] = ()
    doubtful: str = ""


@dataclass(frozen=True, slots=True)
class FormerDate:
    """A date that a milestone had, the day from which it no longer held, and what moved it."""

    date: dt.date
    until: dt.date
    source: str


@dataclass(frozen=True, slots=True)
class IndexedText:
    """A text as a search index keeps it: tokens with single spaces between them.

    plain: words as written, folded. stems: their stems, in order. more: what it can also be found by, in
    no order: words inside compounds, "@" and the id of a name, "~" and the id of words that mean the same.
    """

    plain: str
    stems: str
    more: str


@dataclass(frozen=True, slots=True)
class SearchWord:
    """A word of a query. stems: in every language.

    parts: of a German compound, each with its stems and meanings; head: only the last of them, where the
    others are not known. more: names and meanings of the word alone. covered: the stems of which every text
    has one of those meanings too. faint: a word such as "der", which says nothing.
    """

    plain: str
    stems: tuple[str, ...]
    parts: tuple[tuple[str, ...], ...] = ()
    head: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    covered: tuple[str, ...] = ()
    faint: bool = False


@dataclass(frozen=True, slots=True)
class SearchSpan:
    """Several words of a query, words[first:last], that stand for names or meanings as a whole."""

    first: int
    last: int
    more: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Milestone:
    """A dated duty or step of the AI Act.

    precision: "day", "month" or "quarter"; of a month or quarter, `date` is the last day.
    history: the dates it had before, oldest first.
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
    history: tuple[FormerDate, ...] = ()
    replaced_by: str = ""

    @property
    def former_dates(self) -> tuple[dt.date, ...]:
        """The dates it had before, oldest first."""
        return tuple(former.date for former in self.history)
