"""init, check, config, version."""

from __future__ import annotations

from importlib.metadata import version as installed_version
from pathlib import Path

import click

from lagebrief.cli import Options
from lagebrief.console import print_json, print_rows, say
from lagebrief.errors import InputError


@click.command()
@click.argument("folder", default=".", type=click.Path(path_type=Path, file_okay=False))
def init(folder: Path) -> None:
    """Write a commented config.toml into FOLDER; refuse to overwrite one."""
    from lagebrief.config import FILE_NAME, default_text

    path = folder / FILE_NAME
    if path.exists():
        raise InputError(f"{path} exists already; nothing was written")
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(default_text(), encoding="utf-8")
    say(f"wrote {path}\nNow set [collect] contact and [impressum], then run: lagebrief check")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.pass_obj
def check(options: Options, as_json: bool) -> None:
    """Say what is wrong with configuration, database, templates and mail settings, and how to mend it."""
    from lagebrief.checks import run_checks

    findings = run_checks(options.load())
    if as_json:
        print_json([{"what": f.what, "ok": f.ok, "message": f.message} for f in findings])
    else:
        print_rows([("ok" if f.ok else "!!", f.what, f.message) for f in findings], ("", "what", "result"))
    if not all(finding.ok for finding in findings):
        raise click.exceptions.Exit(1)


@click.group()
def config() -> None:
    """Show the configuration."""


@config.command("show")
@click.option("--origin", "with_origin", is_flag=True, help="Say where each value came from.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.pass_obj
def config_show(options: Options, with_origin: bool, as_json: bool) -> None:
    """Print every setting; secrets are masked."""
    from lagebrief.config_view import flat, origin, shown

    loaded = options.load()
    rows = [(key, shown(value)) for key, value in flat(loaded.config)]
    if as_json:
        print_json(
            [
                {"key": key, "value": value, **({"origin": origin(loaded, key)} if with_origin else {})}
                for key, value in rows
            ]
        )
    elif with_origin:
        print_rows([(key, value, origin(loaded, key)) for key, value in rows], ("key", "value", "origin"))
    else:
        print_rows(rows, ("key", "value"))


@click.command()
def version() -> None:
    """Print the version."""
    click.echo(installed_version("lagebrief"))
