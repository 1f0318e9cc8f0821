"""subscribers export, erase, proof: what is kept on one person."""

from __future__ import annotations

from typing import Any, NoReturn

import click

from lagebrief.cli import Options
from lagebrief.console import print_json, print_rows, say
from lagebrief.errors import InputError


def nobody() -> NoReturn:
    """Refuse an address nobody has, without repeating it: errors end up in logs."""
    raise InputError("nobody signed up with that address; 'lagebrief subscribers list' counts who did")


@click.command("export")
@click.argument("address")
@click.pass_obj
def subscribers_export(options: Options, address: str) -> None:
    """Everything that is kept on a person, as JSON (GDPR, articles 15 and 20)."""
    from lagebrief.app import opened
    from mailing.personal_data import kept

    with opened(options.load()) as app:
        print_json(kept(app.database, app.keys, address) or nobody())


@click.command("proof")
@click.argument("address")
@click.pass_obj
def subscribers_proof(options: Options, address: str) -> None:
    """How somebody came to get the issue: a German record for them or for a lawyer."""
    from zoneinfo import ZoneInfo

    from lagebrief.app import opened
    from mailing.proof import written

    with opened(options.load()) as app:
        zone = ZoneInfo(app.config.app.timezone)
        click.echo(written(app.database, address, zone, app.clock()) or nobody(), nl=False)


@click.command("erase")
@click.argument("address")
@click.option("--yes", is_flag=True, help="Really erase; without it only what would go is shown.")
@click.pass_obj
def subscribers_erase(options: Options, address: str, yes: bool) -> None:
    """Forget a person for good (GDPR, article 17)."""
    from lagebrief.app import opened
    from mailing.personal_data import kept
    from mailing.subscribers import erase, find

    with opened(options.load()) as app:
        if find(app.database, address) is None:
            nobody()
        data = kept(app.database, app.keys, address) or nobody()
        erased = yes and erase(app.database, app.keys, address, app.clock())
    print_rows(_extent(data), ("", "what"))
    say("copies made before (backups, exports, mails that were sent) still hold it")
    if erased:
        say("erased")
    else:
        say("nothing was erased; run it with --yes")


def _extent(data: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        ("goes", "address, topics and form"),
        ("goes", f"proof of consent: {len(data['history'])} entries"),
        ("goes", f"waiting mails: {len(data['waiting_mails'])}"),
        ("goes", "what mail servers answered"),
        ("stays", "a keyed hash of the address, so that it is not added again"),
        ("stays", f"deliveries, without a name: {len(data['deliveries'])}"),
    ]


@click.command("delete-expired")
@click.option("--yes", is_flag=True, help="Really delete; without it only what is due is counted.")
@click.pass_obj
def subscribers_delete_expired(options: Options, yes: bool) -> None:
    """Delete sign-ups nobody confirmed, and forget people whose subscription ended three years ago.

    `lagebrief serve` does it once a day.
    """
    from lagebrief.app import opened
    from mailing import retention

    with opened(options.load()) as app:
        now = app.clock()
        found = retention.delete_due(app.database, app.keys, now) if yes else retention.due(app.database, now)
    what = "deleted" if yes else "due; --yes deletes them"
    say(f"{found.unconfirmed} sign-ups nobody confirmed, {found.ended} subscriptions that ended: {what}")
