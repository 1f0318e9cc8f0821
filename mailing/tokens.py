"""What links in a mail carry: who it is for and for what, signed.

A token of a subscriber says its purpose by its signature alone, has no end and a fixed length, so that it
can be put into a frozen mail byte for byte. Confirmation tokens are random; only their hash is kept.
"""

from __future__ import annotations

import hashlib
import re
import secrets

from mailing.keys import Keys

LEAVE, PREFERENCES, BOUNCE = "leave", "preferences", "bounce"
LENGTH = 40
_ID, _MAC = 8, 32
_FORM = re.compile(r"[0-9a-f]{40}", re.ASCII)


def token(keys: Keys, purpose: str, subscriber_id: int) -> str:
    """40 hexadecimal digits: the subscriber's number and 128 bits of its signature."""
    number = f"{subscriber_id:0{_ID}x}"
    return number + keys.mac(purpose, number)[:_MAC]


def subscriber_of(keys: Keys, purpose: str, given: str) -> int | None:
    """The subscriber's number; None for anything that was not made here for this purpose."""
    if not _FORM.fullmatch(given):
        given = "0" * LENGTH  # the same work for what cannot be right
    number, mac = given[:_ID], given[_ID:]
    return int(number, 16) if keys.is_mac(mac, purpose, number) else None


def confirmation() -> tuple[str, str]:
    """A new token of 128 random bits, and the hash that is kept of it."""
    made = secrets.token_hex(16)
    return made, hashed(made)


def hashed(given: str) -> str:
    """What is kept of a confirmation token."""
    return hashlib.sha256(given.encode(errors="replace")).hexdigest()
