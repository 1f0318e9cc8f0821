from __future__ import annotations

import datetime as dt

import pytest

from analysis import milestones
from analysis.values import Item
from lagebrief.errors import ConfigError

ENTRY = """
as_of = 2026-01-01
context = ["ai act"]
[[milestone]]
id = "eins"
date = {date}
precision = "{precision}"
title = "Titel"
description = "Text"
legal_basis = "Art. 1"
status = "in Kraft"
confidence = "hoch"
sources = ["https://example.org"]
{more}
"""


def register(date: str = "2026-08-02", precision: str = "day", more: str = "") -> str:
    return ENTRY.format(date=date, precision=precision, more=more)


def test_the_register_is_in_order_and_whole() -> None:
    entries = milestones.load_register()
    assert len(entries) > 80
    assert list(entries) == sorted(entries, key=lambda entry: (entry.date, entry.id))
    assert all(entry.sources and entry.legal_basis for entry in entries)


def test_moved_dates_are_kept() -> None:
    by_id = {entry.id: entry for entry in milestones.load_register()}
    assert by_id["hochrisiko-anhang3"].date == dt.date(2027, 12, 2)
    assert by_id["hochrisiko-anhang3"].former_dates == (dt.date(2026, 8, 2),)
    assert by_id["hochrisiko-anhang3-alt"].replaced_by == "hochrisiko-anhang3"


def test_upcoming_counts_today_and_leaves_former_dates_out() -> None:
    ids = [entry.id for entry in milestones.upcoming(dt.date(2026, 8, 2), 99)]
    assert "transparenz-anwendbar" in ids
    assert "hochrisiko-anhang3-alt" not in ids
    assert [entry.id for entry in milestones.upcoming(dt.date(2026, 12, 2), 1)] == ["nudifier-verbot"]
    assert milestones.upcoming(dt.date(2099, 1, 1), 5) == ()


@pytest.mark.parametrize(
    ("date", "precision", "day"),
    [('"2024-12"', "month", dt.date(2024, 12, 31)), ('"2026-Q4"', "quarter", dt.date(2026, 12, 31))],
)
def test_a_period_stands_for_its_last_day(date: str, precision: str, day: dt.date) -> None:
    assert milestones.parse_register(register(date, precision))[0].date == day


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (register('"2026-13"', "month"), "milestone.0"),
        (register(precision="decade"), "precision"),
        (register(more='colour = "red"'), "colour"),
        (register(more='mentions = ["a*b"]'), "mentions"),
        (register(more='replaced_by = "nowhere"'), "nowhere"),
        (register() + register().partition("]\n")[2], "given twice"),
        ("as_of = ", "no valid TOML"),
    ],
)
def test_a_wrong_register_is_refused_by_name(text: str, place: str) -> None:
    with pytest.raises(ConfigError, match=place):
        milestones.parse_register(text)


@pytest.mark.parametrize(
    ("title", "lead", "id_"),
    [
        (
            "KI-Verordnung: Hochrisiko-Pflichten verschoben",
            "Stichtag ist der 2. Dezember 2027.",
            "hochrisiko-anhang3",
        ),
        ("AI Act: labelling deepfakes under Article 50", "", "transparenz-anwendbar"),
        ("Bundestag verabschiedet KI-MIG", "", "ki-mig-bundestag"),
        ("Meta will not sign AI code of practice", "The text covers general-purpose AI.", "gpai-kodex"),
        ("EU bans nudify apps under AI Act", "", "nudifier-verbot"),
        ("Digitaler Omnibus: Was sich an der KI-Verordnung ändert", "", "omnibus-vorschlag"),
        (
            "KI-Büro darf Bußgelder verhängen",
            "Der Rahmen der KI-Verordnung reicht weit.",
            "gpai-durchsetzung",
        ),
    ],
)
def test_an_article_speaks_of_a_milestone(title: str, lead: str, id_: str) -> None:
    assert id_ in milestones.mentioned(Item(title, lead))


@pytest.mark.parametrize(
    ("title", "lead"),
    [
        ("Artikel 50 der Straßenverkehrsordnung", "Neue Regeln für Transparenzpflichten bei Mieten."),
        ("Digitaler Omnibus lockert Cookie-Regeln", "Die DSGVO wird geändert."),
        ("Alibaba builds data centre", "Fines are unlikely."),
    ],
)
def test_other_law_has_no_milestones(title: str, lead: str) -> None:
    assert milestones.mentioned(Item(title, lead)) == ()


def test_two_words_of_a_mention_must_stand_in_one_passage() -> None:
    apart = "Der AI Act gilt. Hochrisiko ist ein Begriff. " + "Anderes. " * 5 + "Im Jahr 2028 ist Wahl."
    assert "hochrisiko-anhang1" not in milestones.mentioned(Item("Kommentar", "", apart))
