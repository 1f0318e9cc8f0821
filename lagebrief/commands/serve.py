"""serve: the schedule and the pages for readers, in one loop, until somebody ends it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import click

from lagebrief.cli import Options
from lagebrief.console import say

if TYPE_CHECKING:
    import socket

    from fastapi import FastAPI

    from lagebrief.app import App


@click.command()
@click.option(
    "--role",
    type=click.Choice(("all", "scheduler", "web")),
    default="all",
    show_default=True,
    help="What this process does; all leaves the pages out while web.base_url is empty.",
)
@click.pass_obj
def serve(options: Options, role: str) -> None:
    """Collect, analyse and compose by the schedule; serve the pages. Ends cleanly on SIGTERM and Ctrl-C."""
    from lagebrief.app import opened
    from lagebrief.loop import run

    with opened(options.load()) as app:
        has_pages = role == "web" or (role == "all" and bool(app.config.web.base_url))
        run(_serve(app, schedule=role != "web", pages=has_pages))


async def _serve(app: App, *, schedule: bool, pages: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    async with AsyncExitStack() as parts:
        if pages:
            await parts.enter_async_context(_pages(app))
        if schedule:
            await parts.enter_async_context(_schedule(app))
        await stop.wait()
    say("ended")


@asynccontextmanager
async def _schedule(app: App) -> AsyncIterator[None]:
    """Jobs start by the clock inside; those that run at the end are told to stop."""
    from lagebrief.schedule import scheduler

    running = scheduler(app)
    running.start()
    for job in running.get_jobs():
        say(f"{job.name}: next {job.next_run_time:%Y-%m-%d %H:%M %Z}")
    try:
        yield
    finally:
        app.stopping.set()
        running.shutdown(wait=False)


@asynccontextmanager
async def _pages(app: App) -> AsyncIterator[None]:
    """The pages are served inside. Raises ConfigError where a setting they need is missing."""
    from web.server import listen, server

    settings = app.config.web
    made, listening = _readers_app(app), listen(settings)
    running = server(made)
    task = asyncio.create_task(running.serve(sockets=[listening]))
    say(f"pages: {_address(listening)}, public at {settings.base_url}")
    try:
        yield
    finally:
        running.should_exit = True
        await task


def _readers_app(app: App) -> FastAPI:
    from web.app import make_app
    from web.site import Site

    config = app.config
    return make_app(
        Site(
            database=app.database,
            keys=app.keys,
            web=config.web,
            mail=config.mail,
            impressum=config.impressum,
            title=config.digest.title,
            topics={topic.key: topic.name for topic in config.topics},
            clock=app.clock,
        )
    )


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
