"""milestones list, check, settle and reopen."""

from __future__ import annotations

import datetime as dt
import sys
from typing import TYPE_CHECKING, Any

import click

from lagebrief.cli import Options
from lagebrief.console import print_json, print_rows, say
from lagebrief.errors import InputError
from lagebrief.parameters import DAY

if TYPE_CHECKING:
    from archive.signals import StatedDate
    from lagebrief.app import App

_STALE_AFTER = 45  # days without a comparison with the sources


@click.group()
def milestones() -> None:
    """The AI Act register."""


@milestones.command("list")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.option("--ics", "as_ics", is_flag=True, help="As an iCalendar file (RFC 5545).")
def milestones_list(as_json: bool, as_ics: bool) -> None:
    """Every milestone in the order of its date, with the dates it had before."""
    from analysis.milestones import as_of, load_register

    register = load_register()
    if as_ics:
        from digest.calendar import ics

        sys.stdout.buffer.write(ics(register, as_of()))
    elif as_json:
        print_json(
            [
                {
                    "id": m.id,
                    "date": m.date.isoformat(),
                    "precision": m.precision,
                    "title": m.title,
                    "status": m.status,
                    "confidence": m.confidence,
                    "legal_basis": m.legal_basis,
                    "former_dates": [date.isoformat() for date in m.former_dates],
                    "history": [
                        {"date": f.date.isoformat(), "until": f.until.isoformat(), "source": f.source}
                        for f in m.history
                    ],
                    "replaced_by": m.replaced_by,
                    "sources": list(m.sources),
                }
                for m in register
            ]
        )
    else:
        rows = [
            (m.date.isoformat(), m.id, m.status, m.title, ", ".join(f"vorher {d}" for d in m.former_dates))
            for m in register
        ]
        print_rows(rows, ("date", "id", "status", "title", "former dates"))


@milestones.command("check")
@click.option("--all", "everything", is_flag=True, help="Also dates that are settled.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.pass_obj
def milestones_check(options: Options, everything: bool, as_json: bool) -> None:
    """Dates that articles state and the register does not have, and entries that want a look.

    Nothing is changed by it: an editor compares with the source and settles the date, or mends the register.
    """
    from archive.signals import stated_dates
    from lagebrief.app import opened

    with opened(options.load()) as app:
        dates = _grouped(app, stated_dates(app.database, settled=everything))
        entries = _doubtful_entries(app.clock().date())
    if as_json:
        print_json({"dates": dates, "entries": entries})
        return
    for date in dates:
        for article in date["articles"]:
            click.echo(article["says"])
    for entry in entries:
        click.echo(f"{entry['id']} ({entry['date']}): {entry['reason']}")
    if not dates:
        say("no article states another date than the register")


@milestones.command("settle")
@click.argument("milestone")
@click.argument("date", type=DAY)
@click.pass_obj
def milestones_settle(options: Options, milestone: str, date: dt.date) -> None:
    """A stated date has been looked at: no article brings it up again."""
    from archive import signals
    from lagebrief.app import opened

    with opened(options.load()) as app:
        signals.settle(app.database, _known(milestone), date, app.clock())
    say(f"settled; 'lagebrief milestones reopen {milestone} {date}' takes it back")


@milestones.command("reopen")
@click.argument("milestone")
@click.argument("date", type=DAY)
@click.pass_obj
def milestones_reopen(options: Options, milestone: str, date: dt.date) -> None:
    """Take a settled date back."""
    from archive import signals
    from lagebrief.app import opened

    with opened(options.load()) as app:
        if not signals.reopen(app.database, _known(milestone), date):
            raise InputError(f"{date} is not settled for {milestone}; see 'lagebrief milestones check --all'")


def _grouped(app: App, dates: list[StatedDate]) -> list[dict[str, Any]]:
    """One entry for each milestone and stated date, with every article that states it."""
    from analysis.milestones import load_register
    from digest import typography

    register = {milestone.id: milestone for milestone in load_register()}
    names = app.outlet_names
    found: dict[tuple[str, dt.date], dict[str, Any]] = {}
    for one in dates:
        if one.milestone not in register:
            continue
        milestone = register[one.milestone]
        entry = found.setdefault(
            (one.milestone, one.stated),
            {
                "milestone": one.milestone,
                "title": milestone.title,
                "stated": one.stated.isoformat(),
                "registered": milestone.date.isoformat(),
                "settled": one.settled,
                "articles": [],
            },
        )
        outlet = names.get(one.article.outlet, one.article.outlet)
        says = (
            f"{outlet} ({typography.date(one.article.published.date())}) nennt für "
            f"{typography.quote(milestone.title)} den {typography.date(one.stated)}; im Register steht "
            f"{'der ' if milestone.precision == 'day' else ''}"
            f"{typography.at_precision(milestone.date, milestone.precision)}"
        )
        entry["articles"].append(
            {
                "id": one.article.public_id,
                "outlet": one.article.outlet,
                "published": one.article.published.isoformat(),
                "title": one.article.title,
                "url": one.article.url,
                "text": one.text,
                "says": says,
            }
        )
    return list(found.values())


def _doubtful_entries(today: dt.date) -> list[dict[str, str]]:
    from analysis.milestones import as_of, doubts

    read = as_of()
    found = [
        {"id": milestone.id, "date": milestone.date.isoformat(), "reason": reason}
        for milestone, reason in doubts(today)
    ]
    age = (today - read).days
    if age > _STALE_AFTER:
        reason = f"Das Register wurde zuletzt vor {age} Tagen mit den Quellen verglichen"
        found.insert(0, {"id": "register", "date": read.isoformat(), "reason": reason})
    return found


def _known(milestone: str) -> str:
    from analysis.milestones import load_register

    if milestone not in {entry.id for entry in load_register()}:
        raise InputError(f"no milestone {milestone!r}; 'lagebrief milestones list' shows the ids")
    return milestone
