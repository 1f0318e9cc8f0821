"""The secret keys that links and suppressed addresses are signed with.

The newest key signs, every key verifies: to rotate, put a new line on top of the file and keep the old ones
as long as old links shall work. Suppressed addresses are looked up with every key.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lagebrief.errors import ConfigError

SHORTEST = 32  # characters
_SHORTEST_MAC = 32  # hexadecimal digits, 128 bits
_FILE_NAME = "keys"


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """Keys, the newest first; they never show in a repr."""

    every: tuple[bytes, ...]

    def mac(self, purpose: str, text: str) -> str:
        """HMAC-SHA256 in hex with the newest key, bound to a purpose."""
        return _mac(self.every[0], purpose, text)

    def macs(self, purpose: str, text: str) -> list[str]:
        """The same with every key."""
        return [_mac(key, purpose, text) for key in self.every]

    def is_mac(self, mac: str, purpose: str, text: str) -> bool:
        """Was it made with any of the keys? Compared in constant time; a prefix of 128 bits will do."""
        given = mac.encode(errors="replace")
        found = [
            hmac.compare_digest(given, whole[: len(given)].encode()) for whole in self.macs(purpose, text)
        ]
        return any(found) and len(given) >= _SHORTEST_MAC


def _mac(key: bytes, purpose: str, text: str) -> str:
    return hmac.new(key, f"{purpose}\x00{text}".encode(), hashlib.sha256).hexdigest()


def keys(configured: str, folder: Path) -> Keys:
    """The configured keys, one a line; without any those of the data folder, made when missing.

    Raises ConfigError for a key that is too short to keep a secret.
    """
    if configured:
        return _keys(configured.split(), "mail.keys")
    path = folder / _FILE_NAME
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _write_once(path)
    return _keys(path.read_text(encoding="utf-8").split(), str(path))


def _keys(lines: Sequence[str], where: str) -> Keys:
    if not lines or any(len(line) < SHORTEST for line in lines):
        raise ConfigError(f"{where}: a key needs at least {SHORTEST} characters")
    return Keys(tuple(line.encode() for line in lines))


def _write_once(path: Path) -> None:
    """Whoever comes first writes; nobody else can read it."""
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(secrets.token_hex(32) + "\n")
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
