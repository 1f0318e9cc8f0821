"""What is new to a kept search is told by mail, once."""

from __future__ import annotations

import email
from dataclasses import replace
from email.message import EmailMessage
from email.policy import default

import pytest
from example_archive import HOUR, Clock, store, store_examples

from archive import saved_searches
from archive.values import Entry
from lagebrief import alerts, jobs
from lagebrief.app import App
from mailing import outbox
from mailing.settings import MailSettings


@pytest.fixture
def mailing(app: App) -> App:
    """The program with a mail server and the example's articles."""
    mail = MailSettings.model_validate({"host": "127.0.0.1", "from": "Lagebrief <brief@example.org>"})
    config = app.config.model_copy(update={"mail": mail})
    made = replace(app, loaded=replace(app.loaded, config=config))
    store_examples(made)
    jobs.analyse(made)
    return made


def bring(app: App, number: int, title: str) -> None:
    url = f"https://example.org/neu{number}"
    teaser = "Im Kreis Yiwu sollen Rechenzentren entstehen."
    store(app, Entry(url, title, teaser, published=app.clock()))
    jobs.analyse(app)


def waiting(app: App) -> list[EmailMessage]:
    mails = outbox.waiting(app.database, app.clock() + HOUR, 99)
    return [email.message_from_bytes(mail.message, EmailMessage, policy=default) for mail in mails]


def test_what_is_new_is_told_once(mailing: App, clock: Clock) -> None:
    assert saved_searches.save(mailing.database, "Yiwu", "Yiwu", clock.now, "redaktion@example.org")
    assert saved_searches.save(mailing.database, "still", "Yiwu", clock.now)
    assert alerts.send_alerts(mailing) == 0, "what was there counts as seen"
    bring(mailing, 1, "Neues Rechenzentrum in Yiwu")
    bring(mailing, 2, "Yiwu baut weiter")
    assert alerts.send_alerts(mailing) == 1
    assert alerts.send_alerts(mailing) == 0
    (mail,) = waiting(mailing)
    assert (mail["To"], mail["Subject"]) == ("redaktion@example.org", "Yiwu: 2 neue Meldungen")
    assert mail["Message-ID"].endswith("@example.org>")
    lines = mail.get_content().splitlines()
    assert lines[0] == "2 neue Meldungen zur Suche „Yiwu“ (Yiwu)"
    for title, url in (("Neues Rechenzentrum in Yiwu", "neu1"), ("Yiwu baut weiter", "neu2")):
        begin = lines.index(title)
        assert lines[begin : begin + 3] == [title, "dcd · 9.\u00a0Juli 2025", f"  https://example.org/{url}"]
    bring(mailing, 3, "Noch einmal Yiwu")
    assert alerts.send_alerts(mailing) == 1
    assert waiting(mailing)[-1]["Subject"] == "Yiwu: 1 neue Meldung"


def test_what_matches_nothing_is_looked_at_once(mailing: App, clock: Clock) -> None:
    assert saved_searches.save(mailing.database, "leer", "Kreuzfahrtschiff", clock.now, "a@example.org")
    bring(mailing, 1, "Neues Rechenzentrum in Yiwu")
    assert alerts.send_alerts(mailing) == 0
    found = saved_searches.load(mailing.database, "leer")
    assert found
    assert saved_searches.news(mailing.database, mailing.index(), found) == ([], found.seen)


def test_of_two_programs_one_tells(mailing: App, clock: Clock) -> None:
    assert saved_searches.save(mailing.database, "Yiwu", "Yiwu", clock.now, "redaktion@example.org")
    saved = saved_searches.load(mailing.database, "Yiwu")
    assert saved
    with mailing.database.writing() as connection:
        assert saved_searches.advance(connection, saved, saved.seen + 1)
        assert not saved_searches.advance(connection, saved, saved.seen + 1)


def test_without_a_mail_server_nothing_counts_as_told(app: App, clock: Clock) -> None:
    assert saved_searches.save(app.database, "Yiwu", "Yiwu", clock.now, "redaktion@example.org")
    bring(app, 1, "Neues Rechenzentrum in Yiwu")
    assert alerts.send_alerts(app) == 0
    found = saved_searches.load(app.database, "Yiwu")
    assert found
    assert len(saved_searches.news(app.database, app.index(), found)[0]) == 1
