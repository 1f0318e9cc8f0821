"""kill -9 while sending: no reader gets an issue twice, none is forgotten (D2 of the trust requirements)."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
from mail_servers import hostile
from program import start
from trial import WEEK, Outcome, assert_kept, configure, environment, finish, prepare, trial

from archive.database import Database
from mailing.ledger import Ledger
from mailing.steps import State

READERS = 60


def sqlite_trials(shared: Path, folder: Path, trials: int, readers: int, seed: int) -> tuple[int, int]:
    """(kills, uncertain mails) over all trials."""
    chance = random.Random(seed)
    original = f"sqlite:///{folder / 'original.db'}"
    prepare(original, "t.example.net", readers)
    kills = uncertain = 0
    for number in range(trials):
        with hostile(shared, folder_of(folder, number)) as server:
            store = f"sqlite:///{folder_of(folder, number) / 'archive.db'}"
            shutil.copy(folder / "original.db", folder_of(folder, number) / "archive.db")
            config = configure(folder_of(folder, number), store, server.port)
            outcome = trial(config, store, server, "t.example.net", chance)
            assert_kept(outcome, store, "t.example.net", readers)
        kills += outcome.kills
        uncertain += outcome.states.get(State.UNCERTAIN, 0)
    return kills, uncertain


def folder_of(folder: Path, number: int) -> Path:
    made = folder / f"trial{number}"
    made.mkdir(exist_ok=True)
    return made


@pytest.mark.slow
def test_killed_senders_double_and_lose_nothing(shared: Path, tmp_path: Path) -> None:
    kills, _ = sqlite_trials(shared, tmp_path, 2, READERS, 2025)
    assert kills >= 1, "hardly a sender was killed in the middle"


@pytest.mark.soak
def test_killed_senders_double_and_lose_nothing_in_300_trials(shared: Path, tmp_path: Path) -> None:
    kills, uncertain = sqlite_trials(shared, tmp_path, 300, 200, 1)
    print(f"300 trials, {kills} kills, {uncertain} uncertain mails")
    assert kills > 300


def postgres_trial(shared: Path, folder: Path, store: str, readers: int, chance: random.Random) -> Outcome:
    """The database is empty before it."""
    prepare(store, "t.example.net", readers)
    with hostile(shared, folder) as server:
        config = configure(folder, store, server.port)
        outcome = trial(config, store, server, "t.example.net", chance)
        assert_kept(outcome, store, "t.example.net", readers)
    return outcome


@pytest.mark.slow
@pytest.mark.postgres
def test_the_same_on_postgresql(shared: Path, tmp_path: Path, empty_postgres: str) -> None:
    postgres_trial(shared, tmp_path, empty_postgres, READERS, random.Random(7))


@pytest.mark.soak
@pytest.mark.postgres
def test_the_same_on_postgresql_in_100_trials(shared: Path, tmp_path: Path, empty_postgres: str) -> None:
    chance, kills, uncertain = random.Random(2), 0, 0
    for number in range(100):
        outcome = postgres_trial(shared, folder_of(tmp_path, number), empty_postgres, 200, chance)
        kills += outcome.kills
        uncertain += outcome.states.get(State.UNCERTAIN, 0)
        emptied(empty_postgres)
    print(f"100 trials, {kills} kills, {uncertain} uncertain mails")
    assert kills > 100


def emptied(store: str) -> None:
    database = Database(store)
    with database.writing() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    database.close()


@pytest.mark.slow
def test_four_senders_at_once_send_each_mail_once(shared: Path, tmp_path: Path, store_url: str) -> None:
    prepare(store_url, "t.example.net", READERS)
    with hostile(shared, tmp_path) as server:
        config = configure(tmp_path, store_url, server.port)
        started = [start("--config", config, "digest", "send", WEEK, env=environment()) for _ in range(4)]
        for process in started:
            _, said = process.communicate(timeout=60)
            assert process.returncode == 0, said
        finish(config, store_url)
        database = Database(store_url)
        outcome = Outcome(0, Ledger(database, WEEK).counts(), server.accepted("t.example.net"))
        database.close()
        assert_kept(outcome, store_url, "t.example.net", READERS)
