"""Subscribers from the command line; addresses on stdout where they were asked for, and nowhere else."""

from __future__ import annotations

import datetime as dt
import json
import os
import pty
import subprocess
from pathlib import Path
from typing import Any

from program import COMMAND, assert_one_line, environment, run

from archive.database import Database
from mailing import subscribers
from mailing.keys import keys
from mailing.subscribers import SignUp

ANNA, BASIS = "anna@example.org", ("--basis", "Vertrag vom 1. Juli")


def cli(*words: str) -> Any:
    return run("--data-dir", "d", "subscribers", *words)


def ok(*words: str) -> str:
    answer = cli(*words)
    assert answer.returncode == 0, answer.stderr
    return str(answer.stdout)


def signed_up(email: str, place: Path) -> None:
    """Somebody who signed up on the pages."""
    ok("list")  # makes the archive
    database = Database(f"sqlite:///{place / 'd' / 'lagebrief.db'}")
    asked, now = SignUp(email, network="192.0.2.0/24"), dt.datetime.now(dt.UTC)
    assert subscribers.sign_up(database, keys("", place / "d"), asked, "Ja, bitte.", now)
    database.close()


def test_the_life_of_a_subscriber(place: Path) -> None:
    ok("add", "Anna@Example.org", *BASIS, "--topic", "eu-ai-act", "--text-only")
    (anna,) = json.loads(ok("list", "--json"))
    assert (anna["email"], anna["state"], anna["topics"], anna["text_only"]) == (
        ANNA,
        "confirmed",
        ["eu-ai-act"],
        True,
    )
    counts = dict(line.split("\t") for line in ok("list").splitlines())
    assert counts == {
        "pending": "0",
        "confirmed": "1",
        "unsubscribed": "0",
        "bounced": "0",
        "complained": "0",
        "erased": "0",
    }
    assert ok("list", "--state", "confirmed").startswith(f"{ANNA}\t")
    assert ok("list", "--state", "pending") == ""
    assert "   | Vertrag vom 1. Juli" in ok("proof", ANNA)
    ok("remove", ANNA)
    assert json.loads(ok("export", ANNA))["suppression"]["reason"] == "unsubscribed"
    assert "proof of consent: 2 entries" in ok("erase", ANNA)
    assert json.loads(ok("list", "--json"))[0]["state"] == "unsubscribed"
    ok("erase", ANNA, "--yes")
    assert json.loads(ok("list", "--json"))[0]["email"] is None
    assert json.loads(ok("export", ANNA))["subscriber"] is None


def test_a_pending_one_is_confirmed_by_hand(place: Path) -> None:
    signed_up(ANNA, place)
    assert_one_line(cli("confirm", ANNA, "--basis", " "), 2, "--basis")
    ok("confirm", ANNA, "--basis", "Antwort per Mail")
    assert_one_line(cli("confirm", ANNA, "--basis", "x"), 2, "is confirmed")
    proof = ok("proof", ANNA)
    assert "   | Ja, bitte." in proof
    assert "von Hand bestätigt; angegebene Grundlage:\n   | Antwort per Mail" in proof


def test_what_cannot_be_done_is_said_in_one_line() -> None:
    for words in (("proof",), ("export",), ("erase",), ("erase", "--yes"), ("remove",), ("confirm", *BASIS)):
        assert_one_line(cli(words[0], ANNA, *words[1:]), 2, "nobody signed up")
    assert_one_line(cli("add", "anna", *BASIS), 2, "not a mail address")
    assert_one_line(cli("add", ANNA, *BASIS, "--topic", "mars"), 2, "no topic 'mars'", "eu-ai-act")
    assert cli("add", ANNA).returncode == 2
    ok("add", ANNA, *BASIS)
    assert_one_line(cli("add", ANNA, *BASIS), 2, "known already")
    ok("remove", ANNA)
    assert_one_line(cli("remove", ANNA), 2, "it is unsubscribed")
    ok("erase", ANNA, "--yes")
    assert_one_line(cli("add", ANNA, *BASIS), 2, "sign up itself")


def test_an_import_is_shown_first(place: Path) -> None:
    Path("in.csv").write_text(
        "\ufeffemail;topics\r\nanna@example.org;eu-ai-act\r\nbert@example.org;\r\n?;\r\n", encoding="utf-8"
    )
    shown = cli("import", "in.csv", *BASIS)
    assert shown.returncode == 3
    assert "new\t2" in shown.stdout
    assert "line 4: that is not a mail address" in shown.stderr
    assert "nothing was written" in shown.stderr
    assert json.loads(ok("list", "--json")) == []
    done = cli("import", "in.csv", *BASIS, "--yes", "--json")
    assert done.returncode == 3
    assert json.loads(done.stdout) == {
        "new": 2, "known": 0, "suppressed": 0, "twice": 0, "malformed": 1, "added": 2,
        "malformed_lines": [{"line": 4, "reason": "that is not a mail address"}],
    }  # fmt: skip
    again = json.loads(cli("import", "in.csv", *BASIS, "--yes", "--json").stdout)
    assert (again["known"], again["added"]) == (2, 0)
    assert cli("import", "in.csv").returncode == 2
    assert_one_line(cli("import", "in.csv", "--basis", " "), 2, "--basis")


def test_an_import_of_many_shows_a_bar(place: Path) -> None:
    lines = "".join(f"reader{number}@example.org\n" for number in range(300))
    Path("in.csv").write_text("email\n" + lines, encoding="utf-8")
    ours, theirs = pty.openpty()
    command = [*COMMAND, "--data-dir", "d", "subscribers", "import", "in.csv", *BASIS, "--yes"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, env=environment(TERM="xterm"))
    os.close(theirs)
    shown = b""
    while part := _read(ours):
        shown += part
    assert process.communicate(timeout=60)[0].startswith(b"new\t300\n")
    os.close(ours)
    assert b"300/300" in shown
    assert b"@" not in shown


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # Linux says so when the other side has gone
        return b""


CANARY = "kanarienvogel"


def test_logs_hold_no_address(place: Path) -> None:
    address = f"{CANARY}@example.org"
    Path("in.csv").write_text(f"email\n{address}\n{CANARY}\n{address}\n", encoding="utf-8")
    calls = (
        ("proof", address), ("add", CANARY, *BASIS), ("import", "in.csv", *BASIS),
        ("import", "in.csv", *BASIS, "--yes"), ("add", address, *BASIS), ("confirm", address, *BASIS),
        ("list", "--json"), ("proof", address), ("export", address), ("remove", address), ("remove", address),
        ("erase", address), ("erase", address, "--yes"), ("add", address, *BASIS), ("export", address),
    )  # fmt: skip
    answers = [run("--data-dir", "d", "-vv", "subscribers", *words) for words in calls]
    assert any(CANARY in answer.stdout for answer in answers)
    assert [answer.stderr for answer in answers if CANARY in answer.stderr] == []
