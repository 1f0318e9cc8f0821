import datetime as dt
import email
import re
from dataclasses import replace
from email.message import EmailMessage
from email.policy import default

import pytest

from mailing.confirmation import Confirmation, Request, confirmation
from mailing.settings import MailSettings

SETTINGS = MailSettings(from_="Lagebrief Köln <brief@example.org>", reply_to="redaktion@example.org")
LINK = "https://brief.example.org/bestaetigen/0123456789abcdef0123456789abcdef"
REQUEST = Request(
    "leserin@example.org",
    "Lagebrief",
    LINK,
    ["Chinas KI-Rechenzentren", "EU AI Act"],
    False,
    "192.0.2.0/24",
    dt.datetime(2025, 7, 14, 4, 5, tzinfo=dt.UTC),
    ["Haus Beispiel", "Weg 1, 10115 Berlin"],
)


def parsed(made: Confirmation) -> EmailMessage:
    message = email.message_from_bytes(made.message, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def body(made: Confirmation, kind: str) -> str:
    part = parsed(made).get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_headers_read_back() -> None:
    message = parsed(confirmation(REQUEST, SETTINGS))
    assert message["From"] == "Lagebrief Köln <brief@example.org>"
    assert message["To"] == "leserin@example.org"
    assert message["Reply-To"] == "redaktion@example.org"
    assert message["Subject"] == "Bitte bestätigen Sie Ihre Anmeldung: Lagebrief"
    assert message["Date"].datetime == REQUEST.at
    assert message["Auto-Submitted"] == "auto-generated"
    assert re.fullmatch(r"<confirm\.[0-9a-f]{32}@example\.org>", message["Message-ID"])
    assert message["Precedence"] is None
    assert message["List-Unsubscribe"] is None
    assert len(message.items()) == len({name for name, _ in message.items()})


def test_the_same_sign_up_gives_the_same_bytes() -> None:
    first, again = confirmation(REQUEST, SETTINGS), confirmation(REQUEST, SETTINGS)
    assert first == again
    other = confirmation(replace(REQUEST, link=LINK + "0"), SETTINGS)
    assert other.message_id != first.message_id
    assert LINK[-32:] not in first.message_id


def test_both_parts_tell_who_what_and_when() -> None:
    made = confirmation(REQUEST, SETTINGS)
    for kind in ("plain", "html"):
        part = body(made, kind)
        for word in (
            LINK,
            "14. Juli 2025 um 06:05 Uhr",
            "192.0.2.0/24",
            "EU AI Act",
            "Waren Sie das nicht?",
            "innerhalb von 7 Tagen",
            "Haus Beispiel",
        ):
            assert word in part, (kind, word)
        assert part.count("http") == 1  # the one link: no picture, no counting, no advertising
    assert body(made, "plain") == made.text


def test_lines_are_short_and_end_in_crlf() -> None:
    made = confirmation(replace(REQUEST, email="a" * 64 + "@" + "b" * 60 + ".example.org"), SETTINGS)
    raw = made.message
    assert raw.isascii()
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    assert max(map(len, raw.split(b"\r\n"))) < 250  # the address alone cannot be broken
    assert max(map(len, made.text.splitlines())) <= 78


@pytest.mark.parametrize("title", ["Brief\r\nBcc: x@example.org", "<b>Brief</b>", "Brief\u202e\x00"])
def test_a_title_stays_a_title(title: str) -> None:
    made = confirmation(replace(REQUEST, title=title, topics=["<i>Thema</i>"]), SETTINGS)
    assert parsed(made)["Bcc"] is None
    assert "<b>" not in body(made, "html")
    assert "<i>" not in body(made, "html")


@pytest.mark.parametrize(
    "address", ["a@example.org\r\nBcc: b@example.org", "a@example.org, b@example.org", "a"]
)
def test_one_recipient(address: str) -> None:
    with pytest.raises(ValueError, match=r"expected one plain address|single line"):
        confirmation(replace(REQUEST, email=address), SETTINGS)


def test_without_a_network_nothing_is_said_of_it() -> None:
    made = confirmation(replace(REQUEST, network="", text_only=True), SETTINGS)
    assert "aus dem Netz" not in made.text
    assert "nur Text" in made.text
