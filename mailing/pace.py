"""How fast mails follow one another, and how long one waits that was put off."""

from __future__ import annotations

import datetime as dt
import threading
import time

_GROWTH, _LONGEST = 3, dt.timedelta(hours=12)


def pause_after(attempts: int, first: dt.timedelta) -> dt.timedelta:
    """Before the next try, after so many: threefold each time, up to twelve hours."""
    growth: int = _GROWTH ** min(attempts, 12)
    return min(first * growth, max(first, _LONGEST))


class Rate:
    """So many mails a second, over all connections; a program that ends is not kept waiting."""

    def __init__(self, per_second: float, stopping: threading.Event) -> None:
        self._gap = 1 / per_second
        self._stopping = stopping
        self._lock = threading.Lock()
        self._next = 0.0

    def is_waited_for(self) -> bool:
        """Must the next mail wait?"""
        return self._next > time.monotonic()

    def wait(self) -> None:
        """Return when the next mail may go out."""
        with self._lock:
            now = time.monotonic()
            begins = max(self._next, now)
            self._next = begins + self._gap
        if begins > now:
            self._stopping.wait(begins - now)
