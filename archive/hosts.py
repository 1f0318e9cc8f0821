"""What each host said to machines (robots.txt, tdmrep.json): the last answers, kept with their time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import delete, insert, select

from archive import tables
from archive.database import Database


@dataclass(frozen=True, slots=True)
class HostRules:
    """The texts as they were served. A status of 0 means the host could not be reached."""

    origin: str
    fetched: dt.datetime
    robots_status: int
    robots: str
    tdmrep_status: int = 0
    tdmrep: str = ""


def load(database: Database, origin: str) -> HostRules | None:
    """The rules last read from an origin such as https://www.example.org, None if never."""
    with database.reading() as connection:
        row = connection.execute(select(tables.host).where(tables.host.c.origin == origin)).first()
    return HostRules(**row._mapping) if row else None


def save(database: Database, rules: HostRules) -> None:
    """Keep the newest answer of a host."""
    values = {name: getattr(rules, name) for name in rules.__slots__}
    with database.writing() as connection:
        connection.execute(delete(tables.host).where(tables.host.c.origin == rules.origin))
        connection.execute(insert(tables.host).values(**values))
