"""What comes back: undeliverable mail (RFC 3464), complaints (ARF, RFC 5965), and wishes to leave."""

from __future__ import annotations

import email
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.message import Message

from mailing.refusals import Kind, cleaned, code_in, judged

_LARGEST = 1024 * 1024  # what matters stands before the returned mail
_ENVELOPE = re.compile(r"bounce\+([0-9a-f]{40})@", re.ASCII)
_LEAVE = re.compile(r"(?<![^\s<,:])abmelden\+([0-9a-f]{40})@", re.ASCII | re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<(\d{4}-W\d{2})\.([0-9a-f]{40})@", re.ASCII)
_ENVELOPE_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])", re.ASCII)
_TO = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
_COMPLAINTS = ("abuse", "fraud", "virus", "other", "opt-out")


@dataclass(frozen=True, slots=True)
class Report:
    """A report on one mail.

    token: of the reader, purpose `tokens.BOUNCE`, not yet verified; "" where the report names none. week: of
    the issue, "" for other mails. diagnostic: the server's words in one line, without addresses.
    """

    kind: Kind
    token: str
    week: str
    diagnostic: str


def leaving(message: bytes) -> str:
    """The token of a mail that asks to leave, as the List-Unsubscribe header offers it; "" in any other."""
    try:
        parsed = email.message_from_bytes(message[:_LARGEST])
    except RecursionError:
        return ""
    found = _LEAVE.search("\n".join(_field(parsed, name) for name in _TO))
    return found[1] if found else ""


def read(message: bytes) -> Report | None:
    """The report in a message; None for anything else: automatic replies, delays, successes, spam."""
    try:
        parsed = email.message_from_bytes(message[:_LARGEST])
    except RecursionError:  # thousands of parts in one another: nobody's report
        return None
    parts = {part.get_content_type(): part for part in reversed(list(_parts(parsed)))}
    if "message/delivery-status" in parts:
        found = _undelivered(_groups(parts["message/delivery-status"]))
    elif "message/feedback-report" in parts:
        found = _complaint(_groups(parts["message/feedback-report"]))
    else:
        return None
    if found is None:
        return None
    token, week = _addressee(parsed, parts)
    return Report(found[0], token, week, found[1])


def _parts(message: Message) -> Iterator[Message]:
    """The parts of a message itself, not those of messages that hang on it."""
    waiting: list[Message] = [message]
    while waiting:
        part = waiting.pop(0)
        yield part
        if part.get_content_maintype() == "multipart":
            waiting += _groups(part)


def _groups(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []


def _undelivered(groups: Iterable[Message]) -> tuple[Kind, str] | None:
    for group in groups:
        if _field(group, "Action").lower().startswith("failed"):
            words = f"{_field(group, 'Status')} {_field(group, 'Diagnostic-Code')}"
            return _kind(group), cleaned(words)
    return None


def _complaint(groups: Iterable[Message]) -> tuple[Kind, str] | None:
    for group in groups:
        type_ = _field(group, "Feedback-Type").lower()
        if type_ in _COMPLAINTS:
            return Kind.COMPLAINT, cleaned(f"{type_} {_field(group, 'User-Agent')}")
    return None


def _kind(group: Message) -> Kind:
    said = _field(group, "Diagnostic-Code")
    code = code_in(_field(group, "Status"))
    if code is None or code[1:] == ("0", "0"):  # Exim's status is always 5.0.0
        code = code_in(said) or code or ("4", "0", "0")
    return judged(code, said)


def _addressee(report: Message, parts: dict[str, Message]) -> tuple[str, str]:
    """Token and week: from where the report went to, else from the mail it returns."""
    told = [group for name in parts if name.startswith("message/") for group in _groups(parts[name])]
    returned = "\n".join(_field(one, name) for one in told for name in ("Return-Path", "Message-ID"))
    if "text/rfc822-headers" in parts:
        returned += f"\n{parts['text/rfc822-headers'].get_payload()}"
    answered = "\n".join(_field(report, name) for name in ("In-Reply-To", "References"))
    message_id = _MESSAGE_ID.search(f"{returned}\n{answered}")
    sent_by = [_field(one, name) for one in told for name in ("Original-Mail-From",)]
    envelope = _ENVELOPE.search("\n".join([*(_field(report, name) for name in _TO), *sent_by, returned]))
    given = _ENVELOPE_ID.search("\n".join(_field(one, "Original-Envelope-Id") for one in told))
    token = envelope[1] if envelope else given[0] if given else message_id[2] if message_id else ""
    return token, message_id[1] if message_id else ""


def _field(message: Message, name: str) -> str:
    return " ".join(str(value) for value in message.get_all(name, [])).strip()
