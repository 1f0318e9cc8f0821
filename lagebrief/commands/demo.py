"""demo: the main job on the bundled example weeks."""

from __future__ import annotations

from pathlib import Path

import click

from lagebrief.console import print_rows, say


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default="out",
    show_default=True,
    help="Folder.",
)
def demo(out: Path) -> None:
    """Collect the example weeks KW 26 to 29 of 2025 over HTTP on this machine; write KW 28 and KW 29."""
    from lagebrief.demo.run import run

    result = run(out, on_step=say)
    rows = [
        (r.key, str(r.state), str(r.entries), str(r.stored.new), str(r.stored.changed), r.reason)
        for r in result.reports
    ]
    print_rows(rows, ("source", "state", "entries", "new", "changed", "reason"))
    say(f"\n{result.articles} articles in the archive.")
    for subject in result.subjects:
        say(subject)
    for path in result.files:
        click.echo(str(path))
    say(f"\nOpen {result.files[0]} in a browser, or search what was collected:")
    say(f"  lagebrief --data-dir {out / 'data'} search Rechenzentren Xinjiang")
