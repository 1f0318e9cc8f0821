"""Fetching reports from a mailbox over IMAP. A message leaves its folder only after it was taken in.

What was cut off begins anew: a message that was taken in but not moved is met again and changes nothing.
"""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from lagebrief.errors import ConfigError, TryAgainError
from mailing.bounce_settings import BounceSettings

_TIMEOUT_S = 30
_LARGEST = 1024 * 1024  # of a message; what a report says stands before the mail it returns


def fetch(settings: BounceSettings, take: Callable[[bytes], bool], tls: ssl.SSLContext) -> None:
    """Hand each message of the folder to `take`, then move it; read where take says that it was a report.

    Raises ConfigError for what the configuration must mend, TryAgainError for what may pass.
    """
    if not settings.host:
        raise ConfigError("bounces.host is empty: set the IMAP server that reports go to")
    with _told_apart(settings), _connected(settings, tls) as imap:
        _log_in(imap, settings)
        if b"MOVE" not in b" ".join(imap.capability()[1]).split():  # it says more after the login
            raise ConfigError("bounces.host: the server cannot move messages (RFC 6851)")
        imap.create(_quoted(settings.done))  # refused where it is there already
        _done(imap.select(_quoted(settings.folder)), f"bounces.folder: no folder {settings.folder!r}")
        for uid in _done(imap.uid("SEARCH", "UNDELETED"), "bounces.folder cannot be searched")[0].split():
            _one(imap, settings, uid.decode(), take)


def _one(imap: imaplib.IMAP4, settings: BounceSettings, uid: str, take: Callable[[bytes], bool]) -> None:
    parts = _done(imap.uid("FETCH", uid, f"(BODY.PEEK[]<0.{_LARGEST}>)"), "a message cannot be read")
    message = next((part[1] for part in parts if isinstance(part, tuple)), None)
    if message is None:  # somebody else moved it meanwhile
        return
    if take(message):
        _done(imap.uid("STORE", uid, "+FLAGS.SILENT", r"(\Seen)"), "a message cannot be marked as read")
    _done(imap.uid("MOVE", uid, _quoted(settings.done)), f"bounces.done: cannot move to {settings.done!r}")


@contextmanager
def _connected(settings: BounceSettings, tls: ssl.SSLContext) -> Iterator[imaplib.IMAP4]:
    if settings.security == "tls":
        imap: imaplib.IMAP4 = imaplib.IMAP4_SSL(
            settings.host, settings.port, ssl_context=tls, timeout=_TIMEOUT_S
        )
    else:
        imap = _upgraded(imaplib.IMAP4(settings.host, settings.port, timeout=_TIMEOUT_S), tls)
    with imap:
        yield imap


def _upgraded(imap: imaplib.IMAP4, tls: ssl.SSLContext) -> imaplib.IMAP4:
    try:
        imap.starttls(tls)
    except (OSError, imaplib.IMAP4.error):  # no good-bye over what was not encrypted
        with suppress(OSError):
            imap.shutdown()
        raise
    return imap


def _log_in(imap: imaplib.IMAP4, settings: BounceSettings) -> None:
    try:
        imap.login(settings.username, settings.password.get_secret_value())
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:  # what the server says may repeat the name
        raise ConfigError("bounces.username or its password is refused by the IMAP server") from None


def _done(answer: tuple[str, list[Any]], otherwise: str) -> list[Any]:
    state, data = answer
    if state != "OK":
        raise ConfigError(otherwise)
    return data


def _quoted(folder: str) -> str:
    return f'"{folder}"'


@contextmanager
def _told_apart(settings: BounceSettings) -> Iterator[None]:
    """Turn what imaplib raises into our errors."""
    where = f"{settings.host}:{settings.port}"
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise ConfigError(f"bounces.host: {where}: {error.verify_message}") from error
    except (OSError, imaplib.IMAP4.error) as error:
        raise TryAgainError(f"the IMAP server {where} does not answer as it should: {error}") from error
