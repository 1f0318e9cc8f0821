"""collect and add-url."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import click

from lagebrief.cli import Options
from lagebrief.console import print_json, print_rows, progress, say
from lagebrief.errors import InputError

if TYPE_CHECKING:
    from spiders.runs import SourceReport

_PARTLY = 3


@click.command()
@click.option("--source", "keys", multiple=True, help="Only this source; may be repeated.")
@click.option("--force", is_flag=True, help="Do not wait for the interval; a site's own pause still holds.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.pass_obj
def collect(options: Options, keys: tuple[str, ...], force: bool, as_json: bool) -> None:
    """Visit the sources that are due and store what is new. Exit code 3: some could not be read."""
    from lagebrief import jobs, loop
    from lagebrief.app import opened

    with opened(options.load()) as app:
        due = jobs.due_sources(app, keys, force=force)
        if not due and not as_json:
            say("no source is due; --force visits them all the same")
        with progress("sources", len(due), quiet=options.quiet) as advance:
            reports = loop.run(jobs.collect(app, keys, force=force, on_harvest=_once_per_source(advance)))
    _print(reports, as_json=as_json)
    if any(not report.state.good for report in reports):
        raise click.exceptions.Exit(_PARTLY)


def _once_per_source(advance: Any) -> Any:
    seen: set[str] = set()

    def on_harvest(report: SourceReport) -> None:
        if report.key not in seen:
            seen.add(report.key)
            advance(1)

    return on_harvest


def _print(reports: list[SourceReport], *, as_json: bool) -> None:
    if as_json:
        print_json([report_json(report) for report in reports])
        return
    rows = [
        (r.key, str(r.state), str(r.entries), str(r.stored.new), str(r.stored.changed), r.reason)
        for r in reports
    ]
    print_rows(rows, ("source", "state", "entries", "new", "changed", "reason"))


def report_json(report: SourceReport) -> dict[str, Any]:
    """A report as one JSON object."""
    return {
        "source": report.key,
        "state": str(report.state),
        "reason": report.reason,
        "entries": report.entries,
        "new": report.stored.new,
        "changed": report.stored.changed,
    }


@click.command("add-url")
@click.argument("url")
@click.option("--title", help="Headline.")
@click.option("--teaser", default="", help="A line or two.")
@click.option("--published", help="Date or time it was published, e.g. 2025-07-11.")
@click.option("--outlet", default="manual", show_default=True, help="Key of the outlet.")
@click.option("--language", default="", help="de or en.")
@click.option("--note", default="", help="A note for your colleagues.")
@click.pass_obj
def add_url(
    options: Options,
    url: str,
    title: str | None,
    teaser: str,
    published: str | None,
    outlet: str,
    language: str,
    note: str,
) -> None:
    """Add an article by hand. Nothing is fetched; you are the one who read it."""
    from archive import deletion, sources
    from archive.identity import canonical_url
    from archive.values import Entry, Harvest, SourceState, Verdict
    from lagebrief.app import opened

    if not canonical_url(url):
        raise InputError(f"not a web address: {url!r}")
    if not title:
        raise InputError("--title is needed: nothing is fetched from the address")
    with opened(options.load()) as app:
        if gone := deletion.kept_out(app.database, url):
            raise InputError(
                f"deleted {gone.at:%Y-%m-%d} ({gone.reason}): run 'lagebrief archive allow {url}' first"
            )
        now = app.clock()
        entry = Entry(url, title, teaser, language=language, published=_moment(published) or now, note=note)
        verdict = Verdict(robots="entered by an editor", at=now)
        stored = sources.store(
            app.database,
            Harvest("manual", outlet, url, now, SourceState.OK, entries=(entry,), verdict=verdict),
        )
    say("added" if stored.new else "known already" if stored.known else "changed")


def _moment(text: str | None) -> dt.datetime | None:
    if not text:
        return None
    from spiders.dates import parse

    try:  # a day alone is the day in UTC, as in an import
        return dt.datetime.combine(dt.date.fromisoformat(text), dt.time(), dt.UTC)
    except ValueError:
        found = parse(text)
    if found is None:
        raise InputError(f"--published: not a date: {text!r}; expected e.g. 2025-07-11")
    return found
