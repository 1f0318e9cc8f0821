"""digest compose, preview, show, approve, export, feed."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lagebrief.cli import Options
from lagebrief.console import complain, hand_over, print_json, print_rows, progress, say
from lagebrief.errors import InputError

_FEED_ISSUES = 20
_FAILED_SHOWN = 20

if TYPE_CHECKING:
    from lagebrief.delivery import Sent
    from mailing.ledger import Row


@click.group()
def digest() -> None:
    """Weekly issues. A week is written 2025-W28."""


@digest.command("compose")
@click.option("--week", help="The week; without it the current one.")
@click.pass_obj
def digest_compose(options: Options, week: str | None) -> None:
    """Select, write, check and keep the draft of a week. Exit code 4: too few stories."""
    from digest.weeks import Week
    from lagebrief import jobs
    from lagebrief.app import opened

    with opened(options.load()) as app:
        chosen = Week.parse(week) if week else Week.of(app.clock())
        jobs.analyse(app)
        issue = jobs.compose(app, chosen)
    say(f"{issue.week}: {issue.subject} ({len(issue.content['items'])} items, writer {issue.writer})")


@digest.command("preview")
@click.argument("week")
@click.option("--open", "in_browser", is_flag=True, help="Open the page in the browser.")
@click.pass_obj
def digest_preview(options: Options, week: str, in_browser: bool) -> None:
    """Write the issue's page below the data folder and print its path."""
    from digest.weeks import Week
    from lagebrief import jobs
    from lagebrief.app import opened

    loaded = options.load()
    with opened(loaded) as app:
        issue = jobs.stored_issue(app, Week.parse(week))
    path = loaded.data_dir / "preview" / f"lagebrief-{issue.week}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(issue.html, encoding="utf-8")
    click.echo(str(path))
    if in_browser:
        click.launch(path.absolute().as_uri())


@digest.command("show")
@click.argument("week")
@click.option("--explain", is_flag=True, help="Also say which stories were left out, and why.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.pass_obj
def digest_show(options: Options, week: str, explain: bool, as_json: bool) -> None:
    """Print the issue's text."""
    from digest.weeks import Week
    from lagebrief import jobs
    from lagebrief.app import opened

    with opened(options.load()) as app:
        issue = jobs.stored_issue(app, Week.parse(week))
    if as_json:
        shown = {key: value for key, value in issue.content.items() if key != "frozen"}
        print_json({**shown, "state": issue.state})
        return
    click.echo(issue.text)
    if explain:
        for item in issue.content["items"]:
            parts = ", ".join(f"{name} {value:g}" for name, value in item["score"].items())
            total = sum(item["score"].values())
            click.echo(f"in: story {item['story']} ({item['mark']}), score {total:.2f}: {parts}")
        for row in issue.content["left_out"]:
            click.echo(f"left out: story {row['story']}: {row['reason']}")


@digest.command("approve")
@click.argument("week")
@click.option("--by", default="", help="Who approves; without it the name of the system's user.")
@click.pass_obj
def digest_approve(options: Options, week: str, by: str) -> None:
    """Approve a draft; from then on it is not composed again."""
    from digest.weeks import Week
    from lagebrief import jobs
    from lagebrief.app import opened

    with opened(options.load()) as app:
        jobs.approve(app, Week.parse(week), by or getpass.getuser())
    say(f"{week} is approved")


@digest.command("send")
@click.argument("week")
@click.option("--to", default="", help="Send it to this one address only, as a test; drafts too.")
@click.option(
    "--resend", multiple=True, type=int, metavar="ID", help="Send this uncertain or failed mail again."
)
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.pass_obj
def digest_send(options: Options, week: str, to: str, resend: tuple[int, ...], as_json: bool) -> None:
    """Send an approved issue to all confirmed readers; again it goes on where it stopped."""
    from digest.weeks import Week
    from lagebrief import delivery
    from lagebrief.app import opened

    chosen = Week.parse(week)
    with opened(options.load()) as app:
        if to:
            say(f"{to}: {delivery.send_test(app, chosen, to)}")
            return
        if resend:
            say(f"{delivery.resend(app, chosen, resend)} mails are sent again")
        with progress("mails", None, quiet=options.quiet) as advance:
            sent = delivery.send(app, chosen, advance)
    if as_json:
        print_json(_sent_json(sent))
    else:
        _say_sent(week, sent)


def _sent_json(sent: Sent) -> dict[str, Any]:
    return {
        "this_run": {str(state): number for state, number in sent.told.items()},
        "counts": {str(state): number for state, number in sent.counts.items()},
        "uncertain": [_row_json(row) for row in sent.uncertain],
        "failed": [_row_json(row) for row in sent.failed],
        "next_due": sent.next_due.isoformat() if sent.next_due else None,
    }


def _row_json(row: Row) -> dict[str, Any]:
    return {"id": row.id, "subscriber": row.subscriber_id, "reason": row.reason}


def _say_sent(week: str, sent: Sent) -> None:
    """Counts on stdout; what a person should know on stderr."""
    print_rows([(str(state), str(number)) for state, number in sent.counts.items()], ("state", "mails"))
    for row in sent.uncertain:
        complain(f"uncertain: mail {row.id} to subscriber {row.subscriber_id}: {row.reason}")
    if sent.uncertain:
        complain(f"most of them arrived; 'lagebrief digest send {week} --resend ID' sends one again")
    for row in sent.failed[:_FAILED_SHOWN]:
        complain(f"failed: mail {row.id} to subscriber {row.subscriber_id}: {row.reason}")
    if len(sent.failed) > _FAILED_SHOWN:
        complain(f"and {len(sent.failed) - _FAILED_SHOWN} more that failed; --json lists them all")
    if sent.next_due:
        say(f"the next mails are due at {sent.next_due:%Y-%m-%d %H:%M} UTC: run this again then")


@digest.command("correct")
@click.argument("week")
@click.argument("text")
@click.option("--by", default="", help="Who corrects; without it the name of the system's user.")
@click.pass_obj
def digest_correct(options: Options, week: str, text: str, by: str) -> None:
    """Say in the next issue what an approved one had wrong; TEXT is printed as it is."""
    from digest.weeks import Week
    from lagebrief import jobs
    from lagebrief.app import opened

    with opened(options.load()) as app:
        jobs.correct(app, Week.parse(week), text, by or getpass.getuser())
    say(f"the next issue corrects {week}")


@digest.command("export")
@click.argument("week")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder.")
@click.option("--to", default="leser@example.org", show_default=True, help="Recipient named in the .eml.")
@click.option("--pdf", "paper", is_flag=True, help="Also write it as .pdf, for paper; needs the extra pdf.")
@click.pass_obj
def digest_export(options: Options, week: str, out: Path, to: str, paper: bool) -> None:
    """Write the issue as .html, .txt and .eml."""
    from digest.weeks import Week
    from lagebrief import jobs
    from lagebrief.app import opened

    with opened(options.load()) as app:
        issue = jobs.stored_issue(app, Week.parse(week))
        for path in jobs.export(app, issue, out, to, paper=paper):
            click.echo(str(path))


@digest.command("feed")
@click.option("--out", type=click.Path(path_type=Path), help="File to write; without it to stdout.")
@click.option("--as", "format_", type=click.Choice(["atom", "jsonfeed"]), default="atom", show_default=True)
@click.option("--url", help="Address that links begin with; without it web.base_url.")
@click.pass_obj
def digest_feed(options: Options, out: Path | None, format_: str, url: str | None) -> None:
    """The newest approved issues as a feed."""
    from archive import issues
    from digest.feeds import atom, json_feed
    from digest.issue_feed import issue_feed
    from digest.rendering import safe_url
    from lagebrief.app import opened

    if url and not safe_url(url):
        raise InputError(f"--url: not a web address: {url!r}; expected e.g. https://brief.example.org")
    with opened(options.load()) as app:
        published, config = issues.published(app.database, _FEED_ISSUES), app.config
    base = (url or config.web.base_url).rstrip("/")
    author = config.impressum.publisher or config.digest.title
    feed = issue_feed(published, config.digest.title, author, base=base, list_id=config.mail.list_id)
    text = atom(feed).decode() if format_ == "atom" else json_feed(feed)
    hand_over(text, out)
