"""The mail that asks whether a sign-up was meant: no advertising, no tracking, one link."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import cache
from zoneinfo import ZoneInfo

from babel.dates import format_datetime as in_words
from jinja2 import Environment, PackageLoader, StrictUndefined

from mailing.message import one_line
from mailing.settings import MailSettings, mailbox
from mailing.subscribers import CONFIRM_WITHIN

_BERLIN = ZoneInfo("Europe/Berlin")
_WHEN = "d. MMMM y 'um' HH:mm 'Uhr'"


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be confirmed. link: the address that confirms; network: where the sign-up came from, or "".

    topics: the names of those chosen. imprint: who publishes, in lines.
    """

    email: str
    title: str
    link: str
    topics: Sequence[str]
    text_only: bool
    network: str
    at: dt.datetime
    imprint: Sequence[str]


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The mail as bytes, with what is kept of it as proof."""

    message: bytes
    message_id: str
    text: str


def confirmation(request: Request, settings: MailSettings) -> Confirmation:
    """The mail for one sign-up; the same bytes for the same arguments.

    It answers nobody and wants no automatic answer (RFC 3834). settings need a sender.
    """
    id_ = _message_id(request.link, settings.from_)
    values = {
        "asked": request,
        "when": in_words(request.at.astimezone(_BERLIN), _WHEN, locale="de"),
        "days": CONFIRM_WITHIN.days,
    }
    text = _environment(escape=False).get_template("confirmation.txt.j2").render(values)
    html = _environment(escape=True).get_template("confirmation.html.j2").render(values)
    return Confirmation(_message(request, settings, id_, text, html), id_, text)


def _message(request: Request, settings: MailSettings, id_: str, text: str, html: str) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"] = settings.from_
    message["To"] = mailbox(request.email)
    if settings.reply_to:
        message["Reply-To"] = settings.reply_to
    message["Subject"] = one_line(f"Bitte bestätigen Sie Ihre Anmeldung: {request.title}")
    message["Date"] = format_datetime(request.at)
    message["Message-ID"] = id_
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text, charset="utf-8", cte="quoted-printable")
    message.add_alternative(html, subtype="html", charset="utf-8", cte="quoted-printable")
    message.set_boundary(f"=_{hashlib.sha256(id_.encode()).hexdigest()[:32]}")
    return message.as_bytes()


def _message_id(link: str, sender: str) -> str:
    """Told by the link alone, and tells nothing of it: the id of a mail stands in logs."""
    told = hashlib.sha256(f"message-id\x00{link}".encode()).hexdigest()[:32]
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    return f"<confirm.{told}@{domain}>"


@cache
def _environment(*, escape: bool) -> Environment:
    return Environment(
        loader=PackageLoader("mailing"),
        autoescape=escape,  # noqa: S701 - off for the text part alone, where there is nothing to escape
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
