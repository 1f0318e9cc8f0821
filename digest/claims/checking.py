"""The check of a written sentence: every number, date and name in it needs its place in one report.

A writer says which passage of which report a sentence rests on. Numbers and dates must stand in that passage,
names in that report; what the passage denies, plans or leaves open must stay so; quotations are verbatim.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from analysis.language import detect
from analysis.values import Figure
from archive.readings import ReadArticle
from digest.claims import voice
from digest.claims.amounts import Amount, amounts, things
from digest.claims.named import Named, everyday, mentions
from digest.claims.times import Time, times
from digest.rows import Check

MOST_SENTENCES = 3  # of a report that one sentence of ours may rest on
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”“»'’)]?\s+(?=[\"„“»'(]?[A-ZÄÖÜ0-9])|\n+")
_NO_END = re.compile(
    r"(?:\b(?:[A-Z]|z\.\s?B|d\.\s?h|u\.\s?a|etc|bzw|ca|Nr|Art|Abs|Mio|Mrd|St|Dr|Prof|Mr|Ms|Mrs|Inc|Corp|Co|Ltd|vs|No|"
    r"[UE]\.[SK])|\b\d{1,2})\.$"
)
_QUOTED = re.compile(r"[„“\"»«]([^„“”\"»«]{2,})[“”\"«»]")
_NUMBERED = re.compile(r"(?<![\w/])\d+/\d+(?![\w/])")  # a regulation, such as 2024/1689
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Verdict:
    """checks: the proof of everything in the sentence. problem: why it must not be printed, or ""."""

    checks: tuple[Check, ...] = ()
    problem: str = ""


class Report:
    """A report as evidence: its text and what is read from it, each part read when it is first asked for."""

    def __init__(self, read: ReadArticle) -> None:
        article = read.article
        self.id = article.public_id
        self.text = article.joined
        self.language = article.language
        self.published = article.published.date()
        self._figures: Sequence[Figure] = read.figures

    @cached_property
    def sentences(self) -> list[tuple[int, int]]:
        """Where each sentence begins and ends."""
        return sentence_spans(self.text)

    @cached_property
    def times(self) -> list[Time]:
        """Every time the text names."""
        return times(self.text, self.published)

    @cached_property
    def amounts(self) -> list[Amount]:
        """Every number of the text."""
        apart = [(time.start, time.end) for time in self.times if time.year or time.day]
        return amounts(self.text, self.language, self._figures, apart)

    @cached_property
    def things(self) -> frozenset[str]:
        """The units of what it names that can be counted."""
        return things(self.text)

    @cached_property
    def named(self) -> Named:
        """Everything the text names."""
        return Named(self.text)

    def passage(self, quoted: str) -> tuple[int, int] | None:
        """Where the whole sentences stand that hold a verbatim stretch; None if the text has no such."""
        words = [re.escape(word) for word in quoted.split()]
        found = re.search(r"\s+".join(words), self.text) if words else None
        if found is None:
            return None
        starts = [start for start, _ in self.sentences]
        first = max(bisect_right(starts, found.start()) - 1, 0)
        last = max(bisect_right(starts, found.end() - 1) - 1, first)
        return (self.sentences[first][0], self.sentences[last][1]) if last - first < MOST_SENTENCES else None


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """(start, end) of the sentences of a text; a line feed ends one."""
    found, start = [], 0
    for end in _SENTENCE_END.finditer(text):
        if "\n" not in end.group() and _NO_END.search(text, start, end.start()):
            continue
        if text[start : end.start()].strip():
            found.append((start, end.start()))
        start = end.end()
    if text[start:].strip():
        found.append((start, len(text.rstrip())))
    return found


def check(sentence: str, report: Report, rests_on: Sequence[str], *, translated: bool = False) -> Verdict:
    """Hold a German sentence against the passages of a report that it rests on, each a verbatim stretch.

    translated: it is marked as a translation, so it may carry a quotation in other words.
    """
    if detect(sentence) != "de":
        return Verdict(problem="it is not German")
    found = [report.passage(stretch) for stretch in rests_on]
    passages = sorted({place for place in found if place})
    if not passages or None in found:
        return Verdict(problem="it rests on no passage of the report")
    if len(passages) > MOST_SENTENCES:
        return Verdict(problem="it rests on too many passages")
    return _Held(sentence, report, passages, translated=translated).verdict()


@dataclass(frozen=True, slots=True)
class _Held:
    sentence: str
    report: Report
    passages: Sequence[tuple[int, int]]
    translated: bool

    def verdict(self) -> Verdict:
        checks: list[Check] = []
        for problem in (self._times(checks), self._amounts(checks), self._names(checks)):
            if problem:
                return Verdict(problem=problem)
        told = self._told(checks)
        clauses = " ".join(self._clauses(start, end, checks) for start, end in told)
        problem = self._quotes(self._text(self.passages)) or voice.objection(
            self.sentence, self._text(told), clauses, self.report.language, headline=told[0][0] == 0
        )
        return Verdict(problem=problem) if problem else Verdict(tuple(dict.fromkeys(checks)))

    def _text(self, places: Sequence[tuple[int, int]]) -> str:
        return " ".join(self.report.text[start:end] for start, end in places)

    def _told(self, checks: Sequence[Check]) -> Sequence[tuple[int, int]]:
        """The passages without a headline that was only given for who it is about."""
        (start, end), *others = self.passages
        only_context = start == 0 and others and not any(start <= check.start < end for check in checks)
        return others if only_context else self.passages

    def _clauses(self, start: int, end: int, checks: Sequence[Check]) -> str:
        """The clauses of a passage that are told."""
        places = [check.start - start for check in checks if start <= check.start < end]
        return voice.clauses_with(self.report.text[start:end], places)

    def _inside(self, start: int, end: int) -> bool:
        return any(first <= start and end <= last for first, last in self.passages)

    def _times(self, checks: list[Check]) -> str:
        there = [time for time in self.report.times if self._inside(time.start, time.end)]
        for told in times(self.sentence):
            place = next((time for time in there if time.bears_out(told, self.report.published)), None)
            if place is None:
                return f"no such date in the source: {self._written(told)}"
            checks.append(self._check("date", told, place))
        return ""

    def _amounts(self, checks: list[Check]) -> str:
        there = [amount for amount in self.report.amounts if self._inside(amount.start, amount.end)]
        apart = [(time.start, time.end) for time in times(self.sentence)]
        told_amounts = amounts(self.sentence, "de", None, apart)
        for told in told_amounts:
            place = next((amount for amount in there if amount.bears_out(told, self.report.things)), None)
            if place is None:
                return f"no such number in the source: {self._written(told)}"
            checks.append(self._check("number", told, place))
        covered = [*apart, *((told.start, told.end) for told in told_amounts)]
        return self._unread(covered)

    def _unread(self, covered: Sequence[tuple[int, int]]) -> str:
        """Digits that are no date and no number to us may be part of a name; all else is not printed."""
        covered = [*covered, *((mention.start, mention.end) for mention in mentions(self.sentence))]
        covered += everyday(self.sentence)
        covered += [
            found.span() for found in _NUMBERED.finditer(self.sentence) if found.group() in self.report.text
        ]
        for digits in re.finditer(r"\d+", self.sentence):
            if not any(start <= digits.start() < end for start, end in covered):
                return f"a number that cannot be read: {digits.group()}"
        return ""

    def _names(self, checks: list[Check]) -> str:
        for mention in mentions(self.sentence):
            places = self.report.named.places_of(mention)
            place = next((place for place in places if self._inside(*place)), None) or next(
                iter(places), None
            )
            if place is None:
                return f"no such name in the source: {mention.text}"
            checks.append(Check("name", mention.text, self.report.id, *place))
        return ""

    def _quotes(self, passage: str) -> str:
        flat = _SPACE.sub(" ", passage)
        for quoted in _QUOTED.findall(self.sentence):
            if all(word[0].isupper() for word in quoted.split()):  # a name, which is checked as such
                continue
            verbatim = _SPACE.sub(" ", quoted.strip(" .,;")) in flat
            if not verbatim and not (self.translated and _QUOTED.search(passage)):
                return f"a quotation that the source does not have: {quoted}"
        return ""

    def _written(self, told: Time | Amount) -> str:
        return self.sentence[told.start : told.end]

    def _check(self, kind: str, told: Time | Amount, place: Time | Amount) -> Check:
        return Check(kind, self._written(told), self.report.id, place.start, place.end)
