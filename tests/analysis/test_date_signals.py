from __future__ import annotations

import datetime as dt

import pytest

from analysis import date_signals, figures, milestones
from analysis.values import DateSignal, Item

AFTER = dt.datetime(2026, 10, 1, tzinfo=dt.UTC)
BEFORE = dt.datetime(2025, 7, 1, tzinfo=dt.UTC)


def signals(title: str, lead: str = "", body: str = "", published: dt.datetime = AFTER) -> list[DateSignal]:
    item = Item(title, lead, body, "", published)
    found = figures.read(item.joined, "de" if "ß" in title else "en")
    return list(date_signals.read(item, found, milestones.passages(item)))


def test_another_date_than_the_registers_is_told_with_its_words() -> None:
    title = "EU verschiebt Hochrisiko-Pflichten der KI-Verordnung"
    lead = "Die Regeln nach Anhang III gelten nun erst ab dem 2. Dezember 2028."
    (found,) = signals(title, lead)
    assert (found.milestone, found.stated) == ("hochrisiko-anhang3", dt.date(2028, 12, 2))
    assert found.registered == dt.date(2027, 12, 2)
    assert Item(title, lead).joined[found.start : found.end] == found.text == "2. Dezember 2028"


def test_a_sentence_of_the_body_counts_and_the_same_date_is_told_once() -> None:
    body = (
        "The AI Act stays. The deadline for high-risk systems of Annex III is 2 February 2028. Nothing else "
        "changes. Annex III duties apply from 2 February 2028."
    )
    found = signals("What the deal means", body=body)
    assert [(one.milestone, one.stated) for one in found] == [("hochrisiko-anhang3", dt.date(2028, 2, 2))]


@pytest.mark.parametrize(
    ("lead", "published"),
    [
        ("Annex III duties apply from 2 December 2027.", AFTER),  # the register's own
        ("Annex III duties apply from 2 December 2027 instead of 2 August 2026.", AFTER),
        ("Annex III duties, originally due on 2 August 2026, apply later.", AFTER),
        ("Annex III duties apply from 2 August 2026.", BEFORE),  # it held on that day
        ("Annex III duties and the watermark duty apply from 3 March 2029.", AFTER),  # whose date is it?
        ("Annex III duties apply from 3 March 2029 and, in part, must be met by 4 May 2029.", AFTER),
        ("Annex III was published on 3 March 2029, the Commission said.", AFTER),  # no legal date
        ("Harmonised standards under the AI Act must be ready by 15 November 2026.", AFTER),  # in its quarter
    ],
)
def test_no_signal_without_a_difference_that_is_clear(lead: str, published: dt.datetime) -> None:
    assert signals("AI Act update", lead, published=published) == []


def test_the_old_date_told_as_valid_is_a_signal_once_it_was_moved() -> None:
    (found,) = signals("AI Act update", "Annex III duties apply from 2 August 2026.")
    assert found.stated == dt.date(2026, 8, 2)


def test_other_law_has_no_signals() -> None:
    assert signals("Data Act", "Annex III duties apply from 3 March 2029.") == []
