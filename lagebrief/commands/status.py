"""status and healthcheck."""

from __future__ import annotations

from typing import Any

import click

from lagebrief.cli import Options
from lagebrief.console import complain, print_json, print_rows


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.pass_obj
def status(options: Options, as_json: bool) -> None:
    """Sources, archive and issues at a glance."""
    from archive import issues, queries
    from lagebrief.app import opened
    from lagebrief.health import troubles

    with opened(options.load()) as app:
        state: dict[str, Any] = {
            "articles": queries.count(app.database),
            "outlets": queries.per_outlet(app.database),
            "issues": [
                {"week": issue.week, "state": issue.state, "subject": issue.subject}
                for issue in issues.all_issues(app.database)[:5]
            ],
            "troubles": troubles(app),
        }
    if as_json:
        print_json(state)
        return
    rows = [("articles", str(state["articles"]))]
    rows += [(f"  {outlet}", str(count)) for outlet, count in state["outlets"].items()]
    rows += [(f"issue {issue['week']}", f"{issue['state']}: {issue['subject']}") for issue in state["issues"]]
    rows += [("trouble", trouble) for trouble in state["troubles"]]
    print_rows(rows, ("", ""))


@click.command()
@click.pass_obj
def healthcheck(options: Options) -> None:
    """Exit 0 if all is well; 1 and the reasons if somebody must look."""
    from lagebrief.app import opened
    from lagebrief.health import troubles

    with opened(options.load()) as app:
        found = troubles(app)
    for trouble in found:
        complain(trouble)
    if found:
        raise click.exceptions.Exit(1)
