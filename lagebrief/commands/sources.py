"""sources list, test, pause, resume, audit; doctor. OPML is in lagebrief.commands.opml."""

from __future__ import annotations

from dataclasses import replace
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Any

import click

from lagebrief.cli import Options
from lagebrief.commands.collect import report_json
from lagebrief.commands.opml import sources_export_opml, sources_import_opml
from lagebrief.console import print_json, print_rows, say
from lagebrief.errors import InputError

if TYPE_CHECKING:
    from archive.values import SourceStatus
    from lagebrief.app import App
    from spiders.settings import SourceSettings

_PARTLY = 3


@click.group()
def sources() -> None:
    """The configured sources."""


@sources.command("list")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.pass_obj
def sources_list(options: Options, as_json: bool) -> None:
    """Every source with its state."""
    from archive.sources import statuses
    from lagebrief.app import opened

    with opened(options.load()) as app:
        known = statuses(app.database, [source.key for source in app.config.sources])
        rows = [_row(source, known[source.key]) for source in app.config.sources]
    if as_json:
        print_json(rows)
    else:
        header = ("source", "configured", "state", "last_fetch", "reason")
        print_rows([[str(row[name] or "") for name in header] for row in rows], header)


def _row(source: SourceSettings, status: SourceStatus) -> dict[str, Any]:
    return {
        "source": source.key,
        "outlet": source.outlet,
        "kind": str(source.kind),
        "configured": "paused" if status.paused else str(source.state),
        "state": str(status.state) if status.state else None,
        "last_fetch": status.last_fetch.isoformat(timespec="seconds") if status.last_fetch else None,
        "last_new": status.last_new.isoformat(timespec="seconds") if status.last_new else None,
        "failures": status.failures,
        "not_before": status.not_before.isoformat(timespec="seconds") if status.not_before else None,
        "moved_to": status.moved_to or None,
        "reason": status.reason or source.reason,
    }


@sources.command("pause")
@click.argument("key")
@click.pass_obj
def sources_pause(options: Options, key: str) -> None:
    """Stop collecting a source until it is resumed."""
    _set_paused(options, key, paused=True)


@sources.command("resume")
@click.argument("key")
@click.pass_obj
def sources_resume(options: Options, key: str) -> None:
    """Collect a paused source again."""
    _set_paused(options, key, paused=False)


def _set_paused(options: Options, key: str, *, paused: bool) -> None:
    from archive.sources import pause
    from lagebrief.app import opened

    with opened(options.load()) as app:
        _known(app, key)
        pause(app.database, key, paused=paused)
    say(f"{key} is {'paused' if paused else 'collected again'}")


@sources.command("test")
@click.argument("key")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.pass_obj
def sources_test(options: Options, key: str, as_json: bool) -> None:
    """Read one source for real and show what it gives; the archive stays as it is."""
    _probe(options, [key], as_json=as_json)


@sources.command("audit")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.pass_obj
def sources_audit(options: Options, as_json: bool) -> None:
    """Under which robots.txt and text-and-data-mining verdicts articles were kept."""
    from archive.deletion import EXPIRED, ON_REQUEST, buried
    from archive.queries import verdicts
    from lagebrief.app import opened

    with opened(options.load()) as app:
        rows, gone = verdicts(app.database), buried(app.database)
        evidence = _evidence(app)
    if as_json:
        print_json(rows)
    else:
        header = ("source", "storage", "robots", "tdm", "tdm_origin", "articles", "last")
        print_rows([[str(row[name]) for name in header] for row in rows], header)
        say(f"deleted and kept out: {gone[ON_REQUEST]} on request, {gone[EXPIRED]} expired\n{evidence}")


def _evidence(app: App) -> str:
    from spiders.warc import FOLDER, files

    folder = app.loaded.data_dir / FOLDER
    kept = f"{len(files(folder))} files in {folder}"
    if not app.config.collect.warc:
        return f"evidence (WARC) is off, {kept}"
    full = [source.key for source in app.config.sources if source.storage == "full"]
    return f"evidence (WARC) is on for {', '.join(full) or 'no source (none has storage full)'}, {kept}"


@click.group(invoke_without_command=True)
@click.option("--live", is_flag=True, help="Ask the sources over the network; without it nothing is asked.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.pass_context
def doctor(context: click.Context, live: bool, as_json: bool) -> None:
    """Ask each source once, for real: state, entries, robots and TDM verdict. Nothing is stored."""
    if context.invoked_subcommand:
        return
    options: Options = context.obj
    loaded = options.load()
    keys = [source.key for source in loaded.config.sources if source.state == "active" and source.url]
    if live:
        _probe(options, keys, as_json=as_json)
    else:
        say(f"would ask {len(keys)} sources: {', '.join(keys)}\nRun it with --live to do so.")


@doctor.command("mail")
@click.option("--sample", type=click.File("rb"), help="A mail of ours as a mailbox got it, with its headers.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.pass_obj
def doctor_mail(options: Options, sample: IO[bytes] | None, as_json: bool) -> None:
    """Ask the DNS about the sender's domain: SPF, DKIM, DMARC, MX, PTR. Exit code 3: something is amiss."""
    from mailing.dns_resolver import DnsResolver
    from mailing.domain_checks import check_domain

    given = sample.read() if sample else None
    found = check_domain(options.load().config.mail, DnsResolver(), given)
    if as_json:
        print_json([{"what": one.what, "ok": one.ok, "message": one.message} for one in found])
    else:
        rows = [(one.what, "ok" if one.ok else "amiss", one.message) for one in found]
        print_rows(rows, ("what", "verdict", "message"))
    if not all(one.ok for one in found):
        raise click.exceptions.Exit(_PARTLY)


def _probe(options: Options, keys: list[str], *, as_json: bool) -> None:
    """Collect into a throw-away archive."""
    from pathlib import Path

    from archive.queries import each
    from archive.settings import StoreSettings
    from archive.sources import fetches
    from lagebrief import jobs, loop
    from lagebrief.app import opened

    with TemporaryDirectory() as folder:
        loaded = options.load()
        aside = loaded.config.model_copy(update={"store": StoreSettings()})
        loaded = replace(loaded, config=aside, data_dir_override=Path(folder))
        with opened(loaded) as app:
            for key in keys:
                _known(app, key)
            started = app.clock()
            reports = loop.run(jobs.collect(app, keys, force=True))
            log = {row["source"]: row for row in reversed(fetches(app.database, started, app.clock()))}
            titles = [article.title for article in each(app.database)] if len(keys) == 1 else []
    rows = [
        {
            **report_json(report),
            "status": log.get(report.key, {}).get("http_status", 0),
            "robots": log.get(report.key, {}).get("robots", ""),
            "tdm": log.get(report.key, {}).get("tdm", ""),
        }
        for report in reports
    ]
    if as_json:
        print_json(rows)
    else:
        header = ("source", "state", "status", "entries", "robots", "tdm", "reason")
        print_rows([[str(row[name]) for name in header] for row in rows], header)
        for title in titles[:10]:
            say(f"  {title}")
    if any(not report.state.good for report in reports):
        raise click.exceptions.Exit(_PARTLY)


def _known(app: App, key: str) -> None:
    known = [source.key for source in app.config.sources]
    if key not in known:
        raise InputError(f"no source {key!r}; known are {', '.join(known)}")


sources.add_command(sources_export_opml)
sources.add_command(sources_import_opml)
