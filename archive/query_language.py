"""What people type into the search box, as clauses. Anything that does not parse is plain words.

"phrase"   OR (ODER)   NOT (NICHT) word or -word   prefix*
quelle:dcd   thema:eu-ai-act   sprache:de   schlagwort:wichtig   seit:2025-07-01   bis:2025-07-31
(and source: topic: lang: tag: since: until:). Words stand beside one another: all must be found.
OR joins two neighbours, and NOT belongs to the one behind it: -a OR b is what lacks a, and what has b.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum

LONGEST = 300
_MOST_CLAUSES = 40
_TOKEN = re.compile(r'(-?)"([^"]*)"|(\S+)')
_FIELDS = {
    "quelle": "source",
    "source": "source",
    "thema": "topic",
    "topic": "topic",
    "sprache": "language",
    "lang": "language",
    "seit": "since",
    "since": "since",
    "schlagwort": "tag",
    "tag": "tag",
    "bis": "until",
    "until": "until",
}
_WORD = re.compile(r"\w", re.UNICODE)


class Kind(Enum):
    """How the words of a clause are looked up."""

    WORDS = "words"
    PHRASE = "phrase"
    PREFIX = "prefix"


@dataclass(frozen=True, slots=True)
class Clause:
    """Words to find or, negated, not to find."""

    kind: Kind
    text: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A query: every group must match, a group matches by any of its clauses; filters narrow it further."""

    groups: tuple[tuple[Clause, ...], ...] = ()
    sources: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    since: dt.date | None = None
    until: dt.date | None = None
    tags: tuple[str, ...] = ()
    among: tuple[int, ...] | None = None

    @property
    def plain_words(self) -> str:
        """What is asked for, without signs and without what must not stand there."""
        return " ".join(clause.text for group in self.groups for clause in group if not clause.negated)

    def corrected(self, correct: Callable[[str], str]) -> Query:
        """The query with its words corrected; phrases and what must not stand there stay as they are."""
        return replace(self, groups=tuple(tuple(_corrected(c, correct) for c in g) for g in self.groups))


def _corrected(clause: Clause, correct: Callable[[str], str]) -> Clause:
    if clause.kind is not Kind.WORDS or clause.negated:
        return clause
    return replace(clause, text=correct(clause.text))


@dataclass(slots=True)
class _Reader:
    groups: list[list[Clause]] = field(default_factory=list)
    filters: dict[str, list[str]] = field(default_factory=dict)
    or_next: bool = False
    not_next: bool = False

    def token(self, minus: str, phrase: str | None, word: str | None) -> None:
        if phrase is not None:
            self._add(Clause(Kind.PHRASE, phrase, bool(minus)))
        elif word in ("OR", "ODER"):
            self.or_next = bool(self.groups)
        elif word in ("NOT", "NICHT"):
            self.not_next = True
        elif word and word not in ("AND", "UND") and not self._filter(word):
            negated = word.startswith("-") and len(word) > 1
            word = word[1:] if negated else word
            kind = Kind.PREFIX if word.endswith("*") and len(word) > 2 else Kind.WORDS
            self._add(Clause(kind, word.rstrip("*"), negated))

    def _filter(self, word: str) -> bool:
        name, colon, value = word.partition(":")
        known = _FIELDS.get(name.lower())
        if not (colon and value and known):
            return False
        if known in ("since", "until") and _date(value) is None:
            return False
        self.filters.setdefault(known, []).append(value)
        return True

    def _add(self, clause: Clause) -> None:
        if not _WORD.search(clause.text):
            return
        if self.not_next:
            clause = Clause(clause.kind, clause.text, negated=True)
        if self.or_next:
            self.groups[-1].append(clause)
        elif len(self.groups) < _MOST_CLAUSES:
            self.groups.append([clause])
        self.or_next = self.not_next = False


def parse(text: str) -> Query:
    """Read a query. Never raises; what goes beyond 300 characters or 40 clauses is not read."""
    reader = _Reader()
    printable = "".join(character if character.isprintable() else " " for character in text[:LONGEST])
    for minus, phrase, word in _TOKEN.findall(printable):
        reader.token(minus, None if word else phrase, word or None)
    get = reader.filters.get
    return Query(
        groups=tuple(tuple(group) for group in reader.groups),
        sources=tuple(get("source", ())),
        topics=tuple(get("topic", ())),
        languages=tuple(get("language", ())),
        since=_date(get("since", [""])[-1]),
        until=_date(get("until", [""])[-1]),
        tags=tuple(tag.casefold() for tag in get("tag", ())),
    )


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
