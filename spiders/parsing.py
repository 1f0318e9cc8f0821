"""Reading bodies in a child process with limits on time and memory.

A body that takes too long or too much memory costs its own source this run and nobody else anything: the
child is ended and a new one is started. Nothing a body holds can reach the network from there.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import resource
import signal
from concurrent.futures import TimeoutError as FutureTimeoutError

from pebble import ProcessExpired, ProcessPool

from archive.values import SourceState
from lagebrief.errors import ConfigError
from spiders.values import Answer, Parsed

log = logging.getLogger(__name__)

TIME_LIMIT_S = 10
MEMORY_LIMIT = 768 * 1024 * 1024


class Parser:
    """A pool of one reading process, started with the first body. Close it at the end of the run."""

    def __init__(self, time_limit: float = TIME_LIMIT_S, memory_limit: int = MEMORY_LIMIT) -> None:
        self._time_limit = time_limit
        self._memory_limit = memory_limit
        self._pool: ProcessPool | None = None
        self._reading: set[asyncio.Future[Parsed]] = set()
        self._closed = False

    async def read(self, answer: Answer) -> Parsed:
        """What the body holds; a state and a reason where a limit was broken or the reading failed.

        Raises CancelledError once closed: the run is over, and the body is fetched again by the next one.
        """
        if self._closed:
            raise asyncio.CancelledError
        if self._pool is None:
            self._pool = ProcessPool(
                max_workers=1,
                initializer=_limit,
                initargs=(self._memory_limit,),
                context=multiprocessing.get_context("spawn"),
            )
        future = asyncio.wrap_future(self._pool.schedule(_read, args=(answer,), timeout=self._time_limit))
        self._reading.add(future)
        future.add_done_callback(self._reading.discard)
        try:
            return await future
        except (FutureTimeoutError, TimeoutError):
            reason = f"reading the answer took longer than {self._time_limit:g} s"
        except ProcessExpired:
            reason = "reading the answer broke a limit of memory or nesting"
        except MemoryError:
            reason = f"reading the answer needs more than {self._memory_limit // 2**20} MiB of memory"
        except RecursionError:
            reason = "the answer is nested too deeply"
        except ConfigError as error:
            reason = str(error)
        except Exception as error:
            # A hostile body found a hole in a reader: its own source must show that, and the others go on.
            log.exception("source=%s reading %s failed", answer.source.key, answer.url)
            reason = f"reading the answer failed ({type(error).__name__})"
        return Parsed(state=SourceState.PARSE_ERROR, reason=reason, incomplete=True)

    def close(self) -> None:
        """End the process, also while it reads."""
        self._closed = True
        for future in tuple(self._reading):
            future.cancel()
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join()
            self._pool = None


def _limit(memory_limit: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends this process
    resource.setrlimit(resource.RLIMIT_AS, (memory_limit, memory_limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _end_with_parent()


def _end_with_parent() -> None:
    """Ask Linux to end this process when its parent is killed; elsewhere the closed pipe ends it."""
    import ctypes
    import sys

    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def _read(answer: Answer) -> Parsed:
    from spiders.kinds import read

    return read(answer)
