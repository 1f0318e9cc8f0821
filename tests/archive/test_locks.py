"""One process at a time, and a killed one leaves nothing locked."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from archive.database import Database
from archive.locks import alone
from lagebrief.errors import TryAgainError

HOLD = """
import sys, time
from archive.database import Database
from archive.locks import alone
with alone(Database(sys.argv[1]), sys.argv[2]):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(database: Database, store_url: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock "collect"."""
    run = [sys.executable, "-c", HOLD, store_url, "collect"]
    with subprocess.Popen(run, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_another_process_is_refused_and_other_work_is_not(
    database: Database, holder: subprocess.Popen[str]
) -> None:
    with pytest.raises(TryAgainError, match="collect is already running"), alone(database, "collect"):
        pytest.fail("two at once")
    with alone(database, "send"):
        pass


def test_a_killed_holder_frees_the_lock(database: Database, holder: subprocess.Popen[str]) -> None:
    holder.kill()
    holder.wait(10)
    for _ in range(100):  # PostgreSQL needs a moment to see that its client has gone
        try:
            with alone(database, "collect"):
                return
        except TryAgainError:
            time.sleep(0.05)
    pytest.fail("the lock outlived its process")


def test_the_lock_is_free_after_the_block_and_after_an_error(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), alone(database, "collect"):
        raise ZeroDivisionError
    with alone(database, "collect"), pytest.raises(TryAgainError), alone(database, "collect"):
        pytest.fail("two at once")
    with alone(database, "collect"):
        pass
