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
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from lagebrief.errors import LagebriefError, LostError, MailServerError
from mailing.refusals import Kind, cleaned, code_in, judged
from mailing.settings import MailSettings

TIMEOUT = 60.0  # seconds for an answer; RFC 5321 allows servers minutes, a run must not wait for them
_LINE = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?")  # RFC 5321, 4.2: the text may be missing
_LONGEST_ANSWER = 100  # lines
_REFUSED, _SHUTS_DOWN = 400, 421
_MAIL, _RCPT, _DATA, _DOT = "MAIL", "RCPT", "DATA", "."
_QUICKACK = getattr(socket, "TCP_QUICKACK", socket.TCP_NODELAY)  # Linux only
_HUNG_UP = "connection lost: the server hung up"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said, such as `550 5.1.1 User unknown`. to: the command it answered, "" for none."""

    code: int
    text: str
    to: str = ""

    @property
    def is_good(self) -> bool:
        """A 2xx; after DATA a 3xx."""
        return self.asks_for_mail if self.to == _DATA else 200 <= self.code < 300

    @property
    def asks_for_mail(self) -> bool:
        """354, the answer to DATA."""
        return self.to == _DATA and 300 <= self.code < _REFUSED

    @property
    def is_final(self) -> bool:
        """A 5xx: asking again changes nothing."""
        return self.code >= 500

    @property
    def shuts_down(self) -> bool:
        """421: the server ends the connection and wants to be left alone for a while."""
        return self.code == _SHUTS_DOWN

    @property
    def kind(self) -> Kind:
        """What a refusal means. An address is dead only where the server says so when it is named."""
        if not self.is_final:
            return Kind.SOFT
        kind = judged(code_in(self.text), self.text)
        if kind is Kind.HARD and self.to != _RCPT:
            kind = Kind.SOFT
        return Kind.REFUSED if self.to == _MAIL else kind

    def __str__(self) -> str:
        """In one line, without addresses: it is kept and logged."""
        return cleaned(f"{self.code} {self.text}")


class Connection:
    """An open, encrypted and authenticated connection. Raises MailServerError where there is none.

    is_open: whether another mail may follow.
    """

    def __init__(self, settings: MailSettings, timeout: float = TIMEOUT) -> None:
        self.is_open = True
        self._pipelining = False
        self._rest = b""
        try:
            self._socket = _connected(settings, timeout)
            try:
                self._greet(settings)
            except (OSError, LagebriefError):
                self.close(politely=False)
                raise
        except (OSError, LostError) as error:
            raise MailServerError(f"{settings.host}:{settings.port} cannot be used: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(politely=kind is None)

    def send(self, sender: str, recipient: str, message: bytes) -> Answer:
        """Hand over a mail whose dots are doubled; returns the server's last word on it. Raises LostError."""
        answer = self.hand_over(sender, recipient, message)
        return self.finish() if answer.is_good else answer

    def hand_over(self, sender: str, recipient: str, message: bytes) -> Answer:
        """All of a mail but the final dot: the server's refusal, or its 354. Raises LostError."""
        answer = self._envelope([f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>", _DATA])
        if answer.is_good:
            self._write(message if message.endswith(b"\r\n") else message + b"\r\n")
        return answer

    def finish(self) -> Answer:
        """The final dot, by which the mail goes out. Raises LostError, which tells whether it may have."""
        self._must_live()
        self._write(b".\r\n")  # what fails here has not gone out
        try:
            answer = self._read(_DOT)
        except LostError as error:
            raise LostError(str(error), after_dot=True) from error
        if not answer.is_good and answer.code < _REFUSED:
            raise self._lost(f"the server answered the mail with {answer}", after_dot=True)
        return answer

    def close(self, *, politely: bool = True) -> None:
        """End the connection; without a word where it is in the middle of something."""
        was_open, self.is_open = self.is_open, False
        try:
            if politely and was_open:
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
        except ValueError:  # an encrypted connection cannot be peeked into
            return
        except OSError as error:
            raise self._lost(f"connection lost: {error}") from error
        raise self._lost(_HUNG_UP)

    def _envelope(self, lines: list[str]) -> Answer:
        """MAIL, RCPT and DATA, in one piece where the server allows it; the first refusal, or 354.

        After a refusal nothing of it is left at the server: else the next MAIL would be one too many.
        """
        answers = self._in_one_piece(lines) if self._pipelining else self._one_by_one(lines)
        refused = next((answer for answer in answers if not answer.is_good), None)
        if refused is None:
            return answers[-1]
        # A server that asks for the mail all the same would take the dot for an empty one.
        if any(answer.shuts_down for answer in answers) or answers[-1].asks_for_mail:
            self.close(politely=False)
        else:
            self._reset()
        return refused

    def _in_one_piece(self, lines: list[str]) -> list[Answer]:
        self._write("".join(f"{line}\r\n" for line in lines).encode())
        answers: list[Answer] = []
        for line in lines:
            answers.append(self._read(_command(line)))
            if answers[-1].shuts_down:
                break
        return answers

    def _one_by_one(self, lines: list[str]) -> list[Answer]:
        answers: list[Answer] = []
        for line in lines:
            answers.append(self._ask(line))
            if not answers[-1].is_good:
                break
        return answers

    def _reset(self) -> None:
        try:
            if not self._ask("RSET").is_good:
                self.close(politely=False)
        except LostError:  # the connection is closed, and the refusal stands
            pass

    def _greet(self, settings: MailSettings) -> None:
        _must(self._read(""))
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
        return self._read(_command(line))

    def _write(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise self._lost(f"connection lost: {error}") from error

    def _read(self, to: str) -> Answer:
        texts = []
        for _ in range(_LONGEST_ANSWER):
            found = _LINE.fullmatch(self._line())
            if found is None:
                break
            texts.append((found[3] or b"").decode("utf-8", "replace"))
            if found[2] != b"-":
                return Answer(int(found[1]), " ".join(texts), to)
        raise self._lost("the server does not speak SMTP")

    def _line(self) -> bytes:
        while b"\n" not in self._rest:
            try:
                # A server that answers in small pieces waits 40 ms for our acknowledgement of each (Nagle).
                self._socket.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
                more = self._socket.recv(65536)
            except OSError as error:
                raise self._lost(f"connection lost: {error}") from error
            if not more or len(self._rest) > 65536:
                raise self._lost(_HUNG_UP)
            self._rest += more
        line, _, self._rest = self._rest.partition(b"\n")
        return line.rstrip(b"\r")

    def _lost(self, why: str, *, after_dot: bool = False) -> LostError:
        self.close(politely=False)
        return LostError(why, after_dot=after_dot)


def _command(line: str) -> str:
    return line.partition(" ")[0]


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
