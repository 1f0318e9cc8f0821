"""Mail servers of two kinds: the trust kit's hostile one, and one that says what a test tells it to."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from mailing.settings import MailSettings

GOOD = {
    "": "220 da",
    "EHLO": "250-da\r\n250 PIPELINING",
    "MAIL": "250 gut",
    "RCPT": "250 gut",
    "DATA": "354 los",
    ".": "250 genommen",
    "RSET": "250 gut",
    "QUIT": "221 bye",
}


@dataclass
class Server:
    """The hostile server: where it listens, and its log of what it took."""

    port: int
    log: Path

    def accepted(self, domain: str) -> Counter[str]:
        """How often each address of a domain got the mail."""
        rows = [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]
        return Counter(to for row in rows for to in row["to"] if to.endswith(f"@{domain}"))


@contextmanager
def hostile(shared: Path, folder: Path, grey_seconds: float = 0.2) -> Iterator[Server]:
    """The trust kit's server in a process of its own."""
    log, port_file = folder / "accepted.jsonl", folder / "port"
    log.touch()
    given = ["--log", log, "--port-file", port_file, "--grey-seconds", grey_seconds]
    process = subprocess.Popen(
        [sys.executable, str(shared / "trust" / "hostile_smtp.py"), *map(str, given)], stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield Server(int(port_file.read_text()), log)
    finally:
        process.kill()
        process.communicate(timeout=10)


class Scripted:
    """Answers each command by its first word. heard: all commands, "." for a mail's end."""

    def __init__(self, answers: Mapping[str, str]) -> None:
        self.answers = GOOD | dict(answers)
        self.heard: list[str] = []
        self.mails: list[bytes] = []
        self.named = threading.Event()  # somebody has named a recipient
        self.go_on = threading.Event()  # and waits for this
        self.go_on.set()
        self.held = threading.Event()  # it waits
        self.on_recipient: Callable[[int], None] = lambda _number: None
        self.at_once = 99  # connections; one more is sent away
        self._open = 0
        self._lock = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self.go_on.set()
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with self._lock:
            self._open += 1
            too_many = self._open > self.at_once
        try:
            self._talk(client, too_many=too_many)
        finally:
            with self._lock:
                self._open -= 1

    def _talk(self, client: socket.socket, *, too_many: bool) -> None:
        with suppress(OSError), client, client.makefile("rb") as lines:  # the other side may hang up
            if too_many:
                client.sendall(b"421 4.7.0 too many connections\r\n")
                return
            self._say(client, "")
            while line := lines.readline():
                command = line.split()[0].decode().upper() if line.split() else ""
                self.heard.append(command)
                if command == "RCPT":
                    self.named.set()
                    self.on_recipient(self.heard.count("RCPT"))
                    if not self.go_on.is_set():
                        self.held.set()
                    self.go_on.wait(20)
                said = self._say(client, command)
                if command == "DATA" and said.startswith("354"):
                    self._take(lines)
                    self._say(client, ".")

    def _take(self, lines: object) -> None:
        mail = b""
        for line in lines:  # type: ignore[attr-defined]
            if line == b".\r\n":
                self.heard.append(".")
                self.mails.append(mail)
                return
            mail += line

    def _say(self, client: socket.socket, command: str) -> str:
        said = self.answers.get(command, "502 unbekannt")
        client.sendall(f"{said}\r\n".encode())
        return said


@contextmanager
def scripted(answers: Mapping[str, str] | None = None) -> Iterator[Scripted]:
    server = Scripted(answers or {})
    try:
        yield server
    finally:
        server.close()


def settings_of(server: Scripted) -> MailSettings:
    return MailSettings.model_validate(
        {"host": "127.0.0.1", "port": server.port, "security": "none", "from": "L <brief@example.org>"}
    )
