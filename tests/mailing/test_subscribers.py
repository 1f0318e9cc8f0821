"""Who reads the issue: every state, every way between them, and what stays of whoever is forgotten."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reader_cases import (
    ANNA,
    DAY,
    HOUR,
    KEYS,
    NOW,
    WORDING,
    brought_to,
    confirmed,
    known,
    leave_token,
    sign_up,
    state,
)
from sqlalchemy import String, Table, Text, func, insert, select

from archive import delivery_tables as tables
from archive.database import Database
from lagebrief.errors import InputError
from mailing import subscribers, tokens
from mailing.keys import Keys
from mailing.subscribers import SignUp, State

TABLES = (
    tables.subscriber,
    tables.consent,
    tables.suppression,
    tables.issue_mail,
    tables.delivery,
    tables.outbox,
)
ENDED = (State.UNSUBSCRIBED, State.BOUNCED, State.COMPLAINED)


def count(database: Database, table: Table, *where: Any) -> int:
    with database.reading() as connection:
        return connection.execute(select(func.count()).select_from(table).where(*where)).scalar_one()


def consents(database: Database) -> list[Any]:
    with database.reading() as connection:
        return list(connection.execute(select(tables.consent).order_by(tables.consent.c.id)))


# Signing up and confirming


def test_the_way_from_sign_up_to_confirmed(database: Database) -> None:
    token = sign_up(
        database, " Anna@Example.ORG ", topics=("eu-ai-act",), text_only=True, network="192.0.2.0/24"
    )
    assert token
    waiting = known(database)
    assert (waiting.email, waiting.state, waiting.topics, waiting.text_only) == (
        ANNA,
        State.PENDING,
        ("eu-ai-act",),
        True,
    )
    assert subscribers.awaits(database, token, NOW)
    subscribers.asked(
        database, token, f"Bitte bestätigen: https://example.org/b/{token}", "<m1@example.org>", NOW
    )
    assert subscribers.confirm(database, KEYS, token, NOW + HOUR, "192.0.2.0/24")
    assert (state(database), known(database).confirmed_at) == (State.CONFIRMED, NOW + HOUR)
    rows = consents(database)
    assert [row.kind for row in rows] == ["signup", "asked", "confirmed"]
    assert (rows[0].text, rows[0].network, rows[1].message_id) == (
        WORDING,
        "192.0.2.0/24",
        "<m1@example.org>",
    )
    assert token not in "".join(row.text for row in rows)


def test_a_token_confirms_once(database: Database) -> None:
    token = sign_up(database)
    assert token
    assert subscribers.confirm(database, KEYS, token, NOW)
    assert not subscribers.awaits(database, token, NOW)
    assert not subscribers.confirm(database, KEYS, token, NOW)
    assert len(consents(database)) == 2


def test_a_token_ends_after_seven_days(database: Database) -> None:
    token = sign_up(database)
    assert token
    assert subscribers.awaits(database, token, NOW + 7 * DAY - HOUR)
    assert not subscribers.awaits(database, token, NOW + 7 * DAY)
    assert not subscribers.confirm(database, KEYS, token, NOW + 7 * DAY)
    assert state(database) == State.PENDING


@pytest.mark.parametrize("token", ["", "0" * 32, "ÄÖÜ", "\udc80", "x" * 10_000, "\x00"])
def test_an_unknown_token_confirms_nobody(sqlite: Database, token: str) -> None:
    brought_to(sqlite, State.CONFIRMED)
    assert not subscribers.confirm(sqlite, KEYS, token, NOW)
    assert not subscribers.awaits(sqlite, token, NOW)


def test_a_new_sign_up_replaces_token_and_choices(database: Database) -> None:
    first = sign_up(database, topics=("a",))
    second = sign_up(database, now=NOW + HOUR, topics=("b",), text_only=True)
    assert first
    assert second
    assert not subscribers.confirm(database, KEYS, first, NOW)
    assert subscribers.confirm(database, KEYS, second, NOW)
    assert (known(database).topics, known(database).text_only) == (("b",), True)
    assert len(subscribers.every(database)) == 1


def test_proof_for_a_replaced_token_is_let_go(sqlite: Database) -> None:
    first = sign_up(sqlite)
    assert first
    sign_up(sqlite, now=NOW + HOUR)
    subscribers.asked(sqlite, first, "Bitte bestätigen", "<m@example.org>", NOW)
    assert [row.kind for row in consents(sqlite)] == ["signup", "signup"]


@pytest.mark.parametrize("known_state", [State.CONFIRMED, State.COMPLAINED])
def test_no_mail_for_whom_none_may_go_to(database: Database, known_state: State) -> None:
    brought_to(database, known_state)
    before = consents(database)
    assert sign_up(database, topics=("other",)) is None
    assert (state(database), known(database).topics, consents(database)) == (known_state, (), before)


@pytest.mark.parametrize("known_state", [State.PENDING, State.UNSUBSCRIBED, State.BOUNCED, State.ERASED])
def test_others_sign_up_again_and_confirm_anew(database: Database, known_state: State) -> None:
    brought_to(database, known_state)
    token = sign_up(database, now=NOW + HOUR)
    assert token
    assert state(database) == State.PENDING
    assert subscribers.confirm(database, KEYS, token, NOW + HOUR)
    assert (state(database), known(database).left_at) == (State.CONFIRMED, None)
    assert count(database, tables.suppression) == 0


def test_a_complaint_is_known_by_the_row_alone(sqlite: Database) -> None:
    """A key that signed the suppression may be lost."""
    brought_to(sqlite, State.COMPLAINED)
    other = Keys((b"z" * 64,))
    assert subscribers.sign_up(sqlite, other, SignUp(ANNA), WORDING, NOW) is None


def test_one_mail_an_hour_and_three_a_day_for_an_address(database: Database) -> None:
    assert sign_up(database, "carla@example.org")
    assert sign_up(database, "carla@example.org", NOW + 0.9 * HOUR) is None
    assert all(sign_up(database, now=NOW + number * HOUR) for number in range(3))
    assert sign_up(database, now=NOW + 3 * HOUR) is None
    assert sign_up(database, "bert@example.org", NOW + 3 * HOUR)
    assert sign_up(database, now=NOW + DAY)


def test_twenty_sign_ups_a_day_from_a_network(database: Database) -> None:
    network = subscribers.network_of("192.0.2.7")
    for number in range(20):
        assert sign_up(database, f"a{number}@example.org", network=network)
    assert sign_up(database, "b@example.org", network=network) is None
    assert subscribers.find(database, "b@example.org") is None  # nothing of it is kept
    assert sign_up(database, "b@example.org", network="198.51.100.0/24")
    assert sign_up(database, "c@example.org", NOW + DAY, network=network)


def test_sign_ups_without_a_network_share_no_limit(sqlite: Database) -> None:
    assert all(sign_up(sqlite, f"a{number}@example.org") for number in range(21))


# Leaving


@pytest.mark.parametrize("how", ENDED)
def test_leaving_suppresses_the_address(database: Database, how: State) -> None:
    id_ = confirmed(database).id
    assert subscribers.end(database, KEYS, id_, how, NOW + DAY, "5.1.1")
    assert (state(database), known(database).left_at) == (how, NOW + DAY)
    assert count(database, tables.suppression, tables.suppression.c.reason == how) == 1
    assert (consents(database)[-1].kind, consents(database)[-1].text) == (how, "5.1.1")
    assert not subscribers.add(database, KEYS, SignUp(ANNA), "Vertrag", NOW)


def test_leaving_twice_changes_nothing(database: Database) -> None:
    token = leave_token(confirmed(database).id)
    subscribers.leave(database, KEYS, token, NOW)
    before = consents(database), known(database)
    subscribers.leave(database, KEYS, token, NOW + DAY)
    assert (consents(database), known(database)) == before
    assert state(database) == State.UNSUBSCRIBED


def test_a_pending_token_dies_with_leaving(sqlite: Database) -> None:
    token = sign_up(sqlite)
    assert token
    subscribers.leave(sqlite, KEYS, leave_token(known(sqlite).id), NOW)
    assert not subscribers.confirm(sqlite, KEYS, token, NOW)


@pytest.mark.parametrize("before", [State.UNSUBSCRIBED, State.BOUNCED])
def test_a_complaint_counts_after_leaving(database: Database, before: State) -> None:
    id_ = brought_to(database, before)
    assert subscribers.end(database, KEYS, id_, State.COMPLAINED, NOW, "abuse")
    assert state(database) == State.COMPLAINED
    assert sign_up(database) is None


@pytest.mark.parametrize("before", ENDED)
def test_whoever_left_does_not_leave_or_bounce_again(sqlite: Database, before: State) -> None:
    id_ = brought_to(sqlite, before)
    assert not subscribers.end(sqlite, KEYS, id_, State.UNSUBSCRIBED, NOW, "")
    assert not subscribers.end(sqlite, KEYS, id_, State.BOUNCED, NOW, "")
    assert state(sqlite) == before
    assert not subscribers.end(sqlite, KEYS, 4711, State.COMPLAINED, NOW, "")


def test_a_foreign_token_ends_nothing(sqlite: Database) -> None:
    id_ = confirmed(sqlite).id
    subscribers.leave(sqlite, KEYS, tokens.token(KEYS, tokens.PREFERENCES, id_), NOW)
    subscribers.leave(sqlite, KEYS, leave_token(id_).upper(), NOW)
    assert state(sqlite) == State.CONFIRMED


# Choices


def test_choices_change_by_their_own_token(database: Database) -> None:
    id_ = confirmed(database).id
    token = tokens.token(KEYS, tokens.PREFERENCES, id_)
    subscribers.choose(database, KEYS, token, ["eu-ai-act"], True, NOW)
    assert (known(database).topics, known(database).text_only) == (("eu-ai-act",), True)
    assert (consents(database)[-1].kind, consents(database)[-1].text) == ("changed", "eu-ai-act; text")
    subscribers.choose(database, KEYS, leave_token(id_), [], False, NOW)
    subscribers.choose(database, KEYS, "?", [], False, NOW)
    assert known(database).topics == ("eu-ai-act",)


@pytest.mark.parametrize("where", [s for s in State if s != State.CONFIRMED])
def test_only_the_confirmed_are_found_and_choose(sqlite: Database, where: State) -> None:
    token = tokens.token(KEYS, tokens.PREFERENCES, brought_to(sqlite, where))
    before = subscribers.every(sqlite), consents(sqlite)
    subscribers.choose(sqlite, KEYS, token, ["x"], True, NOW)
    assert (subscribers.every(sqlite), consents(sqlite)) == before
    assert subscribers.of_token(sqlite, KEYS, tokens.PREFERENCES, token) is None


def test_a_token_leads_to_its_subscriber(sqlite: Database) -> None:
    anna, _ = confirmed(sqlite), confirmed(sqlite, "bert@example.org")
    assert subscribers.of_token(sqlite, KEYS, tokens.LEAVE, leave_token(anna.id)) == anna
    assert subscribers.of_token(sqlite, KEYS, tokens.BOUNCE, leave_token(anna.id)) is None


# Adding with another ground


def test_adding_keeps_the_ground(database: Database) -> None:
    assert subscribers.add(database, KEYS, SignUp(ANNA, ("x",), True), " Vertrag vom 1.7. ", NOW)
    assert (state(database), known(database).confirmed_at) == (State.CONFIRMED, NOW)
    assert [(row.kind, row.text) for row in consents(database)] == [("imported", "Vertrag vom 1.7.")]


@pytest.mark.parametrize("where", State)
def test_nobody_who_is_known_or_suppressed_is_added(database: Database, where: State) -> None:
    brought_to(database, where)
    before = subscribers.every(database)
    assert not subscribers.add(database, KEYS, SignUp(ANNA), "Vertrag", NOW)
    assert subscribers.every(database) == before


def test_adding_needs_a_ground(sqlite: Database) -> None:
    with pytest.raises(InputError, match="--basis"):
        subscribers.add(sqlite, KEYS, SignUp(ANNA), "  ", NOW)


def test_listing_by_state(sqlite: Database) -> None:
    confirmed(sqlite)
    sign_up(sqlite, "bert@example.org")
    assert [one.email for one in subscribers.every(sqlite)] == [ANNA, "bert@example.org"]
    assert [one.email for one in subscribers.every(sqlite, State.PENDING)] == ["bert@example.org"]


# Forgetting

CANARY = "kanarienvogel"
CANARY_NAME = "Kanaria Vogelsang"


def everything(database: Database) -> str:
    """All that the tables of delivery hold, as text."""
    found: list[str] = []
    with database.reading() as connection:
        for table in TABLES:
            for row in connection.execute(select(table)):
                cells = [cell.decode() if isinstance(cell, bytes) else str(cell) for cell in row]
                found.append(f"{table.name}: {cells}")
    return "\n".join(found).lower()


def leave_traces(database: Database, email: str) -> None:
    """Everything that is kept on somebody, in every column that may hold it."""
    token = sign_up(database, email, topics=(CANARY,), network="192.0.2.0/24")
    assert token
    subscribers.asked(database, token, f"Guten Tag {CANARY_NAME}, {email}", f"<{CANARY}@example.org>", NOW)
    assert subscribers.confirm(database, KEYS, token, NOW)
    id_ = known(database, email).id
    with database.writing() as connection:
        connection.execute(
            insert(tables.delivery).values(
                week="2025-W28", subscriber_id=id_, state="sent", attempts=1, not_before=NOW,
                changed=NOW, reason=f"550 <{email}> {CANARY_NAME}",
            )
        )  # fmt: skip
        connection.execute(
            insert(tables.outbox).values(
                recipient=email, message=f"To: {CANARY_NAME} <{email}>".encode(), created=NOW, not_before=NOW
            )
        )


def test_nothing_of_the_person_outlives_erasure(database: Database) -> None:
    email = f"{CANARY}@example.org"
    leave_traces(database, email)
    confirmed(database, "bert@example.org")
    columns = [c for t in TABLES for c in t.columns if isinstance(c.type, String | Text)]
    assert len(columns) > 10  # the search below is not empty
    assert CANARY in everything(database)
    assert subscribers.erase(database, KEYS, f" {email.upper()}", NOW + DAY)
    left = everything(database)
    assert CANARY not in left
    assert CANARY_NAME.lower() not in left
    assert "192.0.2" not in left
    assert count(database, tables.delivery, tables.delivery.c.state == "sent") == 1  # still counted
    assert state(database, "bert@example.org") == State.CONFIRMED
    assert [one.state for one in subscribers.every(database)] == [State.ERASED, State.CONFIRMED]


def test_erasing_the_unknown(sqlite: Database) -> None:
    brought_to(sqlite, State.ERASED)
    assert not subscribers.erase(sqlite, KEYS, ANNA, NOW)
    assert not subscribers.erase(sqlite, KEYS, "bert@example.org", NOW)
    with pytest.raises(InputError):
        subscribers.find(sqlite, "erased:1")


def test_suppression_outlives_erasure_and_new_keys(database: Database) -> None:
    brought_to(database, State.ERASED)
    rotated = Keys((b"n" * 64, *KEYS.every))
    assert not subscribers.add(database, rotated, SignUp(ANNA), "Vertrag", NOW)
    token = subscribers.sign_up(database, rotated, SignUp(ANNA), WORDING, NOW)
    assert token
    assert subscribers.confirm(database, rotated, token, NOW)
    assert count(database, tables.suppression) == 0


def test_a_complaint_outlives_erasure(database: Database) -> None:
    brought_to(database, State.COMPLAINED)
    assert subscribers.erase(database, KEYS, ANNA, NOW)
    assert sign_up(database) is None
    assert sign_up(database, now=NOW + 1000 * DAY) is None


def test_the_erased_are_not_reached_by_old_tokens(sqlite: Database) -> None:
    pending = sign_up(sqlite)
    assert pending
    id_ = known(sqlite).id
    assert subscribers.erase(sqlite, KEYS, ANNA, NOW)
    assert not subscribers.confirm(sqlite, KEYS, pending, NOW)
    subscribers.leave(sqlite, KEYS, leave_token(id_), NOW)
    assert not subscribers.end(sqlite, KEYS, id_, State.COMPLAINED, NOW, "")
    assert [one.state for one in subscribers.every(sqlite)] == [State.ERASED]


# Two at once


def at_once(database: Database, work: Any, times: int = 6) -> list[Any]:
    """What work gives where so many begin together, each with a connection of its own."""
    gate = threading.Barrier(times)

    def one(number: int) -> Any:
        with database.reading():  # the connection is there before the start
            pass
        gate.wait(timeout=30)
        return work(number)

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def test_sign_ups_at_once_leave_one_row(database: Database) -> None:
    tokens_ = at_once(database, lambda _: sign_up(database))
    assert sum(token is not None for token in tokens_) == 1
    assert len(subscribers.every(database)) == 1
    assert sum(bool(token and subscribers.awaits(database, token, NOW)) for token in tokens_) == 1


def test_confirmations_at_once_count_once(database: Database) -> None:
    token = sign_up(database)
    assert token
    assert sum(at_once(database, lambda _: subscribers.confirm(database, KEYS, token, NOW))) == 1
    assert [row.kind for row in consents(database)] == ["signup", "confirmed"]


def test_additions_and_ends_at_once_count_once(database: Database) -> None:
    assert (
        sum(at_once(database, lambda _: subscribers.add(database, KEYS, SignUp(ANNA), "Vertrag", NOW))) == 1
    )
    id_ = known(database).id
    ended = at_once(database, lambda n: subscribers.end(database, KEYS, id_, ENDED[n % 2], NOW, ""))
    assert sum(ended) == 1
    assert count(database, tables.suppression) == 1


# Addresses and networks


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (" Anna@Example.ORG\n", ANNA),
        ("a.b+c@sub.example.org", "a.b+c@sub.example.org"),
        ("anna@müller.example", "anna@xn--mller-kva.example"),
        ("o'neil@example.org", "o'neil@example.org"),
    ],
)
def test_an_address_is_kept_in_one_form(given: str, kept: str) -> None:
    assert subscribers.normal(given) == kept == subscribers.normal(kept)


@pytest.mark.parametrize(
    "given",
    [
        "", "@", "anna", "anna@", "@example.org", "anna@localhost", "a b@example.org", "a..b@example.org",
        ".a@example.org", "anna@example..org", "anna@-example.org", "anna@example-.org", "anna@.org",
        "anna@example.org\r\nBcc: x@example.org", "Anna <anna@example.org>", "a@b@example.org,c@example.org",
        "\u212aarl@example.org", "änna@example.org", "a" * 65 + "@example.org", "a@" + "b." * 130 + "org",
        "erased:1", "a\x00@example.org", "anna@[192.0.2.1]", '"a b"@example.org',
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(given: str) -> None:
    with pytest.raises(InputError, match=r"^that is not a mail address$"):
        subscribers.normal(given)


@given(st.text() | st.from_regex(r"\A[^@]{1,9}@[^@]{1,9}\.[^@]{2,4}\Z"))
def test_any_text_is_one_plain_address_or_none(text: str) -> None:
    try:
        kept = subscribers.normal(text)
    except InputError:
        return
    assert kept.isascii()
    assert kept == subscribers.normal(kept) == kept.lower()
    assert not set(kept) & set(' \r\n\t<>",;:')


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("", ""),
        ("unix", ""),
        ("192.0.2.7:80", ""),
    ],
)
def test_of_an_ip_address_the_network_is_kept(address: str, network: str) -> None:
    assert subscribers.network_of(address) == network
