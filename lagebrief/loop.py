"""The asyncio loop of a command, left only when nothing runs in it any more."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_LOOK_AGAIN_S = 1.0  # at what was cancelled and goes on all the same


def run(main: Coroutine[Any, Any, T]) -> T:
    """Like asyncio.run, for what crawls.

    asyncio.run cancels once what still runs, and then closes the loop. Scrapy answers a cancelled request
    with new tasks, which would find the loop closed and complain of it on stderr.
    """
    return asyncio.run(_whole(main))


async def _whole(main: Coroutine[Any, Any, T]) -> T:
    try:
        return await main
    finally:
        while left := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in left:
                task.cancel()
            await asyncio.wait(left, timeout=_LOOK_AGAIN_S)
