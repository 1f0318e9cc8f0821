"""One connection: whatever a server answers, no mail is doubled, emptied or taken for what it is not."""

from __future__ import annotations

import pytest
from mail_servers import scripted, settings_of
from pydantic import ValidationError

from lagebrief.errors import LostError, MailServerError
from mailing.refusals import Kind
from mailing.settings import MailSettings
from mailing.smtp import Answer, Connection

MAIL = b"Subject: x\r\n\r\nText\r\n"


def send(connection: Connection, to: str = "a@example.net") -> Answer:
    return connection.send("bounce@example.org", to, MAIL)


@pytest.mark.parametrize("greeting", ["250-da\r\n250 PIPELINING", "250 da"], ids=["pipelined", "one by one"])
def test_after_a_refusal_the_next_mail_begins_anew(greeting: str) -> None:
    refused = {"EHLO": greeting, "RCPT": "450 4.2.0 later", "DATA": "554 5.5.1 no valid recipients"}
    with scripted(refused) as server, Connection(settings_of(server)) as connection:
        assert str(send(connection)) == "450 4.2.0 later"
        server.answers |= {"RCPT": "250 ok", "DATA": "354 go"}
        assert send(connection).is_good
    assert server.heard.index("RSET") < server.heard.index("MAIL", server.heard.index("MAIL") + 1)
    assert server.mails == [MAIL]


@pytest.mark.parametrize("refused", ["MAIL", "RCPT"])
def test_a_server_that_asks_for_a_refused_mail_gets_none(refused: str) -> None:
    with scripted({refused: "503 5.5.1 nested"}) as server, Connection(settings_of(server)) as connection:
        assert send(connection).code == 503
        assert not connection.is_open
    assert "." not in server.heard
    assert server.mails == []


def test_an_answer_may_have_no_text() -> None:
    with scripted({"MAIL": "250", ".": "250"}) as server, Connection(settings_of(server)) as connection:
        assert send(connection) == Answer(250, "", ".")


@pytest.mark.parametrize(
    "said", ["250-a\r\n" * 200 + "250 b", "hallo", "999 nein"], ids=["endless", "words", "no code"]
)
def test_what_is_no_answer_ends_the_connection(said: str) -> None:
    with scripted({"MAIL": said}) as server, Connection(settings_of(server)) as connection:
        with pytest.raises(LostError, match="does not speak SMTP") as caught:
            send(connection)
        assert not caught.value.after_dot
        assert not connection.is_open


@pytest.mark.parametrize("said", ["354 go on", "hallo"])
def test_only_a_250_means_that_a_mail_was_taken(said: str) -> None:
    with scripted({".": said}) as server, Connection(settings_of(server)) as connection:
        with pytest.raises(LostError) as caught:
            send(connection)
        assert caught.value.after_dot


@pytest.mark.parametrize(
    ("to", "said", "kind"),
    [
        ("RCPT", "550 5.1.1 unknown", Kind.HARD),
        ("RCPT", "550 user unknown", Kind.HARD),
        ("RCPT", "550 5.2.1 mailbox disabled", Kind.SOFT),
        ("RCPT", "550 relay not permitted", Kind.REFUSED),
        ("RCPT", "550 5.1.8 sender domain not found", Kind.REFUSED),
        ("RCPT", "554 5.7.1 denied", Kind.REFUSED),
        ("RCPT", "550 mailbox unavailable", Kind.HARD),
        ("RCPT", "550 Account a.b@example.net does not exist", Kind.HARD),
        ("RCPT", "550 No such user in this domain", Kind.HARD),
        ("RCPT", "550 Reverse DNS entry for 192.0.2.1 does not exist", Kind.REFUSED),
        ("RCPT", "550 HELO name does not exist", Kind.REFUSED),
        ("RCPT", "550 Your PTR record does not exist", Kind.REFUSED),
        ("RCPT", "550 Mailbox unavailable. Your IP is in the RBL", Kind.REFUSED),
        ("RCPT", "550 5.1.0 mailbox unavailable, IP 192.0.2.1 has no rDNS", Kind.REFUSED),
        ("RCPT", "550 The domain example.org does not exist", Kind.REFUSED),
        ("RCPT", "550 5.1.1 the host behind said: 550 5.7.1 blocked", Kind.REFUSED),
        ("RCPT", "451 4.7.1 greylisted", Kind.SOFT),
        ("MAIL", "550 5.1.1 unknown", Kind.REFUSED),
        ("MAIL", "553 no", Kind.REFUSED),
        ("MAIL", "451 4.3.0 later", Kind.SOFT),
        (".", "550 rejected as spam", Kind.REFUSED),
        (".", "550 5.1.1 unknown", Kind.SOFT),
        ("DATA", "554 5.5.1 no valid recipients", Kind.SOFT),
    ],
)
def test_what_a_refusal_means_depends_on_what_was_asked(to: str, said: str, kind: Kind) -> None:
    code, _, text = said.partition(" ")
    assert Answer(int(code), text, to).kind is kind


def test_what_is_kept_of_an_answer_has_no_address() -> None:
    assert str(Answer(550, "5.1.1 <Erika@Example.net>:\r\nuser unknown")) == "550 5.1.1 …: user unknown"


def test_a_refused_password_tells_no_address() -> None:
    with scripted({"AUTH": "535 5.7.8 wrong for brief@example.org"}) as server:
        named = settings_of(server).model_copy(update={"username": "brief"})
        with pytest.raises(
            MailServerError, match=r"mail\.username and its password: 535 5\.7\.8 wrong for …"
        ):
            Connection(named)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"host": "mail..example.org"}, "name or address of a server"),
        ({"host": "mail.example.org", "username": "a", "security": "none"}, "not sent unencrypted"),
        ({"lease": 0.5}, "greater than or equal to 1"),
    ],
)
def test_settings_nobody_can_send_with(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        MailSettings.model_validate(wrong)


def test_on_this_machine_a_password_needs_no_encryption() -> None:
    assert MailSettings.model_validate({"host": "127.0.0.1", "username": "a", "security": "none"})
