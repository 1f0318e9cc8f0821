"""Signs mails with DKIM (RFC 6376), for operators whose relay does not.

rsa-sha256, relaxed/simple: the body of our mails is quoted-printable, so nothing on the way changes its white
space. Headers that readers look at are named once more than they occur, so that nobody can add another.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from lagebrief.errors import ConfigError
from mailing.settings import MailSettings

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

COVERED = (
    "from", "to", "subject", "date", "message-id", "reply-to", "mime-version", "content-type",
    "content-transfer-encoding", "list-id", "list-unsubscribe", "list-unsubscribe-post", "auto-submitted",
)  # fmt: skip
_ONCE_MORE = ("from", "to", "subject", "date", "message-id", "reply-to")
LEAST_BITS = 2048
_SPACE = re.compile(rb"[ \t]+")
_LINE = 70

Sign = Callable[[bytes], bytes]


def signer(settings: MailSettings) -> Sign | None:
    """Puts a signature before a message with CRLF line ends; None where no key is set.

    Raises ConfigError for a key that is none, or too short.
    """
    pem = settings.dkim_key.get_secret_value()
    if not pem:
        return None
    made = _Signer(settings.domain, settings.dkim_selector, private_key(pem))
    return made.signed


def private_key(pem: str) -> RSAPrivateKey:
    """The key of a PEM text. Raises ConfigError."""
    try:
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ModuleNotFoundError as error:
        raise ConfigError(
            "mail.dkim_key: to sign install the extra, pip install 'lagebrief[dkim]'"
        ) from error
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as error:  # the text is a secret and is not repeated
        raise ConfigError("mail.dkim_key: not a private key in PEM without a password") from error
    if not isinstance(key, RSAPrivateKey) or key.key_size < LEAST_BITS:
        raise ConfigError(f"mail.dkim_key: must be an RSA key of at least {LEAST_BITS} bits")
    return key


class _Signer:
    def __init__(self, domain: str, selector: str, key: RSAPrivateKey) -> None:
        self._domain, self._selector, self._key = domain, selector, key

    def signed(self, message: bytes) -> bytes:
        head, _, body = message.partition(b"\r\n\r\n")
        fields = list(_fields(head))
        names = [name for name, _ in fields if name in COVERED]
        covered = ":".join([*names, *_ONCE_MORE])
        digest = base64.b64encode(hashlib.sha256(body.rstrip(b"\r\n") + b"\r\n").digest()).decode()
        unsigned = (
            f"v=1; a=rsa-sha256; c=relaxed/simple; d={self._domain}; s={self._selector};\r\n"
            f" h={_folded(covered, ':')};\r\n bh={digest};\r\n b="
        )
        # The last field of a name is taken first (5.4.2); we write each once, so the order is the message's.
        told = b"".join(_relaxed(name, value) + b"\r\n" for name, value in fields if name in COVERED)
        signature = self._signature(told + _relaxed("dkim-signature", unsigned.encode()))
        return f"DKIM-Signature: {unsigned}{_wrapped(signature)}\r\n".encode() + message

    def _signature(self, data: bytes) -> str:
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256

        return base64.b64encode(self._key.sign(data, PKCS1v15(), SHA256())).decode()


def _fields(head: bytes) -> Iterator[tuple[str, bytes]]:
    """(name in small letters, value), folded lines joined."""
    for line in re.split(rb"\r\n(?![ \t])", head):
        name, _, value = line.partition(b":")
        yield name.strip().lower().decode("ascii"), value


def _relaxed(name: str, value: bytes) -> bytes:
    """RFC 6376, 3.4.2."""
    return name.encode() + b":" + _SPACE.sub(b" ", value.replace(b"\r\n", b"")).strip()


def _folded(text: str, at: str) -> str:
    lines, line = [], ""
    for part in text.split(at):
        if len(line) + len(part) > _LINE:
            lines.append(line)
            line = ""
        line += f"{part}{at}"
    return "\r\n ".join([*lines, line.removesuffix(at)])


def _wrapped(text: str) -> str:
    return "\r\n ".join(text[start : start + _LINE] for start in range(0, len(text), _LINE))
