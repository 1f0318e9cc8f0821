"""Lists of subscribers as CSV: every shape they come in, and what cannot be taken named by its line."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reader_cases import ANNA, KEYS, NOW, brought_to, state

from archive.database import Database
from lagebrief.errors import InputError
from mailing import reader_lists, subscribers
from mailing.reader_lists import Broken, read
from mailing.subscribers import SignUp, State

TOPICS = ("eu-ai-act", "china")


def rows(text: str) -> list[SignUp | Broken]:
    return list(read(text.encode(), TOPICS))


@pytest.mark.parametrize(
    "text",
    [
        "email,topics,text_only\nanna@example.org,eu-ai-act china,yes\n",
        "\ufeffEmail;Topics;Text_Only\r\nAnna@example.org;eu-ai-act, china;ja\r\n",
        'text_only,email,topics\n1," anna@example.org ","eu-ai-act,china"',
        "email;text_only;topics\n\n;;\nanna@example.org;X;eu-ai-act|china|china\n",
    ],
)
def test_one_row_in_many_shapes(text: str) -> None:
    assert rows(text) == [SignUp(ANNA, TOPICS, True)]


def test_the_address_alone_is_enough() -> None:
    assert rows("email\nanna@example.org\nbert@example.org\n") == [SignUp(ANNA), SignUp("bert@example.org")]
    assert rows("email,topics,text_only\nanna@example.org\n") == [SignUp(ANNA)]
    assert rows("email\n") == []


def test_a_bad_row_is_named_by_its_line_and_not_repeated() -> None:
    text = (
        "email,topics,text_only\n"
        "anna\n"
        '"anna@example.org","a\nb",\n'
        "anna@example.org,mars,no\n"
        "anna@example.org,,perhaps\n"
        "anna@example.org,,no,x\n"
        "anna@example.org,,nein\n"
    )
    *broken, last = rows(text)
    assert last == SignUp(ANNA)
    assert [(one.line, one.reason.split(";")[0]) for one in broken if isinstance(one, Broken)] == [
        (2, "that is not a mail address"),
        (4, "a topic that is not configured"),
        (5, "a topic that is not configured"),
        (6, "text_only is neither yes nor no"),
        (7, "more cells than the header"),
    ]


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "line 1: expected a header"),
        (b"name,topics\nanna,x\n", "line 1: expected a header"),
        (b"email,email\n", "line 1: expected a header"),
        (b"anna@example.org\n", "line 1: expected a header"),
        ("email\nanna@example.org\nbjörn@example.org\n".encode("latin-1"), "line 3: not UTF-8"),
        (b'email\n"anna"x\n', "line 2: not CSV"),
        (b'email\n"anna', "line 2: not CSV"),
        (b"email\n" + b"a" * 200_000, "line 2: not CSV"),
    ],
)
def test_what_is_no_list_is_refused(raw: bytes, why: str) -> None:
    with pytest.raises(InputError, match=why):
        list(read(raw, TOPICS))


@given(st.binary() | st.text().map(lambda text: f"email;topics\n{text}".encode(errors="replace")))
def test_any_bytes_are_rows_or_a_refusal(raw: bytes) -> None:
    with contextlib.suppress(InputError):
        assert all(isinstance(row, SignUp | Broken) for row in read(raw, TOPICS))


def test_a_plan_writes_nothing_and_is_carried_out(database: Database) -> None:
    brought_to(database, State.CONFIRMED)
    brought_to(database, State.UNSUBSCRIBED, "bert@example.org")
    brought_to(database, State.ERASED, "carla@example.org")
    names = ("anna", "Bert", "carla", "dora", "DORA")
    raw = "\n".join(["email", *(f"{name}@example.org" for name in names), "?"]).encode()
    before = subscribers.every(database)
    plan = reader_lists.plan(database, KEYS, raw, TOPICS)
    assert subscribers.every(database) == before
    assert [one.email for one in plan.new] == ["dora@example.org"]
    assert (plan.known, plan.suppressed, plan.twice, [one.line for one in plan.broken]) == (2, 1, 1, [7])
    steps: list[int] = []
    assert reader_lists.carry_out(database, KEYS, plan, "Vertrag", NOW, steps.append) == 1
    assert (
        reader_lists.carry_out(database, KEYS, plan, "Vertrag", NOW, steps.append) == 0
    )  # cut off, run again
    assert steps == [1, 1]
    assert state(database, "dora@example.org") == State.CONFIRMED
    assert state(database, "bert@example.org") == State.UNSUBSCRIBED
