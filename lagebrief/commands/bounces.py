"""bounces read, fetch: reports of mail servers out of files, a pipe and a mailbox."""

from __future__ import annotations

import logging
import mailbox
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lagebrief.cli import Options
from lagebrief.console import complain, print_json, print_rows
from lagebrief.errors import InputError, StoreError, TryAgainError

if TYPE_CHECKING:
    from lagebrief.app import App

_OUTCOMES = ("ended", "left", "counted", "refused", "known", "unknown", "ignored")
_LOG = logging.getLogger(__name__)


@click.group()
def bounces() -> None:
    """Mail that could not be delivered, and complaints."""


@bounces.command("read")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.pass_obj
def bounces_read(options: Options, files: tuple[Path, ...], as_json: bool) -> None:
    """Take in reports from messages, mbox files, Maildir folders or - for stdin."""
    from lagebrief.app import opened

    piped = files == (Path("-"),)
    messages = (message for path in files for message in _messages(path))
    try:
        with opened(options.load()) as app:
            counts = take(app, messages)
    except StoreError as error:
        if not piped:
            raise
        raise TryAgainError(str(error)) from error  # a mail server keeps the message and comes again
    show(counts, as_json=as_json)
    if counts["refused"] and not piped:  # to a mail server any code but 0 and 75 means: send it back
        raise click.exceptions.Exit(1)


@bounces.command("fetch")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.pass_obj
def bounces_fetch(options: Options, as_json: bool) -> None:
    """Take in reports from a mailbox over IMAP and move them out of the way."""
    import ssl

    from lagebrief.app import opened
    from mailing.imap import fetch

    counts: Counter[str] = Counter()

    def taken(message: bytes) -> bool:
        outcome = take_one(app, message)
        counts[outcome] += 1
        return outcome != "ignored"

    with opened(options.load()) as app:
        fetch(app.config.bounces, taken, ssl.create_default_context())
    show(counts, as_json=as_json)
    if counts["refused"]:
        raise click.exceptions.Exit(1)


def take(app: App, messages: Iterable[bytes]) -> Counter[str]:
    """Take in messages; how many of each outcome."""
    return Counter(take_one(app, message) for message in messages)


def take_one(app: App, message: bytes) -> str:
    """Take in one message and name what came of it: an Outcome, left where a reader asked to leave by mail,
    or ignored for what is neither.
    """
    from mailing import bounces as rules
    from mailing import subscribers
    from mailing.delivery_reports import leaving

    if token := leaving(message):
        subscribers.leave(app.database, app.keys, token, app.clock(), "mail")
        return "left"
    report = rules.read(message)
    if report is None:
        return "ignored"
    outcome = rules.apply(app.database, app.keys, report, app.clock())
    _LOG.info("report: %s, %s", report.kind, outcome)
    if outcome == rules.Outcome.REFUSED:
        complain(f"a mail server refuses us: {report.diagnostic}")
    return outcome.value


def show(counts: Counter[str], *, as_json: bool) -> None:
    """Print how many messages came to what."""
    if as_json:
        print_json({name: counts[name] for name in _OUTCOMES})
    else:
        print_rows([(name, str(counts[name])) for name in _OUTCOMES], ("outcome", "messages"))


def _messages(path: Path) -> Iterator[bytes]:
    if path == Path("-"):
        yield sys.stdin.buffer.read()
    elif path.is_dir():
        yield from _maildir(path)
    elif path.is_file():
        yield from _file(path)
    else:
        raise InputError(f"{path}: no such file or folder")


def _maildir(path: Path) -> Iterator[bytes]:
    if not all((path / name).is_dir() for name in ("cur", "new")):
        raise InputError(f"{path}: not a Maildir folder: it lacks cur and new")
    box = mailbox.Maildir(path, create=False)
    for key in sorted(box.keys()):
        yield box.get_bytes(key)


def _file(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        is_mbox = file.read(5) == b"From "
    if not is_mbox:
        yield path.read_bytes()
        return
    box = mailbox.mbox(path, create=False)
    try:
        for key in list(box.keys()):
            yield box.get_bytes(key)
    finally:
        box.close()
