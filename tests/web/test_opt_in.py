"""Signing up: the whole way to the confirmed reader, and nothing told to anybody else."""

from __future__ import annotations

import datetime as dt
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from readers import BASE, Clock, Reader, link_of, make_site, part_of, serving
from sqlalchemy import select

from archive import delivery_tables as tables
from archive.database import Database
from mailing import outbox, subscribers
from mailing.subscribers import State
from web.signing_up import ANSWER_AFTER_S

ADDRESS = "leserin@example.org"


def consents(database: Database) -> list[tuple[str, str, str, str]]:
    c = tables.consent.c
    with database.reading() as connection:
        rows = connection.execute(select(c.kind, c.network, c.text, c.message_id).order_by(c.id))
        return [tuple(row) for row in rows]


def test_from_the_form_to_the_confirmed_reader(database: Database, clock: Clock) -> None:
    with serving(make_site(database, clock)) as reader:
        form = reader.get("/anmelden").text
        assert 'name="email"' in form
        assert form.count(" checked") == 2
        assert "willige ich ein, dass Haus Beispiel" in form

        assert reader.sign_up(ADDRESS, "eu").status == 200
        found = subscribers.find(database, ADDRESS)
        assert found
        assert (found.state, found.topics, found.text_only) == (State.PENDING, ("eu",), False)

        (mail,) = reader.mails()
        link = link_of(mail)
        assert 'button type="submit"' in reader.get(link).text
        found = subscribers.find(database, ADDRESS)
        assert found
        assert found.state is State.PENDING  # scanners follow links: looking confirms nothing

        clock.now += dt.timedelta(days=6)
        assert "Sie sind angemeldet" in reader.post(link).text
        found = subscribers.find(database, ADDRESS)
        assert found
        assert (found.state, found.confirmed_at) == (State.CONFIRMED, clock.now)


def test_what_is_kept_as_proof(reader: Reader) -> None:
    reader.confirmed(ADDRESS)
    (mail,) = reader.mails()
    signup, asked, confirmed = consents(reader.site.database)
    assert (signup[0], signup[1]) == ("signup", "127.0.0.0/24")
    assert "willige ich ein, dass Haus Beispiel" in signup[2]
    assert f"[Formular {BASE}/anmelden, Fassung 2026-11; Datenschutzerklärung, Fassung 2026-11]" in signup[2]
    token = link_of(mail).rpartition("/")[2]
    assert asked[2].replace("…", token).splitlines() == part_of(mail, "plain").splitlines()
    assert (asked[0], asked[3]) == ("asked", mail["Message-ID"])
    assert confirmed[:2] == ("confirmed", "127.0.0.0/24")


@pytest.mark.parametrize(
    ("ticked", "kept"),
    [(("china", "eu"), ()), (("eu",), ("eu",)), (("eu", "xx", "<b>"), ("eu",)), (("xx",), ())],
)
def test_topics_are_those_we_have(reader: Reader, ticked: tuple[str, ...], kept: tuple[str, ...]) -> None:
    reader.sign_up(ADDRESS, *ticked)
    found = subscribers.find(reader.site.database, ADDRESS)
    assert found
    assert found.topics == kept


def test_nobody_learns_who_reads(reader: Reader, clock: Clock) -> None:
    """New, pending, confirmed, left, suppressed by a complaint, and too often today: one answer for all."""
    database, keys = reader.site.database, reader.site.keys
    for address, state in (("left@example.org", State.UNSUBSCRIBED), ("angry@example.org", State.COMPLAINED)):
        reader.confirmed(address)
        found = subscribers.find(database, address)
        assert found
        subscribers.end(database, keys, found.id, state, clock.now, "test")
    reader.confirmed("reads@example.org")
    clock.now += dt.timedelta(hours=1)
    known = ["new", "new", "reads", "left", "angry", *["often"] * 5]
    answers = [reader.sign_up(f"{name}@example.org") for name in known]
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1
    varying = {"date"}
    told = [{k: v for k, v in answer.headers.items() if k not in varying} for answer in answers]
    assert all(headers == told[0] for headers in told)
    sent = [mail["To"].partition("@")[0] for mail in reader.mails()]
    assert sent == ["reads", "new", "left", "often"], "one an hour, and what waited for who left is gone"


def test_the_time_of_the_answer_tells_nothing(reader: Reader) -> None:
    reader.confirmed("reads@example.org")
    for address in ("reads@example.org", "new@example.org", "none"):
        begun = time.monotonic()
        reader.sign_up(address)
        assert time.monotonic() - begun >= ANSWER_AFTER_S


@pytest.mark.parametrize(
    "address", ["", "leserin", "a@b", "a b@example.org", "a@example.org\nBcc: x@y.de", "ä@x.de"]
)
def test_what_is_no_address_is_told_so(reader: Reader, address: str) -> None:
    answer = reader.sign_up(address, "eu")
    assert answer.status == 422
    assert "Das ist keine E-Mail-Adresse" in answer.text
    assert answer.text.count(" checked") == 1  # the form keeps what was ticked
    assert subscribers.every(reader.site.database) == []


def test_markup_in_the_address_stays_text(reader: Reader) -> None:
    canary = "\"><script>alert(1)</script><img src=x onerror=alert(2)>'@example.org"
    page = reader.sign_up(canary).text
    assert "<script" not in page
    assert "<img" not in page
    assert 'value="&#34;&gt;&lt;script&gt;' in page


def test_unknown_used_and_old_links_look_alike(reader: Reader, clock: Clock) -> None:
    reader.sign_up("a@example.org")
    reader.sign_up("b@example.org")
    used, old = (link_of(mail) for mail in reader.mails())
    assert reader.post(used).status == 200
    clock.now += dt.timedelta(days=7)
    links = [used, old, f"/bestaetigen/{'0' * 32}", "/bestaetigen/", "/bestaetigen/%00", "/bestaetigen/a/b"]
    answers = [ask(link) for link in links for ask in (reader.get, reader.post)]
    assert {answer.status for answer in answers} == {404}
    assert len({answer.body for answer in answers}) == 1
    found = subscribers.find(reader.site.database, "b@example.org")
    assert found
    assert found.state is State.PENDING


def test_two_clicks_at_once_make_one_link_that_holds(reader: Reader) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(reader.sign_up, [ADDRESS] * 6))
    assert {answer.status for answer in answers} == {200}
    holding = [mail for mail in reader.mails() if reader.get(link_of(mail)).status == 200]
    assert len(holding) == 1


def test_a_link_never_takes_its_host_from_the_request(reader: Reader) -> None:
    assert reader.sign_up(ADDRESS, Host="evil.example").status == 421
    assert reader.mails() == []
    assert reader.sign_up(ADDRESS, **{"X-Forwarded-Host": "evil.example"}).status == 200
    (mail,) = reader.mails()
    assert b"evil.example" not in mail.as_bytes()


def test_the_outbox_forgets_what_was_erased(reader: Reader, clock: Clock) -> None:
    reader.sign_up(ADDRESS)
    subscribers.erase(reader.site.database, reader.site.keys, ADDRESS, clock.now)
    assert outbox.waiting(reader.site.database, clock.now, 9) == []


def test_a_mail_whose_link_was_replaced_is_not_proof(reader: Reader, clock: Clock) -> None:
    reader.sign_up(ADDRESS)
    kept = len(consents(reader.site.database))
    assert not subscribers.asked(reader.site.database, "0" * 32, "Text", "<x@example.org>", clock.now)
    assert len(consents(reader.site.database)) == kept
