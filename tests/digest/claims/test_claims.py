"""What a sentence must not do to its source, one thing at a time."""

from __future__ import annotations

import datetime as dt

import pytest
from cases import report

from digest.claims import nouns
from digest.claims.checking import check, sentence_spans
from digest.claims.named import mentions
from digest.claims.times import times

ENGLISH = report(
    "Alibaba to build three data centres in Malaysia",
    "The firm could spend up to $4.5 billion, a spokesman said on Tuesday. It has not named a partner.",
    'Sales rose 12 percent in the second quarter of 2025. "We are ready," said Li Wei. '
    "The rules apply from 2 August. "
    "Chips, which may not be sold to China, are meant for 1,200 servers within two years.",
)
GERMAN = report(
    "Kodex ist freiwillig", "„Niemand muss unterschreiben“, sagte Henna Virkkunen. Mitmachen kann jeder."
)


def problem(sentence: str, rests_on: str, of: object = ENGLISH) -> str:
    return check(sentence, of, [rests_on]).problem  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sentence", "rests_on"),
    [
        ("Alibaba will drei Rechenzentren in Malaysia bauen", "Alibaba to build three data centres"),
        (
            "Der Konzern könnte bis zu 4,5 Milliarden Dollar ausgeben, sagte ein Sprecher am Dienstag.",
            "spend up to $4.5",
        ),
        (
            "Am 8. Juli 2025 sagte ein Sprecher, es könnten bis zu 4,5 Milliarden US-Dollar werden.",
            "The firm could spend",
        ),
        ("Einen Partner hat das Unternehmen nicht genannt.", "It has not named a partner."),
        ("Der Umsatz stieg im zweiten Quartal 2025 um 12 Prozent.", "Sales rose 12 percent"),
        ("Die Regeln gelten ab dem 2. August 2025.", "The rules apply from 2 August."),
        (
            "Gedacht sind die Chips für 1.200 Server binnen zwei Jahren.",
            "Chips, which may not be sold to China",
        ),
    ],
)
def test_a_faithful_sentence_passes(sentence: str, rests_on: str) -> None:
    assert problem(sentence, rests_on) == ""


@pytest.mark.parametrize(
    ("sentence", "rests_on", "why"),
    [
        ("Alibaba baut drei Rechenzentren in Malaysia", "Alibaba to build three", "a plan"),
        ("Alibaba will vier Rechenzentren in Malaysia bauen", "Alibaba to build three", "no such number"),
        ("Alibaba will drei Fabriken in Malaysia bauen", "Alibaba to build three", "no such number"),
        (
            "Alibaba will drei Rechenzentren in Thailand bauen",
            "Alibaba to build three",
            "no such name: Thailand",
        ),
        (
            "Nordwolk will drei Rechenzentren in Malaysia bauen",
            "Alibaba to build three",
            "no such name: Nordwolk",
        ),
        ("Der Konzern könnte 4,5 Milliarden Dollar ausgeben.", "The firm could spend", "no such number"),
        (
            "Der Konzern könnte bis zu 4,5 Billionen Dollar ausgeben.",
            "The firm could spend",
            "no such number",
        ),
        ("Der Konzern könnte bis zu 4,5 Milliarden Euro ausgeben.", "The firm could spend", "no such number"),
        ("Der Konzern wird bis zu 4,5 Milliarden Dollar ausgeben.", "The firm could spend", "possibility"),
        ("Das sagte ein Sprecher am Mittwoch.", "The firm could spend", "no such date"),
        ("Einen Partner hat das Unternehmen genannt.", "It has not named a partner.", "negation"),
        (
            "Der Umsatz stieg im zweiten Quartal 2025 nicht um 12 Prozent.",
            "Sales rose 12 percent",
            "negation",
        ),
        ("Der Umsatz sank im zweiten Quartal 2025 um 12 Prozent.", "Sales rose 12 percent", "opposite"),
        ("Der Umsatz stieg im dritten Quartal 2025 um 12 Prozent.", "Sales rose 12 percent", "no such date"),
        ("Die Regeln gelten ab dem 2. August 2027.", "The rules apply from 2 August.", "no such date"),
        ("„Wir sind bereit“, sagte Li Wei.", "said Li Wei", "a quotation"),
        (
            "Gedacht sind die Chips für 1.200 Server binnen zwei Monaten.",
            "Chips, which may not",
            "no such number",
        ),
        ("Die Regeln gelten ab dem 2. August.", "a stretch that stands nowhere", "no passage"),
        ("The rules apply from 2 August.", "The rules apply from 2 August.", "not German"),
        ("Version 7 der Regeln gilt ab dem 2. August.", "The rules apply from 2 August.", "no such number"),
    ],
)
def test_an_unfaithful_sentence_does_not(sentence: str, rests_on: str, why: str) -> None:
    found = problem(sentence, rests_on)
    assert found
    assert all(word in found for word in why.removeprefix("no such name: ").split()[:2]) or why in found, (
        found
    )


def test_a_number_must_stand_in_the_passage_not_anywhere() -> None:
    assert problem("Der Umsatz stieg um 12 Prozent.", "It has not named a partner.")


def test_a_quotation_is_verbatim_or_marked_as_translated() -> None:
    quoted = "„Niemand muss unterschreiben“, sagte Henna Virkkunen."
    assert problem(quoted, "Niemand muss unterschreiben", GERMAN) == ""
    assert "quotation" in problem(quoted.replace("Niemand muss", "Keiner muss"), "Niemand muss", GERMAN)
    translated = "„Wir sind bereit“, sagte Li Wei."
    assert check(translated, ENGLISH, ["said Li Wei"], translated=True).problem == ""


def test_every_check_points_at_the_place_that_says_it() -> None:
    sentence = "Der Konzern könnte bis zu 4,5 Milliarden Dollar ausgeben, sagte ein Sprecher am Dienstag."
    checks = check(sentence, ENGLISH, ["The firm could spend"]).checks
    places = {found.text: ENGLISH.text[found.start : found.end] for found in checks}
    assert places == {"bis zu 4,5 Milliarden Dollar": "up to $4.5 billion", "Dienstag": "Tuesday"}


def test_a_passage_grows_to_whole_sentences() -> None:
    place = ENGLISH.passage("$4.5 billion, a")
    assert place
    assert ENGLISH.text[slice(*place)].endswith("said on Tuesday.")


def test_a_passage_is_found_across_other_spaces() -> None:
    assert ENGLISH.passage("Sales  rose\n12 percent") == ENGLISH.passage("Sales rose 12 percent")


def test_abbreviations_and_ordinals_end_no_sentence() -> None:
    text = "Am 2. August gilt Art. 5 für 115. Die U.S. regulator waits. Ende!"
    assert [text[a:b] for a, b in sentence_spans(text)] == [
        "Am 2. August gilt Art. 5 für 115.", "Die U.S. regulator waits.", "Ende!",
    ]  # fmt: skip


def test_relative_dates_are_counted_from_the_day_of_publication() -> None:
    told = times("on Tuesday, this year and yesterday", dt.date(2025, 7, 9))
    assert {(time.year, time.month, time.day) for time in told if time.year} == {
        (2025, 7, 8), (2025, 0, 0), (2025, 7, 8),
    }  # fmt: skip


@pytest.mark.parametrize("day", ["31. Februar", "30. Februar 2025", "29. Februar"])
def test_days_that_do_not_exist_break_nothing(day: str) -> None:
    assert isinstance(problem(f"Die Regeln gelten ab dem {day}.", "The rules apply from 2 August."), str)


def test_common_nouns_are_no_names_and_strange_words_are() -> None:
    text = "Der Rechenzentrumsbetreiber Harteveld prüft Exportkontrollen, sagt Kristersson"
    assert [mention.text for mention in mentions(text)] == ["Harteveld", "Kristersson"]


def test_the_word_list_is_there_where_sentences_are_written() -> None:
    assert nouns.available()
