"""One thread commits what all workers of a run ask for, that of one moment together: they share its cost."""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from lagebrief.errors import StoreError
from mailing.claims import Wanted
from mailing.ledger import Commit, Committed
from mailing.steps import Step


@dataclass
class _Asked:
    """Steps of a worker, and whether it wants more mails."""

    worker: str
    steps: Sequence[Step]
    wanted: Wanted | None
    answer: Future[Committed] = field(default_factory=Future)


class Committer:
    """Use it as a context: at its end all that was asked for is committed."""

    def __init__(self, commit: Commit) -> None:
        self._commit = commit
        self._asked: queue.SimpleQueue[_Asked | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._ended = False
        self._thread = threading.Thread(target=self._serve, name="committer")

    def __enter__(self) -> Committer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._ended = True
            self._asked.put(None)
        self._thread.join()

    def commit(self, worker: str, steps: Sequence[Step], wanted: Wanted | None = None) -> Committed:
        """Returns when the steps are on disk. Raises StoreError."""
        asked = _Asked(worker, steps, wanted)
        with self._lock:
            if self._ended:  # somebody has broken off for the second time
                raise StoreError("the run has ended")
            self._asked.put(asked)
        return asked.answer.result()

    def _serve(self) -> None:
        while (first := self._asked.get()) is not None:
            asked, ended = [first], False
            while not self._asked.empty() and not ended:
                following = self._asked.get()
                if following is None:
                    ended = True
                else:
                    asked.append(following)
            self._answer(asked)
            if ended:
                return

    def _answer(self, asked: Sequence[_Asked]) -> None:
        changes = [(one.worker, step) for one in asked for step in one.steps]
        wanted = [one.wanted for one in asked if one.wanted]
        try:
            committed = self._commit(changes, wanted)
        except Exception as error:  # noqa: BLE001 - it is raised where somebody waits for it
            for one in asked:
                one.answer.set_exception(error)
            return
        for one in asked:
            one.answer.set_result(committed)
