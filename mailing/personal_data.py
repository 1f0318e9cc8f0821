"""Everything that is kept on one person, for them to have (DSGVO Art. 15 and 20)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, select

from archive import delivery_tables as tables
from archive import tables as tables_of_archive
from archive.database import Database
from mailing import proof, subscribers
from mailing.keys import Keys

_S, _D, _O, _X = tables.subscriber, tables.delivery, tables.outbox, tables.suppression
_Q = tables_of_archive.saved_search


def kept(database: Database, keys: Keys, email: str) -> dict[str, Any] | None:
    """All rows on an address, ready for JSON; None where there is nothing.

    An address that was erased has nothing but the suppression, which is found by its keyed hash.
    """
    email = subscribers.normal(email)
    with database.reading() as connection:
        person = connection.execute(select(_S).where(_S.c.email == email)).first()
        data: dict[str, Any] = {
            "email": email,
            "subscriber": _subscriber(person) if person else None,
            "history": [],
            "deliveries": _deliveries(connection, person.id) if person else [],
            "waiting_mails": _waiting(connection, email),
            "suppression": _suppression(connection, keys, email),
            "searches": _searches(connection, email),
        }
    if person:
        data["history"] = [asdict(event) for event in proof.history(database, person.id)]
    known = person or any(data[name] for name in ("waiting_mails", "suppression", "searches"))
    return _plain(data) if known else None


def _subscriber(row: Row[Any]) -> dict[str, Any]:
    names = (
        "id",
        "state",
        "topics",
        "text_only",
        "created",
        "confirmed_at",
        "left_at",
        "confirm_until",
        "soft_bounces",
    )
    return {name: row._mapping[name] for name in names}


def _deliveries(connection: Connection, id_: int) -> list[dict[str, Any]]:
    columns = (_D.c.week, _D.c.state, _D.c.attempts, _D.c.first_try, _D.c.changed, _D.c.reason)
    rows = connection.execute(select(*columns).where(_D.c.subscriber_id == id_).order_by(_D.c.week))
    return [dict(row._mapping) for row in rows]


def _waiting(connection: Connection, email: str) -> list[dict[str, Any]]:
    statement = select(_O.c.created, _O.c.message).where(_O.c.recipient == email).order_by(_O.c.id)
    return [
        {"created": row.created, "message": bytes(row.message).decode(errors="replace")}
        for row in connection.execute(statement)
    ]


def _searches(connection: Connection, email: str) -> list[dict[str, Any]]:
    """Searches whose news go to the address."""
    statement = select(_Q.c.name, _Q.c.query, _Q.c.created).where(_Q.c.alert_to == email)
    return [dict(row._mapping) for row in connection.execute(statement)]


def _suppression(connection: Connection, keys: Keys, email: str) -> dict[str, Any] | None:
    statement = select(_X.c.at, _X.c.reason).where(_X.c.mac.in_(keys.macs("suppress", email)))
    row = connection.execute(statement).first()
    return {"since": row.at, "reason": row.reason} if row else None


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
