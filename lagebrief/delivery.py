"""Sending issues: by hand, as a test, and when their hour has come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from email.utils import parseaddr
from itertools import combinations
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from archive import issues
from digest.weeks import WEEKDAYS, Week, first_time
from lagebrief.app import App
from lagebrief.errors import (
    ConfigError,
    InputError,
    LagebriefError,
    MailServerError,
    NothingToDoError,
    PausedError,
    TryAgainError,
)
from lagebrief.jobs import message, must_be_thawable, stored_issue

if TYPE_CHECKING:
    from archive.issues import StoredIssue
    from mailing.claims import Claim
    from mailing.frozen import Page, Template
    from mailing.ledger import Row
    from mailing.signature import Sign
    from mailing.steps import State

GRACE = dt.timedelta(days=2)  # an issue that was not sent by then is not sent by itself any more


@dataclass(frozen=True, slots=True)
class Sent:
    """What a run did, where all mails of the issue stand, those somebody should look at, and when the next is
    due.
    """

    told: Mapping[State, int]
    counts: Mapping[State, int]
    uncertain: Sequence[Row]
    failed: Sequence[Row]
    next_due: dt.datetime | None


def send(app: App, week: Week, on_progress: Callable[[int], None] = lambda _count: None) -> Sent:
    """Send an approved issue to every confirmed reader who has not got it; safe to repeat and to run twice
    at once.

    Raises InputError where it is not approved or nobody reads it, ConfigError where it cannot be mailed so,
    TryAgainError where the server does not take mail now.
    """
    from mailing import dispatch
    from mailing.ledger import Ledger
    from mailing.sending import Run
    from mailing.signature import signer
    from mailing.steps import OPEN, State

    issue, settings = stored_issue(app, week), app.config.mail
    mails = dispatch.frozen(app.database, issue.week) or _begun(app, issue)
    ledger = Ledger(app.database, issue.week)
    run = Run(
        app.database,
        ledger,
        settings,
        app.keys,
        _chooser(mails, _topics(issue), signer(settings)),
        app.clock,
        on_progress,
        stopping=app.stopping,
    )
    told = run.work()
    counts = ledger.counts()
    if not any(state in counts for state in OPEN):
        dispatch.finish(app.database, issue.week)
    return Sent(told, counts, ledger.rows(State.UNCERTAIN), ledger.rows(State.FAILED), ledger.next_due())


def resend(app: App, week: Week, ids: Sequence[int]) -> int:
    """Let these mails go out again with the next `send`. Raises InputError for one that did not fail."""
    from mailing import dispatch

    return dispatch.resend(app.database, str(week), ids)


def _begun(app: App, issue: StoredIssue) -> Mapping[str, bytes]:
    """Freeze the mails and queue a delivery for each reader, once all is there that sending needs."""
    from mailing import dispatch
    from mailing.frozen import freeze

    settings = app.config.mail
    if issue.state == "draft":
        raise InputError(
            f"the issue of {issue.week} is a draft: 'lagebrief digest approve {issue.week}' releases it"
        )
    _must_be_sendable(app, issue)
    date = issue.approved_at or issue.created
    mails = {
        variant: freeze(page, settings, app.config.web.base_url, date, text_only=variant.startswith("text"))
        for variant, page in _variants(issue)
    }
    begun = dispatch.begin(app.database, issue.week, mails, app.clock())
    if not begun:
        raise InputError(f"the issue of {issue.week} is no longer approved")
    return begun


def _must_be_sendable(app: App, issue: StoredIssue) -> None:
    from mailing import dispatch

    if len(_topics(issue)) > 1:
        must_be_thawable(issue)
    _must_have_server(app)
    if not app.config.web.base_url:
        raise ConfigError("web.base_url is empty: without it no reader could unsubscribe")
    if issue.state in ("draft", "approved") and not dispatch.has_readers(app.database):
        raise InputError(f"there is nobody to send the issue of {issue.week} to: no reader has confirmed")


def _must_have_server(app: App) -> None:
    if not app.config.mail.host:
        raise ConfigError("mail.host is empty: name the server that takes the mail")
    _ = app.config.mail.domain  # or it raises: who sends?


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


def _chooser(
    frozen: Mapping[str, bytes], keys: Sequence[str], sign: Sign | None
) -> Callable[[Claim], Template | None]:
    """Which of the frozen mails a reader gets, by what they chose; None where it has nothing on that."""
    from mailing.frozen import Template

    templates = {variant: Template(body, sign) for variant, body in frozen.items()}

    def template_for(claim: Claim) -> Template | None:
        kind = "text" if claim.text_only else "html"
        chosen = [key for key in keys if key in claim.topics]
        if not claim.topics or not keys or len(chosen) == len(keys):
            return templates[kind]
        return templates.get(f"{kind}:{'+'.join(chosen)}")

    return template_for


def send_test(app: App, week: Week, to: str) -> str:
    """Send a draft or an issue to one address, outside the ledger; returns the server's answer."""
    from mailing.frozen import stuffed
    from mailing.signature import signer
    from mailing.smtp import Connection

    _must_have_server(app)
    sign = signer(app.config.mail) or bytes
    content = stuffed(sign(message(app, stored_issue(app, week), to)))
    with Connection(app.config.mail) as connection:
        answer = connection.send(parseaddr(app.config.mail.from_)[1], parseaddr(to)[1], content)
    if not answer.is_good:
        raise TryAgainError(f"the server did not take the mail: {answer}")
    return str(answer)


def sending_time(app: App, week: Week) -> dt.datetime:
    """When the issue of a week goes out: the first digest.weekday and digest.time after its end."""
    settings, zone = app.config.digest, ZoneInfo(app.config.app.timezone)
    time = dt.time.fromisoformat(settings.time)
    return first_time(week.end, WEEKDAYS.index(settings.weekday), time, zone)


def deliver_due(app: App) -> None:
    """Go on with every issue that is being sent, and begin with the one whose hour has come.

    Where one cannot be sent the others are, and the first reason is raised at the end.
    """
    from mailing import dispatch

    if not app.config.mail.host:
        return
    reasons: list[LagebriefError] = []
    waiting = [Week.parse(week) for week in dispatch.under_way(app.database)]
    for week in dict.fromkeys((*waiting, *_due(app))):
        try:
            _deliver(app, week)
        except (MailServerError, PausedError):
            raise  # the other issues go to the same server
        except LagebriefError as error:
            reasons.append(error)
    if reasons:
        raise reasons[0]


def _due(app: App) -> list[Week]:
    """Weeks whose hour has come and is not long past, oldest first."""
    now = app.clock()
    last = Week.of(now).previous
    times = {week: sending_time(app, week) for week in (last.previous, last)}
    return [week for week, time in times.items() if time <= now < time + GRACE]


def _deliver(app: App, week: Week) -> None:
    """A draft nobody approved is held, or sent with its mark, as digest.on_missing_approval says."""
    issue = issues.load(app.database, str(week))
    if issue is None or issue.state == "sent":
        return
    if issue.state == "draft":
        if app.config.digest.on_missing_approval == "hold":
            raise NothingToDoError(f"the issue of {week} is held: nobody has approved it")
        _must_be_sendable(app, issue)
        # Its pages stay as they are: they say that nobody has looked at them (Art. 50 (4) of the AI Act).
        issues.approve(app.database, issue, "", app.clock(), issue.html, issue.text)
    send(app, week)


def send_outbox(app: App) -> int:
    """Send single mails that wait, such as confirmations; returns how many a server took."""
    from mailing.posting import post

    return post(app.database, app.config.mail, app.clock, app.stopping) if app.config.mail.host else 0
