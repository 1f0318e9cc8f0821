"""What stands before every page: headers on all answers, foreign hosts and forms, floods, sizes, the log."""

from __future__ import annotations

import datetime as dt
import logging
import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

import pytest
from fastapi import FastAPI, Form
from pydantic import ValidationError
from readers import BASE, FORM, Answer, Clock, Reader, link_of, make_site, serving, store_issue
from starlette.routing import Mount, Route

from archive.database import Database
from lagebrief.errors import ConfigError, StoreError
from mailing import subscribers, tokens
from mailing.settings import MailSettings
from web import guards
from web.app import make_app
from web.guards import ISSUE_POLICY, MOST_BYTES, POLICY, client_of
from web.limits import MOST_KEPT, Limit, Limits
from web.server import listen
from web.settings import WebSettings

ISSUE = "/ausgaben/2025-W28"
# Each route with the paths that stand for it. A route without an entry fails.
WAYS = {
    ("GET HEAD", "/"): ["/"],
    ("GET HEAD", "/anmelden"): ["/anmelden"],
    ("POST", "/anmelden"): ["/anmelden"],
    ("GET HEAD", "/bestaetigen/{token:path}"): ["/bestaetigen/" + "0" * 32],
    ("POST", "/bestaetigen/{token:path}"): ["/bestaetigen/" + "0" * 32],
    ("GET HEAD", "/abmelden/{token:path}"): ["/abmelden/" + "0" * 40],
    ("POST", "/abmelden/{token:path}"): ["/abmelden/" + "0" * 40],
    ("GET HEAD", "/einstellungen/{token:path}"): ["/einstellungen/" + "0" * 40],
    ("POST", "/einstellungen/{token:path}"): ["/einstellungen/" + "0" * 40],
    ("GET HEAD", "/ausgaben"): ["/ausgaben"],
    ("GET HEAD", "/ausgaben/feed.atom"): ["/ausgaben/feed.atom"],
    ("GET HEAD", "/ausgaben/{week}"): [ISSUE, "/ausgaben/x"],
    ("GET HEAD", "/impressum"): ["/impressum"],
    ("GET HEAD", "/datenschutz"): ["/datenschutz"],
    ("GET HEAD", "/gesund"): ["/gesund"],
    ("GET HEAD", "/static"): ["/static/style.css", "/static/nix", "/static/../app.py"],
}
NOWHERE = ["/nix", "/anmelden/", "/openapi.json", "/docs", "/%00"]
SAME_FOR_ALL = ("/ausgaben", "/impressum", "/datenschutz", "/static/style.css")


def ways(app: FastAPI) -> Iterator[tuple[str, str]]:
    """(methods, path) of every route."""
    for route in app.routes:
        assert isinstance(route, Route | Mount)
        methods = route.methods if isinstance(route, Route) else {"GET", "HEAD"}
        yield " ".join(sorted(methods or ())), route.path


def assert_guarded(answer: Answer, path: str) -> None:
    expected = {
        "content-security-policy": ISSUE_POLICY if path == ISSUE and answer.status == 200 else POLICY,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "strict-transport-security": "max-age=31536000",
    }
    assert {name: answer.headers.get(name) for name in expected} == expected, path
    assert not {"server", "set-cookie", "x-powered-by"} & set(answer.headers)
    if answer.status != 200 or not path.startswith(SAME_FOR_ALL):
        assert answer.headers["cache-control"] == "no-store", path


def test_every_answer_has_the_headers(reader: Reader) -> None:
    store_issue(reader.site.database)
    assert dict.fromkeys(ways(reader.app)) == dict.fromkeys(WAYS)
    for (methods, _), paths in WAYS.items():
        for path in paths:
            for method in methods.split():
                assert_guarded(reader.ask(method, path), path)
    for path in NOWHERE:
        answer = reader.get(path)
        assert (answer.status, "Nicht gefunden" in answer.text) == (404, True)
        assert_guarded(answer, path)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "NONSENSE"])
def test_other_methods_are_refused(reader: Reader, method: str) -> None:
    for path in ("/", "/ausgaben", "/static/style.css"):
        answer = reader.ask(method, path)
        assert (answer.status, "So geht es nicht" in answer.text) == (405, True)
        assert_guarded(answer, path)


def test_without_tls_nothing_is_said_of_it(sqlite: Database, clock: Clock) -> None:
    with serving(make_site(sqlite, clock, base_url="http://127.0.0.1")) as reader:
        assert "strict-transport-security" not in reader.get("/").headers


HOSTS = {
    "brief.example.org": 200,
    "BRIEF.example.org:443": 200,
    "localhost:8000": 200,
    "[::1]:8000": 200,
    "evil.example": 421,
    "brief.example.org.evil.example": 421,
    "brief.example.org@evil.example": 421,
    "brief.example.org/": 421,
    "": 421,
}


@pytest.mark.parametrize(("host", "status"), HOSTS.items())
def test_only_our_own_hosts_are_answered(reader: Reader, host: str, status: int) -> None:
    for path in ("/", "/nix", "/ausgaben/feed.atom"):
        answer = reader.get(path, Host=host)
        assert (answer.status == 421) == (status == 421)
        assert_guarded(answer, path)
        assert b"evil" not in answer.body
        assert "evil" not in str(answer.headers)


ORIGINS = [
    ({}, 200),
    ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 200),
    ({"Sec-Fetch-Site": "none"}, 200),
    ({"Origin": BASE}, 200),
    ({"Origin": "null"}, 200),  # what a browser says of our own forms, given our Referrer-Policy
    ({"Origin": "http://localhost:1", "Host": "localhost:1"}, 200),
    ({"Sec-Fetch-Site": "cross-site"}, 403),
    ({"Sec-Fetch-Site": "same-site", "Origin": BASE}, 403),
    ({"Sec-Fetch-Site": ""}, 403),
    ({"Origin": "https://evil.example"}, 403),
    ({"Origin": BASE + ".evil.example"}, 403),
    ({"Origin": "http://brief.example.org"}, 403),
    ({"Origin": "http://brief.example.org", "Host": "brief.example.org"}, 403),
]


@pytest.mark.parametrize(("headers", "status"), ORIGINS)
def test_forms_of_other_sites_are_refused(reader: Reader, headers: dict[str, str], status: int) -> None:
    settings = f"/einstellungen/{tokens.token(reader.site.keys, tokens.PREFERENCES, 1)}"
    answers = [reader.sign_up("a@example.org", **headers), reader.post(settings, **headers)]
    assert [answer.status for answer in answers] == [status] * 2
    assert bool(reader.mails()) == (status == 200)
    assert reader.get("/", **headers).status == 200


def test_big_bodies_are_refused(reader: Reader) -> None:
    form, whole = {"Content-Type": FORM}, MOST_BYTES
    fits = b"email=" + b"x" * (whole - 6)
    assert reader.ask("POST", "/anmelden", fits, form).status == 422
    assert reader.ask("POST", "/anmelden", fits + b"x", form).status == 413
    chunked = {**form, "Transfer-Encoding": "chunked"}
    parts = b"".join(b"%x\r\n%s\r\n" % (1024, b"x" * 1024) for _ in range(80)) + b"0\r\n\r\n"
    assert reader.ask("POST", "/anmelden", parts, chunked).status == 413
    assert reader.ask("POST", "/abmelden/x", b"x" * (whole + 1), form).status == 413


def test_a_body_that_does_not_come_is_not_waited_for(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guards, "BODY_WITHIN_S", 0.2)
    head = b"POST /anmelden HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nemail="
    assert _send_raw(reader.port, head).startswith(b"HTTP/1.1 408 ")
    assert reader.get("/").status == 200


def test_half_a_form_is_none(sqlite: Database, clock: Clock) -> None:
    site = make_site(sqlite, clock)
    head = f"POST /anmelden HTTP/1.1\r\nHost: localhost\r\nContent-Type: {FORM}\r\nContent-Length: 40\r\n\r\n"
    with serving(site) as reader, socket.create_connection(("127.0.0.1", reader.port), timeout=20) as sent:
        sent.sendall(head.encode() + b"email=a@example.or")
        assert reader.get("/gesund").status == 200  # by now the server has the half
        sent.close()
    assert subscribers.every(site.database) == []  # it has ended, and with it all it was doing


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        (FORM, b"&".join(b"topics=%d" % n for n in range(1_200)), 400),
        (FORM, b"%ff%00=%zz&email=%ff", 422),
        ("multipart/form-data", b"email=a", 400),
        ("multipart/form-data; boundary=b", b"--b\r\nbroken", 422),
        ("application/json", b'{"email": "a@example.org"}', 422),
        ("text/\xff", b"x", 422),
    ],
)
def test_broken_forms_are_refused_on_a_page(reader: Reader, kind: str, body: bytes, status: int) -> None:
    answer = reader.ask("POST", "/anmelden", body, {"Content-Type": kind})
    assert answer.status == status
    assert "<h1>" in answer.text
    assert_guarded(answer, "/anmelden")


def test_a_file_in_place_of_the_address_is_refused(reader: Reader) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="email"; filename="x"\r\n\r\n1\r\n--b--\r\n'
    answer = reader.ask("POST", "/anmelden", body, {"Content-Type": "multipart/form-data; boundary=b"})
    assert (answer.status, "Nicht verstanden" in answer.text) == (422, True)


def test_requests_are_limited_and_the_limit_ends(sqlite: Database, clock: Clock) -> None:
    with serving(make_site(sqlite, clock, rate=20, form_rate=3)) as reader:
        answers = [reader.sign_up(f"a{n}@example.org") for n in range(5)]
        assert [answer.status for answer in answers] == [200, 200, 200, 429, 429]
        assert "Zu viele Anfragen" in answers[-1].text
        assert answers[-1].headers["retry-after"] == "20"
        assert_guarded(answers[-1], "/anmelden")
        assert len(reader.mails()) == 3
        leaving = [reader.post("/abmelden/x").status for _ in range(10)]  # not held up by the limit of forms
        assert set(leaving) == {200}
        assert [reader.get("/gesund").status for _ in range(11)] == [200] * 10 + [429]
        clock.now += dt.timedelta(seconds=20)
        assert reader.sign_up("b@example.org").status == 200


def test_what_a_stranger_says_of_addresses_is_ignored(sqlite: Database, clock: Clock) -> None:
    with serving(make_site(sqlite, clock, form_rate=2)) as reader:
        answers = [reader.sign_up("a@example.org", **{"X-Forwarded-For": f"10.0.{n}.1"}) for n in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]


def test_a_trusted_proxy_tells_the_address(sqlite: Database, clock: Clock) -> None:
    site = make_site(sqlite, clock, form_rate=2, trusted_proxies=["127.0.0.0/8"])
    with serving(site) as reader:
        for n in range(5):
            answer = reader.sign_up(f"a{n}@example.org", **{"X-Forwarded-For": f"evil, 198.51.{n}.7"})
            assert answer.status == 200
        (mail, *_) = reader.mails()
        assert "aus dem Netz 198.51.0.0/24" in str(mail.get_body(("plain",)))


def test_limits_of_addresses_and_networks() -> None:
    limits, now = Limits(2), dt.datetime(2025, 7, 14, tzinfo=dt.UTC)
    asked = [limits.ask(f"192.0.2.{n}", now) for n in range(17)]
    assert asked == [0] * 16 + [4]
    assert limits.ask("192.0.3.1", now) == 0
    assert [limits.ask("2001:db8::1", now), limits.ask("2001:db8::2", now)] == [0, 0]
    assert limits.ask("2001:db8::3", now) == 30
    assert limits.ask("2001:db8::3", now - dt.timedelta(days=1)) == 30  # a clock that was set back
    assert limits.ask("2001:db8::3", now + dt.timedelta(days=1)) == 0


def test_buckets_do_not_grow_without_end() -> None:
    limit, now = Limit(1), dt.datetime(2025, 7, 14, tzinfo=dt.UTC)
    for n in range(MOST_KEPT + 100):
        limit.count(str(n), now)
    assert limit.wait("0", now) == 0
    assert limit.wait(str(MOST_KEPT), now) == 60


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("x", "x"),
    ],
)
def test_the_address_of_whoever_asks(host: str, told: str) -> None:
    assert client_of({"client": (host, 1)}) == told
    assert client_of({"client": None}) == ""


def test_no_token_and_no_address_in_any_log(
    sqlite: Database, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """Canaries through every door, everything logged down to debug, with a page that fails in the middle."""
    caplog.set_level(logging.DEBUG)
    site = make_site(sqlite, clock)
    app = make_app(site)

    @app.post("/fehler/{token}")
    def fails(token: str, email: Annotated[str, Form()]) -> None:
        raise ValueError(f"{token} {email}")

    @app.post("/speicher/{token}")
    def store_fails(token: str, email: Annotated[str, Form()]) -> None:
        raise StoreError(f"{token} {email}")

    with serving(site, app) as reader:
        form = [("email", "canary@example.org")]
        failed = reader.post("/fehler/canary0123", form)
        stored = reader.post("/speicher/canary0123", form)
        reader.sign_up("canary@example.org")
        reader.sign_up("canary@")
        link = link_of(reader.mails()[0])
        for ask in (reader.get, reader.post):
            for path in (link, "/abmelden/canary", "/einstellungen/canary?x=canary", "/canary"):
                ask(path)
        reader.get("/", Host="canary.example")
        _send_raw(reader.port, b"GET /canary HTTP/9.9\r\ncanary\r\n\r\n")
    assert (failed.status, "Fehler bei uns" in failed.text) == (500, True)
    assert (stored.status, "Gerade nicht erreichbar" in stored.text) == (503, True)
    for answer in (failed, stored):
        assert_guarded(answer, "/fehler")
        assert not re.search("canary|Traceback|Error", answer.text)
    logged = caplog.text
    assert "ValueError" in logged  # the operator learns that and where
    assert "test_guards.py" in logged
    assert "StoreError" in logged
    assert "canary" not in logged
    assert link.rpartition("/")[2] not in logged


def _send_raw(port: int, sent: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(sent)
        return connection.recv(1024)


@pytest.mark.parametrize("name", ["publisher", "address", "responsible", "email"])
def test_nobody_is_asked_by_somebody_unnamed(sqlite: Database, clock: Clock, name: str) -> None:
    site = make_site(sqlite, clock)
    with pytest.raises(ConfigError, match=rf"empty: impressum\.{name};"):
        replace(site, impressum=site.impressum.model_copy(update={name: ""}))


def test_without_address_and_sender_there_are_no_pages(sqlite: Database, clock: Clock) -> None:
    site = make_site(sqlite, clock)
    with pytest.raises(ConfigError, match=r"empty: web\.base_url, mail\.from;"):
        replace(site, web=WebSettings(), mail=MailSettings())


@pytest.mark.parametrize("value", ["proxy.example.org", "*", "10.0.0.1/8", ""])
def test_proxies_are_named_by_address(value: str) -> None:
    with pytest.raises(ValidationError, match="trusted_proxies"):
        WebSettings(trusted_proxies=(value,))


def test_a_taken_port_is_told(sqlite: Database) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=rf"cannot listen on 127\.0\.0\.1:{port}"):
            listen(WebSettings(port=port))
