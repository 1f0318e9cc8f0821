"""One mail as bytes: text first, HTML last, headers of one line each."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import unicodedata
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import cast

from lagebrief.errors import ConfigError, InputError
from mailing.settings import MailSettings, mailbox

_PICTURE = re.compile(r"data:image/png;base64,[A-Za-z0-9+/=]+")
_MESSAGE_ID = re.compile(r"<[^\s<>@]+@[^\s<>@]+>", re.ASCII)


@dataclass(frozen=True, slots=True)
class Extra:
    """Further headers of a mail, in ASCII. They are not folded: an address in them stays whole."""

    headers: Mapping[str, str]


def build(
    subject: str,
    text: str,
    html: str | None,
    settings: MailSettings,
    *,
    to: str,
    date: dt.datetime,
    message_id: str,
    extra: Extra | None = None,
) -> bytes:
    """A message with CRLF line ends, the same bytes for the same arguments; of text alone without html.

    date must be aware, message_id is `<local@domain>`. Raises ConfigError without `mail.from`, InputError for
    a recipient, date or id that no mail can carry.
    """
    message = EmailMessage(policy=SMTP)
    for name, value in _headers(subject, settings, to, date, message_id):
        message[name] = value
    message.set_content(text, charset="utf-8", cte="quoted-printable")
    if html is None:
        return _with(message, extra)
    pictures = list(dict.fromkeys(_PICTURE.findall(html)))
    for number, picture in enumerate(pictures):
        html = html.replace(picture, f"cid:{_content_id(message_id, number)}")
    message.add_alternative(html, subtype="html", charset="utf-8", cte="quoted-printable")
    _attach(message, pictures, message_id)
    message.set_boundary(_boundary(message_id))
    return _with(message, extra)


def _with(message: EmailMessage, extra: Extra | None) -> bytes:
    rows = [f"{name}: {one_line(value)}\r\n" for name, value in (extra.headers if extra else {}).items()]
    return "".join(rows).encode("ascii") + message.as_bytes()


def _attach(message: EmailMessage, pictures: Sequence[str], message_id: str) -> None:
    """Pictures of the page as parts beside it (RFC 2387): mail programs do not show data: addresses."""
    page = cast("EmailMessage", list(message.iter_parts())[-1])
    for number, picture in enumerate(pictures):
        content = b64decode(picture.partition(",")[2])
        id_ = f"<{_content_id(message_id, number)}>"
        page.add_related(
            content, "image", "png", cid=id_, disposition="inline", filename=f"bild-{number + 1}.png"
        )
    if pictures:
        page.set_boundary(_boundary(f"{message_id} page"))


def _content_id(message_id: str, number: int) -> str:
    local, _, domain = message_id.strip("<>").partition("@")
    return f"bild{number + 1}.{local}@{domain}"


def one_line(text: str) -> str:
    """A header's text without line breaks, control and direction characters."""
    visible = "".join(c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    return " ".join(visible.split())


def _headers(
    subject: str, settings: MailSettings, to: str, date: dt.datetime, message_id: str
) -> Iterator[tuple[str, str]]:
    if not settings.from_:
        raise ConfigError("mail.from is empty: set the sender, such as 'Lagebrief <brief@example.org>'")
    if date.tzinfo is None:
        raise InputError(f"the date {date.isoformat()} of a mail needs a time zone")
    if not _MESSAGE_ID.fullmatch(message_id):
        raise InputError(f"not a message id: {message_id!r}; expected <local@domain>")
    yield "From", settings.from_
    yield "To", _recipient(to)
    if settings.reply_to:
        yield "Reply-To", settings.reply_to
    yield "Subject", one_line(subject)
    yield "Date", format_datetime(date)
    yield "Message-ID", message_id
    if settings.list_id:
        yield "List-Id", settings.list_id
    yield "Precedence", "bulk"


def _recipient(to: str) -> str:
    try:
        recipient = mailbox(to)
    except ValueError as error:
        raise InputError(f"cannot send to {to!r}: {error}") from error
    if not recipient:
        raise InputError("a mail needs a recipient")
    return recipient


def _boundary(message_id: str) -> str:
    """The same for every build of a message; `=_` cannot occur in a quoted-printable body."""
    return f"=_{hashlib.sha256(message_id.encode()).hexdigest()[:32]}"
