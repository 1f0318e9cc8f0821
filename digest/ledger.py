"""The ledger of figures in German lines: "39 Rechenzentren: Bloomberg 8.7., DCD 11.7."."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from analysis import names
from analysis.ledger import Quote, Statement, around, statements
from archive import readings, stories
from archive.database import Database
from archive.readings import FigureRow
from digest import typography
from digest.typography import NBSP

_MOST = 50_000  # figures looked at, the newest
_ZONE = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One statement: the quantity, everybody who states it, and the lines of those who state another."""

    quantity: str
    subject: str
    said_by: tuple[tuple[str, Quote], ...]
    differing: tuple[LedgerLine, ...]

    @property
    def text(self) -> str:
        """Quantity, what it is about, and each outlet with the day it first said so."""
        who = ", ".join(f"{name} {_day(quote.published)}" for name, quote in self.said_by)
        about = f" ({self.subject})" if self.subject else ""
        return f"{self.quantity}{about}: {who}"

    def to_json(self) -> dict[str, Any]:
        """The shape of `figures ledger --json`."""
        first = self.said_by[0][1]
        return {
            "value": first.figure.plain_value,
            "unit": first.figure.unit,
            "quantity": self.quantity,
            "subject": self.subject,
            "said_by": [
                {
                    "outlet": quote.outlet,
                    "name": name,
                    "published": quote.published.isoformat(),
                    "qualifier": quote.figure.qualifier,
                    "text": quote.figure.text,
                    "id": quote.article,
                    "start": quote.figure.start,
                    "end": quote.figure.end,
                }
                for name, quote in self.said_by
            ],
            "differing": [line.quantity for line in self.differing],
        }


def ledger(
    database: Database,
    outlets: Mapping[str, str],
    *,
    unit: str | None = None,
    subject: str | None = None,
    since: dt.datetime | None = None,
) -> list[LedgerLine]:
    """Every statement of articles on our topics that fits, the latest stated first.

    outlets: key to the name that is printed.
    subject: text that must stand in the subject, in the words or around them; case does not count.
    """
    rows = readings.figures(database, unit=unit, since=since, limit=_MOST)
    places = stories.places(database, list({row.article.id for row in rows}))
    quotes = [_quote(row, places[row.article.id].story) for row in rows if row.article.id in places]
    found = statements(quotes)
    if subject:
        found = [one for one in found if _is_about(one, subject.casefold())]
    return [_line(one, outlets) for one in found]


def _quote(row: FigureRow, story: int) -> Quote:
    article = row.article
    joined = f"{article.title}\n{article.teaser}\n{article.body}"
    context = around(joined, row.figure, article.title)
    return Quote(row.figure, article.public_id, article.outlet, article.published, story, context)


def _is_about(statement: Statement, text: str) -> bool:
    return any(
        text in quote.figure.subject.casefold() or text in quote.context.casefold()
        for quote in statement.quotes
    )


def _line(statement: Statement, outlets: Mapping[str, str]) -> LedgerLine:
    first_of: dict[str, Quote] = {}
    for quote in statement.quotes:
        first_of.setdefault(quote.outlet, quote)
    return LedgerLine(
        quantity=_quantity(statement),
        subject=_subject(statement),
        said_by=tuple((outlets.get(outlet, outlet), quote) for outlet, quote in first_of.items()),
        differing=tuple(_line(Statement(other.quotes), outlets) for other in statement.differing),
    )


def _quantity(statement: Statement) -> str:
    """In German, with the qualifier that most give; as written where the unit has no German name."""
    figure = statement.first.figure
    german = typography.quantity(float(figure.value), figure.unit)
    given = Counter(quote.figure.qualifier for quote in statement.quotes)
    usual = max(given, key=lambda qualifier: (given[qualifier], qualifier))
    return figure.text if german is None else typography.qualified(usual, german) or german


def _subject(statement: Statement) -> str:
    """Names in the figures' subjects, or the subject where the unit does not say what is counted."""
    figure = statement.first.figure
    return ", ".join(named(statement)) or ("" if figure.subject in figure.text else figure.subject)


def named(statement: Statement) -> list[str]:
    """The names in the figures' subjects, as they are printed in German."""
    register = names.register()
    found = [name.id for quote in statement.quotes for name in names.find(quote.figure.subject)]
    return [register.printed(id_) for id_ in dict.fromkeys(found)]


def _day(moment: dt.datetime) -> str:
    """`8. 7. 2025`."""
    day = moment.astimezone(_ZONE)
    return f"{day.day}.{NBSP}{day.month}.{NBSP}{day.year}"
