"""Any order of events: nobody who left, complained or was erased is confirmed without a new confirmation."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from reader_cases import HOUR, NOW, WORDING

from archive.database import Database
from mailing import subscribers, tokens
from mailing.keys import Keys
from mailing.subscribers import SignUp, State

WHO = st.sampled_from(("anna", "bert"))
_runs = itertools.count()


class Person:
    """What must hold of somebody. token: of the last confirmation mail; ids: all numbers they ever had."""

    def __init__(self, email: str) -> None:
        self.email = email
        self.reads = self.complained = self.known = self.barred = False
        self.token: str | None = None
        self.asked: list[str] = []
        self.until = NOW
        self.id = 0

    def out(self) -> None:
        self.reads, self.token, self.barred = False, None, True


class Machine(RuleBasedStateMachine):
    database: Database

    def __init__(self) -> None:
        super().__init__()
        run = next(_runs)
        self.people = {name: Person(f"{name}{run}@example.org") for name in ("anna", "bert")}
        self.keys = Keys((b"k" * 64,))
        self.now = NOW

    @rule(name=WHO)
    def signs_up(self, name: str) -> None:
        person = self.people[name]
        made = subscribers.sign_up(self.database, self.keys, SignUp(person.email), WORDING, self.now)
        if made is None:
            return
        assert not person.complained
        assert not person.reads
        person.token, person.until, person.known = made, self.now + subscribers.CONFIRM_WITHIN, True
        person.asked.append(made)
        found = subscribers.find(self.database, person.email)
        assert found
        person.id = found.id

    @rule(name=WHO, data=st.data())
    def confirms(self, name: str, data: st.DataObject) -> None:
        person = self.people[name]
        given = data.draw(st.sampled_from([*person.asked, "0" * 32]))
        good = given == person.token and self.now < person.until
        assert subscribers.confirm(self.database, self.keys, given, self.now) == good
        if good:
            person.reads, person.token, person.barred = True, None, False

    @rule(name=WHO, purpose=st.sampled_from((tokens.LEAVE, tokens.BOUNCE)))
    def leaves(self, name: str, purpose: str) -> None:
        person = self.people[name]
        token = tokens.token(self.keys, purpose, person.id)
        subscribers.leave(self.database, self.keys, token, self.now)
        if purpose == tokens.LEAVE and (person.reads or person.token):
            person.out()

    @rule(name=WHO, state=st.sampled_from((State.BOUNCED, State.COMPLAINED)))
    def is_ended(self, name: str, state: State) -> None:
        person = self.people[name]
        if subscribers.end(self.database, self.keys, person.id, state, self.now, ""):
            person.out()
            person.complained |= state == State.COMPLAINED
        assert (person.reads, person.token) == (False, None)

    @rule(name=WHO)
    def is_erased(self, name: str) -> None:
        person = self.people[name]
        assert subscribers.erase(self.database, self.keys, person.email, self.now) == person.known
        if person.known:
            person.out()
            person.known, person.id = False, 0

    @rule(name=WHO)
    def is_added(self, name: str) -> None:
        person = self.people[name]
        fresh = not person.known and not person.barred
        assert subscribers.add(self.database, self.keys, SignUp(person.email), "Vertrag", self.now) == fresh
        if fresh:
            found = subscribers.find(self.database, person.email)
            assert found
            person.known = person.reads = True
            person.id = found.id

    @rule()
    def keys_rotate(self) -> None:
        self.keys = Keys((bytes([len(self.keys.every)]) * 64, *self.keys.every))

    @rule(hours=st.sampled_from((1, 23, 24 * 8)))
    def time_passes(self, hours: int) -> None:
        self.now += hours * HOUR

    @invariant()
    def only_the_consenting_are_confirmed(self) -> None:
        for person in self.people.values():
            found = subscribers.find(self.database, person.email)
            assert bool(found and found.state == State.CONFIRMED) == person.reads
            assert (found is not None) == person.known


def test_nobody_reads_without_consent(database: Database) -> None:
    machine: Any = type("OnThisDatabase", (Machine,), {"database": database})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40,
            stateful_step_count=30,
            deadline=dt.timedelta(seconds=10),
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
