"""What mail servers report back: undeliverable mail (RFC 3464) and complaints (ARF, RFC 5965)."""

from __future__ import annotations

import email
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.message import Message
from enum import StrEnum

from mailing.message import one_line

_LARGEST = 1024 * 1024  # what matters stands before the returned mail
_LONGEST_DIAGNOSTIC = 300
_ENVELOPE = re.compile(r"bounce\+([0-9a-f]{40})@", re.ASCII)
_MESSAGE_ID = re.compile(r"<(\d{4}-W\d{2})\.([0-9a-f]{40})@", re.ASCII)
_ENVELOPE_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])", re.ASCII)
_CODE = re.compile(r"(?<![\d.])([45])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)", re.ASCII)
_ADDRESS = re.compile(r"<?[^\s<>@]+@[^\s<>@]+>?")
_TO = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
_COMPLAINTS = ("abuse", "fraud", "virus", "other", "opt-out")
# For servers that give no code of their own, such as `550 Requested action not taken: mailbox unavailable`.
_NOBODY = re.compile(
    r"user unknown|unknown user|no such (?:user|recipient|mailbox)|mailbox unavailable|does not exist|"
    r"unbekannte[rn]? empf",
    re.I,
)
_ABOUT_US = re.compile(
    r"\bsender\b|spam|polic|block(?:ed|list)|blacklist|reputation|dmarc|\bspf\b|dkim", re.I
)


class Kind(StrEnum):
    """What a report says: the address is dead, cannot be reached for now, its reader complained, or the
    server refuses us whoever the reader is.
    """

    HARD = "hard"
    SOFT = "soft"
    COMPLAINT = "complaint"
    REFUSED = "refused"


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
            return _kind(group), _cleaned(words)
    return None


def _complaint(groups: Iterable[Message]) -> tuple[Kind, str] | None:
    for group in groups:
        type_ = _field(group, "Feedback-Type").lower()
        if type_ in _COMPLAINTS:
            return Kind.COMPLAINT, _cleaned(f"{type_} {_field(group, 'User-Agent')}")
    return None


def _kind(group: Message) -> Kind:
    """RFC 3463: 5.1.x is the address, x.7.x a policy; what is neither may pass."""
    said = _field(group, "Diagnostic-Code")
    code = _code(_field(group, "Status"))
    if code is None or code[1:] == ("0", "0"):  # Exim's status is always 5.0.0
        code = _code(said) or code or ("4", "0", "0")
    class_, subject, detail = code
    vague = detail == "0" and subject in ("0", "1")
    if subject == "7" or (subject == "1" and detail in ("7", "8")) or (vague and _ABOUT_US.search(said)):
        return Kind.REFUSED
    if class_ == "5" and (subject == "1" or (vague and _NOBODY.search(said))):
        return Kind.HARD
    return Kind.SOFT


def _code(text: str) -> tuple[str, str, str] | None:
    match = _CODE.search(text)
    return (match[1], match[2], match[3]) if match else None


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


def _cleaned(words: str) -> str:
    return _ADDRESS.sub("…", one_line(words))[:_LONGEST_DIAGNOSTIC].strip()
