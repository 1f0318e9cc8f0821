"""Sending issues: by hand, as a test, and when their hour has come."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from email.utils import parseaddr
from itertools import combinations
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from archive import issues, locks
from digest.weeks import Week
from lagebrief.app import App
from lagebrief.errors import InputError, LostError, TryAgainError
from lagebrief.jobs import message, stored_issue

if TYPE_CHECKING:
    from archive.issues import StoredIssue
    from mailing.frozen import Page, Template
    from mailing.ledger import Claim, Row, State

log = logging.getLogger(__name__)

_OUTBOX_BATCH = 50
GRACE = dt.timedelta(days=2)  # an issue that was not sent by then is not sent by itself any more
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Sent:
    """What a run did, where all mails of the issue stand, those nobody knows of, and when the next is due."""

    told: Mapping[State, int]
    counts: Mapping[State, int]
    uncertain: Sequence[Row]
    next_due: dt.datetime | None


def send(app: App, week: Week, on_progress: Callable[[int], None] = lambda _count: None) -> Sent:
    """Send an approved issue to every confirmed reader who has not got it; safe to repeat and to run twice
    at once.

    Raises InputError where it is not approved, TryAgainError where the server does not take mail now.
    """
    from mailing.frozen import freeze
    from mailing.ledger import OPEN, Ledger, State
    from mailing.sending import Run

    issue, settings = stored_issue(app, week), app.config.mail
    if issue.state == "draft":
        raise InputError(f"the issue of {week} is a draft: 'lagebrief digest approve {week}' releases it")
    date = issue.approved_at or issue.created
    mails = {
        variant: freeze(page, settings, app.config.web.base_url, date, text_only=variant.startswith("text"))
        for variant, page in _variants(issue)
    }
    frozen = issues.begin_sending(app.database, issue.week, mails, app.clock())
    if frozen is None:
        raise InputError(f"the issue of {week} is {issue.state}; only an approved one is sent")
    ledger = Ledger(app.database, issue.week)
    if issue.state != "sent":
        ledger.queue(app.clock())
    run = Run(
        app.database,
        ledger,
        settings,
        app.keys,
        _chooser(frozen, _topics(issue)),
        app.clock,
        on_progress,
        stopping=app.stopping,
    )
    told = run.work()
    counts = ledger.counts()
    if not any(state in counts for state in OPEN):
        issues.finish_sending(app.database, issue.week)
    return Sent(told, counts, ledger.rows(State.UNCERTAIN), ledger.next_due())


def _variants(issue: StoredIssue) -> Iterator[tuple[str, Page]]:
    """The mails of an issue: with page or as text, whole and for each choice of its topics."""
    from digest.composing import narrowed
    from digest.issue import thaw
    from digest.rendering import render
    from mailing.frozen import Page

    keys = _topics(issue)
    for kind in ("html", "text"):
        yield kind, Page(issue.week, issue.subject, issue.text, issue.html)
    if len(keys) < 2:
        return
    state = "approved" if issue.approved_by else "draft"
    whole = replace(thaw(issue.content["frozen"]), state=state)
    for size in range(1, len(keys)):
        for chosen in combinations(keys, size):
            if part := narrowed(whole, chosen):
                made = render(part)
                for kind in ("html", "text"):
                    yield f"{kind}:{'+'.join(chosen)}", Page(issue.week, made.subject, made.text, made.html)


def _topics(issue: StoredIssue) -> list[str]:
    """The keys of the topics that an issue has something on."""
    return sorted({item["topic"] for item in issue.content["items"]})


def _chooser(frozen: Mapping[str, bytes], keys: Sequence[str]) -> Callable[[Claim], Template | None]:
    """Which of the frozen mails a reader gets, by what they chose; None where it has nothing on that."""
    from mailing.frozen import Template

    templates = {variant: Template(body) for variant, body in frozen.items()}

    def template_for(claim: Claim) -> Template | None:
        kind = "text" if claim.text_only else "html"
        chosen = [key for key in keys if key in claim.topics]
        if not claim.topics or not keys or len(chosen) == len(keys):
            return templates[kind]
        return templates.get(f"{kind}:{'+'.join(chosen)}")

    return template_for


def send_test(app: App, week: Week, to: str) -> str:
    """Send a draft or an issue to one address, outside the ledger; returns the server's answer."""
    from mailing.smtp import Connection

    content = message(app, stored_issue(app, week), to).replace(b"\r\n.", b"\r\n..")
    with Connection(app.config.mail) as connection:
        answer = connection.send(parseaddr(app.config.mail.from_)[1], parseaddr(to)[1], content, lambda: True)
    if answer is None or not answer.is_good:
        raise TryAgainError(f"the server did not take the mail: {answer}")
    return str(answer)


def sending_time(app: App, week: Week) -> dt.datetime:
    """When the issue of a week goes out: the first digest.weekday and digest.time after its end."""
    settings, zone = app.config.digest, ZoneInfo(app.config.app.timezone)
    monday = week.end.astimezone(zone).date()
    day = monday + dt.timedelta(days=_DAYS.index(settings.weekday))
    return dt.datetime.combine(day, dt.time.fromisoformat(settings.time), zone)


def deliver_due(app: App) -> None:
    """Send the last week's issue if its hour has come, and go on with what is still open of it.

    A draft nobody approved is held, or sent with its mark, as digest.on_missing_approval says.
    """
    now = app.clock()
    week = Week.of(now).previous
    due = sending_time(app, week)
    if not app.config.mail.host or not due <= now < due + GRACE:
        return
    issue = issues.load(app.database, str(week))
    if issue is None or issue.state == "sent":
        return
    if issue.state == "draft":
        if app.config.digest.on_missing_approval == "hold":
            log.warning("the issue of %s is held: nobody has approved it", week)
            return
        # Its pages stay as they are: they say that nobody has looked at them (Art. 50 (4) of the AI Act).
        issues.approve(app.database, issue, "", now, issue.html, issue.text)
    send(app, week)


def send_outbox(app: App) -> int:
    """Send single mails that wait, such as confirmations; returns how many a server took.

    Raises MailServerError where the server cannot be used; the mails go on waiting. One process does it at a
    time.
    """
    from mailing import outbox
    from mailing.smtp import Connection

    mails = outbox.waiting(app.database, app.clock(), _OUTBOX_BATCH) if app.config.mail.host else []
    if not mails:
        return 0
    count = 0
    sender = parseaddr(app.config.mail.from_)[1]
    with locks.alone(app.database, "outbox"), Connection(app.config.mail) as connection:
        for mail in mails:
            try:
                stuffed = mail.message.replace(b"\r\n.", b"\r\n..")
                answer = connection.send(sender, mail.recipient, stuffed, lambda: True)
            except LostError as error:
                log.warning("a waiting mail was not taken: %s", error)
                outbox.failed(app.database, mail.id, app.clock())
                break
            if answer and (answer.is_good or answer.is_final):  # what is refused for good is not asked again
                outbox.taken(app.database, mail.id)
                count += answer.is_good
            else:
                outbox.failed(app.database, mail.id, app.clock())
    return count
