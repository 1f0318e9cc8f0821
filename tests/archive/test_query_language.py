"""What people type, and what is read from it."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.query_language import LONGEST, Clause, Kind, Query, parse

LIKE_A_QUERY = st.lists(
    st.sampled_from(
        [
            "OR",
            "NOT",
            "AND",
            "-",
            '"',
            "*",
            "quelle:",
            "seit:2025-07-01",
            "bis:",
            "KI",
            "Straße",
            "-x",
            '-"',
            ":",
        ]
    )
    | st.text(max_size=8),
    max_size=60,
).map(" ".join)


def word(text: str, *, negated: bool = False) -> Clause:
    return Clause(Kind.WORDS, text, negated)


def phrase(text: str, *, negated: bool = False) -> Clause:
    return Clause(Kind.PHRASE, text, negated)


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("", ()),
        ("Rechenzentrum China", ((word("Rechenzentrum"),), (word("China"),))),
        ('"EU AI Act"', ((phrase("EU AI Act"),),)),
        ("H20 OR H200 Export", ((word("H20"), word("H200")), (word("Export"),))),
        ("H20 ODER H200 NICHT KI", ((word("H20"), word("H200")), (word("KI", negated=True),))),
        ("KI NOT Chip", ((word("KI"),), (word("Chip", negated=True),))),
        ("KI -Chip", ((word("KI"),), (word("Chip", negated=True),))),
        ('KI -"digital omnibus"', ((word("KI"),), (phrase("digital omnibus", negated=True),))),
        ("Rechenzentr*", ((Clause(Kind.PREFIX, "Rechenzentr"),),)),
        ("a*", ((word("a"),),)),
        ("-KI OR Chip", ((word("KI", negated=True), word("Chip")),)),
        ("NOT KI OR Chip", ((word("KI", negated=True), word("Chip")),)),
        ("KI OR -Chip", ((word("KI"), word("Chip", negated=True)),)),
        ("KI OR NOT Chip Strom", ((word("KI"), word("Chip", negated=True)), (word("Strom"),))),
        ("OR KI", ((word("KI"),),)),
        ("KI OR", ((word("KI"),),)),
        ("KI UND Chip AND Strom", ((word("KI"),), (word("Chip"),), (word("Strom"),))),
        ("or und not", ((word("or"),), (word("und"),), (word("not"),))),
        ("KI-Verordnung", ((word("KI-Verordnung"),),)),
        ('"', ()),
        ('"offen', ((word('"offen'),),)),
        ("- * : !!! …", ()),
        ("KI\x00\x1b[31mrot", ((word("KI"),), (word("[31mrot"),))),
        ("数据中心", ((word("数据中心"),),)),
    ],
)
def test_words(text: str, groups: tuple[tuple[Clause, ...], ...]) -> None:
    assert parse(text).groups == groups


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("quelle:dcd", Query(sources=("dcd",))),
        ("QUELLE:dcd source:iw", Query(sources=("dcd", "iw"))),
        ("thema:eu-ai-act", Query(topics=("eu-ai-act",))),
        ("sprache:de lang:en", Query(languages=("de", "en"))),
        ("seit:2025-07-01 bis:2025-07-31", Query(since=dt.date(2025, 7, 1), until=dt.date(2025, 7, 31))),
        ("seit:2025-07-01 seit:2025-07-05", Query(since=dt.date(2025, 7, 5))),
        ("seit:gestern", Query(((word("seit:gestern"),),))),
        ("bis:2025-02-30", Query(((word("bis:2025-02-30"),),))),
        ("quelle:", Query(((word("quelle:"),),))),
        ("autor:Meier", Query(((word("autor:Meier"),),))),
    ],
)
def test_filters(text: str, query: Query) -> None:
    assert parse(text) == query


def test_what_is_too_long_is_not_read() -> None:
    assert len(parse("wort " * 1000).groups) <= 40
    assert parse("a" * LONGEST + " Chip").groups == ((word("a" * LONGEST),),)


@given(st.text() | LIKE_A_QUERY)
def test_anything_can_be_read(text: str) -> None:
    query = parse(text)
    assert all(
        any(character.isalnum() or character == "_" for character in c.text) for g in query.groups for c in g
    )
    assert all(group for group in query.groups)
