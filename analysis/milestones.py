"""The register of AI Act milestones: what comes next, and which of them an article speaks of."""

from __future__ import annotations

import calendar
import datetime as dt
import re
import tomllib
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from analysis.lexicon import Needles, Term, parse_terms
from analysis.normalise import words
from analysis.values import FormerDate, Item, Milestone
from lagebrief.errors import ConfigError

_AND = " + "
_SENTENCE = re.compile(r"\S(?:(?!(?<!\d)[.!?]\s|\n).)*\S?")
_YEAR = re.compile(r"\b20\d\d\b")
_BODY_CHARS = 50_000  # that are searched for mentions; an article's legal facts stand above that


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _FormerDate(_Strict):
    date: dt.date
    until: dt.date
    source: str = Field(min_length=1)


class _Entry(_Strict):
    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    date: dt.date | str
    precision: Literal["day", "month", "quarter"]
    title: str = Field(min_length=1)
    description: str = Field(min_length=1)
    legal_basis: str = Field(min_length=1)
    status: Literal["abgeschlossen", "in Kraft", "anwendbar", "verschoben", "vorgeschlagen"]
    confidence: Literal["hoch", "mittel", "niedrig"]
    sources: tuple[str, ...] = Field(min_length=1)
    note: str = ""
    history: tuple[_FormerDate, ...] = ()
    replaced_by: str = ""
    mentions: tuple[str, ...] = ()

    @field_validator("mentions")
    @classmethod
    def _readable(cls, mentions: tuple[str, ...]) -> tuple[str, ...]:
        for mention in mentions:
            parse_terms(mention.split(_AND))
        return mentions

    @model_validator(mode="after")
    def _date_fits_precision(self) -> _Entry:
        last_day(self.date, self.precision)
        if list(self.history) != sorted(self.history, key=lambda former: former.until):
            raise ValueError("history must be in order, oldest first")
        return self

    def milestone(self) -> Milestone:
        return Milestone(
            id=self.id,
            date=last_day(self.date, self.precision),
            precision=self.precision,
            title=self.title,
            description=self.description,
            legal_basis=self.legal_basis,
            status=self.status,
            confidence=self.confidence,
            sources=self.sources,
            note=self.note,
            history=tuple(FormerDate(former.date, former.until, former.source) for former in self.history),
            replaced_by=self.replaced_by,
        )


class _Register(_Strict):
    as_of: dt.date
    context: tuple[str, ...]
    milestone: tuple[_Entry, ...]

    @model_validator(mode="after")
    def _ids_fit(self) -> _Register:
        ids = [entry.id for entry in self.milestone]
        doubled = {id_ for id_ in ids if ids.count(id_) > 1}
        unknown = {entry.replaced_by for entry in self.milestone if entry.replaced_by} - set(ids)
        if doubled or unknown:
            raise ValueError(f"ids given twice: {sorted(doubled)}; replaced_by unknown: {sorted(unknown)}")
        return self


@dataclass(frozen=True, slots=True)
class _Mention:
    id: str
    terms: tuple[Term, ...]

    @property
    def by_date(self) -> bool:
        """It knows the milestone by the year it falls into."""
        return any(_YEAR.search(term.needle) for term in self.terms)

    def stands_in(self, passage: str) -> bool:
        return all(term.needle in passage for term in self.terms)


@dataclass(frozen=True, slots=True)
class Passage:
    """joined[start:end] of an item, and the milestones it speaks of, in order of date.

    named: those it names by more than their year.
    """

    start: int
    end: int
    milestones: tuple[str, ...]
    named: tuple[str, ...]


def last_day(date: dt.date | str, precision: str) -> dt.date:
    """The day of a date, or the last day of "2024-12" (month) or "2026-Q4" (quarter), else ValueError."""
    if precision == "day":
        if not isinstance(date, dt.date):
            raise ValueError(f"{date!r} must be a date such as 2026-08-02 when precision is day")
        return date
    pattern = r"(\d{4})-(\d\d)" if precision == "month" else r"(\d{4})-Q([1-4])"
    found = re.fullmatch(pattern, str(date))
    if not found or not 1 <= int(found[2]) <= 12:
        raise ValueError(f"{date!r} must be written 2024-12 for precision month, 2026-Q4 for quarter")
    year, month = int(found[1]), int(found[2]) * (1 if precision == "month" else 3)
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def parse_register(text: str) -> tuple[Milestone, ...]:
    """Read a register from TOML, in order of date; ConfigError names the entry and the key that is wrong."""
    return _in_order(_validated(text))


@cache
def load_register() -> tuple[Milestone, ...]:
    """The register that comes with the program, in order of date."""
    return _in_order(_bundled())


def as_of() -> dt.date:
    """The day up to which the register's sources were read."""
    return _bundled().as_of


def upcoming(today: dt.date, count: int) -> tuple[Milestone, ...]:
    """The next `count` milestones from `today` on, nearest first; former dates are left out."""
    ahead = (
        milestone for milestone in load_register() if milestone.date >= today and not milestone.replaced_by
    )
    return tuple(ahead)[:count]


def doubts(today: dt.date) -> list[tuple[Milestone, str]]:
    """Entries that want a look, with the reason in German: weakly sourced ones to come, overdue drafts."""
    found = []
    for milestone in load_register():
        if milestone.replaced_by:
            continue
        if milestone.status == "vorgeschlagen" and milestone.date < today:
            found.append((milestone, "Termin ist vorbei, der Stand lautet noch vorgeschlagen"))
        elif milestone.confidence != "hoch" and milestone.date >= today:
            found.append((milestone, f"zu prüfen, Sicherheit {milestone.confidence}"))
    return found


def mentioned(item: Item) -> tuple[str, ...]:
    """The ids of the milestones an article speaks of, in order of date; none unless it is on the AI Act."""
    return ids(passages(item))


def ids(spoken_of: Iterable[Passage]) -> tuple[str, ...]:
    """The ids of the milestones in passages, in order of date."""
    return _ids_in_order({id_ for passage in spoken_of for id_ in passage.milestones})


def passages(item: Item) -> tuple[Passage, ...]:
    """Title and lead as one passage, and the sentences of the body, as far as they speak of a milestone.

    None unless the article is on the AI Act.
    """
    joined, spans = item.joined, list(_spans(item))
    texts = [words(joined[start:end]) for start, end in spans]
    whole = "\n".join(texts)
    context, mentions = _patterns()
    present = _needles().within(whole)
    if not any(term.needle in present for term in context):
        return ()
    found = []
    likely = [mention for mention in mentions if all(term.needle in present for term in mention.terms)]
    for (start, end), text in zip(spans, texts, strict=True):
        standing = [mention for mention in likely if mention.stands_in(text)]
        if standing:
            named = {mention.id for mention in standing if not mention.by_date}
            found.append(Passage(start, end, _ids_in_order({m.id for m in standing}), _ids_in_order(named)))
    return tuple(found)


def _ids_in_order(ids: Set[str]) -> tuple[str, ...]:
    return tuple(milestone.id for milestone in load_register() if milestone.id in ids)


def _spans(item: Item) -> Iterator[tuple[int, int]]:
    top = len(item.title) + 1 + len(item.lead)
    yield 0, top
    for sentence in _SENTENCE.finditer(item.joined, top, top + 1 + _BODY_CHARS):
        yield sentence.span()


@cache
def _bundled() -> _Register:
    return _validated(files("analysis").joinpath("data", "ai_act.toml").read_text(encoding="utf-8"))


@cache
def _patterns() -> tuple[tuple[Term, ...], tuple[_Mention, ...]]:
    register = _bundled()
    mentions = (
        _Mention(entry.id, parse_terms(mention.split(_AND)))
        for entry in register.milestone
        for mention in entry.mentions
    )
    return parse_terms(register.context), tuple(mentions)


@cache
def _needles() -> Needles:
    context, mentions = _patterns()
    return Needles(term.needle for term in (*context, *(t for mention in mentions for t in mention.terms)))


def _in_order(register: _Register) -> tuple[Milestone, ...]:
    milestones: Iterable[Milestone] = (entry.milestone() for entry in register.milestone)
    return tuple(sorted(milestones, key=lambda milestone: (milestone.date, milestone.id)))


def _validated(text: str) -> _Register:
    try:
        return _Register.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"The milestone register is no valid TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "register"
        raise ConfigError(f"The milestone register is wrong at {place}: {first['msg']}") from error
