"""Sending an issue: workers that claim mails, hand them over and write down what became of each.

Every change of a row is committed by one thread (`mailing.committing`), and no mail goes out before its row
is safe.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import secrets
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from archive.database import Database
from lagebrief.errors import LostError, MailServerError, PausedError
from mailing import subscribers, tokens
from mailing.claims import Claim, Wanted
from mailing.committing import Committer
from mailing.frozen import Template
from mailing.keys import Keys
from mailing.ledger import Ledger
from mailing.pace import Rate, pause_after
from mailing.refusals import Kind
from mailing.settings import MailSettings
from mailing.smtp import Answer, Connection
from mailing.steps import State, Step

log = logging.getLogger(__name__)

Clock = Callable[[], dt.datetime]

BATCH = 40
_REST = 3  # first pauses that a destination which answered 421 is left alone
_POLICY_IN_A_ROW, _DEAD_IN_A_ROW = 3, 20


@dataclass
class Run:
    """One run over the open mails of an issue.

    template_for: the mail for a claim, None where the issue has nothing on the topics that were chosen.
    """

    database: Database
    ledger: Ledger
    settings: MailSettings
    keys: Keys
    template_for: Callable[[Claim], Template | None]
    clock: Clock
    on_progress: Callable[[int], None] = lambda _count: None
    stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._broken = threading.Event()
        self._unreachable: list[MailServerError] = []
        self.reached = threading.Event()
        self._refused = self._dead = 0
        self._resting: dict[str, float] = {}
        self._rate = Rate(self.settings.rate, self.stopping)
        self._rates: dict[str, Rate] = {}
        self._lock = threading.Lock()
        self.told: Counter[State] = Counter()

    def work(self) -> Counter[State]:
        """Send what is due, with all connections; returns how many mails came to which state.

        Raises MailServerError where the server cannot be used, PausedError where it refuses us.
        """
        again, lost = self.ledger.recover()
        if again or lost:
            log.warning("%s: %d mails taken up again, %d uncertain", self.ledger.week, again, lost)
        count = self.settings.connections
        with (
            self.ledger.committing() as commit,
            Committer(commit) as committer,
            ThreadPoolExecutor(count, "sender") as threads,
        ):
            workers = [threads.submit(self._work, committer) for _ in range(count)]
            try:
                wait(workers)
            except KeyboardInterrupt:
                self.stopping.set()  # each ends with the mail it has in hand
                raise
        self.told[State.SKIPPED] += self.ledger.skip_those_who_left()
        for worker in workers:
            worker.result()
        if self._unreachable and (not self.reached.is_set() or len(self._unreachable) == count):
            raise self._unreachable[0]
        if self._unreachable:
            log.warning(
                "%d of mail.connections = %d could not be opened: %s",
                len(self._unreachable),
                count,
                self._unreachable[0],
            )
        return +self.told

    def _work(self, committer: Committer) -> None:
        done = False
        try:
            _Worker(self, committer).work()
            done = True
        except MailServerError as error:  # others may have a connection: a server limits how many
            self._unreachable.append(error)
            done = True
        finally:
            if not done:
                self._broken.set()  # the other workers see it and end

    @property
    def batch(self) -> int:
        """How many mails a worker claims at once: no more than can go out in half of their lease."""
        settings = self.settings
        slowest = min(settings.rate, settings.destination_rate or settings.rate) / settings.connections
        return max(1, min(BATCH, int(settings.lease / 2 * slowest)))

    @property
    def is_over(self) -> bool:
        """Does the program end, or did one of the workers run into trouble?"""
        return self.stopping.is_set() or self._broken.is_set()

    def note(self, step: Step) -> None:
        """Count what became of a mail."""
        with self._lock:
            self.told[step.state] += 1
        self.on_progress(1)

    def rests(self, domain: str) -> dt.timedelta:
        """How long a destination is still left alone."""
        return dt.timedelta(seconds=max(self._resting.get(domain, 0) - time.monotonic(), 0))

    def rest(self, domain: str) -> dt.timedelta:
        """Leave a destination alone for a while."""
        pause = _REST * self.pause(0)
        self._resting[domain] = time.monotonic() + pause.total_seconds()
        return pause

    def rates(self, domain: str) -> tuple[Rate, ...]:
        """How fast all mails follow one another, and those to one destination where they have a limit."""
        limit = self.settings.destination_rate
        if not limit:
            return (self._rate,)
        with self._lock:
            if domain not in self._rates:
                self._rates[domain] = Rate(limit, self.stopping)
            return (self._rate, self._rates[domain])

    def pause(self, attempts: int) -> dt.timedelta:
        """Before the next try, after so many."""
        return pause_after(attempts, dt.timedelta(seconds=self.settings.first_pause))

    def refused(self, answer: Answer) -> None:
        """A refusal of us; the third in a row ends the run."""
        with self._lock:
            self._refused += 1
            if self._refused >= _POLICY_IN_A_ROW:
                raise PausedError(
                    f"the server refuses us, not single readers: {answer}; docs/mail.md tells what to look at"
                )

    def is_dead(self, reason: str) -> None:
        """An address was; so many in a row are no chance. Raises PausedError."""
        with self._lock:
            self._dead += 1
            if self._dead % _DEAD_IN_A_ROW == 0:
                raise PausedError(f"{self._dead} addresses in a row are said to be dead, the last: {reason}")

    def welcomed(self) -> None:
        """A mail was taken: earlier refusals were about something else."""
        self._refused = self._dead = 0


class _Worker:
    """One connection with what it has claimed. sent: the mail whose acceptance is not yet written down."""

    def __init__(self, run: Run, committer: Committer) -> None:
        self._run = run
        self._committer = committer
        self._name = f"{socket.gethostname()[:24]}:{os.getpid()}:{secrets.token_hex(6)}"
        self._connection: Connection | None = None
        self._sent: Step | None = None
        self._refusal: Answer | None = None

    def work(self) -> None:
        run = self._run
        done = False
        try:
            while not run.is_over and (claims := self._claimed()):
                self._send_all(claims)
            done = not run.is_over
        finally:
            try:
                self._flush()
            finally:
                if self._connection:
                    self._connection.close(politely=done)

    def _claimed(self) -> list[Claim]:
        steps = [self._sent] if self._sent else []
        wanted = Wanted(self._name, self._run.batch, dt.timedelta(seconds=self._run.settings.lease))
        committed = self._committer.commit(self._name, steps, wanted)
        self._sent = None
        return committed.claims[self._name]

    def _send_all(self, claims: Sequence[Claim]) -> None:
        for number, claim in enumerate(claims):
            if self._run.is_over:
                self._give_back(claims[number:])
                return
            try:
                step = self._send(claim)
            except MailServerError:
                self._give_back(claims[number:])
                raise
            try:
                self._settle(step, claim)
            except PausedError:
                self._give_back(claims[number + 1 :])
                raise

    def _settle(self, step: Step, claim: Claim) -> None:
        """A mail that was taken is written down with the next one's beginning; all else at once.

        Raises PausedError.
        """
        if step.state is State.SENT:
            self._sent = step
            self._run.welcomed()
        else:
            self._committer.commit(self._name, [step])
            if step.state is State.BOUNCED:
                self._end(claim, step.reason)
                self._run.is_dead(step.reason)
        if step.state is not State.QUEUED:
            self._run.note(step)
        refusal, self._refusal = self._refusal, None
        if refusal:
            self._run.refused(refusal)

    def _end(self, claim: Claim, reason: str) -> None:
        run = self._run
        state = subscribers.State.BOUNCED
        subscribers.end(run.database, run.keys, claim.subscriber_id, state, run.clock(), reason)

    def _send(self, claim: Claim) -> Step:
        run = self._run
        domain = claim.email.rpartition("@")[2]
        if rest := run.rests(domain):
            return self._later(claim, "its destination asked for a rest", rest)
        template = run.template_for(claim)
        if template is None:
            return Step(claim.id, State.SKIPPED, "nothing on the chosen topics")
        rates = run.rates(domain)
        if any(rate.is_waited_for() for rate in rates):
            self._flush()  # whoever ends us while we wait leaves nothing uncertain
        for rate in rates:
            rate.wait()
        back = f"bounce+{tokens.token(run.keys, tokens.BOUNCE, claim.subscriber_id)}@{run.settings.domain}"
        message = template.message(run.keys, claim.subscriber_id, claim.email)
        try:
            connection = self._connected()
            answer = connection.hand_over(back, claim.email, message)
            if answer.is_good:
                if not self._goes_out(claim):  # the reader has left, or the lease was over
                    connection.close(politely=False)
                    return Step(claim.id, State.QUEUED)
                answer = connection.finish()
        except LostError as error:
            return self._lost(claim, error)
        return self._judged(claim, answer, domain)

    def _connected(self) -> Connection:
        if self._connection is None or not self._connection.is_open:
            self._connection = Connection(self._run.settings)
            self._run.reached.set()
        return self._connection

    def _goes_out(self, claim: Claim) -> bool:
        steps = [step for step in (self._sent, Step(claim.id, State.SENDING)) if step]
        committed = self._committer.commit(self._name, steps)
        self._sent = None
        return claim.id in committed.going_out

    def _lost(self, claim: Claim, error: LostError) -> Step:
        if error.after_dot:
            return Step(claim.id, State.UNCERTAIN, str(error))
        return self._later(claim, str(error))

    def _judged(self, claim: Claim, answer: Answer, domain: str) -> Step:
        if answer.is_good:
            return Step(claim.id, State.SENT, str(answer))
        if answer.shuts_down:
            return self._later(claim, str(answer), self._run.rest(domain))
        if not answer.is_final:
            return self._later(claim, str(answer))
        if answer.kind is Kind.REFUSED:
            self._refusal = answer
            return self._later(claim, str(answer))
        return Step(claim.id, State.BOUNCED if answer.kind is Kind.HARD else State.FAILED, str(answer))

    def _later(self, claim: Claim, reason: str, pause: dt.timedelta | None = None) -> Step:
        run = self._run
        if claim.attempts and claim.tried_for >= dt.timedelta(hours=run.settings.give_up_after):
            return Step(claim.id, State.FAILED, f"given up: {reason}")
        return Step(claim.id, State.RETRY, reason, pause or run.pause(claim.attempts))

    def _give_back(self, claims: Sequence[Claim]) -> None:
        self._committer.commit(self._name, [Step(claim.id, State.QUEUED) for claim in claims])

    def _flush(self) -> None:
        if self._sent:
            self._committer.commit(self._name, [self._sent])
            self._sent = None
