"""figures list, milestones list."""

from __future__ import annotations

import datetime as dt

import click

from lagebrief.cli import Options
from lagebrief.console import print_json, print_rows
from lagebrief.errors import InputError


@click.group()
def figures() -> None:
    """Figures read from articles."""


@figures.command("list")
@click.option("--unit", help="Only this unit, e.g. usd, gpu, mw.")
@click.option("--subject", help="Only subjects with this text.")
@click.option("--since", help="Only articles from this day on, e.g. 2025-07-01.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.pass_obj
def figures_list(
    options: Options, unit: str | None, subject: str | None, since: str | None, as_json: bool
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
            for row in stored_figures(app.database, unit=unit, subject=subject, since=_moment(since))
        ]
    if as_json:
        print_json(rows)
    else:
        header = ("published", "outlet", "qualifier", "value", "unit", "subject", "text")
        print_rows([[str(row[name])[:60] for name in header] for row in rows], header)


@click.group()
def milestones() -> None:
    """The AI Act register."""


@milestones.command("list")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def milestones_list(as_json: bool) -> None:
    """Every milestone in the order of its date, with the dates it had before."""
    from analysis.milestones import load_register

    register = load_register()
    if as_json:
        print_json(
            [
                {
                    "id": m.id,
                    "date": m.date.isoformat(),
                    "title": m.title,
                    "status": m.status,
                    "confidence": m.confidence,
                    "legal_basis": m.legal_basis,
                    "former_dates": [date.isoformat() for date in m.former_dates],
                }
                for m in register
            ]
        )
        return
    rows = [
        (m.date.isoformat(), m.status, m.title, ", ".join(f"vorher {d.isoformat()}" for d in m.former_dates))
        for m in register
    ]
    print_rows(rows, ("date", "status", "title", "former dates"))


def _moment(text: str | None) -> dt.datetime | None:
    if not text:
        return None
    try:
        return dt.datetime.combine(dt.date.fromisoformat(text), dt.time(), dt.UTC)
    except ValueError as error:
        raise InputError(f"--since: not a day: {text!r}; expected e.g. 2025-07-01") from error
