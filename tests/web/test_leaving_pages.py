"""Leaving with one click and choosing, without telling whether a token is anybody's."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from readers import KEYS, Reader

from mailing import subscribers, tokens
from mailing.subscribers import State, Subscriber

ADDRESS = "leserin@example.org"
ONE_CLICK = [("List-Unsubscribe", "One-Click")]


@pytest.fixture
def known(reader: Reader) -> Subscriber:
    """Somebody who reads."""
    reader.confirmed(ADDRESS)
    return now(reader)


def now(reader: Reader) -> Subscriber:
    found = subscribers.find(reader.site.database, ADDRESS)
    assert found
    return found


def link(purpose: str, id_: int) -> str:
    page = {tokens.LEAVE: "abmelden", tokens.PREFERENCES: "einstellungen"}[purpose]
    return f"/{page}/{tokens.token(KEYS, purpose, id_)}"


def test_looking_changes_nothing(reader: Reader, known: Subscriber) -> None:
    path = link(tokens.LEAVE, known.id)
    for _ in range(50):
        assert reader.get(path).status == 200
        assert reader.ask("HEAD", path).status == 200
    assert now(reader) == known


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "https://mail.example"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_one_click_leaves_at_once(reader: Reader, known: Subscriber, headers: dict[str, str]) -> None:
    path = link(tokens.LEAVE, known.id)
    answers = [reader.post(path, ONE_CLICK, **headers) for _ in range(3)]
    assert [answer.status for answer in answers] == [200] * 3
    assert len({answer.body for answer in answers}) == 1
    assert not {"set-cookie", "location"} & set(answers[0].headers)
    assert now(reader).state is State.UNSUBSCRIBED


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--',
        ),
        ("multipart/form-data", b"broken"),
        ("application/json", b"{"),
        ("text/plain", b""),
    ],
)
def test_one_click_asks_nothing_of_the_body(
    reader: Reader, known: Subscriber, kind: str, body: bytes
) -> None:
    answer = reader.ask("POST", link(tokens.LEAVE, known.id), body, {"Content-Type": kind})
    assert (answer.status, now(reader).state) == (200, State.UNSUBSCRIBED)


def test_a_token_of_another_purpose_does_nothing(reader: Reader, known: Subscriber) -> None:
    for purpose in (tokens.PREFERENCES, tokens.BOUNCE):
        path = f"/abmelden/{tokens.token(KEYS, purpose, known.id)}"
        assert reader.post(path, ONE_CLICK).status == 200
    reader.post(f"/einstellungen/{tokens.token(KEYS, tokens.LEAVE, known.id)}", [("topics", "eu")])
    assert now(reader) == known


def test_leaving_looks_the_same_for_every_token(reader: Reader, known: Subscriber) -> None:
    used, unknown = link(tokens.LEAVE, known.id), link(tokens.LEAVE, 4711)
    reader.post(used)
    paths = [used, unknown, "/abmelden/", "/abmelden/x", f"/abmelden/{'f' * 40}", "/abmelden/a/b"]
    for ask in (reader.get, reader.post):
        answers = [ask(path) for path in paths]
        assert {answer.status for answer in answers} == {200}
        assert len({answer.body for answer in answers}) == 1


def test_choosing(reader: Reader, known: Subscriber) -> None:
    path = link(tokens.PREFERENCES, known.id)
    assert reader.get(path).text.count(" checked") == 2
    assert reader.post(path, [("topics", "eu"), ("text_only", "ja")]).status == 200
    assert (now(reader).topics, now(reader).text_only) == (("eu",), True)
    page = reader.get(path).text
    assert page.count(" checked") == 2
    assert 'value="china">' in page
    assert ADDRESS not in page  # mails are forwarded, and their links with them


def test_a_token_of_nobody_looks_like_a_reader_who_never_chose(reader: Reader, known: Subscriber) -> None:
    reader.confirmed("left@example.org")
    left = subscribers.find(reader.site.database, "left@example.org")
    assert left
    reader.post(link(tokens.LEAVE, left.id))
    paths = [
        link(tokens.PREFERENCES, known.id),
        link(tokens.PREFERENCES, left.id),
        link(tokens.PREFERENCES, 4711),
        f"/einstellungen/{'0' * 40}",
        "/einstellungen/x",
    ]
    for ask in (reader.get, reader.post):
        answers = [ask(path) for path in paths]
        assert {answer.status for answer in answers} == {200}
        assert len({answer.body for answer in answers}) == 1


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(token=st.text(max_size=80) | st.text("0123456789abcdefABCDEF０１", min_size=40, max_size=40))
def test_any_token_is_answered_alike(reader: Reader, token: str) -> None:
    token = token.replace("\n", "")  # to the router a line break ends a path: nothing is there (404)
    written = quote(token.encode("utf-8", "surrogatepass"), safe="")
    for page, status in (("abmelden", 200), ("einstellungen", 200), ("bestaetigen", 404)):
        expected = reader.get(f"/{page}/x")
        answer = reader.get(f"/{page}/{written}")
        assert (answer.status, answer.body) == (status, expected.body)
        assert reader.post(f"/{page}/{written}").status == status
