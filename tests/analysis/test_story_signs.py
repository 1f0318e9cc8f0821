from __future__ import annotations

import pytest

from analysis import figures
from analysis.story_concepts import KINDS, Concepts, concepts
from analysis.story_numbers import bare, counts, dates, worth
from analysis.story_signs import CONTRADICTIONS, DISJOINT, FIGURES, GROUPS, WORTH, Signs, sentences, signs_of


def signs(title: str, language: str = "en", year: int = 2025) -> Signs:
    return signs_of(title, "", "", figures.read(f"{title}\n\n", language), year)


def kind(own: Signs, name: str) -> frozenset[object]:
    return own.disjoint[DISJOINT.index(name)]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Der Ausschuss stimmt zu", "The committee votes"),
        ("Kabinett beschließt Entwurf", "Ministers approve draft"),
        ("Hochriskante KI", "high-risk AI"),
        ("Baubeginn", "X breaks ground"),
        ("Kein Aufschub", "Commission rules out delay"),
    ],
)
def test_both_languages_tell_the_same_concepts(one: str, two: str) -> None:
    assert concepts().of(one) & concepts().of(two)


def test_a_beginning_inside_a_compound_counts_from_six_letters() -> None:
    table = Concepts.parse(
        """
        theme = { code = "kodex entwurf" }
        phrase = { kodex = "rules of conduct" }
        """
    )
    assert table.beginnings["kodex"] == {"code"}
    assert concepts().of("Gesetzentwurf") >= {"draft"}
    assert not concepts().of("Rechenraum")


def test_every_kind_of_contradiction_has_concepts() -> None:
    assert all(concepts().kinds[kind_] for kind_ in KINDS)
    assert len(signs("x").disjoint) == len(DISJOINT)
    assert len(signs("x").groups) == len(GROUPS)
    assert CONTRADICTIONS[: len(DISJOINT)] == DISJOINT


@pytest.mark.parametrize(
    ("one", "two", "name"),
    [
        ("Plenum votes on delay", "Ausschuss stimmt über Aufschub ab", "other steps"),
        ("Talks break up without deal", "Durchbruch in den Gesprächen", "other outcome"),
        ("First draft released", "Dritter Entwurf liegt vor", "other stage"),
        ("Firms call for more time", "Commission rejects more time", "other voice"),
        ("Tencent builds", "Alibaba baut", "other actors"),
        ("Bußgeld verhängt", "New chip unveiled", "other actions"),
    ],
)
def test_what_tells_against_each_other(one: str, two: str, name: str) -> None:
    a, b = kind(signs(one), name), kind(signs(two), name)
    assert a
    assert b
    assert a.isdisjoint(b)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("160 billion yuan", "23 billion dollars"),
        ("3 billion dollars", "21 billion yuan"),
        ("20 billion euros", "22.6 billion dollars"),
    ],
)
def test_sums_meet_across_currencies(one: str, two: str) -> None:
    a, b = (signs(f"It costs {sum_}.") for sum_ in (one, two))
    assert a.groups[WORTH] & b.groups[WORTH]
    assert not a.other_amount(b)


def test_other_sums_are_other_amounts() -> None:
    a, b = signs("It costs 160 billion yuan."), signs("It costs 35 billion dollars.")
    assert not a.groups[WORTH] & b.groups[WORTH]
    assert a.other_amount(b)
    assert not a.other_amount(signs("It has 300 MW."))


def test_the_rate_of_the_nearest_year_counts() -> None:
    found = figures.read("100 million euros", "en")
    assert worth(found, 1999) == worth(found, 2022)
    assert worth(found, 2090) == worth(found, 2026)
    assert worth(found, 2022) != worth(found, 2026)
    assert worth(figures.read("300 MW", "en"), 2025) == frozenset()


def test_days_are_read_in_both_languages() -> None:
    assert dates("bis 23. Juni") == dates("until 23 June") == dates("June 23rd") == {"06-23"}
    assert dates("am 2. März") == dates("on March 2") == {"03-02"}
    assert dates("in May 2026, 16 Monate") == frozenset()


def test_numbers_without_units() -> None:
    assert bare("27,5 statt 27.5, 2025, 12") == {"275"}
    assert counts(figures.read("101 Abgeordnete und zwei Ausschüsse", "de")) == {"101"}


def test_figures_of_one_power_are_one_sign() -> None:
    one, two = signs("It has 6.7 EFLOPS."), signs("Es hat 6.700 Petaflops.", "de")
    assert one.groups[FIGURES] & two.groups[FIGURES]


def test_sentences_begin_with_the_title() -> None:
    assert sentences("A title of some length", "One sentence here. And another one.", "")[0].startswith(
        "A title"
    )
    assert sentences("Kurz", "", "") == ["Kurz"]
