from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import normalise
from analysis.normalise import Traceable, fold, words


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Größe", "groesse"),
        ("Gro\u0308ße", "groesse"),  # o and a combining mark
        ("KI\u2011Rechen\u00adzentrum", "ki-rechenzentrum"),
        ("Zürich", "zuerich"),
        ("São Tomé", "sao tome"),
        ("１４ＧＷ", "14gw"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
    ],
)
def test_spellings_meet(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_words_are_parted_by_hyphens_and_framed_by_spaces() -> None:
    assert words("East Data, West‑Computing!") == " east data west computing "


def test_spans_lead_back_across_invisible_characters() -> None:
    source = "Zen\u00adtrum mit 24\u202fMW"
    traceable = Traceable.of(source)
    start = traceable.text.index("24 MW")
    first, last = traceable.span(start, start + 5)
    assert source[first:last] == "24\u202fMW"


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert words(words(text)) == words(text)


@given(st.text(min_size=1))
def test_a_traceable_text_has_a_place_for_every_character(text: str) -> None:
    traceable = Traceable.of(text)
    for place in range(len(traceable.text)):
        start, end = traceable.span(place, place + 1)
        assert 0 <= start < end <= len(text)


def test_every_mark_is_looked_for() -> None:
    marks = [chr(code) for code in range(0x110000) if unicodedata.combining(chr(code))]
    assert [mark for mark in marks if not normalise._PERHAPS_MARK.match(mark)] == []


@given(st.text())
def test_lower_case_keeps_its_places(text: str) -> None:
    assert len(normalise.lower(text)) == len(text)
    assert normalise.lower("İSTANBUL wächst") == "İstanbul wächst"
