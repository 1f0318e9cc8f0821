"""lagebrief serve with the pages: beside the schedule or alone, and it ends when asked."""

from __future__ import annotations

import signal
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest
from program import assert_one_line, run, start

PAGES = """
[collect]
contact = "https://example.net/kontakt"

[[sources]]
key = "hand"
name = "Von Hand"
kind = "manual"

[mail]
from = "Lagebrief <brief@example.org>"

[impressum]
publisher = "Haus Beispiel"
address = "Weg 1"
responsible = "E. M."
email = "p@example.org"

[web]
base_url = "https://brief.example.org"
port = {port}
"""


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture
def config(tmp_path: Path, port: int) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(PAGES.format(port=port), encoding="utf-8")
    return path


@contextmanager
def serving(*arguments: str | Path) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """The running program and what it said, once its pages are there; SIGTERM ends it, with exit code 0."""
    process = start(*arguments)
    assert process.stderr
    said: list[str] = []
    try:
        for line in process.stderr:
            said.append(line)
            if line.startswith("pages: "):
                break
        yield process, said
    finally:
        process.send_signal(signal.SIGTERM)
        _, rest = process.communicate(timeout=30)
        said.append(rest)
    assert process.returncode == 0, "".join(said)
    assert "ended" in rest.splitlines()
    assert "Traceback" not in "".join(said)


@pytest.mark.parametrize("role", ["all", "web"])
def test_the_pages_are_served(config: Path, port: int, role: str) -> None:
    with (
        serving("-vv", "--config", config, "serve", "--role", role) as (_, said),
        closing(HTTPConnection("127.0.0.1", port, timeout=20)) as connection,
    ):
        connection.request("GET", "/gesund")
        assert connection.getresponse().read() == b"ok\n"
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/anmelden", b"email=canary%40example.org", form)
        assert "Sehen Sie in Ihr Postfach" in connection.getresponse().read().decode()
    told = "".join(said)
    assert f"pages: http://127.0.0.1:{port}, public at https://brief.example.org" in told
    assert ("compose the week's draft" in told) == (role == "all")
    assert "canary" not in told
    with closing(sqlite3.connect(config.parent / "data" / "lagebrief.db")) as database:
        (recipient, message) = database.execute("SELECT recipient, message FROM outbox").fetchone()
    assert recipient == "canary@example.org"
    assert b"https://brief.example.org/bestaetigen/" in message


def test_the_schedule_alone_has_no_pages(config: Path, port: int) -> None:
    process = start("--config", config, "serve", "--role", "scheduler")
    assert process.stderr
    first = process.stderr.readline()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)
    process.send_signal(signal.SIGTERM)
    _, rest = process.communicate(timeout=30)
    assert (process.returncode, "pages: " in first + rest) == (0, False)


def test_without_an_address_of_our_own_there_are_no_pages(config: Path) -> None:
    asked = run("--config", config, "serve", "--role", "web", env={"LAGEBRIEF_WEB__BASE_URL": ""})
    assert_one_line(asked, 78, "web.base_url")


def test_a_taken_port_ends_it(config: Path, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        assert_one_line(run("--config", config, "serve"), 78, "web.port", str(port))
