"""models fetch."""

from __future__ import annotations

import click

from lagebrief.cli import Options
from lagebrief.console import progress, say


@click.group()
def models() -> None:
    """Models that translate on this machine."""


@models.command("fetch")
@click.option("--mirror", default="", help="Folder to take them from; without it translate.mirror.")
@click.pass_obj
def models_fetch(options: Options, mirror: str) -> None:
    """Fetch the models from English to German once; afterwards no network is needed."""
    from lagebrief import models as fetching
    from lagebrief.jobs import models_folder

    loaded = options.load()
    folder = models_folder(loaded)
    with progress("fetching", None, quiet=options.quiet) as bar:
        seen: dict[str, int] = {}

        def on_progress(name: str, so_far: int, _whole: int) -> None:
            bar(so_far - seen.get(name, 0))
            seen[name] = so_far

        paths = fetching.fetch(
            folder,
            mirror.rstrip("/") or loaded.config.translate.mirror,
            loaded.config.collect.user_agent,
            on_progress,
        )
    size = sum(path.stat().st_size for path in paths)
    say(f"{len(paths)} files, {size / 1e6:.1f} MB, in {folder}")
