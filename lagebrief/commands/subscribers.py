"""subscribers list, add, confirm, remove, import; what is kept on one person is in subscriber_data."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

import click

from lagebrief.cli import Options
from lagebrief.commands.subscriber_data import (
    nobody,
    subscribers_delete_expired,
    subscribers_erase,
    subscribers_export,
    subscribers_proof,
)
from lagebrief.console import complain, print_json, print_rows, progress, say
from lagebrief.errors import InputError

if TYPE_CHECKING:
    from lagebrief.app import App
    from mailing.reader_lists import Plan
    from mailing.subscribers import Subscriber

_PARTLY = 3
_MOST_NAMED = 20
_STATES = ("pending", "confirmed", "unsubscribed", "bounced", "complained", "erased")
_BASIS = "The legal ground, in words; kept as proof."


@click.group()
def subscribers() -> None:
    """Who gets the issue, and what proves that they want it."""


@subscribers.command("list")
@click.option("--state", type=click.Choice(_STATES), help="Only these, with their addresses.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable, with addresses.")
@click.pass_obj
def subscribers_list(options: Options, state: str | None, as_json: bool) -> None:
    """How many there are in each state."""
    from lagebrief.app import opened
    from mailing.subscribers import State, every

    with opened(options.load()) as app:
        found = every(app.database, State(state) if state else None)
    if as_json:
        print_json([_told(one) for one in found])
    elif state:
        print_rows([_cells(one) for one in found], ("email", "since", "topics", "form"))
    else:
        counts = [(name, str(sum(one.state == name for one in found))) for name in _STATES]
        print_rows(counts, ("state", "subscribers"))


def _told(one: Subscriber) -> dict[str, Any]:
    return {
        "id": one.id,
        "email": None if one.state == "erased" else one.email,
        "state": one.state.value,
        "topics": list(one.topics),
        "text_only": one.text_only,
        "created": one.created.isoformat(timespec="seconds"),
        "confirmed_at": one.confirmed_at.isoformat(timespec="seconds") if one.confirmed_at else None,
        "left_at": one.left_at.isoformat(timespec="seconds") if one.left_at else None,
    }


def _cells(one: Subscriber) -> tuple[str, str, str, str]:
    since = one.left_at or one.confirmed_at or one.created
    form = "text" if one.text_only else "page and text"
    return one.email, f"{since:%Y-%m-%d}", ", ".join(one.topics) or "all", form


@subscribers.command("add")
@click.argument("address")
@click.option("--basis", required=True, help=_BASIS)
@click.option("--topic", "topics", multiple=True, help="Key of a topic; without any all of them.")
@click.option("--text-only", is_flag=True, help="No HTML.")
@click.pass_obj
def subscribers_add(
    options: Options, address: str, basis: str, topics: tuple[str, ...], text_only: bool
) -> None:
    """Add a confirmed subscriber whose consent was given elsewhere."""
    from lagebrief.app import opened
    from mailing.subscribers import SignUp, add, find

    with opened(options.load()) as app:
        unknown = [topic for topic in topics if topic not in _topics(app)]
        if unknown:
            raise InputError(f"no topic {unknown[0]!r}; there are {', '.join(_topics(app))}")
        if add(app.database, app.keys, SignUp(address, topics, text_only), basis, app.clock()):
            say("added")
        elif find(app.database, address):
            raise InputError(
                "that address is known already; 'lagebrief subscribers proof' tells how it stands"
            )
        else:
            raise InputError("that address is to get nothing: it was erased; it can only sign up itself")


def _topics(app: App) -> list[str]:
    return [topic.key for topic in app.config.topics]


@subscribers.command("confirm")
@click.argument("address")
@click.option("--basis", required=True, help="Why you confirm it by hand; kept as proof.")
@click.pass_obj
def subscribers_confirm(options: Options, address: str, basis: str) -> None:
    """Confirm by hand somebody who signed up."""
    from lagebrief.app import opened
    from mailing.subscribers import confirm_by_hand, find

    with opened(options.load()) as app:
        if confirm_by_hand(app.database, app.keys, address, basis, app.clock()):
            say("confirmed")
            return
        found = find(app.database, address) or nobody()
        raise InputError(f"that address is {found.state}, only a pending one can be confirmed")


@subscribers.command("remove")
@click.argument("address")
@click.pass_obj
def subscribers_remove(options: Options, address: str) -> None:
    """Unsubscribe somebody; the proof of their consent stays."""
    from lagebrief.app import opened
    from mailing.subscribers import State, end, find

    with opened(options.load()) as app:
        found = find(app.database, address) or nobody()
        why = "vom Betreiber abgemeldet"
        if not end(app.database, app.keys, found.id, State.UNSUBSCRIBED, app.clock(), why):
            raise InputError(f"that address gets nothing already: it is {found.state}")
    say("unsubscribed")


@subscribers.command("import")
@click.argument("csv", type=click.File("rb"))
@click.option("--basis", required=True, help="The legal ground of all of them, in words; kept as proof.")
@click.option("--yes", is_flag=True, help="Really add them; without it only what would happen is shown.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.pass_obj
def subscribers_import(options: Options, csv: IO[bytes], basis: str, yes: bool, as_json: bool) -> None:
    """Add confirmed subscribers from a CSV file: email[,topics][,text_only]. Exit code 3: lines skipped."""
    from lagebrief.app import opened
    from mailing import reader_lists
    from mailing.subscribers import ground

    basis = ground(basis)
    added = 0
    with opened(options.load()) as app:
        plan = reader_lists.plan(app.database, app.keys, csv.read(), _topics(app))
        if yes and plan.new:
            with progress("subscribers", len(plan.new), quiet=options.quiet) as advance:
                added = reader_lists.carry_out(app.database, app.keys, plan, basis, app.clock(), advance)
    _report(plan, added, as_json=as_json)
    if not yes:
        say(f"nothing was written; run it with --yes to add {len(plan.new)}")
    if plan.broken:
        raise click.exceptions.Exit(_PARTLY)


def _report(plan: Plan, added: int, *, as_json: bool) -> None:
    numbers = {
        "new": len(plan.new),
        "known": plan.known,
        "suppressed": plan.suppressed,
        "twice": plan.twice,
        "malformed": len(plan.broken),
        "added": added,
    }
    if as_json:
        broken = [{"line": one.line, "reason": one.reason} for one in plan.broken]
        print_json({**numbers, "malformed_lines": broken})
        return
    print_rows([(name, str(number)) for name, number in numbers.items()], ("what", "rows"))
    for one in plan.broken[:_MOST_NAMED]:
        complain(f"line {one.line}: {one.reason}")


for _command in (subscribers_delete_expired, subscribers_export, subscribers_erase, subscribers_proof):
    subscribers.add_command(_command)
