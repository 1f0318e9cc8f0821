"""Our DKIM signatures hold for dkimpy's verifier, and break where a mail is changed."""

from __future__ import annotations

import datetime as dt

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from mail_servers import scripted
from pydantic import ValidationError

from archive import migrate
from archive.database import Database
from lagebrief.errors import ConfigError
from mailing import outbox, tokens
from mailing.domain_checks import MUST_BE_COVERED
from mailing.frozen import Page, Template, freeze
from mailing.keys import Keys
from mailing.posting import post
from mailing.settings import MailSettings
from mailing.signature import signer

KEYS = Keys((b"k" * 40,))
NOW = dt.datetime(2025, 7, 14, 6, tzinfo=dt.UTC)
PAGE = Page(
    "2025-W28", "Lagebrief KW 28: Grüße", "Ausgabe\n.\n\n\n", "<!DOCTYPE html>\n<p>ä</p>\n<!-- abo -->\n"
)


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def settings_with(key: rsa.RSAPrivateKey, **more: object) -> MailSettings:
    given = {
        "from": "Lagebrief <brief@example.org>",
        "reply_to": "r@example.org",
        "list_id": "L <l.example.org>",
    }
    return MailSettings.model_validate({**given, "dkim_selector": "brief", "dkim_key": pem(key), **more})


def verified(message: bytes, key: rsa.RSAPrivateKey) -> bool:
    from mailing.domain_checks import _public

    record = f"v=DKIM1; k=rsa; p={_public(pem(key))}".encode()
    asked = []

    def lookup(name: bytes, timeout: int = 5) -> bytes:
        asked.append(name)
        return record

    holds = dkim.verify(message, dnsfunc=lookup)
    assert asked == [b"brief._domainkey.example.org."]
    return bool(holds)


def issue(key: rsa.RSAPrivateKey) -> bytes:
    """A signed mail to one reader as the other side has it."""
    settings = settings_with(key)
    body = freeze(PAGE, settings, "https://brief.example.org", NOW, text_only=False)
    sent = Template(body, signer(settings)).message(KEYS, 7, "leserin@example.net")
    return sent.replace(b"\r\n..", b"\r\n.")


def test_an_issue_is_signed(key: rsa.RSAPrivateKey) -> None:
    message = issue(key)
    assert verified(message, key)
    assert tokens.token(KEYS, tokens.LEAVE, 7).encode() in message
    signed = message.partition(b"\r\nList-Unsubscribe")[0].decode()
    covered = {name.strip() for name in signed.split("h=")[1].split(";")[0].split(":")}
    assert set(MUST_BE_COVERED) <= covered
    assert max(map(len, message.split(b"\r\n"))) <= 998


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Ausgabe", b"Abgabe"),
        (b"To: leserin", b"To: leser"),
        (b"abmelden+", b"abmelden-"),
        (b"\r\nFrom: ", b"\r\nFrom: Andere <a@example.com>\r\nFrom: "),
        (b"\r\nSubject: ", b"\r\nSubject: x\r\nSubject: "),
    ],
    ids=["body", "recipient", "unsubscribe", "another sender", "another subject"],
)
def test_what_is_changed_holds_no_more(key: rsa.RSAPrivateKey, old: bytes, new: bytes) -> None:
    message = issue(key)
    assert old in message
    assert not verified(message.replace(old, new, 1), key)


def test_waiting_mails_are_signed_too(key: rsa.RSAPrivateKey, sqlite: Database) -> None:
    migrate.ensure(sqlite)
    outbox.put(sqlite, "a@example.net", b"From: brief@example.org\r\nSubject: x\r\n\r\n.\r\nText\r\n", NOW)
    with scripted() as server:
        import threading

        settings = settings_with(key, host="127.0.0.1", port=server.port, security="none")
        assert post(sqlite, settings, lambda: NOW, threading.Event()) == 1
        (mail,) = server.mails
    assert verified(mail.replace(b"\r\n..", b"\r\n."), key)


def test_without_a_key_nothing_is_signed() -> None:
    assert signer(MailSettings.model_validate({"from": "brief@example.org"})) is None


def test_keys_that_are_none_are_refused() -> None:
    short = rsa.generate_private_key(65537, 1024)  # noqa: S505 - it is refused
    for wrong in (pem(short), pem(ec.generate_private_key(ec.SECP256R1())), "-----BEGIN NOTHING"):
        settings = MailSettings.model_validate(
            {"from": "brief@example.org", "dkim_selector": "brief", "dkim_key": wrong}
        )
        with pytest.raises(ConfigError, match=r"mail\.dkim_key") as caught:
            signer(settings)
        assert "BEGIN" not in str(caught.value)
    with pytest.raises(ValidationError, match="belong together"):
        MailSettings.model_validate({"dkim_selector": "brief"})
