"""Lists of subscribers from other programs, as CSV: email[,topics][,text_only]."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

from sqlalchemy import select

from archive import delivery_tables as tables
from archive.database import Database
from lagebrief.errors import InputError
from mailing import subscribers
from mailing.keys import Keys
from mailing.subscribers import SignUp

_COLUMNS = ("email", "topics", "text_only")
_BETWEEN_TOPICS = re.compile(r"[\s,;|]+")
_YES, _NO = ("1", "true", "yes", "ja", "x"), ("", "0", "false", "no", "nein")
_LARGEST = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Broken:
    """A row that cannot be taken: the line it ends on, from 1, and why. The address is not repeated."""

    line: int
    reason: str


@dataclass(slots=True)
class Plan:
    """What an import would do. known: subscribers already; suppressed: to get nothing again."""

    new: list[SignUp] = field(default_factory=list)
    known: int = 0
    suppressed: int = 0
    twice: int = 0
    broken: list[Broken] = field(default_factory=list)


def plan(database: Database, keys: Keys, raw: bytes, topics: Collection[str]) -> Plan:
    """Read a list and hold it against the archive; nothing is written. topics: the keys that there are.

    Raises InputError for what is no CSV in UTF-8 with a header.
    """
    made, seen = Plan(), set()
    known, suppressed = _standing(database)
    for row in read(raw, topics):
        if isinstance(row, Broken):
            made.broken.append(row)
        elif row.email in seen:
            made.twice += 1
        elif row.email in known:
            made.known += 1
        elif suppressed and not suppressed.isdisjoint(keys.macs("suppress", row.email)):
            made.suppressed += 1
        else:
            made.new.append(row)
        if isinstance(row, SignUp):
            seen.add(row.email)
    return made


def carry_out(
    database: Database, keys: Keys, made: Plan, basis: str, now: dt.datetime, advance: Callable[[int], None]
) -> int:
    """Add the new ones, each by itself, so that a run that was cut off goes on; returns how many."""
    added = 0
    for asked in made.new:
        added += subscribers.add(database, keys, asked, basis, now)
        advance(1)
    return added


def read(raw: bytes, topics: Collection[str]) -> Iterator[SignUp | Broken]:
    """The rows of a list, addresses in their normal form. Raises InputError for what is no such list."""
    if len(raw) > _LARGEST:
        raise InputError(f"the list is larger than {_LARGEST // 1024**2} MiB")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError(f"line {line}: not UTF-8; save the list as 'CSV UTF-8'") from error
    first_line = text.partition("\n")[0]
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=";" if ";" in first_line else ",", strict=True
    )
    try:
        header = _header(next(reader, []))
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield _row(header, cells, reader.line_num, topics)
    except csv.Error as error:
        raise InputError(f"line {reader.line_num}: not CSV: {error}") from error


def _header(cells: list[str]) -> list[str]:
    names = [cell.strip().casefold() for cell in cells]
    if "email" not in names or len(set(names)) < len(names) or set(names) - set(_COLUMNS):
        raise InputError("line 1: expected a header of email and, if you like, topics and text_only")
    return names


def _row(header: list[str], cells: list[str], line: int, topics: Collection[str]) -> SignUp | Broken:
    if len(cells) > len(header):
        return Broken(line, "more cells than the header")
    row = dict(zip(header, cells, strict=False))
    try:
        return SignUp(
            subscribers.normal(row.get("email", "")),
            _topics(row.get("topics", ""), topics),
            _flag(row.get("text_only", "")),
        )
    except InputError as error:
        return Broken(line, str(error))


def _topics(cell: str, known: Collection[str]) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(key for key in _BETWEEN_TOPICS.split(cell) if key))
    if not set(chosen) <= set(known):
        raise InputError(f"a topic that is not configured; there are {', '.join(known)}")
    return chosen


def _flag(cell: str) -> bool:
    word = cell.strip().casefold()
    if word not in _YES + _NO:
        raise InputError("text_only is neither yes nor no")
    return word in _YES


def _standing(database: Database) -> tuple[set[str], set[str]]:
    """All addresses, and the hashes of all that are suppressed."""
    with database.reading() as connection:
        known = set(connection.execute(select(tables.subscriber.c.email)).scalars())
        return known, set(connection.execute(select(tables.suppression.c.mac)).scalars())
