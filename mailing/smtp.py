"""One connection to a mail server, and what became of each mail on it.

Between the final dot and the server's answer nobody can know whether a mail was taken (RFC 1047). So the
dot goes out by itself, after the body, and whoever sends says at that very moment that it is going out.
"""

from __future__ import annotations

import base64
import re
import select
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from lagebrief.errors import LagebriefError, LostError, MailServerError
from mailing.settings import MailSettings

TIMEOUT = 60.0  # seconds for an answer; RFC 5321 allows servers minutes, a run must not wait for them
_CODE = re.compile(rb"(\d{3})([ -])(.*)")
_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})\b")
_LONGEST_ANSWER = 100
_SHUTS_DOWN = 421


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said: `550 5.1.1 User unknown`."""

    code: int
    text: str

    @property
    def is_good(self) -> bool:
        return 200 <= self.code < 400

    @property
    def is_final(self) -> bool:
        """A 5xx: asking again changes nothing."""
        return self.code >= 500

    @property
    def shuts_down(self) -> bool:
        """421: the server ends the connection and wants to be left alone for a while."""
        return self.code == _SHUTS_DOWN

    @property
    def enhanced(self) -> str:
        """The status of RFC 3463, such as 5.1.1; "" where the server gives none."""
        found = _ENHANCED.match(self.text)
        return found[1] if found else ""

    def __str__(self) -> str:
        return f"{self.code} {self.text}"[:200]


class Connection:
    """An open, encrypted and authenticated connection. Raises MailServerError where there is none."""

    def __init__(self, settings: MailSettings, timeout: float = TIMEOUT) -> None:
        self._pipelining = False
        self._rest = b""
        try:
            self._socket = _connected(settings, timeout)
            try:
                self._greet(settings)
            except (OSError, LagebriefError):
                self._socket.close()
                raise
        except (OSError, LostError) as error:
            raise MailServerError(f"{settings.host}:{settings.port} cannot be used: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(politely=kind is None)

    def send(
        self, sender: str, recipient: str, message: bytes, going_out: Callable[[], bool]
    ) -> Answer | None:
        """Hand over a mail whose dots are doubled; returns the server's last word on it.

        going_out is called when all but the final dot is over there; if it says False, the mail is broken
        off, None is returned, and the connection is closed. Raises LostError.
        """
        answer = self._envelope(sender, recipient)
        if not answer.is_good:
            return answer
        self._write(message if message.endswith(b"\r\n") else message + b"\r\n")
        if not going_out():
            self.close(politely=False)
            return None
        self._must_live()
        self._write(b".\r\n")  # what fails here has not gone out
        try:
            return self._read()
        except LostError as error:
            raise LostError(str(error), after_dot=True) from error

    def close(self, *, politely: bool = True) -> None:
        """End the connection; without a word where it is in the middle of something."""
        try:
            if politely:
                self._socket.sendall(b"QUIT\r\n")
        except OSError:
            pass
        finally:
            self._socket.close()

    def _must_live(self) -> None:
        """A server that has hung up does not get the dot: so it is known that the mail was not taken."""
        if not select.select([self._socket], [], [], 0)[0]:
            return
        try:
            if self._socket.recv(1, socket.MSG_PEEK):
                return
        except (OSError, ValueError) as error:  # ValueError: an encrypted connection cannot be peeked into
            if isinstance(error, ValueError):
                return
            raise LostError(f"connection lost: {error}", after_dot=False) from error
        raise LostError("connection lost: the server hung up", after_dot=False)

    def _envelope(self, sender: str, recipient: str) -> Answer:
        """MAIL, RCPT and DATA, in one piece where the server allows it; the first refusal, or 354."""
        lines = [f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>", "DATA"]
        if not self._pipelining:
            return self._one_by_one(lines)
        self._write("".join(f"{line}\r\n" for line in lines).encode())
        answers = []
        for _ in lines:
            answers.append(self._read())
            if answers[-1].shuts_down:
                return answers[-1]
        refused = next((answer for answer in answers if not answer.is_good), None)
        if refused and answers[-1].is_good:  # it waits for a mail to nobody
            self._ask(".")
        return refused or answers[-1]

    def _one_by_one(self, lines: list[str]) -> Answer:
        for line in lines:
            answer = self._ask(line)
            if not answer.is_good:
                break
        if not answer.is_good and not answer.shuts_down:
            self._ask("RSET")
        return answer

    def _greet(self, settings: MailSettings) -> None:
        _must(self._read())
        offered = self._hello()
        if settings.security == "starttls":
            _must(self._ask("STARTTLS"))
            self._socket = ssl.create_default_context().wrap_socket(
                self._socket, server_hostname=settings.host
            )
            self._rest = b""
            offered = self._hello()
        self._pipelining = "PIPELINING" in offered
        if settings.username:
            self._log_in(settings)

    def _hello(self) -> str:
        return _must(self._ask(f"EHLO {socket.getfqdn() or 'localhost'}")).text.upper()

    def _log_in(self, settings: MailSettings) -> None:
        given = f"\0{settings.username}\0{settings.password.get_secret_value()}".encode()
        answer = self._ask(f"AUTH PLAIN {base64.b64encode(given).decode()}")
        if not answer.is_good:
            raise MailServerError(f"{settings.host} does not accept mail.username and its password: {answer}")

    def _ask(self, line: str) -> Answer:
        self._write(f"{line}\r\n".encode())
        return self._read()

    def _write(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise LostError(f"connection lost: {error}", after_dot=False) from error

    def _read(self) -> Answer:
        texts = []
        while True:
            found = _CODE.fullmatch(self._line())
            if found is None:
                raise LostError("the server does not speak SMTP", after_dot=False)
            texts.append(found[3].decode("utf-8", "replace"))
            if found[2] == b" " or len(texts) > _LONGEST_ANSWER:
                return Answer(int(found[1]), " ".join(texts))

    def _line(self) -> bytes:
        while b"\n" not in self._rest:
            try:
                more = self._socket.recv(65536)
            except OSError as error:
                raise LostError(f"connection lost: {error}", after_dot=False) from error
            if not more or len(self._rest) > 65536:
                raise LostError("connection lost: the server hung up", after_dot=False)
            self._rest += more
        line, _, self._rest = self._rest.partition(b"\n")
        return line.rstrip(b"\r")


def _connected(settings: MailSettings, timeout: float) -> socket.socket:
    raw = socket.create_connection((settings.host, settings.port), timeout)
    # Without it the dot waits 40 ms for the answer to the body (Nagle), and that is the time a kill may
    # fall into.
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if settings.security == "tls":
        return ssl.create_default_context().wrap_socket(raw, server_hostname=settings.host)
    return raw


def _must(answer: Answer) -> Answer:
    if not answer.is_good:
        raise LostError(str(answer), after_dot=False)
    return answer
