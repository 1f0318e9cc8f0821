"""Reports of mail servers from files, mailboxes and a pipe."""

from __future__ import annotations

import json
import mailbox
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import imap_server
import pytest
from program import COMMAND, assert_one_line, environment, run

from mailing import tokens
from mailing.keys import keys

SAMPLES = Path(__file__).parent.parent / "data" / "bounces"
NAMES = ("anna", "bert", "carla")
NOTHING = dict.fromkeys(("ended", "left", "counted", "refused", "known", "unknown", "ignored"), 0)


@pytest.fixture(autouse=True)
def readers(place: Path) -> Path:
    """Three who read; their numbers are 1 to 3."""
    Path("in.csv").write_text(
        "email\n" + "".join(f"{name}@example.org\n" for name in NAMES), encoding="utf-8"
    )
    assert cli("subscribers", "import", "in.csv", "--basis", "Vertrag", "--yes").returncode == 0
    return place


def cli(*words: str) -> Any:
    return run("--data-dir", "d", *words)


def sample(name: str, subscriber: int) -> bytes:
    token = tokens.token(keys("", Path("d")), tokens.BOUNCE, subscriber)
    return (SAMPLES / f"{name}.eml").read_bytes().replace(b"TOKEN", token.encode())


def states() -> dict[str, str]:
    found = json.loads(cli("subscribers", "list", "--json").stdout)
    return {one["email"].partition("@")[0]: one["state"] for one in found}


def piped(raw: bytes, *words: str) -> Any:
    command = [*COMMAND, "--data-dir", "d", *words, "bounces", "read", "-"]
    return subprocess.run(
        command, input=raw, capture_output=True, check=False, env=environment(), timeout=120
    )


def test_messages_mailboxes_and_folders(place: Path) -> None:
    Path("one.eml").write_bytes(sample("gmail-no-such-user", 1))
    box = mailbox.mbox("box")
    for name, who in (("arf-abuse", 2), ("out-of-office", 3), ("postfix-user-unknown", 1)):
        box.add(sample(name, who))
    box.close()
    folder = mailbox.Maildir("folder")
    folder.add(sample("postfix-mailbox-full", 3))
    folder.add((SAMPLES / "postfix-user-unknown.eml").read_bytes())  # its token is none
    before = Path("box").read_bytes()
    answer = cli("-vv", "bounces", "read", "one.eml", "box", "folder", "--json")
    assert answer.returncode == 0, answer.stderr
    told = {"ended": 2, "counted": 1, "known": 1, "unknown": 1, "ignored": 1}
    assert json.loads(answer.stdout) == NOTHING | told
    assert states() == {"anna": "bounced", "bert": "complained", "carla": "confirmed"}
    assert "@" not in answer.stderr
    assert Path("box").read_bytes() == before
    again = json.loads(cli("bounces", "read", "one.eml", "box", "folder", "--json").stdout)
    assert (again["ended"], again["counted"], again["known"]) == (0, 0, 4)


def test_a_refusal_is_told(place: Path) -> None:
    Path("one.eml").write_bytes(sample("gmail-unauthenticated", 1))
    answer = cli("-q", "bounces", "read", "one.eml")
    assert answer.returncode == 1
    assert answer.stderr.startswith("a mail server refuses us: 5.7.26 smtp; 550-5.7.26 Your mail was blocked")
    assert "refused\t1" in answer.stdout
    assert states()["anna"] == "confirmed"


def test_as_a_pipe_it_never_sends_back(place: Path) -> None:
    assert piped(b"From MAILER-DAEMON\n" + sample("exim-user-unknown", 1)).returncode == 0
    assert states()["anna"] == "bounced"
    for raw in (b"", b"\x00\xff", sample("gmail-unauthenticated", 2), sample("spam", 2)):
        assert piped(raw).returncode == 0
    assert states()["bert"] == "confirmed"


def test_as_a_pipe_it_asks_to_come_again(place: Path) -> None:
    with sqlite3.connect("d/lagebrief.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    connection.close()
    answer = piped(sample("exim-user-unknown", 1))
    assert answer.returncode == 75
    Path("one.eml").write_bytes(sample("exim-user-unknown", 1))
    assert cli("bounces", "read", "one.eml").returncode == 1


def test_who_asks_by_mail_to_leave_has_left(place: Path) -> None:
    token = tokens.token(keys("", Path("d")), tokens.LEAVE, 2)
    bounce = tokens.token(keys("", Path("d")), tokens.BOUNCE, 1)
    for number, to in enumerate((token, bounce, "0" * 40)):  # one of three can leave by it
        mail = f"From: b@example.net\nTo: <Abmelden+{to}@example.org>\nSubject: unsubscribe\n\n"
        Path(f"{number}.eml").write_text(mail, encoding="ascii")
    answer = cli("bounces", "read", "0.eml", "1.eml", "2.eml", "--json")
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout) == NOTHING | {"left": 3}, "whose token is right is not told"
    assert states() == {"anna": "confirmed", "bert": "unsubscribed", "carla": "confirmed"}
    Path("quoted.eml").write_text(
        f"From: b@example.net\nTo: brief@example.org\n\nabmelden+{token}@example.org\n", encoding="ascii"
    )
    assert json.loads(cli("bounces", "read", "quoted.eml", "--json").stdout) == NOTHING | {"ignored": 1}


def test_what_is_no_mailbox_is_refused(place: Path) -> None:
    assert_one_line(cli("bounces", "read", "nothing.eml"), 2, "no such file")
    Path("empty").mkdir()
    assert_one_line(cli("bounces", "read", "empty"), 2, "not a Maildir")
    assert cli("bounces", "read").returncode == 2


def test_a_mailbox_is_fetched(place: Path, need: Callable[[str, str], NoReturn]) -> None:
    if not imap_server.installed():
        need("dovecot", "needs an IMAP server: install the packages dovecot-imapd and openssl")
    with imap_server.running() as server:
        server.put(*(sample(name, who) for name, who in (("gmx-unknown", 1), ("spam", 2), ("gmx-policy", 3))))
        env = {
            "LAGEBRIEF_BOUNCES__HOST": "127.0.0.1",
            "LAGEBRIEF_BOUNCES__PORT": str(server.tls),
            "LAGEBRIEF_BOUNCES__USERNAME": imap_server.NAME,
            "LAGEBRIEF_BOUNCES__PASSWORD": imap_server.PASSWORD,
            "SSL_CERT_FILE": str(server.certificate),
        }
        answer = run("--data-dir", "d", "-vv", "bounces", "fetch", "--json", env=env)
        assert answer.returncode == 1, answer.stderr  # somebody refuses us
        assert json.loads(answer.stdout) == NOTHING | {"ended": 1, "refused": 1, "ignored": 1}
        assert "a mail server refuses us: 5.0.0 smtp; 554" in answer.stderr
        assert "@" not in answer.stderr
        assert imap_server.PASSWORD not in answer.stderr
        assert len(server.box()) == 0
        assert len(server.box("Lagebrief")) == 3
    assert states() == {"anna": "bounced", "bert": "confirmed", "carla": "confirmed"}
    assert_one_line(run("--data-dir", "d", "bounces", "fetch", env=env), 75, "does not answer")
    assert_one_line(cli("bounces", "fetch"), 78, "bounces.host is empty")
