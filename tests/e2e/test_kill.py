"""kill -9 while collecting: whatever the moment, one undisturbed run later everything is there, once."""

from __future__ import annotations

import random
import sqlite3
import time
from pathlib import Path

import pytest
from program import marked, run, start, write_config

from lagebrief.demo.world import ExampleWeb

KILLS = 15

Articles = dict[str, tuple[str, int, int]]


def articles(path: Path) -> Articles:
    """What stands in the archive: title, number of revisions and length of body, by address."""
    with sqlite3.connect(path) as connection:
        rows = connection.execute(
            "SELECT url, title, revision, length(body) FROM article ORDER BY url"
        ).fetchall()
    connection.close()
    assert len({row[0] for row in rows}) == len(rows)
    return {url: (title, revision, body) for url, title, revision, body in rows}


def sound(path: Path) -> None:
    """The database is whole, and no validator stands for entries that are not there."""
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "source" in tables:
        validated = "SELECT key FROM source WHERE body_hash != ''"
        logged = "SELECT source FROM fetch WHERE entries > 0 AND state = 'ok'"
        shown = "SELECT source FROM sighting"
        assert connection.execute(f"{validated} EXCEPT {logged}").fetchall() == []
        assert connection.execute(f"{validated} EXCEPT {shown}").fetchall() == []
        numbers = connection.execute("SELECT count(*), count(DISTINCT change) FROM article").fetchone()
        assert numbers[0] == numbers[1]
        loose = "SELECT id FROM article EXCEPT SELECT article_id FROM revision"
        assert connection.execute(loose).fetchall() == []
    connection.close()


def gone(mark: str) -> bool:
    """True once no process with this mark is left."""
    until = time.monotonic() + 5
    while marked(mark):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


@pytest.mark.slow
def test_kills_lose_and_double_nothing(web: ExampleWeb, tmp_path: Path) -> None:
    undisturbed = write_config(tmp_path / "ruhig", web)
    begun = time.monotonic()
    answer = run("--config", undisturbed, "collect", "--force")
    longest = time.monotonic() - begun
    assert answer.returncode == 0, answer.stderr
    expected = articles(tmp_path / "ruhig" / "data" / "lagebrief.db")
    assert len(expected) > 40

    config = write_config(tmp_path / "wild", web)
    path = tmp_path / "wild" / "data" / "lagebrief.db"
    moments = random.Random(2025)
    killed = 0
    for _ in range(KILLS):
        process = start("--config", config, "collect", "--force", env={"MARK": str(tmp_path)})
        time.sleep(moments.uniform(0.05, longest))
        killed += process.poll() is None
        process.kill()
        process.communicate(timeout=10)
        assert gone(str(tmp_path)), "a child outlived its parent"
        if path.is_file():
            sound(path)
    assert killed > KILLS / 2
    answer = run("--config", config, "collect", "--force", "--json")
    assert answer.returncode == 0, answer.stderr
    sound(path)
    assert articles(path) == expected
    assert {revision for _, revision, _ in expected.values()} == {1}
