"""When an issue goes out by itself, and when it does not (D6 of the trust requirements)."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from example_archive import HOUR, Clock, store_and_read_examples

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "mailing"))
from trial import KEYS, Server, hostile

from digest.weeks import BERLIN, Week
from lagebrief import delivery, jobs
from lagebrief.app import App
from lagebrief.errors import InputError
from mailing import outbox, subscribers
from mailing.ledger import Ledger, State
from mailing.settings import MailSettings
from mailing.subscribers import SignUp

WEEK = Week(2025, 28)
MAIL = b"Subject: Bitte\r\n\r\n.\r\nText\r\n"
DUE = dt.datetime(2025, 7, 14, 6, tzinfo=BERLIN)


@pytest.fixture
def server(shared: Path, tmp_path: Path) -> Iterator[Server]:
    with hostile(shared, tmp_path) as running:
        yield running


@pytest.fixture
def ready(app: App, clock: Clock, server: Server) -> App:
    """A draft of KW 28, one reader, and a mail server."""
    mail = MailSettings.model_validate(
        {
            "host": "127.0.0.1",
            "port": server.port,
            "security": "none",
            "from": "brief@example.org",
            "rate": 1000,
        }
        | {"keys": "k" * 40}
    )
    web = app.config.web.model_copy(update={"base_url": "https://brief.example.org"})
    config = app.config.model_copy(update={"mail": mail, "web": web})
    made = replace(app, loaded=replace(app.loaded, config=config))
    clock.now = WEEK.end - HOUR
    store_and_read_examples(made)
    jobs.compose(made, WEEK)
    assert subscribers.add(made.database, KEYS, SignUp("ok@example.net"), "Test", clock.now)
    return made


def received(server: Server) -> int:
    return server.accepted("example.net").total()


def test_an_approved_issue_goes_out_at_its_hour_once(ready: App, clock: Clock, server: Server) -> None:
    jobs.approve(ready, WEEK, "Redaktion")
    clock.now = DUE - dt.timedelta(seconds=1)
    delivery.deliver_due(ready)
    assert received(server) == 0
    clock.now = DUE
    for _ in range(3):
        delivery.deliver_due(ready)
    assert received(server) == 1
    assert jobs.stored_issue(ready, WEEK).state == "sent"


def test_readers_get_the_topics_they_chose(ready: App, clock: Clock, server: Server) -> None:
    chosen = {"ok-china": ("china-ai-rechenzentren",), "ok-eu": ("eu-ai-act",), "ok-none": ("gibt-es-nicht",)}
    for name, topics in chosen.items():
        asked = SignUp(f"{name}@example.net", topics)
        assert subscribers.add(ready.database, KEYS, asked, "Test", clock.now)
    jobs.approve(ready, WEEK, "Redaktion")
    delivery.send(ready, WEEK)
    rows = [json.loads(line) for line in server.log.read_text(encoding="utf-8").splitlines()]
    found = {row["to"][0].partition("@")[0]: row for row in rows}
    assert set(found) == {"ok", "ok-china", "ok-eu"}
    assert found["ok-china"]["size"] < found["ok"]["size"]
    assert "Chinas KI-Rechenzentren" in found["ok-china"]["subject"]
    assert "Chinas" not in found["ok-eu"]["subject"]
    assert Ledger(ready.database, str(WEEK)).counts()[State.SKIPPED] == 1


def test_what_nobody_approved_is_held(ready: App, clock: Clock, server: Server) -> None:
    clock.now = DUE
    delivery.deliver_due(ready)
    assert received(server) == 0
    with pytest.raises(InputError, match="is a draft"):
        delivery.send(ready, WEEK)


def test_or_sent_with_its_mark(ready: App, clock: Clock, server: Server) -> None:
    chosen = ready.config.digest.model_copy(update={"on_missing_approval": "send"})
    config = ready.config.model_copy(update={"digest": chosen})
    clock.now = DUE
    delivery.deliver_due(replace(ready, loaded=replace(ready.loaded, config=config)))
    assert received(server) == 1
    issue = jobs.stored_issue(ready, WEEK)
    assert (issue.state, issue.approved_by) == ("sent", "")
    assert "nicht redaktionell geprüft" in issue.html


def test_a_missed_hour_is_made_up_within_two_days(ready: App, clock: Clock, server: Server) -> None:
    jobs.approve(ready, WEEK, "Redaktion")
    clock.now = DUE + delivery.GRACE
    delivery.deliver_due(ready)
    assert received(server) == 0
    clock.now = DUE + delivery.GRACE - HOUR
    delivery.deliver_due(ready)
    assert received(server) == 1


def test_a_test_goes_to_one_address_and_counts_for_nothing(ready: App, server: Server) -> None:
    assert delivery.send_test(ready, WEEK, "ok-probe@example.net").startswith("250")
    assert server.accepted("example.net") == {"ok-probe@example.net": 1}
    assert jobs.stored_issue(ready, WEEK).state == "draft"


@pytest.mark.parametrize(
    "first",
    [Week(2026, 42), Week(2027, 11), Week(2027, 42), Week(2026, 51)],
    ids=["autumn", "spring", "2027", "53"],
)
def test_hours_follow_one_another_without_gap_over_clock_changes(app: App, first: Week) -> None:
    weeks = [first]
    for _ in range(4):
        weeks.append(weeks[-1].next)
    times = [delivery.sending_time(app, week) for week in weeks]
    assert all(week.end <= time < week.next.end for week, time in zip(weeks, times, strict=True))
    assert {time.astimezone(BERLIN).strftime("%a %H:%M") for time in times} == {"Mon 06:00"}
    assert len(set(times)) == len(times)


def waiting_mails(ready: App, *names: str) -> None:
    for name in names:
        outbox.put(
            ready.database, f"{name}@example.net", b"Subject: Bitte\r\n\r\n.\r\nText\r\n", ready.clock()
        )


def test_waiting_mails_go_out_once(ready: App, server: Server) -> None:
    waiting_mails(ready, "ok1", "ok2")
    assert delivery.send_outbox(ready) == 2
    assert delivery.send_outbox(ready) == 0
    assert set(server.accepted("example.net").values()) == {1}


def test_a_waiting_mail_that_is_put_off_is_tried_again(ready: App, clock: Clock, server: Server) -> None:
    waiting_mails(ready, "temp", "perm", "ok")
    assert delivery.send_outbox(ready) == 1
    assert [mail.recipient for mail in outbox.waiting(ready.database, clock.now + HOUR, 9)] == [
        "temp@example.net"
    ]


def test_without_a_server_mails_go_on_waiting(app: App, clock: Clock) -> None:
    outbox.put(app.database, "ok@example.net", MAIL, clock.now)
    assert delivery.send_outbox(app) == 0
    assert len(outbox.waiting(app.database, clock.now, 9)) == 1
