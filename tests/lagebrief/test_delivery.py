"""When an issue goes out by itself, and when it does not (D6 of the trust requirements)."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from example_archive import HOUR, Clock, store_examples
from mail_servers import Server, hostile, scripted
from program import start

from archive import issues, locks
from digest.weeks import BERLIN, Week
from lagebrief import delivery, jobs
from lagebrief.app import App, opened
from lagebrief.config import Config, load_defaults
from lagebrief.errors import ConfigError, InputError, MailServerError, NothingToDoError, TryAgainError
from mailing import outbox, subscribers, tokens
from mailing.keys import Keys
from mailing.ledger import Ledger
from mailing.settings import MailSettings
from mailing.steps import State
from mailing.subscribers import SignUp

WEEK = Week(2025, 28)
KEYS = Keys((b"k" * 40,))
MAIL = b"Subject: Bitte\r\n\r\n.\r\nText\r\n"
DUE = dt.datetime(2025, 7, 14, 6, tzinfo=BERLIN)


@pytest.fixture
def server(shared: Path, tmp_path: Path) -> Iterator[Server]:
    with hostile(shared, tmp_path) as running:
        yield running


def with_config(app: App, config: Config) -> App:
    return replace(app, loaded=replace(app.loaded, config=config))


def changed(app: App, section: str, **values: object) -> App:
    """The program with other settings in one section."""
    made = getattr(app.config, section).model_copy(update=values)
    return with_config(app, app.config.model_copy(update={section: made}))


def without_readers(app: App) -> None:
    for reader in subscribers.every(app.database):
        subscribers.leave(app.database, KEYS, tokens.token(KEYS, tokens.LEAVE, reader.id), app.clock())


@pytest.fixture(scope="module")
def composed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the draft of KW 28 and one reader."""
    folder = tmp_path_factory.mktemp("composed")
    config = load_defaults().config.model_copy(update={"sources": ()})
    loaded = replace(load_defaults(), config=config, base=folder, data_dir_override=folder / "data")
    with opened(loaded, clock=lambda: WEEK.end - HOUR) as app:
        store_examples(app)
        jobs.analyse(app)
        jobs.compose(app, WEEK)
        assert subscribers.add(app.database, KEYS, SignUp("ok@example.net"), "Test", app.clock())
    return folder / "data"


@pytest.fixture
def ready(place: Path, composed: Path, clock: Clock, server: Server) -> Iterator[App]:
    """A draft of KW 28, one reader, and a mail server."""
    shutil.copytree(composed, place / "data")
    given = {"host": "127.0.0.1", "port": server.port, "security": "none", "from": "brief@example.org"}
    mail = MailSettings.model_validate({**given, "rate": 1000, "keys": "k" * 40})
    defaults = load_defaults()
    web = defaults.config.web.model_copy(update={"base_url": "https://brief.example.org"})
    config = defaults.config.model_copy(update={"sources": (), "mail": mail, "web": web})
    clock.now = WEEK.end - HOUR
    loaded = replace(defaults, config=config, base=place, data_dir_override=place / "data")
    with opened(loaded, clock=clock) as running:
        yield running


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
    with pytest.raises(NothingToDoError, match="is held"):
        delivery.deliver_due(ready)
    assert received(server) == 0
    with pytest.raises(InputError, match="is a draft"):
        delivery.send(ready, WEEK)


def test_or_sent_with_its_mark(ready: App, clock: Clock, server: Server) -> None:
    clock.now = DUE
    delivery.deliver_due(changed(ready, "digest", on_missing_approval="send"))
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


def test_what_was_begun_is_brought_to_an_end_however_late(ready: App, clock: Clock, server: Server) -> None:
    assert subscribers.add(ready.database, KEYS, SignUp("temp@example.net"), "Test", clock.now)
    jobs.approve(ready, WEEK, "Redaktion")
    clock.now = DUE
    delivery.deliver_due(ready)
    assert jobs.stored_issue(ready, WEEK).state == "sending"
    assert subscribers.add(ready.database, KEYS, SignUp("ok-late@example.net"), "Test", clock.now)
    clock.now = dt.datetime.now(dt.UTC) + dt.timedelta(days=30)
    delivery.deliver_due(changed(ready, "mail", first_pause=0.01))
    assert Ledger(ready.database, str(WEEK)).counts() == {State.SENT: 1, State.RETRY: 1}
    assert "ok-late@example.net" not in server.accepted("example.net"), "its readers were counted before"


def test_nobody_to_send_to_is_said_and_nothing_is_begun(ready: App, clock: Clock, server: Server) -> None:
    without_readers(ready)
    clock.now = DUE
    with pytest.raises(InputError, match="nobody to send"):
        delivery.deliver_due(changed(ready, "digest", on_missing_approval="send"))
    jobs.approve(ready, WEEK, "Redaktion")
    with pytest.raises(InputError, match="nobody to send"):
        delivery.deliver_due(ready)
    assert jobs.stored_issue(ready, WEEK).state == "approved"
    assert subscribers.add(ready.database, KEYS, SignUp("ok2@example.net"), "Test", clock.now)
    delivery.deliver_due(ready)
    assert received(server) == 1


def test_without_a_server_nothing_is_begun(ready: App) -> None:
    jobs.approve(ready, WEEK, "Redaktion")
    with pytest.raises(ConfigError, match=r"mail\.host is empty"):
        delivery.send(changed(ready, "mail", host=""), WEEK)
    with pytest.raises(ConfigError, match=r"web\.base_url is empty"):
        delivery.send(changed(ready, "web", base_url=""), WEEK)
    assert jobs.stored_issue(ready, WEEK).state == "approved"


def test_until_the_first_try_a_wrong_sender_can_be_mended(ready: App, server: Server) -> None:
    jobs.approve(ready, WEEK, "Redaktion")
    wrong = changed(ready, "mail", port=1, from_="Falsch <falsch@example.com>")
    with pytest.raises(MailServerError):
        delivery.send(wrong, WEEK)
    assert delivery.send(ready, WEEK).counts == {State.SENT: 1}
    (row,) = [json.loads(line) for line in server.log.read_text(encoding="utf-8").splitlines()]
    assert row["message_id"].endswith("@example.org>")


def test_an_issue_of_an_older_version_is_not_begun(ready: App, clock: Clock) -> None:
    draft = jobs.stored_issue(ready, WEEK)
    del draft.content["frozen"]
    assert issues.save_draft(ready.database, draft)
    clock.now = DUE
    with pytest.raises(InputError, match="of an older version"):
        delivery.deliver_due(changed(ready, "digest", on_missing_approval="send"))
    assert jobs.stored_issue(ready, WEEK).state == "draft"


def test_what_failed_is_sent_again_when_asked_and_has_its_time_anew(ready: App, clock: Clock) -> None:
    jobs.approve(ready, WEEK, "Redaktion")
    with scripted({"RCPT": "554 5.5.0 no"}) as server:
        away = changed(ready, "mail", port=server.port)
        (row,) = delivery.send(away, WEEK).failed
        assert jobs.stored_issue(ready, WEEK).state == "sent"
        server.answers["RCPT"] = "451 4.7.1 greylisted"
        clock.now = dt.datetime.now(dt.UTC) + dt.timedelta(days=9)
        assert delivery.resend(away, WEEK, [row.id]) == 1
        assert delivery.send(away, WEEK).counts == {State.RETRY: 1}
        assert jobs.stored_issue(ready, WEEK).state == "sending"
        with pytest.raises(InputError, match="neither uncertain nor failed"):
            delivery.resend(away, WEEK, [row.id])


def test_breaking_off_ends_the_program_with_the_mail_in_hand(ready: App, place: Path) -> None:
    jobs.approve(ready, WEEK, "Redaktion")
    for number in range(30):
        assert subscribers.add(ready.database, KEYS, SignUp(f"ok{number}@example.net"), "Test", ready.clock())
    with scripted() as server:
        config = place / "config.toml"
        config.write_text(
            f'[mail]\nhost = "127.0.0.1"\nport = {server.port}\nsecurity = "none"\nconnections = 1\n'
            'from = "brief@example.org"\n[web]\nbase_url = "https://brief.example.org"\n'
            '[impressum]\npublisher = "P"\naddress = "A"\nresponsible = "R"\nemail = "e@example.org"\n'
        )
        server.go_on.clear()
        process = start(
            *("--config", config, "--data-dir", "data", "digest", "send", str(WEEK)),
            env={"LAGEBRIEF_MAIL__KEYS": "k" * 40},
        )
        assert server.named.wait(30), process.communicate(timeout=5)
        process.send_signal(signal.SIGINT)
        server.go_on.set()
        process.communicate(timeout=30)
        assert process.returncode not in (0, None)
        assert len(server.mails) <= 1
    counts = Ledger(ready.database, str(WEEK)).counts()
    assert counts.keys() <= {State.SENT, State.QUEUED}, "nothing is left claimed"
    assert counts[State.QUEUED] >= 30


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


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York", "Asia/Tokyo", "Europe/Berlin"])
@pytest.mark.parametrize(("weekday", "time"), [("mon", "06:00"), ("sun", "20:00"), ("tue", "00:30")])
def test_the_hour_is_the_one_that_was_set_wherever_that_is(
    app: App, clock: Clock, monkeypatch: pytest.MonkeyPatch, zone: str, weekday: str, time: str
) -> None:
    chosen = changed(changed(app, "digest", weekday=weekday, time=time), "app", timezone=zone)
    chosen = changed(chosen, "mail", host="127.0.0.1")
    asked: list[Week] = []
    monkeypatch.setattr(delivery, "_deliver", lambda _app, week: asked.append(week))
    due = delivery.sending_time(chosen, WEEK)
    assert due.strftime("%a %H:%M").lower() == f"{weekday} {time}"
    assert WEEK.end <= due < WEEK.next.end
    for moment, is_due in (
        (due - dt.timedelta(seconds=1), False),
        (due, True),
        (due + delivery.GRACE - dt.timedelta(seconds=1), True),
        (due + delivery.GRACE, False),
    ):
        clock.now = moment
        asked.clear()
        delivery.deliver_due(chosen)
        assert (WEEK in asked) == is_due, moment


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


def test_what_is_about_us_waits_and_what_is_lost_is_told(
    ready: App, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    waiting_mails(ready, "perm", "policy", "ok")
    assert delivery.send_outbox(ready) == 0
    later = outbox.waiting(ready.database, clock.now + HOUR, 9)
    assert [mail.recipient for mail in later] == ["policy@example.net", "ok@example.net"]
    assert "refused for good and is dropped: 550 5.1.1" in caplog.text
    assert "refuses us" in caplog.text
    assert "@example" not in caplog.text


def test_a_server_that_shuts_down_is_left_alone(ready: App, clock: Clock, server: Server) -> None:
    waiting_mails(ready, "rate", "ok")
    assert delivery.send_outbox(ready) == 0
    assert received(server) == 0
    assert delivery.send_outbox(ready) == 1


def test_who_left_gets_no_waiting_mail(ready: App, clock: Clock) -> None:
    waiting_mails(ready, "ok")
    without_readers(ready)
    assert outbox.waiting(ready.database, clock.now, 9) == []


def test_two_programs_do_not_send_waiting_mails_at_once(ready: App, server: Server) -> None:
    waiting_mails(ready, "ok")
    with locks.alone(ready.database, "outbox"), pytest.raises(TryAgainError):
        delivery.send_outbox(ready)
    assert received(server) == 0
    assert delivery.send_outbox(ready) == 1


def test_without_a_server_mails_go_on_waiting(app: App, clock: Clock) -> None:
    outbox.put(app.database, "ok@example.net", MAIL, clock.now)
    assert delivery.send_outbox(app) == 0
    assert len(outbox.waiting(app.database, clock.now, 9)) == 1
