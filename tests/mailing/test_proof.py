"""The record of a consent, and all that is kept on one person."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from zoneinfo import ZoneInfo

from reader_cases import ANNA, DAY, HOUR, KEYS, NOW, WORDING, brought_to, confirmed, known, sign_up
from sqlalchemy import insert

from archive import delivery_tables as tables
from archive.database import Database
from mailing import personal_data, proof, subscribers
from mailing.keys import Keys
from mailing.subscribers import SignUp, State

BERLIN = ZoneInfo("Europe/Berlin")
MAIL = "Guten Tag,\n\nbitte bestätigen Sie: https://example.org/b/{token}\n"


def record(database: Database, now: dt.datetime = NOW + DAY) -> str:
    text = proof.written(database, ANNA, BERLIN, now)
    assert text
    return text


def whole_consent(database: Database) -> str:
    token = sign_up(database, network="192.0.2.0/24")
    assert token
    subscribers.asked(database, token, MAIL.format(token=token), "<bestaetigung.1@example.org>", NOW + HOUR)
    assert subscribers.confirm(database, KEYS, token, NOW + 2 * HOUR, "198.51.100.0/24")
    return token


def test_a_whole_double_opt_in(database: Database) -> None:
    token = whole_consent(database)
    text = record(database)
    assert token not in text
    lines = text.splitlines()
    assert lines[:8] == [
        "NACHWEIS DER EINWILLIGUNG",
        "",
        "Adresse:       anna@example.org",
        "Stand:         bestätigt; bekommt die Ausgaben",
        "Themen:        alle",
        "Form:          Seite und Text",
        "Nachweis:      Double-Opt-in, vollständig",
        "Ausgestellt:   15.07.2025, 06:00:00 Uhr (UTC+02:00)",
    ]
    assert "1. 14.07.2025, 06:00:00 Uhr (UTC+02:00)\n   Anmeldung; angezeigt wurde:\n   | " + WORDING in text
    assert "   aus dem Netz 192.0.2.0/24" in lines
    assert f"   Prüfsumme {hashlib.sha256(WORDING.encode()).hexdigest()}" in lines
    assert "   | bitte bestätigen Sie: https://example.org/b/…" in lines
    assert "   Message-ID <bestaetigung.1@example.org>" in lines
    assert "3. 14.07.2025, 08:00:00 Uhr (UTC+02:00)\n   Bestätigt durch den Link" in text
    assert "   aus dem Netz 198.51.100.0/24" in lines


def test_what_is_missing_is_said(sqlite: Database) -> None:
    sign_up(sqlite)
    assert "Double-Opt-in, es fehlt die Bestätigungsmail und die Bestätigung" in record(sqlite)
    confirmed(sqlite, "bert@example.org")
    text = proof.written(sqlite, "bert@example.org", BERLIN, NOW)
    assert text
    assert "es fehlt die Bestätigungsmail\n" in text


def test_an_old_consent_does_not_complete_a_new_sign_up(sqlite: Database) -> None:
    whole_consent(sqlite)
    subscribers.end(sqlite, KEYS, known(sqlite).id, State.UNSUBSCRIBED, NOW, "link")
    assert "Nachweis:      Double-Opt-in, vollständig" in record(sqlite)
    sign_up(sqlite, now=NOW + DAY)
    assert "es fehlt die Bestätigungsmail und die Bestätigung" in record(sqlite)


def test_what_an_operator_answers_for(database: Database) -> None:
    assert subscribers.add(database, KEYS, SignUp(ANNA, ("eu-ai-act",), True), "Vertrag vom 1.7.", NOW)
    text = record(database)
    assert "Themen:        eu-ai-act\nForm:          nur Text\n" in text
    assert "Nachweis:      Angabe des Betreibers, kein Double-Opt-in\n" in text
    assert "Vom Betreiber eingetragen; angegebene Grundlage:\n   | Vertrag vom 1.7." in text
    sign_up(database, "bert@example.org")
    assert subscribers.confirm_by_hand(database, KEYS, "Bert@example.org", " per Telefon ", NOW)
    by_hand = proof.written(database, "bert@example.org", BERLIN, NOW)
    assert by_hand
    assert "von Hand bestätigt; angegebene Grundlage:\n   | per Telefon" in by_hand


def test_every_state_and_kind_has_german_words(sqlite: Database) -> None:
    for number, state in enumerate(s for s in State if s != State.ERASED):
        email = f"a{number}@example.org"
        brought_to(sqlite, state, email)
        text = proof.written(sqlite, email, BERLIN, NOW)
        assert text
        assert f"\n   {state.value}" not in text


def test_of_the_unknown_and_the_erased_there_is_no_record(sqlite: Database) -> None:
    brought_to(sqlite, State.ERASED)
    assert proof.written(sqlite, ANNA, BERLIN, NOW) is None
    assert proof.written(sqlite, "bert@example.org", BERLIN, NOW) is None


def test_everything_kept_on_a_person(database: Database) -> None:
    whole_consent(database)
    id_ = known(database).id
    with database.writing() as connection:
        connection.execute(
            insert(tables.delivery).values(
                week="2025-W28", subscriber_id=id_, state="sent", not_before=NOW, changed=NOW, reason="250 ok"
            )
        )
        connection.execute(
            insert(tables.outbox).values(
                recipient=ANNA, message="Grüße".encode(), created=NOW, not_before=NOW
            )
        )
    data = personal_data.kept(database, KEYS, "ANNA@example.org")
    assert data == json.loads(json.dumps(data))
    assert data
    assert data["subscriber"] == {
        "id": id_, "state": "confirmed", "topics": [], "text_only": False,
        "created": "2025-07-14T04:00:00+00:00", "confirmed_at": "2025-07-14T06:00:00+00:00", "left_at": None,
        "confirm_until": "2025-07-21T04:00:00+00:00", "soft_bounces": 0,
    }  # fmt: skip
    assert [event["kind"] for event in data["history"]] == ["signup", "asked", "confirmed"]
    assert [(row["week"], row["state"], row["reason"]) for row in data["deliveries"]] == [
        ("2025-W28", "sent", "250 ok")
    ]
    assert [mail["message"] for mail in data["waiting_mails"]] == ["Grüße"]
    assert data["suppression"] is None


def test_every_column_on_a_person_is_handed_over(sqlite: Database) -> None:
    """A new column must be handed over too, or be named here with the reason it is not."""
    whole_consent(sqlite)
    data = personal_data.kept(sqlite, KEYS, ANNA)
    assert data
    internal = {"confirm_hash", "email"}  # the hash of a secret of ours; the address stands above
    assert set(data["subscriber"]) == {column.name for column in tables.subscriber.columns} - internal
    internal = {"id", "subscriber_id"}
    assert set(data["history"][0]) == {column.name for column in tables.consent.columns} - internal


def test_of_the_erased_only_the_suppression_is_left(database: Database) -> None:
    brought_to(database, State.ERASED)
    data = personal_data.kept(database, Keys((b"n" * 64, *KEYS.every)), ANNA)
    assert data
    assert (data["subscriber"], data["history"], data["suppression"]["reason"]) == (None, [], "unsubscribed")
    assert personal_data.kept(database, KEYS, "bert@example.org") is None


def test_confirming_by_hand_only_the_pending(database: Database) -> None:
    for number, state in enumerate(State):
        email = f"a{number}@example.org"
        brought_to(database, state, email)
        done = subscribers.confirm_by_hand(database, KEYS, email, "Grund", NOW)
        assert done == (state == State.PENDING)
