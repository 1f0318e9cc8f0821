"""figures list and ledger."""

from __future__ import annotations

import datetime as dt

import click

from lagebrief.cli import Options
from lagebrief.console import print_json, print_rows, say
from lagebrief.parameters import DAY, begins


@click.group()
def figures() -> None:
    """Figures read from articles."""


@figures.command("list")
@click.option("--unit", help="Only this unit, e.g. usd, gpu, mw.")
@click.option("--subject", help="Only subjects with this text.")
@click.option("--since", type=DAY, help="Only articles from this day on, e.g. 2025-07-01.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.pass_obj
def figures_list(
    options: Options, unit: str | None, subject: str | None, since: dt.date | None, as_json: bool
) -> None:
    """Figures with outlet, day and the words they were read from, newest first."""
    from archive.readings import figures as stored_figures
    from lagebrief.app import opened

    with opened(options.load()) as app:
        rows = [
            {
                "value": row.figure.plain_value,
                "unit": row.figure.unit,
                "qualifier": row.figure.qualifier,
                "subject": row.figure.subject,
                "text": row.figure.text,
                "outlet": row.article.outlet,
                "published": row.article.published.isoformat(),
                "url": row.article.url,
            }
            for row in stored_figures(app.database, unit=unit, subject=subject, since=begins(since))
        ]
    if as_json:
        print_json(rows)
    else:
        header = ("published", "outlet", "qualifier", "value", "unit", "subject", "text")
        print_rows([[str(row[name])[:60] for name in header] for row in rows], header)


@figures.command("ledger")
@click.option("--subject", help="Only figures whose subject, words or title have this text.")
@click.option("--unit", help="Only this unit, e.g. usd, gpu, mw.")
@click.option("--since", type=DAY, help="Only articles from this day on, e.g. 2025-07-01.")
@click.option("--differing", is_flag=True, help="Only figures on which sources differ.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.pass_obj
def figures_ledger(
    options: Options,
    subject: str | None,
    unit: str | None,
    since: dt.date | None,
    differing: bool,
    as_json: bool,
) -> None:
    """Who stated a figure when, and who states another: one line a figure, the latest first."""
    from digest.ledger import ledger
    from lagebrief.app import opened

    with opened(options.load()) as app:
        lines = ledger(app.database, app.outlet_names, unit=unit, subject=subject, since=begins(since))
    if differing:
        lines = [line for line in lines if line.differing]
    if as_json:
        print_json([line.to_json() for line in lines])
        return
    for line in lines:
        click.echo(line.text)
        for other in line.differing:
            click.echo(f"    abweichend {other.text}")
    if not lines:
        say("no figures; 'lagebrief analyse' reads them from articles")
