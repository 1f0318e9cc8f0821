"""Talking to people: data to stdout, log and progress to stderr."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

_NOISY = (
    "scrapy",
    "asyncio",
    "apscheduler",
    "alembic",
    "aiohttp",
    "trafilatura",
    "htmldate",
    "httpx",
    "weasyprint",
    "fontTools",
    "matplotlib",
)
_LINES_EVERY = 10_000
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def set_up_logging(verbose: int, *, quiet: bool) -> None:
    """Log to stderr: warnings, with -v what is done, with -vv what libraries say."""
    level = logging.ERROR if quiet else (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)]
    logging.basicConfig(level=level, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.DEBUG if verbose > 1 else logging.ERROR)


def say(text: str) -> None:
    """A line for people on stderr; nothing with -q."""
    context = click.get_current_context(silent=True)
    if not (context and context.find_root().params.get("quiet")):
        click.echo(text, err=True)


def hand_over(text: str, out: Path | None) -> None:
    """Write a whole document to a file and say so; without one, to stdout."""
    if out is None:
        click.echo(text, nl=False)
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text, encoding="utf-8")
    say(str(out))


def complain(text: str) -> None:
    """A line on something that is wrong, also with -q."""
    click.echo(text, err=True)


def print_json(data: Any) -> None:
    """One JSON document to stdout."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))


def print_rows(rows: Sequence[Sequence[str]], header: Sequence[str]) -> None:
    """A table on a terminal; tab-separated lines without a header where the output is read by a program."""
    if not sys.stdout.isatty():
        for row in rows:
            click.echo("\t".join(_one_line(cell) for cell in row))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, name in enumerate(header):  # the first column is what one copies: it is never cut
        table.add_column(name, no_wrap=number == 0, min_width=_widest(rows) if number == 0 else None)
    for row in rows:
        table.add_row(*(_one_line(cell).replace("[", "\\[") for cell in row))
    Console().print(table)


def _one_line(cell: str) -> str:
    """A cell without tabs, line ends and terminal commands, which imported text may hold."""
    return _CONTROL.sub(" ", cell)


def _widest(rows: Sequence[Sequence[str]]) -> int:
    return max((len(row[0]) for row in rows), default=0)


@contextmanager
def progress(title: str, total: int | None, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, plain lines otherwise, nothing with -q. Yields what to call with each step."""
    if quiet:
        yield lambda _count: None
    elif sys.stderr.isatty():
        with _bar(title, total) as advance:
            yield advance
    else:
        with _lines(title, total) as advance:
            yield advance


@contextmanager
def _bar(title: str, total: int | None) -> Iterator[Callable[[int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(title, total=total)
        yield lambda count: bar.advance(task, count)


@contextmanager
def _lines(title: str, total: int | None) -> Iterator[Callable[[int], None]]:
    done = said = 0

    def advance(count: int) -> None:
        nonlocal done, said
        done += count
        if done - said >= max(_LINES_EVERY, (total or 0) // 10):
            said = done
            say(f"{title}: {done}" + (f" of {total}" if total else ""))

    yield advance
    say(f"{title}: {done} done")
