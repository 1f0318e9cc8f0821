"""An issue's mail made once: bytes with places for the few that differ from reader to reader.

Building each message anew costs milliseconds; putting a token into its place costs none. All tokens have one
length, so no line changes its length; where quoted-printable broke a line inside a place, the token is
broken there too.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import escape

from lagebrief.errors import ConfigError
from mailing import tokens
from mailing.keys import Keys
from mailing.message import Extra, build
from mailing.settings import MailSettings

SLOT = "<!-- abo -->"  # where the page of an issue takes in the links of a subscriber
_TO = "platzhalter@empfaenger.invalid"
_MARKS = {
    purpose: hashlib.sha256(f"place of {purpose}".encode()).hexdigest()[: tokens.LENGTH]
    for purpose in (tokens.LEAVE, tokens.PREFERENCES, tokens.BOUNCE)
}
_SOFT_BREAK = b"=\r\n"


@dataclass(frozen=True, slots=True)
class Page:
    """What is mailed: an approved issue's kept subject, text and page."""

    week: str
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a value goes; breaks: after how many of its characters the line is broken."""

    purpose: str
    breaks: tuple[int, ...]


def freeze(page: Page, settings: MailSettings, base_url: str, date: dt.datetime, *, text_only: bool) -> bytes:
    """The mail with marks in its places. The same arguments give the same bytes.

    Raises ConfigError without what every such mail must have: a sender, and an address to leave by.
    """
    if not base_url:
        raise ConfigError("web.base_url is empty: without it no reader could unsubscribe")
    domain = settings.domain
    leave = f"{base_url}/abmelden/{_MARKS[tokens.LEAVE]}"
    choose = f"{base_url}/einstellungen/{_MARKS[tokens.PREFERENCES]}"
    read = f"{base_url}/ausgaben/{page.week}"
    headers = {
        "List-Unsubscribe": f"<{leave}>, <mailto:abmelden+{_MARKS[tokens.LEAVE]}@{domain}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Archive": f"<{base_url}/ausgaben>",
        "Feedback-ID": f"{page.week}:ausgabe:lagebrief",
        "Auto-Submitted": "auto-generated",
    }
    return build(
        page.subject,
        f"{page.text.rstrip()}\n\n{_text_links(leave, choose, read)}",
        None if text_only else page.html.replace(SLOT, _page_links(leave, choose, read)),
        settings,
        to=_TO,
        date=date,
        message_id=f"<{page.week}.{_MARKS[tokens.BOUNCE]}@{domain}>",
        extra=Extra(headers),
    )


def _text_links(leave: str, choose: str, read: str) -> str:
    rows = (("Abmelden", leave), ("Einstellungen", choose), ("Im Browser lesen", read))
    return "\n".join(f"{name}:\n  {url}" for name, url in rows) + "\n"


def _page_links(leave: str, choose: str, read: str) -> str:
    rows = (("Abmelden", leave), ("Einstellungen ändern", choose), ("Im Browser lesen", read))
    style = "color:#5a5d64;text-decoration:underline;"
    links = " · ".join(
        f'<a href="{escape(url)}" class="muted" style="{style}">{name}</a>' for name, url in rows
    )
    why = "Sie bekommen diesen Brief, weil Sie ihn bestellt haben."
    return f'<p class="muted" style="margin:20px 0 0 0;">{why} {links}</p>'


def stuffed(message: bytes) -> bytes:
    """With the dots doubled that begin a line, as SMTP asks for (RFC 5321, 4.5.2)."""
    return message.replace(b"\r\n.", b"\r\n..")


class Template:
    """A frozen mail, ready to be made out to readers. sign: puts a signature before a mail."""

    def __init__(self, body: bytes, sign: Callable[[bytes], bytes] | None = None) -> None:
        self._sign = sign
        self._parts = list(_parts(body if sign else stuffed(body)))

    def message(self, keys: Keys, subscriber_id: int, email: str) -> bytes:
        """The mail to one reader, as it goes over the wire before the final dot."""
        values = {purpose: tokens.token(keys, purpose, subscriber_id).encode() for purpose in _MARKS}
        values["to"] = email.encode()
        message = b"".join(_filled(part, values) for part in self._parts)
        return stuffed(self._sign(message)) if self._sign else message


def _parts(body: bytes) -> Iterator[bytes | _Place]:
    position = 0
    for found in sorted(_found(body), key=lambda pair: pair[1].start()):
        purpose, match = found
        yield body[position : match.start()]
        yield _Place(purpose, tuple(_breaks(match.group())))
        position = match.end()
    yield body[position:]


def _found(body: bytes) -> Iterator[tuple[str, re.Match[bytes]]]:
    for purpose, mark in {**_MARKS, "to": _TO}.items():
        letters = [re.escape(bytes([letter])) for letter in mark.encode()]
        for match in re.finditer((b"(?:%s)?" % re.escape(_SOFT_BREAK)).join(letters), body):
            yield purpose, match


def _breaks(written: bytes) -> Iterator[int]:
    pieces = written.split(_SOFT_BREAK)
    length = 0
    for piece in pieces[:-1]:
        length += len(piece)
        yield length


def _filled(part: bytes | _Place, values: Mapping[str, bytes]) -> bytes:
    if isinstance(part, bytes):
        return part
    value, start, pieces = values[part.purpose], 0, []
    for end in part.breaks:
        pieces.append(value[start:end])
        start = end
    return _SOFT_BREAK.join([*pieces, value[start:]])
