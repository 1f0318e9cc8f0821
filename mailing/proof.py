"""How somebody came to get the issue, as a record to hand to them or to a lawyer (UWG § 7, DSGVO Art. 7)."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from archive import delivery_tables as tables
from archive.database import Database
from mailing import subscribers
from mailing.subscribers import State, Subscriber

_STATES = {
    State.PENDING: "angemeldet, noch nicht bestätigt; es geht keine Ausgabe hinaus",
    State.CONFIRMED: "bestätigt; bekommt die Ausgaben",
    State.UNSUBSCRIBED: "abgemeldet; es geht nichts mehr hinaus",
    State.BOUNCED: "unzustellbar; es geht nichts mehr hinaus",
    State.COMPLAINED: "hat sich beschwert; es geht nichts mehr hinaus, auch keine Bestätigungsmail",
    State.ERASED: "gelöscht",
}
_KINDS = {
    "signup": "Anmeldung; angezeigt wurde:",
    "asked": "Bestätigungsmail verschickt; ihr Wortlaut (der Link ist gekürzt):",
    "confirmed": "Bestätigt durch den Link der Bestätigungsmail",
    "imported": "Vom Betreiber eingetragen; angegebene Grundlage:",
    "changed": "Auswahl geändert:",
    "unsubscribed": "Abgemeldet:",
    "bounced": "Dauerhaft unzustellbar, Versand beendet:",
    "soft": "Eine Ausgabe war vorübergehend unzustellbar:",
    "complained": "Beschwerde des Postfachanbieters, Versand beendet:",
}
_BY_HAND = "Vom Betreiber von Hand bestätigt; angegebene Grundlage:"
_FOOT = (
    "Von IP-Adressen wird nur das Netz aufbewahrt. Prüfsummen sind SHA-256 des Wortlauts in UTF-8.\n"
    "Einträge werden nur angefügt und nie geändert; eine Löschung entfernt den ganzen Nachweis."
)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened with a consent; kind as in `archive.delivery_tables`."""

    at: dt.datetime
    kind: str
    network: str
    text: str
    message_id: str


def history(database: Database, subscriber_id: int) -> list[Event]:
    """Everything that happened, in order."""
    c = tables.consent.c
    statement = select(c.at, c.kind, c.network, c.text, c.message_id)
    with database.reading() as connection:
        rows = connection.execute(statement.where(c.subscriber_id == subscriber_id).order_by(c.id))
        return [Event(*row) for row in rows]


def verdict(events: Sequence[Event]) -> str:
    """In German, whether what happened since the last sign-up is a whole double opt-in."""
    begin = max((number for number, event in enumerate(events) if event.kind == "signup"), default=0)
    last = events[begin:]
    if any(event.kind == "imported" or _is_by_hand(event) for event in last):
        return "Angabe des Betreibers, kein Double-Opt-in"
    kinds = {event.kind for event in last}
    wanted = {"signup": "die Anmeldung", "asked": "die Bestätigungsmail", "confirmed": "die Bestätigung"}
    lacks = [words for kind, words in wanted.items() if kind not in kinds]
    return f"Double-Opt-in, es fehlt {' und '.join(lacks)}" if lacks else "Double-Opt-in, vollständig"


def _is_by_hand(event: Event) -> bool:
    return event.kind == "confirmed" and event.text != ""


def written(database: Database, email: str, zone: dt.tzinfo, now: dt.datetime) -> str | None:
    """The German record on one address, times in a zone; None for an address nobody signed up with."""
    found = subscribers.find(database, email)
    if found is None:
        return None
    events = history(database, found.id)
    parts = [_head(found, events, zone, now)]
    parts += [f"{number}. {_told(event, zone)}" for number, event in enumerate(events, 1)]
    return "\n\n".join([*parts, _FOOT]) + "\n"


def _head(found: Subscriber, events: Sequence[Event], zone: dt.tzinfo, now: dt.datetime) -> str:
    lines = (
        "NACHWEIS DER EINWILLIGUNG",
        "",
        f"Adresse:       {found.email}",
        f"Stand:         {_STATES[found.state]}",
        f"Themen:        {', '.join(found.topics) or 'alle'}",
        f"Form:          {'nur Text' if found.text_only else 'Seite und Text'}",
        f"Nachweis:      {verdict(events)}",
        f"Ausgestellt:   {_time(now, zone)}",
    )
    return "\n".join(lines)


def _told(event: Event, zone: dt.tzinfo) -> str:
    kind = _BY_HAND if _is_by_hand(event) else _KINDS.get(event.kind, event.kind)
    return "\n".join([_time(event.at, zone), f"   {kind}", *_details(event)])


def _details(event: Event) -> Iterator[str]:
    yield from (f"   | {line}" for line in event.text.splitlines())
    if event.network:
        yield f"   aus dem Netz {event.network}"
    if event.message_id:
        yield f"   Message-ID {event.message_id}"
    if event.text:
        yield f"   Prüfsumme {hashlib.sha256(event.text.encode()).hexdigest()}"


def _time(at: dt.datetime, zone: dt.tzinfo) -> str:
    offset = at.astimezone(zone).strftime("%z")
    return f"{at.astimezone(zone):%d.%m.%Y, %H:%M:%S} Uhr (UTC{offset[:3]}:{offset[3:5]})"
