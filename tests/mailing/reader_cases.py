"""Subscribers for tests: keys, a clock and short ways into each state."""

from __future__ import annotations

import datetime as dt

from archive.database import Database
from mailing import subscribers, tokens
from mailing.keys import Keys
from mailing.subscribers import SignUp, State, Subscriber

KEYS = Keys((b"k" * 64,))
NOW = dt.datetime(2025, 7, 14, 4, 0, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
ANNA = "anna@example.org"
WORDING = "Ja, ich möchte den Lagebrief jede Woche per E-Mail bekommen."


def sign_up(database: Database, email: str = ANNA, now: dt.datetime = NOW, **choices: object) -> str | None:
    return subscribers.sign_up(database, KEYS, SignUp(email, **choices), WORDING, now)  # type: ignore[arg-type]


def confirmed(database: Database, email: str = ANNA, now: dt.datetime = NOW, **choices: object) -> Subscriber:
    """Somebody who signed up and confirmed."""
    token = sign_up(database, email, now, **choices)
    assert token
    assert subscribers.confirm(database, KEYS, token, now)
    return known(database, email)


def known(database: Database, email: str = ANNA) -> Subscriber:
    found = subscribers.find(database, email)
    assert found
    return found


def state(database: Database, email: str = ANNA) -> State:
    return known(database, email).state


def brought_to(database: Database, wanted: State, email: str = ANNA) -> int:
    """Bring somebody into a state on the way people take; their number."""
    if wanted == State.PENDING:
        assert sign_up(database, email)
        return known(database, email).id
    id_ = confirmed(database, email).id
    if wanted == State.ERASED:
        assert subscribers.erase(database, KEYS, email, NOW)
    elif wanted != State.CONFIRMED:
        assert subscribers.end(database, KEYS, id_, wanted, NOW, "for a test")
    return id_


def leave_token(id_: int) -> str:
    return tokens.token(KEYS, tokens.LEAVE, id_)
