"""A mail server that says what a test tells it to, and remembers what it was told."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

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


class Scripted:
    """Answers each command by its first word. heard: all commands, "." for a mail's end."""

    def __init__(self, answers: Mapping[str, str]) -> None:
        self.answers = GOOD | dict(answers)
        self.heard: list[str] = []
        self.mails: list[bytes] = []
        self.named = threading.Event()  # somebody has named a recipient
        self.go_on = threading.Event()  # and waits for this
        self.go_on.set()
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
        with suppress(OSError), client, client.makefile("rb") as lines:  # the other side may hang up
            self._say(client, "")
            while line := lines.readline():
                command = line.split()[0].decode().upper() if line.split() else ""
                self.heard.append(command)
                if command == "RCPT":
                    self.named.set()
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
