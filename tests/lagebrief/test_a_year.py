"""A year of issues with a clock of our own: readers join, leave, bounce and complain, servers fail, nobody
approves, the clocks change and a year has 53 weeks (D17 of the trust requirements).

What the hostile server took is the truth; after each week it must be what a plain model of it says.
"""

from __future__ import annotations

import datetime as dt
import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from example_archive import HOUR, Clock
from mail_servers import Server, hostile

from archive import issues
from archive.issues import StoredIssue
from digest.weeks import Week
from lagebrief import delivery
from lagebrief.app import App, opened
from lagebrief.config import load_defaults
from lagebrief.errors import MailServerError, NothingToDoError
from mailing import bounces, dispatch, retention, subscribers, tokens
from mailing.delivery_reports import Report
from mailing.keys import Keys
from mailing.ledger import Ledger
from mailing.refusals import Kind
from mailing.settings import MailSettings
from mailing.steps import OPEN
from mailing.subscribers import SignUp, State

KEYS = Keys((b"k" * 40,))
FIRST = Week(2026, 20)  # from here both clock changes and week 53 lie in the year
WEEKS = 52
KINDS = ("ok", "ok", "ok", "ok", "ok", "grey", "temp", "perm")
PAGE = '<!DOCTYPE html>\n<html lang="de"><body><p>Ausgabe</p>\n<!-- abo -->\n</body></html>\n'


@dataclass
class World:
    """The program, its server and what must be true of its readers."""

    app: App
    clock: Clock
    server: Server
    chance: random.Random
    reads: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)
    waits: set[str] = field(default_factory=set)
    number: int = 0

    def join(self, count: int) -> None:
        """New ones sign up; most confirm."""
        for _ in range(count):
            self.number += 1
            address = f"{self.chance.choice(KINDS)}{self.number}@example.net"
            token = subscribers.sign_up(self.app.database, KEYS, SignUp(address), "Wortlaut", self.clock.now)
            assert token
            if self.chance.random() < 0.85:
                assert subscribers.confirm(self.app.database, KEYS, token, self.clock.now)
                self.reads.add(address)
            else:
                self.waits.add(address)

    def leave(self, count: int) -> None:
        """Some leave by link, some by a bounce, some complain."""
        for address in self.chance.sample(sorted(self.reads), min(count, len(self.reads))):
            reader = subscribers.find(self.app.database, address)
            assert reader
            if self.chance.random() < 0.6:
                token = tokens.token(KEYS, tokens.LEAVE, reader.id)
                subscribers.leave(self.app.database, KEYS, token, self.clock.now)
                self.left.add(address)
            else:
                kind = self.chance.choice((Kind.HARD, Kind.COMPLAINT))
                token = tokens.token(KEYS, tokens.BOUNCE, reader.id)
                bounces.apply(self.app.database, KEYS, Report(kind, token, "", ""), self.clock.now)
            self.reads.discard(address)

    def come_back(self) -> None:
        """One who left signs up again and confirms."""
        for address in self.chance.sample(sorted(self.left), min(1, len(self.left))):
            token = subscribers.sign_up(self.app.database, KEYS, SignUp(address), "Wortlaut", self.clock.now)
            if token and subscribers.confirm(self.app.database, KEYS, token, self.clock.now):
                self.left.discard(address)
                self.reads.add(address)

    def took(self, week: Week) -> Counter[str]:
        """How often each address got the issue of a week."""
        rows = [json.loads(line) for line in self.server.log.read_text(encoding="utf-8").splitlines()]
        return Counter(to for row in rows if row["message_id"].startswith(f"<{week}.") for to in row["to"])

    def down(self, *, down: bool) -> None:
        self.server.log.with_name("mode.txt").write_text("down" if down else "")


@pytest.fixture
def world(place: Path, clock: Clock, shared: Path) -> Iterator[World]:
    with hostile(shared, place, grey_seconds=0.02) as server:
        given = {"host": "127.0.0.1", "port": server.port, "security": "none", "from": "brief@example.org"}
        quick = {"rate": 1e6, "first_pause": 0.05, "give_up_after": 1e-6, "keys": "k" * 40}
        defaults = load_defaults()
        web = defaults.config.web.model_copy(update={"base_url": "https://brief.example.org"})
        mail = MailSettings.model_validate(given | quick)
        config = defaults.config.model_copy(update={"sources": (), "mail": mail, "web": web})
        loaded = replace(defaults, config=config, base=place, data_dir_override=place / "data")
        clock.now = FIRST.start
        with opened(loaded, clock=clock) as app:
            yield World(app, clock, server, random.Random(17))


def draft(world: World, week: Week, *, approved: bool) -> None:
    issue = StoredIssue(
        str(week), "draft", world.clock.now, f"Lagebrief {week.label}", "extract", {"items": []}, PAGE, "A\n"
    )
    assert issues.save_draft(world.app.database, issue)
    if approved:
        assert issues.approve(world.app.database, issue, "Redaktion", world.clock.now, PAGE, "A\n")


def deliver(world: World, week: Week) -> None:
    """At its hour, and again until all is done, as `serve` does every minute."""
    for _ in range(60):
        try:
            delivery.deliver_due(world.app)
        except MailServerError:
            world.down(down=False)
        world.clock.now += dt.timedelta(minutes=1)
        issue = issues.load(world.app.database, str(week))
        assert issue
        if issue.state == "sent":
            return
    pytest.fail(f"{week} does not come to an end: {Ledger(world.app.database, str(week)).counts()}")


def check(world: World, week: Week, asked: set[str]) -> None:
    """The issue came once to everybody who reads and whose mailbox takes mail, and to nobody else."""
    reachable = {address for address in asked if address.startswith(("ok", "grey"))}
    took = world.took(week)
    assert set(took) == reachable
    assert not took or max(took.values()) == 1
    counts = Ledger(world.app.database, str(week)).counts()
    assert not any(state in counts for state in OPEN)
    assert sum(counts.values()) == len(asked)
    gone = {address for address in asked if address.startswith("perm")}
    world.reads -= gone
    states = {reader.email: reader.state for reader in subscribers.every(world.app.database)}
    assert {address for address, state in states.items() if state == State.CONFIRMED} == world.reads
    assert all(states[address] == State.BOUNCED for address in gone)


def a_year(world: World, begin: int, each_week: int) -> None:
    world.join(begin)
    unapproved = set(world.chance.sample(range(WEEKS), 3))
    outages = set(world.chance.sample(range(WEEKS), 6))
    week = FIRST
    for number in range(WEEKS):
        world.clock.now = week.start + dt.timedelta(days=world.chance.randint(0, 6), hours=3)
        world.join(world.chance.randint(0, each_week))
        world.leave(world.chance.randint(0, each_week - 1))
        world.come_back()
        retention.delete_due(world.app.database, KEYS, world.clock.now)
        draft(world, week, approved=number not in unapproved)
        world.clock.now = delivery.sending_time(world.app, week) - HOUR
        delivery.deliver_due(world.app)
        assert not world.took(week), "before its hour nothing goes out"
        world.clock.now += HOUR
        if number in unapproved:
            with pytest.raises(NothingToDoError):
                delivery.deliver_due(world.app)
            assert not world.took(week)
            # Nobody looks at it for days: it is not sent late by itself.
            world.clock.now += delivery.GRACE
        else:
            world.down(down=number in outages)
            asked = set(world.reads)
            deliver(world, week)
            check(world, week, asked)
        week = week.next
    assert dispatch.under_way(world.app.database) == []
    sent = [issue.week for issue in issues.published(world.app.database, 99)]
    assert len(sent) == len(set(sent)) == WEEKS - len(unapproved)
    assert "2026-W53" in sent or 33 in unapproved
    assert not {reader.email for reader in subscribers.every(world.app.database)} & {
        address for address in world.waits if address in world.reads
    }


@pytest.mark.slow
def test_a_year_of_issues(world: World) -> None:
    a_year(world, begin=12, each_week=3)


@pytest.mark.soak
def test_a_year_of_issues_with_five_hundred_readers(world: World) -> None:
    a_year(world, begin=300, each_week=12)
