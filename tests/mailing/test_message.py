import datetime as dt
import email
from base64 import b64encode
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lagebrief.errors import ConfigError, InputError
from mailing.message import build
from mailing.settings import MailSettings

SETTINGS = MailSettings.model_validate(
    {
        "from": "Lagebrief Köln <brief@example.org>",
        "reply_to": "redaktion@example.org",
        "list_id": "Lagebrief <lagebrief.example.org>",
    }
)
DATE = dt.datetime(2025, 7, 14, 6, 0, tzinfo=dt.timezone(dt.timedelta(hours=2)))
SUBJECT = "Lagebrief KW 28: 4 Meldungen zu „Chinas KI-Rechenzentren“"
TEXT = "Zahlen der Woche\n\n115.000\u00a0GPUs – „viel“\n  https://example.org/" + "a" * 1200 + "\n"
HTML = "<!DOCTYPE html>\n<p>Grüße " + "x" * 3000 + "</p>\n"


def made(subject: str = SUBJECT, **changes: object) -> bytes:
    arguments: dict[str, object] = {
        "to": "Leserin <leserin@example.org>",
        "date": DATE,
        "message_id": "<2025-W28.abc@example.org>",
    }
    settings = changes.pop("settings", SETTINGS)
    return build(subject, TEXT, HTML, settings, **(arguments | changes))  # type: ignore[arg-type]


def parsed(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def test_headers_read_back() -> None:
    message = parsed(made())
    assert message["Subject"] == SUBJECT
    assert message["From"] == "Lagebrief Köln <brief@example.org>"
    assert message["To"] == "Leserin <leserin@example.org>"
    assert message["Reply-To"] == "redaktion@example.org"
    assert message["Date"].datetime == DATE
    assert message["Message-ID"] == "<2025-W28.abc@example.org>"
    assert message["List-Id"] == "Lagebrief <lagebrief.example.org>"
    assert message["Precedence"] == "bulk"
    assert message["Auto-Submitted"] is None
    assert message["Bcc"] is None
    assert len(message.items()) == len({name for name, _ in message.items()})


def test_two_parts_text_first() -> None:
    message = parsed(made())
    assert message.get_content_type() == "multipart/alternative"
    plain, rich = message.iter_parts()
    assert [part.get_content_type() for part in (plain, rich)] == ["text/plain", "text/html"]
    assert plain.get_content().replace("\r\n", "\n") == TEXT
    assert rich.get_content().replace("\r\n", "\n") == HTML
    for part in (plain, rich):
        assert part["Content-Transfer-Encoding"] == "quoted-printable"
        assert part.get_content_charset() == "utf-8"


def test_lines_are_short_and_end_in_crlf() -> None:
    raw = made()
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert raw.isascii()


def test_the_same_arguments_give_the_same_bytes() -> None:
    assert made() == made()
    assert made() != made(message_id="<2025-W29.abc@example.org>")


def test_optional_headers_stay_out() -> None:
    message = parsed(made(settings=MailSettings(from_="brief@example.org")))
    assert message["List-Id"] is None
    assert message["Reply-To"] is None


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\u2028", "\x0b", "\x00"])
def test_a_subject_cannot_begin_another_header(break_: str) -> None:
    message = parsed(made(f"Brief{break_}Bcc: all@example.org"))
    assert message["Bcc"] is None
    assert message["Subject"].startswith("Brief")
    assert "Bcc: all@example.org" in message["Subject"]


@given(st.text(max_size=300))
def test_any_subject_makes_a_mail_that_reads_back(subject: str) -> None:
    raw = made(subject)
    header, _, _ = raw.partition(b"\r\n\r\n")
    names = [line.split(b":")[0] for line in header.split(b"\r\n") if not line.startswith((b" ", b"\t"))]
    assert names == [
        b"From", b"To", b"Reply-To", b"Subject", b"Date", b"Message-ID", b"List-Id", b"Precedence",
        b"MIME-Version", b"Content-Type",
    ]  # fmt: skip
    assert max(map(len, raw.split(b"\r\n"))) <= 998


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("to", "leserin"),
        ("to", ""),
        ("to", "a@example.org\r\nBcc: b@example.org"),
        ("to", "a@example.org, b@example.org"),
        ("date", dt.datetime(2025, 7, 14)),  # noqa: DTZ001
        ("message_id", "2025-W28@example.org"),
        ("message_id", "<a b@example.org>"),
        ("message_id", "<a@example.org>\r\nX: y"),
    ],
)
def test_refuses_what_no_mail_can_carry(key: str, value: object) -> None:
    with pytest.raises(InputError):
        made(**{key: value})


def test_a_mail_needs_a_sender() -> None:
    with pytest.raises(ConfigError, match=r"mail\.from"):
        made(settings=MailSettings())


PNG = b"\x89PNG\r\n\x1a\nno picture, but bytes"
PICTURE = f'<img src="data:image/png;base64,{b64encode(PNG).decode()}" alt="Bild">'


def with_picture() -> bytes:
    arguments = {"to": "leserin@example.org", "date": DATE, "message_id": "<2025-W28.abc@example.org>"}
    return build(SUBJECT, TEXT, f"<p>Eins</p>{PICTURE}{PICTURE}", SETTINGS, **arguments)  # type: ignore[arg-type]


def test_a_picture_is_a_part_beside_the_page() -> None:
    message = parsed(with_picture())
    text, related = message.iter_parts()
    assert isinstance(related, EmailMessage)
    page, picture = related.iter_parts()
    assert [part.get_content_type() for part in (text, related, page, picture)] == [
        "text/plain", "multipart/related", "text/html", "image/png",
    ]  # fmt: skip
    assert isinstance(page, EmailMessage)
    assert isinstance(picture, EmailMessage)
    assert picture.get_content() == PNG
    assert page.get_content().count(f"cid:{str(picture['Content-ID']).strip('<>')}") == 2
    assert b"data:" not in with_picture()


def test_a_mail_with_a_picture_is_the_same_each_time() -> None:
    assert with_picture() == with_picture()
    assert max(map(len, with_picture().split(b"\r\n"))) <= 998
