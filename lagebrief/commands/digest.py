"""digest compose, preview, show, approve, export."""

from __future__ import annotations

import getpass
from pathlib import Path

import click

from lagebrief.cli import Options
from lagebrief.console import print_json, say


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


@digest.command("export")
@click.argument("week")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder.")
@click.option("--to", default="leser@example.org", show_default=True, help="Recipient named in the .eml.")
@click.pass_obj
def digest_export(options: Options, week: str, out: Path, to: str) -> None:
    """Write the issue as .html, .txt and .eml."""
    from digest.weeks import Week
    from lagebrief import jobs
    from lagebrief.app import opened

    with opened(options.load()) as app:
        issue = jobs.stored_issue(app, Week.parse(week))
        for path in jobs.export(app, issue, out, to):
            click.echo(str(path))
