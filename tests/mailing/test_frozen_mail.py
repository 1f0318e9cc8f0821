"""The frozen mail: what is personal in its places, everything else the same for everybody."""

from __future__ import annotations

import datetime as dt
import email
from email.message import EmailMessage
from email.policy import default

import pytest

from lagebrief.errors import ConfigError
from mailing import tokens
from mailing.frozen import SLOT, Page, Template, freeze
from mailing.keys import Keys
from mailing.settings import MailSettings

KEYS = Keys((b"k" * 32,))
SETTINGS = MailSettings.model_validate(
    {"from": "Lagebrief <brief@example.org>", "list_id": "Lagebrief <lagebrief.example.org>"}
)
DATE = dt.datetime(2025, 7, 14, 6, tzinfo=dt.UTC)
PAGE = Page(
    "2025-W28",
    "Lagebrief KW 28: 4 Meldungen zu Chinas KI-Rechenzentren und zum „AI Act“",
    "Lagebrief\n.\n..zwei Punkte\n" + "Zeile äöü\n" * 50,
    f"<!DOCTYPE html>\n<p>Grüße {'x' * 3000}</p>\n.\n{SLOT}\n",
)


def frozen(*, text_only: bool = False) -> bytes:
    return freeze(PAGE, SETTINGS, "https://brief.example.org", DATE, text_only=text_only)


def received(body: bytes) -> EmailMessage:
    """As the other side has it, the doubled dots made single."""
    message = email.message_from_bytes(body.replace(b"\r\n..", b"\r\n."), policy=default)
    assert isinstance(message, EmailMessage)
    return message


def made_out(number: int, address: str) -> EmailMessage:
    return received(Template(frozen()).message(KEYS, number, address))


def test_every_header_of_a_bulk_mail_is_there() -> None:
    message = made_out(7, "leserin@example.net")
    leave, back = (tokens.token(KEYS, purpose, 7) for purpose in (tokens.LEAVE, tokens.BOUNCE))
    assert message["To"] == "leserin@example.net"
    assert message["List-Unsubscribe"] == (
        f"<https://brief.example.org/abmelden/{leave}>, <mailto:abmelden+{leave}@example.org>"
    )
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Message-ID"] == f"<2025-W28.{back}@example.org>"
    assert message["List-Id"] == "Lagebrief <lagebrief.example.org>"
    assert (message["Precedence"], message["Auto-Submitted"]) == ("bulk", "auto-generated")
    assert message["Feedback-ID"] == "2025-W28:ausgabe:lagebrief"
    assert message["Bcc"] is None


def test_both_parts_have_the_readers_own_links() -> None:
    message = made_out(7, "leserin@example.net")
    for purpose, path in ((tokens.LEAVE, "abmelden"), (tokens.PREFERENCES, "einstellungen")):
        link = f"https://brief.example.org/{path}/{tokens.token(KEYS, purpose, 7)}"
        for kind in ("plain", "html"):
            part = message.get_body((kind,))
            assert isinstance(part, EmailMessage)
            assert link in part.get_content()


def test_two_readers_differ_in_their_places_alone() -> None:
    template = Template(frozen())
    first, second = (template.message(KEYS, n, "leser@example.net") for n in (1, 2))
    assert len(first) == len(second)
    for body, number in ((first, 1), (second, 2)):
        for purpose in (tokens.LEAVE, tokens.PREFERENCES, tokens.BOUNCE):
            flat = body.replace(b"=\r\n", b"")
            assert tokens.token(KEYS, purpose, number).encode() in flat
    ours = {
        tokens.token(KEYS, p, n).encode()
        for p in (tokens.LEAVE, tokens.PREFERENCES, tokens.BOUNCE)
        for n in (1, 2)
    }
    plain = []
    for body in (first, second):
        flat = body.replace(b"=\r\n", b"")
        for token in ours:
            flat = flat.replace(token, b"")
        plain.append(flat)
    assert plain[0] == plain[1]


def test_lines_are_short_and_single_dots_survive() -> None:
    body = Template(frozen()).message(KEYS, 1, "leser@example.net")
    assert max(map(len, body.split(b"\r\n"))) <= 998
    assert b"\r\n.\r\n" not in body
    text = received(body).get_body(("plain",))
    assert isinstance(text, EmailMessage)
    assert text.get_content().splitlines()[1:3] == [".", "..zwei Punkte"]


def test_a_mail_of_text_alone_has_no_page() -> None:
    message = received(Template(frozen(text_only=True)).message(KEYS, 1, "leser@example.net"))
    assert message.get_content_type() == "text/plain"
    assert "abmelden/" in message.get_content()


def test_it_is_the_same_each_time() -> None:
    assert frozen() == frozen()


def test_without_an_address_to_leave_by_nothing_is_sent() -> None:
    with pytest.raises(ConfigError, match="base_url"):
        freeze(PAGE, SETTINGS, "", DATE, text_only=False)
