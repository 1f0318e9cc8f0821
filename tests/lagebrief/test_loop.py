"""Leaving the loop: what is cancelled may start something new, and that is ended too."""

from __future__ import annotations

import asyncio

import pytest

from lagebrief import loop

Tasks = list[asyncio.Task[None]]


async def _rest() -> None:
    await asyncio.Event().wait()


async def _bequeath(heirs: Tasks) -> None:
    """As Scrapy does it: the answer to being cancelled is a new task."""
    try:
        await _rest()
    finally:
        heirs.append(asyncio.create_task(_rest()))
        await asyncio.sleep(0)  # the heir begins to wait


async def _leave(heirs: Tasks, error: Exception | None = None) -> str:
    heirs.append(asyncio.create_task(_bequeath(heirs)))
    await asyncio.sleep(0)
    if error:
        raise error
    return "left"


def test_what_a_cancelled_task_started_is_ended_too() -> None:
    tasks: Tasks = []
    assert loop.run(_leave(tasks)) == "left"
    assert [task.cancelled() for task in tasks] == [True, True]


def test_an_error_leaves_nothing_behind_either() -> None:
    tasks: Tasks = []
    with pytest.raises(ZeroDivisionError):
        loop.run(_leave(tasks, ZeroDivisionError()))
    assert [task.cancelled() for task in tasks] == [True, True]
