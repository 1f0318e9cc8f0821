"""An issue through a real Postfix: encrypted, taken, passed on, and read back as a reader's program would."""

from __future__ import annotations

import email
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from relay import GREYLISTED, Relay
from test_sending import readers, run_of, settings_for
from trial import KEYS, WEEK

from archive import migrate
from archive.database import Database
from lagebrief.errors import MailServerError
from mailing import dispatch, tokens
from mailing.ledger import Ledger
from mailing.steps import State


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'archive.db'}")
    migrate.ensure(opened)
    yield opened
    opened.close()


def test_every_reader_gets_a_whole_mail_over_an_encrypted_connection(
    relay: Relay, archive: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(relay.certificate))
    # One is put off in the middle: those after it on the same connection get theirs, whole.
    readers(archive, "leser0", GREYLISTED.partition("@")[0], *(f"leser{number}" for number in range(1, 5)))
    ledger = Ledger(archive, WEEK)
    dispatch.queue(archive, WEEK)
    settings = settings_for(
        relay.port, host="localhost", security="starttls", list_id="L <l.example.org>", first_pause=600
    )
    told = run_of(archive, ledger, settings).work()
    assert told == {State.SENT: 5, State.RETRY: 1}
    mails = [email.message_from_bytes(raw, policy=default) for raw in relay.arrived(5)]
    assert {str(mail["To"]) for mail in mails} == {f"leser{number}@example.net" for number in range(5)}
    for mail in mails:
        assert isinstance(mail, EmailMessage)
        assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
        token = str(mail["Message-ID"]).partition(".")[2].partition("@")[0]
        number = tokens.subscriber_of(KEYS, tokens.BOUNCE, token)
        assert number
        leave = tokens.token(KEYS, tokens.LEAVE, number)
        assert f"/abmelden/{leave}>" in mail["List-Unsubscribe"]
        assert any("with ESMTPS" in str(step) for step in mail.get_all("Received"))


def test_a_server_nobody_vouches_for_gets_nothing(relay: Relay, archive: Database) -> None:
    readers(archive, "leser")
    ledger = Ledger(archive, WEEK)
    dispatch.queue(archive, WEEK)
    settings = settings_for(relay.port, host="localhost", security="starttls")
    with pytest.raises(MailServerError, match="certificate"):
        run_of(archive, ledger, settings).work()
    assert ledger.counts() == {State.QUEUED: 1}
