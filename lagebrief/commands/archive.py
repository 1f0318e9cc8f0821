"""archive import, export, stats, reindex; what deletes is in lagebrief.commands.deleting."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import click

from lagebrief.cli import Options
from lagebrief.commands.deleting import archive_allow, archive_delete, archive_delete_expired
from lagebrief.console import complain, print_json, print_rows, progress, say
from lagebrief.errors import InputError

_PARTLY = 3
_MOST_NAMED = 20


@click.group()
def archive() -> None:
    """Articles in and out, statistics, search index."""


@archive.command("import")
@click.option("--jsonl", type=click.File("rb"), help="Item lines, a file or -.")
@click.option(
    "--scrapy", type=click.Path(path_type=Path), help="A folder of Scrapy exports (JSON, JSON Lines)."
)
@click.option("--google-reader", type=click.File("rb"), help="Google Reader JSON, as FreshRSS exports it.")
@click.option("--miniflux", type=click.File("rb"), help="Entries of Miniflux's API as JSON.")
@click.pass_obj
def archive_import(
    options: Options,
    jsonl: IO[bytes] | None,
    scrapy: Path | None,
    google_reader: IO[bytes] | None,
    miniflux: IO[bytes] | None,
) -> None:
    """Import articles from one file or folder. A broken item is named and skipped (exit code 3)."""
    if sum(given is not None for given in (jsonl, scrapy, google_reader, miniflux)) != 1:
        raise InputError("give exactly one of --jsonl, --scrapy, --google-reader, --miniflux")
    if jsonl is not None:
        _import_lines(options, jsonl)
    else:
        _import_others(options, scrapy, google_reader, miniflux)


def _import_lines(options: Options, jsonl: IO[bytes]) -> None:
    from archive import transfer
    from lagebrief.app import opened

    problems = _Problems()

    def note(problem: transfer.Problem) -> None:
        problems.add(f"line {problem.line}", problem.reason)

    size = 0 if jsonl.name in ("-", "<stdin>") else transfer.file_size(Path(jsonl.name))
    with opened(options.load()) as app, progress("bytes", size or None, quiet=options.quiet) as advance:
        stored = transfer.import_items(app.database, transfer.read_items(jsonl, note, advance), app.clock())
    problems.end(f"{stored.new} new, {stored.changed} changed, {stored.known} known", "lines")


def _import_others(
    options: Options, scrapy: Path | None, google_reader: IO[bytes] | None, miniflux: IO[bytes] | None
) -> None:
    from archive import transfer
    from lagebrief import imports
    from lagebrief.app import opened

    problems = _Problems()
    files = imports.scrapy_files(scrapy) if scrapy else []
    size = sum(transfer.file_size(file) for file in files)
    with (
        opened(options.load()) as app,
        progress("bytes" if scrapy else "items", size or None, quiet=options.quiet) as advance,
    ):
        reading = imports.Reading(
            imports.outlets_of(app.config.sources),
            app.clock(),
            lambda broken: problems.add(broken.where, broken.reason),
            advance,
        )
        if google_reader is not None:
            items = imports.read_google_reader(google_reader, reading)
        elif miniflux is not None:
            items = imports.read_miniflux(miniflux, reading)
        else:
            items = imports.read_scrapy(files, reading)
        stored = transfer.import_items(app.database, items, app.clock(), only_new=True)
    problems.end(f"{stored.new} new, {stored.changed} changed, {stored.known} known", "items")


class _Problems:
    """Names the first of what was skipped and counts the rest."""

    def __init__(self) -> None:
        self._count = 0

    def add(self, where: str, reason: str) -> None:
        self._count += 1
        if self._count <= _MOST_NAMED:
            complain(f"{where}: {reason}")

    def end(self, summary: str, what: str) -> None:
        """Say what came of it; exit code 3 where something was skipped."""
        say(f"{summary}, {self._count} {what} skipped")
        if self._count:
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


archive.add_command(archive_delete)
archive.add_command(archive_allow)
archive.add_command(archive_delete_expired)
