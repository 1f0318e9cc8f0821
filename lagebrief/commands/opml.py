"""sources export-opml, import-opml."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

import click

from lagebrief.cli import Options
from lagebrief.console import print_json, print_rows, say
from lagebrief.errors import InputError

if TYPE_CHECKING:
    from lagebrief.config import Loaded


@click.command("export-opml")
@click.option("--out", type=click.File("wb"), default="-", help="Where to; without it to stdout.")
@click.pass_obj
def sources_export_opml(options: Options, out: IO[bytes]) -> None:
    """The configured feeds as a list for feed readers."""
    from lagebrief.opml import write

    loaded = options.load()
    raw, left_out = write(loaded.config.sources, _secret(loaded))
    out.write(raw)
    say(f"{len(loaded.config.sources) - len(left_out)} feeds")
    for key, reason in left_out:
        say(f"left out: {key} ({reason})")


def _secret(loaded: Loaded) -> list[str]:
    """Keys of the sources whose address the file takes from the environment."""
    rows = loaded.given.get("sources", ())
    return [row["key"] for row in rows if str(row.get("url", "")).startswith("env:")]


@click.command("import-opml")
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Only show what would be added.")
@click.option("--active", is_flag=True, help="Collect them at once; without it they are paused.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.pass_obj
def sources_import_opml(
    options: Options, file: IO[bytes], dry_run: bool, active: bool, as_json: bool
) -> None:
    """Add the feeds of an OPML file to the configuration file, paused; its comments are kept."""
    from lagebrief import config_writing, opml
    from lagebrief.app import system_clock

    loaded = options.load()
    if loaded.path is None:
        raise InputError("there is no configuration file to add to: run 'lagebrief init' first")
    try:
        feeds = opml.read(file.read(opml.LARGEST + 1))
    except InputError as error:
        raise InputError(f"{file.name}: {error}") from error
    chosen, skipped = opml.choose(feeds, loaded.config.sources)
    if chosen and not dry_run:
        rows = [opml.as_table(key, feed, active=active) for key, feed in chosen.items()]
        comment = f"Added from OPML {system_clock():%Y-%m-%d}"
        config_writing.save(loaded, loaded.path, config_writing.with_sources(loaded.text, rows, comment))
    told = [{"key": key, "title": feed.title, "url": feed.url, "skipped": ""} for key, feed in chosen.items()]
    told += [
        {"key": "", "title": one.feed.title, "url": one.feed.url, "skipped": one.reason} for one in skipped
    ]
    if as_json:
        print_json(told)
    else:
        cells = [[row["key"] or "-", row["skipped"] or "added", row["title"], row["url"]] for row in told]
        print_rows(cells, ("key", "what", "title", "url"))
    added = "would be added" if dry_run else f"added to {loaded.path}"
    say(f"{len(chosen)} {added}, {len(skipped)} skipped")
    if chosen and not active and not dry_run:
        say("they are paused: look at each with 'lagebrief sources test KEY', then set state = \"active\"")
