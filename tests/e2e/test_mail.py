"""The demo's issue through a real Postfix, fetched back as readers' programs get it.

Checked is the list of what large providers ask of senders (requirements C1) on what really arrived.
"""

from __future__ import annotations

import email
import re
import shutil
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from demo_files import Demo
from lxml import html as lxml_html
from mail_lint import budget
from mail_lint.features import Features
from mail_lint.findings import find
from program import run
from relay import Relay

from mailing import tokens
from mailing.keys import Keys

WEEK = "2025-W28"
KEY = "k" * 40
READERS = ("alle@example.net", "zweite@example.net", "nurtext@example.net", "nureu@example.net")
CONFIG = """
[mail]
host = "localhost"
port = {port}
from = "Lagebrief <brief@example.org>"
reply_to = "redaktion@example.org"
list_id = "Lagebrief <lagebrief.example.org>"
rate = 1000
[web]
base_url = "https://brief.example.org"
"""
BUDGET = Path(budget.__file__).with_name("budget.toml")
LARGEST_PAGE = 90 * 1024  # larger ones are cut off by Gmail
LONGEST_LINE = 998  # RFC 5322


@pytest.fixture
def mails(demo: Demo, relay: Relay, tmp_path: Path) -> dict[str, tuple[bytes, EmailMessage]]:
    """What arrived, by reader: as bytes and parsed."""
    shutil.copytree(demo.data, tmp_path / "data")
    (tmp_path / "config.toml").write_text(CONFIG.format(port=relay.port), encoding="utf-8")
    rows = "email,topics,text_only\n" + "".join(
        f"{address},{'eu-ai-act' if 'eu' in address else ''},{'yes' if 'text' in address else ''}\n"
        for address in READERS
    )
    (tmp_path / "readers.csv").write_text(rows, encoding="utf-8")
    env = {"LAGEBRIEF_MAIL__KEYS": KEY, "SSL_CERT_FILE": str(relay.certificate)}
    given = ("--config", tmp_path / "config.toml", "--data-dir", tmp_path / "data")
    put = ("subscribers", "import", tmp_path / "readers.csv", "--basis", "Test", "--yes")
    taken = run(*given, *put, env=env)
    assert taken.returncode == 0, taken.stderr
    sent = run(*given, "digest", "send", WEEK, env=env)
    assert sent.returncode == 0, sent.stderr
    assert "sent\t4" in sent.stdout
    return {str(_parsed(raw)["To"]): (raw, _parsed(raw)) for raw in relay.arrived(len(READERS))}


def _parsed(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, EmailMessage, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_what_arrives_is_what_providers_ask_for(
    mails: dict[str, tuple[bytes, EmailMessage]], npm: Path
) -> None:
    assert set(mails) == set(READERS)
    for number, address in enumerate(READERS, 1):
        _check_headers(mails[address][1], number)
        _check_shape(*mails[address])
    for address in (READERS[0], READERS[3]):
        _check_page(mails[address][1], npm)
    assert mails[READERS[2]][1].get_content_type() == "text/plain"
    assert "Xinjiang" in _part(mails[READERS[0]][1], "plain")
    assert "Xinjiang" not in _part(mails[READERS[3]][1], "plain"), "only the chosen topic"
    first, second = (_impersonal(mails[address][0], address, n) for n, address in enumerate(READERS[:2], 1))
    assert first == second, "readers' mails differ in what is theirs alone"


def _check_headers(message: EmailMessage, number: int) -> None:
    keys = Keys((KEY.encode(),))
    leave, back = (tokens.token(keys, purpose, number) for purpose in (tokens.LEAVE, tokens.BOUNCE))
    assert re.search(r"KW 28: \d Meldungen", message["Subject"])
    assert message["From"] == "Lagebrief <brief@example.org>"
    assert message["Reply-To"] == "redaktion@example.org"
    assert message["Date"].datetime.utcoffset() is not None
    assert message["Message-ID"] == f"<{WEEK}.{back}@example.org>"
    assert message["List-Id"] == "Lagebrief <lagebrief.example.org>"
    assert message["List-Unsubscribe"] == (
        f"<https://brief.example.org/abmelden/{leave}>, <mailto:abmelden+{leave}@example.org>"
    )
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Feedback-ID"].count(":") <= 3
    assert (message["Auto-Submitted"], message["Precedence"]) == ("auto-generated", "bulk")
    assert message["Bcc"] is None
    assert all(len(message.get_all(name)) == 1 for name in ("From", "To", "Subject", "Date", "Message-ID"))
    assert any("with ESMTPS" in str(step) for step in message.get_all("Received"))
    assert f"bounce+{back}@example.org" in str(message["X-Mail-Args"])  # the envelope, as the sink notes it


def _check_shape(raw: bytes, message: EmailMessage) -> None:
    assert max(map(len, raw.split(b"\n"))) <= LONGEST_LINE
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == ["text/plain"] or kinds[:2] == ["multipart/alternative", "text/plain"]
    text = _part(message, "plain")
    too_long = [line for line in text.splitlines() if len(line) > 78 and "://" not in line]
    assert not too_long
    assert "\ufffd" not in text


def _check_page(message: EmailMessage, npm: Path) -> None:
    page, text = _part(message, "html"), _part(message, "plain")
    part = message.get_body(("html",))
    assert part is not None
    assert len(part.as_bytes()) <= LARGEST_PAGE
    links = set(lxml_html.fromstring(page).xpath("//a/@href")) - {""}
    missing = {link for link in links if not link.startswith(("#", "mailto:")) and link not in text}
    assert not missing
    assert not re.findall(r"<img[^>]+src=[\"']http", page), "nothing is loaded from afar"
    found = find((page,), Features(npm / "caniemail" / "data" / "caniemail.json"))
    known = budget.read(BUDGET)
    assert not [line for line in known.complaints(found) if not line.startswith("budget:")]


def _impersonal(raw: bytes, address: str, number: int) -> bytes:
    """A mail without the reader's address and tokens, and what servers on the way put in front."""
    _, _, body = raw.partition(b"\nFrom: ")
    flat = body.replace(b"=\n", b"").replace(address.encode(), b"")
    keys = Keys((KEY.encode(),))
    for purpose in (tokens.LEAVE, tokens.PREFERENCES, tokens.BOUNCE):
        flat = flat.replace(tokens.token(keys, purpose, number).encode(), b"")
    return flat
