"""Who reads the issue: states, double opt-in with its proof, leaving, erasure.

pending -> confirmed -> unsubscribed | bounced | complained; erased from anywhere. Whoever left or bounced
may sign up again and is pending until the new confirmation. What happened is kept as consent rows
(`mailing.proof` reads them).
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from archive import delivery_tables as tables
from archive.database import Database
from lagebrief.errors import InputError
from mailing import tokens
from mailing.keys import Keys

CONFIRM_WITHIN = dt.timedelta(days=7)
_DAY = dt.timedelta(days=1)
_MAILS_A_DAY, _BETWEEN_MAILS = 3, dt.timedelta(hours=1)  # so that nobody is flooded with confirmations
_SIGNUPS_OF_A_NETWORK = 20  # a day, so that we are not flooded with addresses
_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_EMAIL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_LABEL}", re.ASCII)
_LONGEST, _LONGEST_LOCAL = 254, 64  # RFC 5321
_S, _C, _X = tables.subscriber, tables.consent, tables.suppression


class State(StrEnum):
    """Where a subscriber stands."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A reader. topics: keys of those chosen, empty for all."""

    id: int
    email: str
    state: State
    topics: tuple[str, ...]
    text_only: bool
    created: dt.datetime
    confirmed_at: dt.datetime | None
    left_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class SignUp:
    """What a sign-up asks for. network: of the address it came from, see `network_of`."""

    email: str
    topics: tuple[str, ...] = ()
    text_only: bool = False
    network: str = ""


def normal(email: str) -> str:
    """The address as it is kept: small letters, the domain in ASCII. Raises InputError for what is none."""
    local, _, domain = email.strip().rpartition("@")
    try:
        plain = f"{local}@{domain.encode('idna').decode()}".lower()
    except UnicodeError:
        plain = ""
    # Only ASCII before lowering: the Kelvin sign becomes a k, and that is another address.
    fits = local.isascii() and len(local) <= _LONGEST_LOCAL and len(plain) <= _LONGEST
    if not fits or not _EMAIL.fullmatch(plain):
        raise InputError("that is not a mail address")
    return plain


def network_of(address: str) -> str:
    """The network of an IP address, /24 or /48: what is kept of it; "" for anything else."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return str(ipaddress.ip_network(f"{ip}/{24 if ip.version == 4 else 48}", strict=False))


def sign_up(database: Database, keys: Keys, asked: SignUp, wording: str, now: dt.datetime) -> str | None:
    """Take a sign-up; returns the token for the confirmation mail, or None where no mail may go out.

    None stands for: confirmed already, suppressed by a complaint, or too many mails in this hour or day. From
    outside all are the same. wording: what the person was shown. Raises InputError for what is no address.
    """
    email = normal(asked.email)
    with database.writing() as connection:
        if _is_suppressed(connection, keys, email, (State.COMPLAINED,)):
            return None
        found = connection.execute(select(_S).where(_S.c.email == email)).first()
        if found and found.state in (State.CONFIRMED, State.COMPLAINED):
            return None
        if _asked_too_often(connection, found.id if found else 0, asked.network, now):
            return None
        id_ = found.id if found else _new(connection, email, asked, now)
        token, hashed = tokens.confirmation()
        changes: dict[str, Any] = {"confirm_hash": hashed, "confirm_until": now + CONFIRM_WITHIN}
        if found:
            changes |= {"state": State.PENDING, "topics": list(asked.topics), "text_only": asked.text_only}
        connection.execute(update(_S).where(_S.c.id == id_).values(**changes))
        _note(connection, id_, now, "signup", network=asked.network, text=wording)
        return token


def _new(connection: Connection, email: str, asked: SignUp, now: dt.datetime) -> int:
    made = connection.execute(
        insert(_S).values(
            email=email,
            state=State.PENDING,
            topics=list(asked.topics),
            text_only=asked.text_only,
            created=now,
        )
    )
    return int((made.inserted_primary_key or (0,))[0])


def _asked_too_often(connection: Connection, id_: int, network: str, now: dt.datetime) -> bool:
    recent = select(func.count()).select_from(_C).where(_C.c.kind == "signup", _C.c.at > now - _DAY)
    of_address = select(_C.c.at).where(_C.c.kind == "signup", _C.c.subscriber_id == id_)
    latest = connection.execute(of_address.order_by(_C.c.at.desc()).limit(_MAILS_A_DAY)).scalars().all()
    if latest and now - latest[0] < _BETWEEN_MAILS:
        return True
    if len(latest) == _MAILS_A_DAY and now - latest[-1] < _DAY:
        return True
    of_network = connection.execute(recent.where(_C.c.network == network)).scalar_one() if network else 0
    return bool(of_network >= _SIGNUPS_OF_A_NETWORK)


def asked(database: Database, token: str, text: str, message_id: str, now: dt.datetime) -> bool:
    """Keep the confirmation mail that was sent for a token, word for word, as proof.

    False where a later sign-up has taken the token's place meanwhile: its mail would lead nowhere.
    """
    with database.writing() as connection:
        id_ = connection.execute(select(_S.c.id).where(_S.c.confirm_hash == tokens.hashed(token))).scalar()
        if id_ is None:
            return False
        _note(connection, id_, now, "asked", text=text.replace(token, "…"), message_id=message_id)
        return True


def awaits(database: Database, token: str, now: dt.datetime) -> bool:
    """May this token still confirm?"""
    with database.reading() as connection:
        return _awaiting(connection, token, now) is not None


def confirm(database: Database, keys: Keys, token: str, now: dt.datetime, network: str = "") -> bool:
    """Confirm by the token of a confirmation mail, once; False for an unknown, used or old one."""
    with database.writing() as connection:
        id_ = _awaiting(connection, token, now)
        if id_ is None:
            return False
        _confirm(connection, keys, id_, now)
        _note(connection, id_, now, "confirmed", network=network)
        return True


def confirm_by_hand(database: Database, keys: Keys, email: str, basis: str, now: dt.datetime) -> bool:
    """Confirm somebody who signed up, where an operator answers for it. basis: why, kept as proof.

    False for whoever does not wait for it: who left has to sign up again. Raises InputError without a basis.
    """
    basis = ground(basis)
    waiting = select(_S.c.id).where(_S.c.email == normal(email), _S.c.state == State.PENDING)
    with database.writing() as connection:
        id_ = connection.execute(waiting).scalar()
        if id_ is None:
            return False
        _confirm(connection, keys, id_, now)
        _note(connection, id_, now, "confirmed", text=basis)
        return True


def _confirm(connection: Connection, keys: Keys, id_: int, now: dt.datetime) -> None:
    confirmed = {"state": State.CONFIRMED, "confirmed_at": now, "left_at": None}
    changed = update(_S).where(_S.c.id == id_)
    connection.execute(changed.values(**confirmed, confirm_hash="", soft_bounces=0))
    email = connection.execute(select(_S.c.email).where(_S.c.id == id_)).scalar_one()
    connection.execute(_X.delete().where(_X.c.mac.in_(keys.macs("suppress", email))))


def _awaiting(connection: Connection, token: str, now: dt.datetime) -> int | None:
    statement = select(_S.c.id).where(
        _S.c.confirm_hash == tokens.hashed(token), _S.c.confirm_until > now, _S.c.state == State.PENDING
    )
    found = connection.execute(statement).scalar()
    return None if found is None else int(found)


def leave(database: Database, keys: Keys, token: str, now: dt.datetime, how: str = "link") -> None:
    """Unsubscribe at once by the token of a mail; says nothing of whether there was anybody to leave."""
    id_ = tokens.subscriber_of(keys, tokens.LEAVE, token)
    if id_ is not None:
        end(database, keys, id_, State.UNSUBSCRIBED, now, how)


def end(database: Database, keys: Keys, id_: int, state: State, now: dt.datetime, why: str) -> bool:
    """Stop sending to a subscriber: left, bounced or complained. Their address is suppressed from then on.

    False where there was nothing to end. A complaint also counts after somebody left: it often comes later.
    """
    with database.writing() as connection:
        return end_within(connection, keys, id_, state, now, why)


def end_within(
    connection: Connection, keys: Keys, id_: int, state: State, now: dt.datetime, why: str
) -> bool:
    """`end` inside a writing transaction."""
    from_states: tuple[State, ...] = (State.PENDING, State.CONFIRMED)
    if state == State.COMPLAINED:
        from_states += (State.UNSUBSCRIBED, State.BOUNCED)
    row = connection.execute(select(_S.c.email, _S.c.state).where(_S.c.id == id_)).first()
    if row is None or row.state not in from_states:
        return False
    connection.execute(update(_S).where(_S.c.id == id_).values(state=state, left_at=now, confirm_hash=""))
    connection.execute(tables.outbox.delete().where(tables.outbox.c.recipient == row.email))
    _suppress(connection, keys, row.email, state, now)
    _note(connection, id_, now, state.value, text=why)
    return True


def choose(
    database: Database, keys: Keys, token: str, topics: Sequence[str], text_only: bool, now: dt.datetime
) -> None:
    """Change what a subscriber gets, by the token of a mail."""
    id_ = tokens.subscriber_of(keys, tokens.PREFERENCES, token)
    if id_ is None:
        return
    with database.writing() as connection:
        changed = connection.execute(
            update(_S)
            .where(_S.c.id == id_, _S.c.state == State.CONFIRMED)
            .values(topics=list(topics), text_only=text_only)
        )
        if changed.rowcount:
            told = ", ".join(topics) or "all topics"
            _note(connection, id_, now, "changed", text=f"{told}; {'text' if text_only else 'page and text'}")


def of_token(database: Database, keys: Keys, purpose: str, token: str) -> Subscriber | None:
    """Whom a token is for, if they are confirmed."""
    id_ = tokens.subscriber_of(keys, purpose, token)
    with database.reading() as connection:
        row = connection.execute(select(_S).where(_S.c.id == (id_ or 0))).first()
    return _subscriber(row) if row and row.state == State.CONFIRMED else None


def erase(database: Database, keys: Keys, email: str, now: dt.datetime) -> bool:
    """Forget a person: address, choices and the proof of consent; only the suppression remains, as a keyed
    hash.

    What was sent stays counted, without a name. False for an address nobody knows.
    """
    email = normal(email)
    with database.writing() as connection:
        id_ = connection.execute(select(_S.c.id).where(_S.c.email == email)).scalar()
        if id_ is None:
            return False
        _suppress(connection, keys, email, State.UNSUBSCRIBED, now)
        connection.execute(_C.delete().where(_C.c.subscriber_id == id_))
        connection.execute(tables.outbox.delete().where(tables.outbox.c.recipient == email))
        # What a server answered may repeat the address.
        connection.execute(
            update(tables.delivery).where(tables.delivery.c.subscriber_id == id_).values(reason="")
        )
        connection.execute(
            update(_S)
            .where(_S.c.id == id_)
            .values(
                email=f"erased:{id_}",
                state=State.ERASED,
                topics=[],
                text_only=False,
                confirm_hash="",
                left_at=now,
            )
        )
        _note(connection, id_, now, "erased")
        return True


def add(database: Database, keys: Keys, asked: SignUp, basis: str, now: dt.datetime) -> bool:
    """Add a confirmed subscriber whose consent was given elsewhere. basis: the legal ground, in words.

    False for an address that is suppressed or known already. Raises InputError without a basis.
    """
    basis, email = ground(basis), normal(asked.email)
    with database.writing() as connection:
        known = connection.execute(select(_S.c.id).where(_S.c.email == email)).scalar()
        if known is not None or _is_suppressed(connection, keys, email, tuple(State)):
            return False
        id_ = _new(connection, email, asked, now)
        connection.execute(update(_S).where(_S.c.id == id_).values(state=State.CONFIRMED, confirmed_at=now))
        _note(connection, id_, now, "imported", text=basis)
        return True


def ground(basis: str) -> str:
    """The legal ground as it is kept. Raises InputError for an empty one."""
    if not basis.strip():
        raise InputError("say on what legal ground this address gets mail (--basis)")
    return basis.strip()


def find(database: Database, email: str) -> Subscriber | None:
    """The subscriber with an address."""
    with database.reading() as connection:
        row = connection.execute(select(_S).where(_S.c.email == normal(email))).first()
    return _subscriber(row) if row else None


def every(database: Database, state: State | None = None) -> list[Subscriber]:
    """All subscribers, or those in one state, in the order they came."""
    statement = select(_S).order_by(_S.c.id)
    if state:
        statement = statement.where(_S.c.state == state)
    with database.reading() as connection:
        return [_subscriber(row) for row in connection.execute(statement)]


def _is_suppressed(connection: Connection, keys: Keys, email: str, reasons: Sequence[State]) -> bool:
    statement = select(_X.c.mac).where(
        _X.c.mac.in_(keys.macs("suppress", email)), _X.c.reason.in_([state.value for state in reasons])
    )
    return connection.execute(statement).first() is not None


def _suppress(connection: Connection, keys: Keys, email: str, state: State, now: dt.datetime) -> None:
    """Suppress an address, under the newest key. A complaint stays one, whatever comes after it."""
    if _is_suppressed(connection, keys, email, (State.COMPLAINED,)):
        state = State.COMPLAINED
    connection.execute(_X.delete().where(_X.c.mac.in_(keys.macs("suppress", email))))
    connection.execute(insert(_X).values(mac=keys.mac("suppress", email), at=now, reason=state.value))


def _note(connection: Connection, id_: int, now: dt.datetime, kind: str, **details: str) -> None:
    connection.execute(insert(_C).values(subscriber_id=id_, at=now, kind=kind, **details))


def _subscriber(row: Any) -> Subscriber:
    return Subscriber(
        row.id,
        row.email,
        State(row.state),
        tuple(row.topics),
        row.text_only,
        row.created,
        row.confirmed_at,
        row.left_at,
    )
