"""A reader of our pages: the real server on this machine, and a client that sends what it is told to."""

from __future__ import annotations

import asyncio
import datetime as dt
import email
import re
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from http.client import HTTPConnection
from urllib.parse import urlencode

from fastapi import FastAPI

from archive import issues
from archive.database import Database
from archive.issues import StoredIssue
from digest.settings import ImpressumSettings
from mailing import outbox
from mailing.keys import Keys
from mailing.settings import MailSettings
from web.app import make_app
from web.server import server
from web.settings import WebSettings
from web.site import Site

BASE = "https://brief.example.org"
KEYS = Keys((b"k" * 32,))
TOPICS = {"china": "Chinas KI-Rechenzentren", "eu": "EU AI Act"}
FORM = "application/x-www-form-urlencoded"


@dataclass
class Clock:
    """A clock that stands until somebody moves it."""

    now: dt.datetime = field(default_factory=lambda: dt.datetime(2025, 7, 14, 6, 30, tzinfo=dt.UTC))

    def __call__(self) -> dt.datetime:
        return self.now


@dataclass(frozen=True)
class Answer:
    """What came back; header names are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


def make_site(database: Database, clock: Clock, **web: object) -> Site:
    settings = {"base_url": BASE, "rate": 100_000, "form_rate": 100_000}
    return Site(
        database,
        KEYS,
        WebSettings.model_validate(settings | web),
        MailSettings(from_="Lagebrief <brief@example.org>", reply_to="redaktion@example.org"),
        ImpressumSettings(
            publisher="Haus Beispiel",
            address="Weg 1, 10115 Berlin",
            responsible="E. M.",
            email="p@example.org",
        ),
        "Lagebrief",
        TOPICS,
        clock,
    )


def store_issue(
    database: Database, week: str = "2025-W28", subject: str = "KW 28", html: str = "<h1>Brief</h1>"
) -> None:
    """An approved issue."""
    now = dt.datetime(2025, 7, 13, 12, tzinfo=dt.UTC)
    draft = StoredIssue(week, "draft", now, subject, "extract", {"items": []}, html, "")
    assert issues.save_draft(database, draft)
    assert issues.approve(database, draft, "E. M.", now, html, "")


class Reader:
    """Talks to the server at an address of this machine."""

    def __init__(self, site: Site, app: FastAPI, port: int) -> None:
        self.site, self.app, self.port = site, app, port

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, dict(headers or {}))
            response = connection.getresponse()
            told = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, told, response.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers=headers)

    def post(self, path: str, form: Sequence[tuple[str, str]] = (), **headers: str) -> Answer:
        return self.ask("POST", path, urlencode(form).encode(), {"Content-Type": FORM, **headers})

    def sign_up(self, address: str, *topics: str, **headers: str) -> Answer:
        ticked = [("topics", key) for key in topics or TOPICS]
        return self.post("/anmelden", [("email", address), *ticked], **headers)

    def mails(self) -> list[EmailMessage]:
        """The mails in the outbox, read back."""
        found = outbox.waiting(self.site.database, self.site.clock(), 1_000)
        return [email.message_from_bytes(mail.message, EmailMessage, policy=default) for mail in found]

    def confirmed(self, address: str, *topics: str) -> None:
        """Sign up and confirm by the link in the mail."""
        self.sign_up(address, *topics)
        (mail,) = [mail for mail in self.mails() if mail["To"] == address]
        assert self.post(link_of(mail)).status == 200


def link_of(mail: EmailMessage) -> str:
    """The path of the link in the mail's text, after our base."""
    (link,) = re.findall(r"https?://\S+", part_of(mail, "plain"))
    assert link.startswith(f"{BASE}/bestaetigen/")
    return str(link.removeprefix(BASE))


def part_of(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


@contextmanager
def serving(site: Site, app: FastAPI | None = None) -> Iterator[Reader]:
    """The pages on a port of this machine, by the server that `lagebrief serve` runs."""
    app = app or make_app(site)
    running = server(app)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        thread = threading.Thread(target=lambda: asyncio.run(running.serve(sockets=[listening])))
        thread.start()
        try:
            yield Reader(site, app, port)
        finally:
            running.should_exit = True
            thread.join(20)
            assert not thread.is_alive()
