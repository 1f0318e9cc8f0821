"""What is kept on readers goes when its time is over, and not before."""

from __future__ import annotations

import datetime as dt

import pytest
from reader_cases import ANNA, DAY, HOUR, KEYS, NOW, confirmed, known, sign_up, state

from archive.database import Database
from mailing import outbox, proof, retention, subscribers
from mailing.retention import Due
from mailing.subscribers import CONFIRM_WITHIN, State

STALE = NOW + CONFIRM_WITHIN + retention.AFTER_THE_LINK
NEXT_YEARS = dt.datetime(NOW.year + 4, 1, 1, tzinfo=dt.UTC)


def test_a_sign_up_nobody_confirmed_goes_with_its_mail(database: Database) -> None:
    sign_up(database)
    outbox.put(database, ANNA, b"x", NOW)
    confirmed(database, "bert@example.org")
    assert retention.delete_due(database, KEYS, STALE - HOUR) == Due(0, 0)
    assert retention.due(database, STALE) == Due(1, 0)
    assert retention.delete_due(database, KEYS, STALE) == Due(1, 0)
    assert [reader.email for reader in subscribers.every(database)] == ["bert@example.org"]
    assert outbox.waiting(database, STALE, 9) == []
    assert not retention.due(database, STALE)


def test_a_later_sign_up_has_its_own_time(database: Database) -> None:
    sign_up(database)
    sign_up(database, now=NOW + DAY)
    assert retention.delete_due(database, KEYS, STALE) == Due(0, 0)
    assert retention.delete_due(database, KEYS, STALE + DAY) == Due(1, 0)


@pytest.mark.parametrize("before", [State.UNSUBSCRIBED, State.BOUNCED])
def test_who_read_before_is_as_before(database: Database, before: State) -> None:
    subscribers.end(database, KEYS, confirmed(database).id, before, NOW, "link")
    assert sign_up(database, now=NOW + HOUR)
    assert retention.delete_due(database, KEYS, STALE + HOUR) == Due(1, 0)
    assert (state(database), known(database).left_at) == (before, NOW)
    kinds = [event.kind for event in proof.history(database, known(database).id)]
    assert kinds == ["signup", "confirmed", before, "signup"], "the proof stays"


@pytest.mark.parametrize("how", [State.UNSUBSCRIBED, State.BOUNCED, State.COMPLAINED])
def test_a_proof_is_kept_to_the_end_of_the_third_year(database: Database, how: State) -> None:
    subscribers.end(database, KEYS, confirmed(database).id, how, NOW, "link")
    assert not retention.due(database, NEXT_YEARS - HOUR)
    assert retention.delete_due(database, KEYS, NEXT_YEARS) == Due(0, 1)
    assert subscribers.find(database, ANNA) is None
    assert not subscribers.add(database, KEYS, subscribers.SignUp(ANNA), "Vertrag", NEXT_YEARS), "suppressed"


def test_readers_stay_however_long(sqlite: Database) -> None:
    confirmed(sqlite)
    assert retention.delete_due(sqlite, KEYS, NEXT_YEARS) == Due(0, 0)
