"""Reports of mail servers: what they say, of whom, and what follows."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reader_cases import DAY, KEYS, NOW, brought_to, confirmed, known, sign_up, state
from sqlalchemy import insert, select

from archive import delivery_tables as tables
from archive.database import Database
from mailing import bounces, subscribers, tokens
from mailing.bounces import Kind, Outcome, Report
from mailing.keys import Keys
from mailing.subscribers import State

SAMPLES = {path.stem: path for path in (Path(__file__).parent.parent / "data" / "bounces").glob("*.eml")}
TOKEN = tokens.token(KEYS, tokens.BOUNCE, 1)
WEEK = 7 * DAY
KINDS = {
    "arf-abuse": Kind.COMPLAINT,
    "arf-message-id-only": Kind.COMPLAINT,
    "arf-not-spam": None,
    "exchange-not-found": Kind.HARD,
    "exim-user-unknown": Kind.HARD,
    "forwarded-report": None,
    "gmail-no-such-user": Kind.HARD,
    "gmail-unauthenticated": Kind.REFUSED,
    "gmx-policy": Kind.REFUSED,
    "gmx-unknown": Kind.HARD,
    "microsoft-sender-rules": Kind.REFUSED,
    "out-of-office": None,
    "postfix-delayed": None,
    "postfix-delivered": None,
    "postfix-envelope-id": Kind.HARD,
    "postfix-expired": Kind.SOFT,
    "postfix-mailbox-full": Kind.SOFT,
    "postfix-user-unknown": Kind.HARD,
    "read-receipt": None,
    "spam": None,
}


def sample(name: str, token: str = TOKEN) -> bytes:
    return SAMPLES[name].read_bytes().replace(b"TOKEN", token.encode())


def soft(week: str = "2025-W28", token: str = TOKEN) -> Report:
    return Report(Kind.SOFT, token, week, "4.2.2 full")


def got(database: Database, week: str, how: str = "sent") -> None:
    """The ledger's row on an issue for subscriber 1."""
    row = {"week": week, "subscriber_id": 1, "state": how, "not_before": NOW, "changed": NOW}
    with database.writing() as connection:
        connection.execute(insert(tables.delivery).values(**row))


# Reading


def test_every_sample_is_expected() -> None:
    assert sorted(SAMPLES) == sorted(KINDS)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_a_sample_says_what_and_of_whom(name: str, line_end: bytes) -> None:
    report = bounces.read(sample(name).replace(b"\n", line_end))
    assert (report and report.kind) == KINDS[name]
    if report:
        assert report.token == TOKEN
        assert report.week == ("" if name == "postfix-envelope-id" else "2025-W28")
        assert report.diagnostic
        assert not set(report.diagnostic) & set("@\r\n\t")
        assert len(report.diagnostic) <= 300


def test_the_servers_words_stay_readable() -> None:
    report = bounces.read(sample("postfix-user-unknown"))
    assert report
    words = "5.1.1 smtp; 550 5.1.1 …: Recipient address rejected: User unknown in virtual mailbox table"
    assert report.diagnostic.replace("… :", "…:") == words


@pytest.mark.parametrize(
    ("status", "said", "kind"),
    [
        ("5.1.1", "", Kind.HARD),
        ("5.1.2", "", Kind.HARD),
        ("5.1.10", "", Kind.HARD),
        ("5.1.0", "550 sender rejected", Kind.REFUSED),
        ("5.1.0", "550 no such user here", Kind.HARD),
        ("5.1.8", "", Kind.REFUSED),
        ("5.7.1", "", Kind.REFUSED),
        ("4.7.0", "", Kind.REFUSED),
        ("5.2.1", "", Kind.SOFT),
        ("5.2.2", "", Kind.SOFT),
        ("4.1.1", "", Kind.SOFT),
        ("5.3.4", "", Kind.SOFT),
        ("5.0.0", "", Kind.SOFT),
        ("5.0.0", "550 5.7.1 listed", Kind.REFUSED),
        ("5.0.0", "550 User unknown", Kind.HARD),
        ("5.0.0", "554 Your host 5.1.1.7 is blocked", Kind.REFUSED),
        ("4.0.0", "450 mailbox unavailable", Kind.SOFT),
        ("", "550 5.1.1 gone", Kind.HARD),
        ("", "", Kind.SOFT),
        ("nonsense", "\x00\ud83d", Kind.SOFT),
    ],
)
def test_what_a_code_means(status: str, said: str, kind: Kind) -> None:
    text = (
        "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n"
        f"Reporting-MTA: dns; x\n\nAction: failed\nStatus: {status}\nDiagnostic-Code: smtp; {said}\n\n--b--\n"
    )
    report = bounces.read(text.encode(errors="replace"))
    assert report
    assert (report.kind, report.token, report.week) == (kind, "", "")


def test_a_report_inside_a_list_servers_wrapping_is_found() -> None:
    inner = sample("gmx-unknown").partition(b"MIME-Version: 1.0\n")[2].replace(b"=_mout", b"in")
    head = f"To: bounce+{TOKEN}@brief.example.net\nContent-Type: multipart/mixed; boundary=out\n\n--out\n"
    report = bounces.read(head.encode() + inner + b"\n--out\nContent-Type: text/plain\n\nchecked\n--out--\n")
    assert report
    assert (report.kind, report.token) == (Kind.HARD, TOKEN)


def test_parts_in_parts_without_end_are_no_report() -> None:
    deep = b"".join(
        b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (number, number) for number in range(5000)
    )
    assert bounces.read(deep) is None


def test_a_huge_message_is_read_to_where_it_matters() -> None:
    head, end = sample("postfix-user-unknown").rsplit(b"\n--4bF2", 1)
    report = bounces.read(head + b"x" * 76 * 1024 * 1024 + b"\n--4bF2" + end)
    assert report
    assert (report.kind, report.token) == (Kind.HARD, TOKEN)


@given(st.binary())
def test_any_bytes_are_read(raw: bytes) -> None:
    bounces.read(raw)
    bounces.read(b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: " + raw)
    bounces.read(
        b"To: " + raw + b"\nContent-Type: multipart/report; boundary=b\n\n--b\n"
        b"Content-Type: message/delivery-status\n\nA: b\n\nAction: failed\n" + raw + b"\n--b--\n"
    )


@given(
    st.sampled_from(sorted(KINDS)), st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=8)), max_size=6)
)
def test_any_damage_is_read(name: str, damage: list[tuple[float, bytes]]) -> None:
    raw = bytearray(sample(name))
    for where, what in damage:
        place = int(where * len(raw))
        raw[place : place + len(what)] = what
    report = bounces.read(bytes(raw))
    assert report is None or len(report.diagnostic) <= 300


# What follows


@pytest.mark.parametrize("before", [State.PENDING, State.CONFIRMED])
def test_a_dead_address_ends_at_once(database: Database, before: State) -> None:
    brought_to(database, before)
    report = bounces.read(sample("exim-user-unknown"))
    assert report
    assert bounces.apply(database, KEYS, report, NOW) == Outcome.ENDED
    assert state(database) == State.BOUNCED
    assert bounces.apply(database, KEYS, report, NOW) == Outcome.KNOWN


@pytest.mark.parametrize("before", [State.PENDING, State.CONFIRMED, State.UNSUBSCRIBED, State.BOUNCED])
def test_a_complaint_ends_for_ever(database: Database, before: State) -> None:
    brought_to(database, before)
    report = bounces.read(sample("arf-abuse"))
    assert report
    assert bounces.apply(database, KEYS, report, NOW) == Outcome.ENDED
    assert state(database) == State.COMPLAINED
    with database.reading() as connection:
        assert connection.execute(select(tables.suppression.c.reason)).scalars().all() == ["complained"]
    assert sign_up(database, now=NOW + 99 * DAY) is None
    assert bounces.apply(database, KEYS, report, NOW) == Outcome.KNOWN


def test_what_is_about_us_changes_nobody(database: Database) -> None:
    before = confirmed(database)
    for name in ("gmail-unauthenticated", "microsoft-sender-rules", "gmx-policy"):
        report = bounces.read(sample(name))
        assert report
        assert bounces.apply(database, KEYS, report, NOW) == Outcome.REFUSED
    assert known(database) == before
    assert soft_bounces(database) == 0


def soft_bounces(database: Database) -> int:
    with database.reading() as connection:
        return connection.execute(select(tables.subscriber.c.soft_bounces)).scalar_one()


def test_three_issues_in_a_row_and_fourteen_days(database: Database) -> None:
    confirmed(database)
    for number in range(2):
        assert (
            bounces.apply(database, KEYS, soft(f"2025-W{26 + number}"), NOW + number * WEEK)
            == Outcome.COUNTED
        )
    assert bounces.apply(database, KEYS, soft("2025-W28"), NOW + 2 * WEEK - DAY) == Outcome.COUNTED
    assert (state(database), soft_bounces(database)) == (State.CONFIRMED, 3)
    assert bounces.apply(database, KEYS, soft("2025-W29"), NOW + 3 * WEEK) == Outcome.ENDED
    assert state(database) == State.BOUNCED


def test_weekly_issues_end_with_the_third(sqlite: Database) -> None:
    confirmed(sqlite)
    outcomes = [bounces.apply(sqlite, KEYS, soft(f"2025-W{26 + n}"), NOW + n * WEEK) for n in range(3)]
    assert outcomes == [Outcome.COUNTED, Outcome.COUNTED, Outcome.ENDED]


def test_one_issue_counts_once(database: Database) -> None:
    confirmed(database)
    assert bounces.apply(database, KEYS, soft("2025-W28"), NOW) == Outcome.COUNTED
    assert bounces.apply(database, KEYS, soft("2025-W28"), NOW + 2 * DAY) == Outcome.KNOWN
    assert bounces.apply(database, KEYS, soft("2025-W27"), NOW + 3 * DAY) == Outcome.KNOWN  # it comes late
    assert soft_bounces(database) == 1


def test_an_issue_that_arrived_begins_the_row_anew(database: Database) -> None:
    confirmed(database)
    for week in ("2025-W26", "2025-W27", "2025-W28", "2025-W29"):
        got(database, week)
    bounces.apply(database, KEYS, soft("2025-W26"), NOW + DAY)
    bounces.apply(database, KEYS, soft("2025-W28"), NOW + 2 * WEEK)  # W27 arrived
    assert soft_bounces(database) == 1
    assert bounces.apply(database, KEYS, soft("2025-W29"), NOW + 3 * WEEK) == Outcome.COUNTED
    assert soft_bounces(database) == 2


def test_an_issue_that_never_left_does_not(sqlite: Database) -> None:
    confirmed(sqlite)
    bounces.apply(sqlite, KEYS, soft("2025-W26"), NOW)
    got(sqlite, "2025-W27", "failed")
    bounces.apply(sqlite, KEYS, soft("2025-W28"), NOW + 2 * WEEK)
    assert soft_bounces(sqlite) == 2


def test_a_new_confirmation_begins_anew(sqlite: Database) -> None:
    confirmed(sqlite)
    for number in range(3):
        bounces.apply(sqlite, KEYS, soft(f"2025-W{26 + number}"), NOW + number * WEEK)
    assert state(sqlite) == State.BOUNCED
    confirmed(sqlite, now=NOW + 3 * WEEK)
    assert soft_bounces(sqlite) == 0
    assert bounces.apply(sqlite, KEYS, soft("2025-W30"), NOW + 4 * WEEK) == Outcome.COUNTED
    assert soft_bounces(sqlite) == 1


def test_without_a_week_the_last_issue_is_meant(sqlite: Database) -> None:
    confirmed(sqlite)
    got(sqlite, "2025-W27")
    assert bounces.apply(sqlite, KEYS, soft(""), NOW) == Outcome.COUNTED
    assert bounces.apply(sqlite, KEYS, soft("2025-W27"), NOW) == Outcome.KNOWN
    assert (
        bounces.apply(sqlite, KEYS, soft("9999-W99"), NOW) == Outcome.COUNTED
    )  # this week, not the year 9999
    assert bounces.apply(sqlite, KEYS, soft("2025-W30"), NOW + 2 * WEEK) != Outcome.KNOWN


@pytest.mark.parametrize(
    "token",
    [
        "",
        "0" * 40,
        TOKEN[:-1] + ("0" if TOKEN[-1] != "0" else "1"),
        tokens.token(KEYS, tokens.LEAVE, 1),
        tokens.token(Keys((b"x" * 64,)), tokens.BOUNCE, 1),
        tokens.token(KEYS, tokens.BOUNCE, 4711),
    ],
)
@pytest.mark.parametrize("kind", Kind)
def test_a_forged_report_changes_nothing(sqlite: Database, token: str, kind: Kind) -> None:
    before = confirmed(sqlite)
    outcome = bounces.apply(sqlite, KEYS, Report(kind, token, "2025-W28", "5.1.1"), NOW)
    assert outcome != Outcome.ENDED
    assert outcome != Outcome.COUNTED
    assert known(sqlite) == before


@pytest.mark.parametrize("before", [State.UNSUBSCRIBED, State.COMPLAINED, State.ERASED])
@pytest.mark.parametrize("kind", [Kind.HARD, Kind.SOFT])
def test_whoever_left_does_not_bounce(sqlite: Database, before: State, kind: Kind) -> None:
    brought_to(sqlite, before)
    rows = subscribers.every(sqlite)
    assert bounces.apply(sqlite, KEYS, Report(kind, TOKEN, "2025-W28", ""), NOW) == Outcome.KNOWN
    assert subscribers.every(sqlite) == rows
