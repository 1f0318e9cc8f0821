"""Fetching reports from a real IMAP server over verified TLS."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import imap_server
import pytest
from imap_server import NAME, PASSWORD, ImapServer
from pydantic import SecretStr, ValidationError

from lagebrief.errors import ConfigError, StoreError, TryAgainError
from mailing.bounce_settings import BounceSettings
from mailing.imap import fetch

ONE, TWO = b"Subject: one\n\nreport\n", b"Subject: two\n\nletter\n"


@pytest.fixture(scope="module", name="started")
def _started(need: Callable[[str, str], NoReturn]) -> Iterator[ImapServer]:
    if not imap_server.installed():
        need("dovecot", "needs an IMAP server: install the packages dovecot-imapd and openssl")
    with imap_server.running() as running:
        yield running


@pytest.fixture
def server(started: ImapServer) -> ImapServer:
    """The server with an empty mailbox."""
    started.put()
    return started


def settings(server: ImapServer, **changes: Any) -> BounceSettings:
    given = {"host": "127.0.0.1", "port": server.tls, "username": NAME, "password": SecretStr(PASSWORD)}
    return BounceSettings(**(given | changes))


def trust(server: ImapServer) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(server.certificate))


def subjects(server: ImapServer, folder: str = "INBOX") -> dict[str, bool]:
    """Subject of each message in a folder, and whether it is marked as read."""
    return {str(message["Subject"]): "S" in message.get_flags() for message in server.box(folder)}


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_messages_are_taken_and_moved(server: ImapServer, security: str) -> None:
    server.put(ONE, TWO)
    taken: list[bytes] = []

    def take(message: bytes) -> bool:
        taken.append(message)
        return b"report" in message

    ours = settings(server, security=security, port=getattr(server, security))
    fetch(ours, take, trust(server))
    assert sorted(message.replace(b"\r\n", b"\n") for message in taken) == [ONE, TWO]
    assert subjects(server) == {}
    assert subjects(server, "Lagebrief") == {"one": True, "two": False}
    fetch(ours, take, trust(server))  # nothing left; the folder is there already
    assert len(taken) == 2


def test_what_was_not_stored_stays(server: ImapServer) -> None:
    server.put(ONE, TWO)
    taken: list[bytes] = []

    def take(message: bytes) -> bool:
        if taken:
            raise StoreError("the database refused")
        taken.append(message)
        return True

    with pytest.raises(StoreError):
        fetch(settings(server), take, trust(server))
    assert len(subjects(server)) == len(subjects(server, "Lagebrief")) == 1
    assert set(subjects(server).values()) == {False}


def test_of_a_huge_message_the_beginning_is_taken(server: ImapServer) -> None:
    server.put(ONE + b"x" * 3 * 1024 * 1024)
    lengths: list[int] = []
    fetch(settings(server), lambda message: lengths.append(len(message)) or True, trust(server))
    assert lengths == [1024 * 1024]


def test_an_unknown_certificate_is_refused_before_the_password(server: ImapServer) -> None:
    server.put(ONE)
    log = server.folder / "log"
    before = log.read_text(encoding="utf-8").count("Login:")
    for security in ("tls", "starttls"):
        ours = settings(server, security=security, port=getattr(server, security))
        with pytest.raises(ConfigError, match="self-signed certificate"):
            fetch(ours, _never, ssl.create_default_context())
    assert subjects(server) == {"one": False}
    assert log.read_text(encoding="utf-8").count("Login:") == before


def test_a_wrong_name_for_the_host_is_refused(server: ImapServer) -> None:
    with pytest.raises(ConfigError, match="localhost"):
        fetch(settings(server, host="localhost"), _never, trust(server))


def test_what_the_configuration_must_mend_is_named(server: ImapServer) -> None:
    server.put(ONE)
    for changes, words in (
        ({"password": SecretStr("falsch")}, "bounces.username"),
        ({"folder": "Nirgends"}, "bounces.folder"),
        ({"host": ""}, "bounces.host"),
    ):
        with pytest.raises(ConfigError, match=words) as caught:
            fetch(settings(server, **changes), _never, trust(server))
        assert "falsch" not in str(caught.value)


def test_a_server_that_is_not_there_may_come_back(server: ImapServer) -> None:
    for changes in ({"port": imap_server.free_port()}, {"port": server.starttls}):
        with pytest.raises(TryAgainError, match=r"127\.0\.0\.1"):
            fetch(settings(server, **changes), _never, trust(server))


@pytest.mark.parametrize("folder", ["", 'a"b', "a\\b", "a\r\nb", "Entwürfe"])
def test_a_folder_is_plain(folder: str) -> None:
    with pytest.raises(ValidationError):
        BounceSettings(folder=folder)


def _never(message: bytes) -> bool:
    raise AssertionError(message)


def test_a_server_that_cannot_move_is_refused(need: Callable[[str, str], NoReturn]) -> None:
    if not imap_server.installed():
        need("dovecot", "needs an IMAP server: install the packages dovecot-imapd and openssl")
    with imap_server.running("IMAP4rev1 LITERAL+") as old:
        old.put(ONE)
        with pytest.raises(ConfigError, match="cannot move"):
            fetch(settings(old), _never, trust(old))
