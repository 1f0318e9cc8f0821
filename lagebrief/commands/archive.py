"""archive import, export, stats, reindex."""

from __future__ import annotations

from typing import IO

import click

from lagebrief.cli import Options
from lagebrief.console import complain, print_json, print_rows, progress, say

_PARTLY = 3
_MOST_NAMED = 20


@click.group()
def archive() -> None:
    """Articles in and out, statistics, search index."""


@archive.command("import")
@click.option("--jsonl", type=click.File("rb"), required=True, help="Item lines, a file or -.")
@click.pass_obj
def archive_import(options: Options, jsonl: IO[bytes]) -> None:
    """Import item lines. A broken line is named and skipped (exit code 3); the same id is stored once."""
    from pathlib import Path

    from archive import transfer
    from lagebrief.app import opened

    problems: list[transfer.Problem] = []

    def note(problem: transfer.Problem) -> None:
        problems.append(problem)
        if len(problems) <= _MOST_NAMED:
            complain(f"line {problem.line}: {problem.reason}")

    size = 0 if jsonl.name in ("-", "<stdin>") else transfer.file_size(Path(jsonl.name))
    with opened(options.load()) as app, progress("bytes", size or None, quiet=options.quiet) as advance:
        stored = transfer.import_items(app.database, transfer.read_items(jsonl, note, advance), app.clock())
    say(f"{stored.new} new, {stored.changed} changed, {stored.known} known, {len(problems)} lines skipped")
    if problems:
        raise click.exceptions.Exit(_PARTLY)


@archive.command("export")
@click.option("--jsonl", type=click.File("w", encoding="utf-8"), required=True, help="Where to, or -.")
@click.pass_obj
def archive_export(options: Options, jsonl: IO[str]) -> None:
    """Export every article as an item line."""
    from archive import transfer
    from lagebrief.app import opened

    with opened(options.load()) as app:
        count = transfer.export_items(app.database, jsonl)
    say(f"{count} articles")


@archive.command("stats")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.pass_obj
def archive_stats(options: Options, as_json: bool) -> None:
    """Number of articles by outlet."""
    from archive.queries import per_outlet
    from lagebrief.app import opened

    with opened(options.load()) as app:
        counts = per_outlet(app.database)
    if as_json:
        print_json({"articles": sum(counts.values()), "outlets": counts})
    else:
        rows = [*counts.items(), ("total", sum(counts.values()))]
        print_rows([(outlet, str(count)) for outlet, count in rows], ("outlet", "articles"))


@archive.command("reindex")
@click.pass_obj
def archive_reindex(options: Options) -> None:
    """Build the search index anew from the database."""
    from archive.queries import count
    from lagebrief.app import opened

    with opened(options.load()) as app:
        total = count(app.database)
        with progress("articles", total, quiet=options.quiet) as advance:
            app.index().rebuild(advance)
