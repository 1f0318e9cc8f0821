"""What sending an issue costs: 20,000 personal mails of about 45 KB to Postfix's smtp-sink, side by side.

    python benchmarks/delivery.py [--mails 20000] [--readers 100000]

Ours keeps its ledger in SQLite with synchronous=FULL; "EmailMessage and smtplib" builds each mail anew and
keeps the same ledger, a step at a time; smtp-source is Postfix's own load generator, which keeps nothing and
sends one mail again and again. Needs root (smtp-sink gives its rights away) and the package postfix. With
--readers the peak memory of a run over so many small mails is measured too, in a process of its own.
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

from sqlalchemy import insert

from archive import delivery_tables, migrate
from archive.database import Database
from mailing import dispatch, tokens
from mailing.claims import Claim
from mailing.frozen import Page, Template, freeze
from mailing.keys import Keys
from mailing.ledger import Ledger
from mailing.sending import Run
from mailing.settings import MailSettings
from mailing.steps import State, Step

WEEK = "2025-W28"
NOW = dt.datetime(2025, 7, 14, 6, tzinfo=dt.UTC)
KEYS = Keys((b"k" * 40,))
BASE = "https://brief.example.org"
LINE = "<p>Ein Rechenzentrum in der Wüste soll 115.000 Chips bekommen, sagt die Behörde.</p>\n"
TEXT = "Ein Rechenzentrum in der Wüste soll 115.000 Chips bekommen, sagt die Behörde.\n"
LEASE = dt.timedelta(minutes=5)


@contextmanager
def sink() -> Iterator[int]:
    """smtp-sink on a free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(["/usr/sbin/smtp-sink", "-u", "nobody", f"127.0.0.1:{port}", "1000"])
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def settings(port: int, connections: int) -> MailSettings:
    given = {
        "host": "127.0.0.1", "port": port, "security": "none", "from": "Lagebrief <brief@example.org>",
        "rate": 1e9, "connections": connections,
    }  # fmt: skip
    return MailSettings.model_validate(given)


def page(lines: int) -> Page:
    html = f"<!DOCTYPE html>\n<html lang='de'><body>\n{LINE * lines}<!-- abo -->\n</body></html>\n"
    return Page(WEEK, "Lagebrief KW 28: 7 Meldungen", TEXT * (lines // 3), html)


def archive(folder: Path, readers: int) -> Database:
    """An archive with so many confirmed readers, a delivery queued for each."""
    database = Database(f"sqlite:///{folder / 'archive.db'}")
    migrate.ensure(database)
    row = {"state": "confirmed", "topics": [], "text_only": False, "created": NOW, "confirmed_at": NOW}
    with database.writing() as connection:
        rows = [{**row, "email": f"leser{number}@example.net"} for number in range(readers)]
        connection.execute(insert(delivery_tables.subscriber), rows)
    dispatch.queue(database, WEEK)
    return database


def ours(database: Database, port: int, made: Page, connections: int) -> None:
    chosen = settings(port, connections)
    template = Template(freeze(made, chosen, BASE, NOW, text_only=False))
    clock = lambda: dt.datetime.now(dt.UTC)  # noqa: E731
    told = Run(database, Ledger(database, WEEK), chosen, KEYS, lambda _claim: template, clock).work()
    assert set(told) == {State.SENT}, told


def plain(database: Database, port: int, made: Page) -> None:
    """As most programs do it: the standard library's classes for each mail, one connection."""
    ledger = Ledger(database, WEEK)
    with smtplib.SMTP("127.0.0.1", port) as server:
        while claims := ledger.claim("plain", 20, LEASE):
            for claim in claims:
                message = built(claim, made)
                ledger.steps(("plain", Step(claim.id, State.SENDING)))
                server.send_message(message, "bounce@example.org", claim.email)
                ledger.steps(("plain", Step(claim.id, State.SENT)))


def built(claim: Claim, made: Page) -> EmailMessage:
    token = tokens.token(KEYS, tokens.LEAVE, claim.subscriber_id)
    message = EmailMessage()
    message["From"], message["To"] = "Lagebrief <brief@example.org>", claim.email
    message["Subject"] = made.subject
    message["List-Unsubscribe"] = f"<{BASE}/abmelden/{token}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(f"{made.text}{BASE}/abmelden/{token}\n")
    message.add_alternative(made.html.replace("<!-- abo -->", f"{BASE}/abmelden/{token}"), subtype="html")
    return message


def smtp_source(port: int, size: int, mails: int, connections: int) -> None:
    given = ["-s", connections, "-l", size, "-m", mails, "-f", "a@example.org", "-t", "b@example.net"]
    command = ["/usr/sbin/smtp-source", *map(str, given), f"127.0.0.1:{port}"]
    subprocess.run(command, check=True, capture_output=True)


def timed(work: Callable[[], None]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def side_by_side(mails: int) -> None:
    made = page(330)
    size = len(freeze(made, settings(25, 1), BASE, NOW, text_only=False))
    fewer = max(mails // 20, 1)
    print(f"{mails} mails of {size} bytes; {fewer} where each is built anew")
    rates: dict[str, float] = {}
    for connections in (1, 2, 4):
        with sink() as port, tempfile.TemporaryDirectory() as folder:
            database = archive(Path(folder), mails)
            rates[f"ours, {connections} connections"] = mails / timed(
                lambda: ours(database, port, made, connections)  # noqa: B023
            )
            database.close()
        with sink() as port:
            rates[f"smtp-source, {connections} connections"] = mails / timed(
                lambda: smtp_source(port, size, mails, connections)  # noqa: B023
            )
    with sink() as port, tempfile.TemporaryDirectory() as folder:
        database = archive(Path(folder), fewer)
        rates["EmailMessage and smtplib"] = fewer / timed(lambda: plain(database, port, made))
        database.close()
    for name, rate in rates.items():
        print(f"{name:30} {rate:8.0f} mails/s {rate / rates['EmailMessage and smtplib']:6.1f}")


def memory(readers: int) -> None:
    """Peak memory of a run over so many readers."""
    with sink() as port, tempfile.TemporaryDirectory() as folder:
        filling = [sys.executable, __file__, "--fill", folder, "--readers", str(readers)]
        subprocess.run(filling, check=True)
        sending = [sys.executable, __file__, "--send", folder, "--port", str(port)]
        subprocess.run(sending, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=20_000)
    parser.add_argument("--readers", type=int, default=0)
    parser.add_argument("--fill", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--send", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, default=0, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.fill:
        archive(given.fill, given.readers).close()
    elif given.send:
        database = Database(f"sqlite:///{given.send / 'archive.db'}")
        seconds = timed(lambda: ours(database, given.port, page(10), 2))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"sent in {seconds:.0f} s, peak memory {peak:.0f} MB")
    else:
        side_by_side(given.mails)
        if given.readers:
            memory(given.readers)


if __name__ == "__main__":
    main()
