from __future__ import annotations

import datetime as dt

import pytest

from analysis import figures
from analysis.developments import CORRECTION, DENIAL, FOLLOW_UP, NEW, REPEAT, Report, developments

START = dt.datetime(2025, 7, 8, 9, tzinfo=dt.UTC)


def report(hours: float, title: str, lead: str = "", language: str = "de") -> Report:
    found = figures.read(f"{title}\n{lead}\n", language)
    return Report(title, lead, "", START + dt.timedelta(hours=hours), found)


FIRST = report(0, "China plant 39 Rechenzentren in Xinjiang", "Dort sollen 115.000 GPUs laufen.")


def marks(*reports: Report) -> list[str]:
    return [one.mark for one in developments(reports)]


def test_the_first_report_is_new_and_the_days_echo_repeats() -> None:
    echo = report(3, "China plans 39 data centers in Xinjiang", "They are to run 115,000 GPUs.", "en")
    assert marks(FIRST, echo) == [NEW, REPEAT]


def test_what_is_said_later_and_is_new_follows_up() -> None:
    later = report(48, "Xinjiang: Rechenzentren brauchen 1,4 Gigawatt", "Qinghai liefert den Strom.")
    new, follow_up = developments([FIRST, later])
    assert (new.mark, follow_up.mark) == (NEW, FOLLOW_UP)
    assert follow_up.news == ("1,4 Gigawatt", "Qinghai")


def test_a_late_echo_of_what_is_known_repeats() -> None:
    assert marks(FIRST, report(48, "Nochmals: China plant 39 Rechenzentren in Xinjiang")) == [NEW, REPEAT]


def test_a_figure_rounded_otherwise_is_not_new() -> None:
    first = report(0, "Fonds über 60,06 Milliarden Yuan")
    assert marks(first, report(48, "Fonds über 60 Milliarden Yuan")) == [NEW, REPEAT]


@pytest.mark.parametrize(
    "title",
    ["Korrektur: China plant 36 Rechenzentren", "CORRECTED - China plans 36 data centers"],
)
def test_a_correction_is_named_even_on_the_same_day(title: str) -> None:
    assert marks(FIRST, report(2, title)) == [NEW, CORRECTION]


@pytest.mark.parametrize(
    "title",
    [
        "Peking dementiert Pläne für Rechenzentren in Xinjiang",
        "China weist Bericht über Rechenzentren zurück",
        "China denies plan for data centers in Xinjiang",
        "Beijing rejects report on data centers",
    ],
)
def test_a_denial_is_named_once(title: str) -> None:
    assert marks(FIRST, report(2, title), report(4, title)) == [NEW, DENIAL, REPEAT]


@pytest.mark.parametrize(
    "title",
    ["Parlament weist Antrag an den Ausschuss", "Firma korrigiert Prognose nach oben", "EU rejects delay"],
)
def test_like_words_are_neither(title: str) -> None:
    assert marks(FIRST, report(2, title)) == [NEW, REPEAT]


def test_countries_alone_are_no_news() -> None:
    assert marks(FIRST, report(48, "USA sprechen über Rechenzentren in Xinjiang")) == [NEW, REPEAT]


def test_no_reports_no_developments() -> None:
    assert developments([]) == []
