"""What a refusal means, in the answer of a server and in a report that comes later.

RFC 3463: 5.1.x is about the address, but for 5.1.7 and 5.1.8, which are about the sender's; x.7.x is a
policy. A server that gives no such code is judged by its words.
"""

from __future__ import annotations

import re
from enum import StrEnum

from mailing.message import one_line

_LONGEST = 300
_CODE = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)", re.ASCII)
_ADDRESS = re.compile(r"<?[^\s<>@]+@[^\s<>@]+>?")
# For servers that give no code of their own, such as `550 Requested action not taken: mailbox unavailable`.
_NOBODY = re.compile(
    r"user unknown|unknown user|no such (?:user|recipient|mailbox|address)|unbekannte[rn]? empf|"
    r"(?:user|mailbox|recipient|address|account)\b[^.;:]{0,60}"
    r"(?:does not exist|not found|unknown|unavailable)",
    re.I,
)
_ABOUT_US = re.compile(
    r"\bsender\b|spam|polic|block(?:ed|list)|blacklist|reputation|dmarc|\bspf\b|dkim|relay|authenticat|"
    r"\bhelo\b|\behlo\b|\bptr\b|\br(?:everse )?dns\b|reverse|\brbl\b|dnsbl|\bip\b|"
    r"\bdomain\b[^;:]{0,60}(?:does not exist|not found|unknown)",
    re.I,
)
_POLICY = re.compile(r"(?<![\d.])5\.7\.\d{1,3}(?!\.?\d)")

Code = tuple[str, str, str]


class Kind(StrEnum):
    """What a report says: the address is dead, cannot be reached for now, its reader complained, or the
    server refuses us whoever the reader is.
    """

    HARD = "hard"
    SOFT = "soft"
    COMPLAINT = "complaint"
    REFUSED = "refused"


def judged(code: Code | None, words: str) -> Kind:
    """HARD, SOFT or REFUSED: what is neither the address nor a policy may pass."""
    words = _ADDRESS.sub("…", words)
    class_, subject, detail = code or ("5", "0", "0")
    vague = detail == "0" and subject in ("0", "1")
    policy = subject == "7" or (class_ == "5" and _POLICY.search(words))  # also what a server behind it said
    if policy or (subject == "1" and detail in ("7", "8")) or (vague and _ABOUT_US.search(words)):
        return Kind.REFUSED
    if class_ == "5" and (subject == "1" or (vague and _NOBODY.search(words))):
        return Kind.HARD
    return Kind.SOFT


def code_in(text: str) -> Code | None:
    """The first status of RFC 3463 in a text, such as ("5", "1", "1")."""
    found = _CODE.search(text)
    return (found[1], found[2], found[3]) if found else None


def cleaned(words: str) -> str:
    """A server's words in one line, without addresses, so that they can be kept and logged."""
    return _ADDRESS.sub("…", one_line(words))[:_LONGEST].strip()
