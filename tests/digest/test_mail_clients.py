"""What seventeen mail clients do not show of an issue is known, and accepted in the lint's budget."""

import email
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from mail_lint import budget
from mail_lint.features import CLIENTS, Features
from mail_lint.findings import find

from digest.issue import Issue
from digest.rendering import render
from mailing.confirmation import Request, confirmation
from mailing.message import build
from mailing.settings import MailSettings

BUDGET = Path(budget.__file__).with_name("budget.toml")


def _in_mail(issue: Issue) -> str:
    """The page as a mail carries it: the picture is a part of its own."""
    message = email.message_from_bytes(
        build(
            "KW 28",
            "Text",
            render(issue).html,
            MailSettings.model_validate({"from": "brief@example.org"}),
            to="leserin@example.org",
            date=issue.composed,
            message_id="<x@example.org>",
        ),
        policy=default,
    )
    page = message.get_body(("html",))
    assert isinstance(page, EmailMessage)
    return str(page.get_content())


def _confirmation(issue: Issue) -> str:
    request = Request(
        "a@example.org", "Brief", "https://example.org/x", ["KI"], False, "", issue.composed, ["Haus"]
    )
    made = confirmation(request, MailSettings.model_validate({"from": "brief@example.org"}))
    page = email.message_from_bytes(made.message, EmailMessage, policy=default).get_body(("html",))
    assert page is not None
    return str(page.get_content())


def test_nothing_is_lost_in_a_client_without_being_accepted(july: Issue, full: Issue, npm: Path) -> None:
    features = Features(npm / "caniemail" / "data" / "caniemail.json")
    assert set(CLIENTS) <= features.clients
    found = find((_in_mail(july), _in_mail(full), _confirmation(july)), features)
    complaints = budget.read(BUDGET).complaints(found)
    assert not complaints, "\n".join(["", *complaints])
