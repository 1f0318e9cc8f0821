"""What becomes of each mail, whatever the server answers (D3, D9, D14 of the trust requirements)."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from mail_servers import Server, hostile, scripted
from trial import KEYS, NOW, WEEK

from archive import migrate
from archive.database import Database
from lagebrief.errors import MailServerError, PausedError
from mailing import dispatch, subscribers, tokens
from mailing.frozen import Page, Template, freeze
from mailing.ledger import Ledger
from mailing.sending import Run
from mailing.settings import MailSettings
from mailing.steps import State, Step
from mailing.subscribers import SignUp

PAGE = Page(WEEK, "Lagebrief KW 28", "Ausgabe\n", "<!DOCTYPE html>\n<p>Ausgabe</p>\n<!-- abo -->\n")
Send = Callable[..., Run]


@pytest.fixture
def server(shared: Path, tmp_path: Path) -> Iterator[Server]:
    with hostile(shared, tmp_path) as running:
        yield running


@pytest.fixture
def ledger(database: Database) -> Ledger:
    migrate.ensure(database)
    return Ledger(database, WEEK)


def settings_for(port: int, **changes: object) -> MailSettings:
    given = {
        "host": "127.0.0.1", "port": port, "security": "none", "from": "Lagebrief <brief@example.org>",
        "rate": 100_000, "connections": 1, "lease": 30.0, "first_pause": 0.05, "give_up_after": 0.0003,
    }  # fmt: skip
    return MailSettings.model_validate(given | changes)


def run_of(database: Database, ledger: Ledger, settings: MailSettings, **more: object) -> Run:
    date = dt.datetime(2025, 7, 14, tzinfo=dt.UTC)
    templates = {
        text_only: Template(freeze(PAGE, settings, "https://brief.example.org", date, text_only=text_only))
        for text_only in (False, True)
    }
    clock = lambda: dt.datetime.now(dt.UTC)  # noqa: E731 - the ledger goes by the database's clock
    return Run(database, ledger, settings, KEYS, lambda claim: templates[claim.text_only], clock, **more)  # type: ignore[arg-type]


def readers(database: Database, *names: str) -> None:
    for name in names:
        assert subscribers.add(database, KEYS, SignUp(f"{name}@example.net"), "Test", NOW)


def states(database: Database, ledger: Ledger) -> dict[str, State]:
    addresses = {reader.id: reader.email.partition("@")[0] for reader in subscribers.every(database)}
    return {addresses[row.subscriber_id]: row.state for row in ledger.rows(*State)}


def to_the_end(database: Database, ledger: Ledger, settings: MailSettings) -> None:
    """Run until nothing is open."""
    dispatch.queue(database, ledger.week)
    until = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=20)
    while ledger.next_due() and dt.datetime.now(dt.UTC) < until:
        run_of(database, ledger, settings).work()


def test_every_answer_has_its_end(database: Database, ledger: Ledger, server: Server) -> None:
    ends = {
        "ok": State.SENT, "grey": State.SENT, "temp": State.FAILED, "full": State.FAILED,
        "perm": State.BOUNCED, "datatemp": State.FAILED, "dataperm": State.FAILED,
        "garbage": State.FAILED,
        "dropafterdot": State.UNCERTAIN,
    }  # fmt: skip
    readers(database, *ends, "dropdata")
    to_the_end(database, ledger, settings_for(server.port))
    found = states(database, ledger)
    assert found.pop("dropdata") in (
        State.FAILED,
        State.UNCERTAIN,
    )  # as the hang-up comes before the dot or with it
    assert found == ends
    assert server.accepted("example.net") == {
        f"{name}@example.net": 1 for name in ("ok", "grey", "dropafterdot")
    }
    reader = subscribers.find(database, "perm@example.net")
    assert reader
    assert reader.state == subscribers.State.BOUNCED
    assert all(row.reason for row in ledger.rows(State.FAILED, State.UNCERTAIN, State.BOUNCED))


def test_what_was_sent_is_never_sent_again(database: Database, ledger: Ledger, server: Server) -> None:
    readers(database, "ok1", "ok2", "dropafterdot")
    for _ in range(3):
        to_the_end(database, ledger, settings_for(server.port))
    assert set(server.accepted("example.net").values()) == {1}


def test_an_uncertain_mail_is_sent_again_only_when_asked(
    database: Database, ledger: Ledger, server: Server
) -> None:
    readers(database, "dropafterdot")
    to_the_end(database, ledger, settings_for(server.port))
    (row,) = ledger.rows(State.UNCERTAIN)
    assert dispatch.resend(database, ledger.week, [row.id]) == 1
    to_the_end(database, ledger, settings_for(server.port))
    assert server.accepted("example.net")["dropafterdot@example.net"] == 2


def test_three_refusals_of_us_pause_the_run(database: Database, ledger: Ledger, server: Server) -> None:
    readers(database, *(f"policy{n}" for n in range(5)), "ok")
    dispatch.queue(database, ledger.week)
    with pytest.raises(PausedError, match=r"5\.7\.515"):
        run_of(database, ledger, settings_for(server.port)).work()
    found = states(database, ledger)
    assert [found[f"policy{n}"] for n in range(5)] == [State.RETRY] * 3 + [State.QUEUED] * 2
    assert found["ok"] == State.QUEUED
    assert all(reader.state == subscribers.State.CONFIRMED for reader in subscribers.every(database)), (
        "it is about us"
    )


@pytest.mark.parametrize(
    "answers",
    [
        {"MAIL": "550 5.1.8 sender domain not found"},
        {"RCPT": "550 relay not permitted"},
        {".": "550 rejected as spam"},
    ],
    ids=["at MAIL", "at RCPT", "after the dot"],
)
def test_a_refusal_of_us_ends_no_subscription(
    database: Database, ledger: Ledger, answers: dict[str, str]
) -> None:
    readers(database, *(f"ok{n}" for n in range(4)))
    dispatch.queue(database, ledger.week)
    with scripted(answers) as server, pytest.raises(PausedError):
        run_of(database, ledger, settings_for(server.port, first_pause=600)).work()
    assert ledger.counts() == {State.QUEUED: 1, State.RETRY: 3}
    assert {reader.state for reader in subscribers.every(database)} == {subscribers.State.CONFIRMED}


def test_a_mistake_of_our_own_ends_the_run_loudly(
    database: Database, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers(database, "ok1", "ok2")
    dispatch.queue(database, ledger.week)
    monkeypatch.setattr(Template, "message", lambda *_: 1 // 0)
    with scripted() as server, pytest.raises(ZeroDivisionError):
        run_of(database, ledger, settings_for(server.port, connections=2)).work()


def test_a_server_that_takes_one_connection_gets_all_mails_over_it(
    database: Database, ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    readers(database, *(f"ok{n}" for n in range(90)))
    dispatch.queue(database, ledger.week)
    with scripted() as server:
        server.at_once = 1
        settings = settings_for(server.port, connections=3)
        assert run_of(database, ledger, settings).work()[State.SENT] >= 40
        assert "mail.connections = 3" in caplog.text
        run_of(database, ledger, settings).work()  # what the other two gave back after the first had ended
    assert ledger.counts() == {State.SENT: 90}
    assert len(server.mails) == 90


def test_what_was_taken_is_written_down_before_the_next_is_waited_for(
    database: Database, ledger: Ledger
) -> None:
    readers(database, "ok1", "ok2")
    dispatch.queue(database, ledger.week)
    with scripted() as server:
        run = run_of(database, ledger, settings_for(server.port, rate=4.0))
        running = threading.Thread(target=run.work)
        server.on_recipient = lambda number: server.go_on.clear() if number == 2 else None
        running.start()
        assert server.held.wait(20), "the second mail was not begun"
        assert ledger.counts() == {State.SENT: 1, State.CLAIMED: 1}
        server.go_on.set()
        running.join(20)
    assert ledger.counts() == {State.SENT: 2}


def test_dead_addresses_in_a_row_are_looked_at_by_somebody(database: Database, ledger: Ledger) -> None:
    readers(database, *(f"ok{n}" for n in range(30)))
    dispatch.queue(database, ledger.week)
    with (
        scripted({"RCPT": "550 5.1.1 user unknown"}) as server,
        pytest.raises(PausedError, match="20 addresses"),
    ):
        run_of(database, ledger, settings_for(server.port)).work()
    assert ledger.counts() == {State.BOUNCED: 20, State.QUEUED: 10}


def test_who_is_refused_does_not_keep_others_from_theirs(database: Database, ledger: Ledger) -> None:
    readers(database, *(f"policy{n}" for n in range(3)), *(f"ok{n}" for n in range(5)))
    dispatch.queue(database, ledger.week)
    with scripted({"RCPT": "550 5.7.1 no"}) as server:
        settings = settings_for(server.port, first_pause=0.001)
        with pytest.raises(PausedError):
            run_of(database, ledger, settings).work()
        server.answers["RCPT"] = "250 ok"
        (first, *_) = ledger.claim("somebody", 1, dt.timedelta(minutes=1))
    assert first.email == "ok0@example.net"


def test_421_rests_the_destination_not_the_run(database: Database, ledger: Ledger, server: Server) -> None:
    readers(database, "rate1", "rate2")
    assert subscribers.add(database, KEYS, SignUp("ok@example.com"), "Test", NOW)
    dispatch.queue(database, ledger.week)
    run_of(database, ledger, settings_for(server.port, first_pause=60.0)).work()
    found = states(database, ledger)
    assert (found["rate1"], found["rate2"], found["ok"]) == (State.RETRY, State.RETRY, State.SENT)
    (second,) = [row for row in ledger.rows(State.RETRY) if "asked for a rest" in row.reason]
    assert second.attempts <= 1


def test_who_leaves_during_the_run_gets_nothing(database: Database, ledger: Ledger, server: Server) -> None:
    readers(database, *(f"ok{n}" for n in range(12)))
    dispatch.queue(database, ledger.week)
    sent: list[int] = []

    def leave(count: int) -> None:
        sent.append(count)
        if len(sent) == 5:
            reader = subscribers.find(database, "ok9@example.net")
            assert reader
            subscribers.leave(database, KEYS, tokens.token(KEYS, tokens.LEAVE, reader.id), NOW)

    run_of(database, ledger, settings_for(server.port), on_progress=leave).work()
    to_the_end(database, ledger, settings_for(server.port))
    assert "ok9@example.net" not in server.accepted("example.net")
    assert len(server.accepted("example.net")) == 11
    assert states(database, ledger)["ok9"] == State.SKIPPED


def test_a_server_that_is_gone_leaves_every_mail_waiting(database: Database, ledger: Ledger) -> None:
    readers(database, "ok1", "ok2")
    dispatch.queue(database, ledger.week)
    run = run_of(database, ledger, settings_for(1, connections=3))
    with pytest.raises(MailServerError, match="cannot be used"):
        run.work()
    assert not run.stopping.is_set(), "other work of the program goes on"
    assert set(states(database, ledger).values()) == {State.QUEUED}


def test_a_sender_whose_lease_is_over_is_refused(database: Database, ledger: Ledger) -> None:
    readers(database, "ok")
    dispatch.queue(database, ledger.week)
    (late,) = ledger.claim("late", 5, dt.timedelta(0))
    assert ledger.recover() == (1, 0)
    (claim,) = ledger.claim("other", 5, dt.timedelta(minutes=1))
    assert claim.id == late.id
    assert ledger.steps(("late", Step(late.id, State.SENDING))) == set()
    both = (("late", Step(late.id, State.SENDING)), ("other", Step(claim.id, State.SENDING)))
    assert ledger.steps(*both) == {claim.id}
    for state in (State.SENT, State.FAILED):
        ledger.steps(("late", Step(late.id, state)))
    assert ledger.counts() == {State.SENDING: 1}, "nothing that the late one says counts"


def test_one_claims_what_another_has_not(database: Database, ledger: Ledger) -> None:
    readers(database, *(f"ok{n}" for n in range(10)))
    for _ in range(2):
        dispatch.queue(database, ledger.week)
    assert ledger.counts() == {State.QUEUED: 10}
    first = ledger.claim("a", 6, dt.timedelta(minutes=1))
    second = ledger.claim("b", 6, dt.timedelta(minutes=1))
    assert {claim.id for claim in first}.isdisjoint(claim.id for claim in second)
    assert len(first) + len(second) == 10


def test_readers_of_text_get_text(database: Database, ledger: Ledger, server: Server) -> None:
    assert subscribers.add(database, KEYS, SignUp("ok@example.net", text_only=True), "Test", NOW)
    readers(database, "oktoo")
    to_the_end(database, ledger, settings_for(server.port))
    rows = [json.loads(line) for line in server.log.read_text(encoding="utf-8").splitlines()]
    sizes = {row["to"][0].partition("@")[0]: row["size"] for row in rows}
    assert sizes["ok"] < sizes["oktoo"]
