"""Text from outside becomes plain, printable and bounded."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiders import cleaning

# Text as feeds hold it at their worst: any code point, and pieces of markup.
ANY_TEXT = st.text(alphabet=st.characters(), max_size=200)
MARKUP = st.lists(
    st.sampled_from(["<b>", "</b>", "<script>", "&amp;", "&#0;", "<", ">", "a", " ", "\x00", "\u202e"])
)


@given(ANY_TEXT)
def test_plain_text_is_printable_and_stays_as_it_is(text: str) -> None:
    once = cleaning.plain(text)
    assert cleaning.plain(once) == once
    once.encode("utf-8")
    assert not [c for c in once if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t"]
    assert unicodedata.is_normalized("NFC", once)


@given(ANY_TEXT, st.integers(min_value=2, max_value=60))
def test_a_line_is_one_line_of_at_most_the_limit(text: str, limit: int) -> None:
    line = cleaning.one_line(text, limit)
    assert len(line) <= limit
    assert "\n" not in line
    assert cleaning.one_line(line, limit) == line


@given(MARKUP.map("".join))
@settings(deadline=None)
def test_no_markup_raises(markup: str) -> None:
    cleaning.text_of_html(markup)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Größe\u200b und\u2060 Maß\u00ad", "Größe und Maß"),
        ("a\u202eb\u2066c", "abc"),
        ("Mu\u0308nchen", "München"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("a\u200db", "ab"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("x\ud800y", "x\ufffdy"),
        ("5\u0096 bis \u0084zehn\u0093", "5– bis „zehn“"),
        ("a\x00b\x07c", "abc"),
        ("\ufdd0a", "a"),
        ("🏴\U000e0067\U000e0062\U000e007f", "🏴\U000e0067\U000e0062\U000e007f"),
        ("a\U000e0067", "a"),
    ],
)
def test_what_nobody_can_see_goes_and_the_rest_stays(given: str, expected: str) -> None:
    assert cleaning.plain(given) == expected


def test_marks_piled_on_a_letter_are_cut() -> None:
    assert len(cleaning.plain("z" + "\u0335" * 50)) <= 5


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("R&D x", "R&D x"),
        ("1 < 2 und 3 > 2", "1 < 2 und 3 > 2"),
        ("A &amp; B", "A & B"),
        ("A &amp;amp; B", "A &amp; B"),
        ("<p>a</p><p>b</p>", "a\nb\n"),
        ("a<script>alert(1)</script>b", "a b"),
        ("a<script>alert(1)", "a "),
        ("a<iframe src=x>b", "a b"),
        ("a<svg>x</svg>b", "a b"),
        ("a<!-- c -->b", "ab"),
        ("a<?php x ?>b", "ab"),
        ("<textarea>a", " a"),
        ("</body></html>", ""),
    ],
)
def test_html_becomes_the_text_a_reader_sees(markup: str, text: str) -> None:
    assert cleaning.text_of_html(markup) == text


def test_a_cut_is_at_a_blank_and_shown() -> None:
    assert cleaning.shorten("Ein langer Satz über Rechenzentren", 20) == "Ein langer Satz…"
    assert cleaning.shorten("x" * 50, 20) == "x" * 19 + "…"
    assert cleaning.shorten("kurz", 20) == "kurz"


def test_paragraphs_keep_their_breaks() -> None:
    assert cleaning.paragraphs(" a  b \n\n\n c ") == "a b\nc"


@pytest.mark.parametrize("piece", ["<svg>", "<a ", "<!--", "<br", "</", "&", "<script ", "<title"])
def test_hostile_markup_is_cleaned_in_bearable_time(piece: str) -> None:
    begun = time.thread_time()
    cleaning.text_of_html((piece * 50_000)[:50_000])
    assert time.thread_time() - begun < 4
