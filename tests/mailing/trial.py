"""A run of delivery that is killed again and again, with a hostile server's log as the truth."""

from __future__ import annotations

import datetime as dt
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mail_servers import Server
from program import run, start

from archive import issues, migrate
from archive.database import Database
from archive.issues import StoredIssue
from mailing import subscribers
from mailing.keys import Keys
from mailing.ledger import Ledger
from mailing.steps import OPEN, State
from mailing.subscribers import SignUp

WEEK = "2025-W28"
NOW = dt.datetime(2025, 7, 14, 6, tzinfo=dt.UTC)
KEY = "k" * 40
KEYS = Keys((KEY.encode(),))
KINDS = ("ok", "ok", "ok", "ok", "grey", "ok", "temp", "perm")
CONNECTIONS = 2
_CONFIG = """
[store]
url = "{store}"
[mail]
host = "127.0.0.1"
port = {port}
security = "none"
from = "Lagebrief <brief@example.org>"
list_id = "Lagebrief <lagebrief.example.org>"
rate = 250
connections = {connections}
lease = 1.0
first_pause = 0.3
give_up_after = 0.001
[web]
base_url = "https://brief.example.org"
"""
_PATIENCE = 60  # seconds for one trial to come to its end
_ITEMS = "<p>Meldung</p>\n" * 400
_PAGE = f'<!DOCTYPE html>\n<html lang="de"><body><p>Ausgabe</p>\n<!-- abo -->\n{_ITEMS}</body></html>\n'


@dataclass
class Outcome:
    """What a trial came to."""

    kills: int = 0
    states: dict[State, int] = field(default_factory=dict)
    accepted: Counter[str] = field(default_factory=Counter)


def prepare(store_url: str, domain: str, readers: int) -> None:
    """An approved issue and readers of all kinds, one who has left and one who never confirmed."""
    database = Database(store_url)
    migrate.ensure(database)
    issues.save_draft(database, _issue())
    draft = issues.load(database, WEEK)
    assert draft is not None
    if draft.state == "draft":
        issues.approve(database, draft, "Redaktion", NOW, draft.html, draft.text)
    for number in range(readers):
        address = f"{KINDS[number % len(KINDS)]}{number}@{domain}"
        assert subscribers.add(database, KEYS, SignUp(address, text_only=number % 9 == 0), "Test", NOW)
    assert subscribers.add(database, KEYS, SignUp(f"left@{domain}"), "Test", NOW)
    left = subscribers.find(database, f"left@{domain}")
    assert left
    subscribers.end(database, KEYS, left.id, subscribers.State.UNSUBSCRIBED, NOW, "link")
    assert subscribers.sign_up(database, KEYS, SignUp(f"pending@{domain}"), "Wortlaut", NOW)
    database.close()


def _issue() -> StoredIssue:
    return StoredIssue(WEEK, "draft", NOW, "Lagebrief KW 28", "extract", {"items": []}, _PAGE, "Ausgabe\n")


def configure(folder: Path, store_url: str, port: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "config.toml"
    path.write_text(_CONFIG.format(store=store_url, port=port, connections=CONNECTIONS))
    return path


def environment() -> dict[str, str]:
    return {"LAGEBRIEF_MAIL__KEYS": KEY}


def trial(config: Path, store_url: str, server: Server, domain: str, chance: random.Random) -> Outcome:
    """Send, killed up to three times at any moment, then undisturbed to the end."""
    outcome = Outcome()
    for _ in range(chance.randint(1, 3)):
        process = start("--config", config, "digest", "send", WEEK, env=environment())
        time.sleep(chance.uniform(0.4, 2.2))
        if process.poll() is None:
            outcome.kills += 1
        process.kill()
        process.communicate(timeout=10)
    finish(config, store_url)
    database = Database(store_url)
    outcome.states = Ledger(database, WEEK).counts()
    outcome.accepted = server.accepted(domain)
    database.close()
    return outcome


def finish(config: Path, store_url: str) -> None:
    """Send again and again until nothing is open."""
    until = time.monotonic() + _PATIENCE
    database = Database(store_url)
    while True:
        answer: Any = run("--config", config, "-q", "digest", "send", WEEK, env=environment())
        assert answer.returncode == 0, answer.stderr
        if not any(state in Ledger(database, WEEK).counts() for state in OPEN):
            database.close()
            return
        assert time.monotonic() < until, Ledger(database, WEEK).counts()


def assert_kept(outcome: Outcome, store_url: str, domain: str, readers: int) -> None:
    """Nobody twice, nobody forgotten, nobody unasked; at most one uncertain a worker and kill."""
    assert max(outcome.accepted.values()) == 1, "somebody got it twice"
    states = outcome.states
    assert sum(states.values()) == readers
    assert states.get(State.UNCERTAIN, 0) <= CONNECTIONS * outcome.kills
    assert set(states) <= {State.SENT, State.UNCERTAIN, State.BOUNCED, State.FAILED}
    assert not {f"left@{domain}", f"pending@{domain}"} & outcome.accepted.keys()
    database = Database(store_url)
    ledger = Ledger(database, WEEK)
    addresses = {reader.id: reader.email for reader in subscribers.every(database)}
    sent = {addresses[row.subscriber_id] for row in ledger.rows(State.SENT)}
    uncertain = {addresses[row.subscriber_id] for row in ledger.rows(State.UNCERTAIN)}
    ended = {addresses[row.subscriber_id]: row for row in ledger.rows(State.BOUNCED, State.FAILED)}
    database.close()
    assert sent <= outcome.accepted.keys() <= sent | uncertain
    assert all(address.startswith(("perm", "temp")) for address in ended)
    assert all(row.reason for row in ended.values())
