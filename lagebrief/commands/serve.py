"""serve: the schedule until somebody ends it."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import click

from lagebrief.cli import Options
from lagebrief.console import say

if TYPE_CHECKING:
    from lagebrief.app import App


@click.command()
@click.pass_obj
def serve(options: Options) -> None:
    """Collect, analyse and compose by the schedule. Ends cleanly on SIGTERM and Ctrl-C."""
    from lagebrief.app import opened

    with opened(options.load()) as app:
        asyncio.run(_serve(app))


async def _serve(app: App) -> None:
    from lagebrief.schedule import scheduler

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    running = scheduler(app)
    running.start()
    for job in running.get_jobs():
        say(f"{job.name}: next {job.next_run_time:%Y-%m-%d %H:%M %Z}")
    await stop.wait()
    app.stopping.set()
    running.shutdown(wait=False)
    say("ended")
