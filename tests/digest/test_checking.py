"""The guard: what its source does not say is not printed."""

import datetime as dt
from dataclasses import replace

import pytest

from analysis.values import Figure
from archive.readings import ReadArticle
from archive.values import Article, Storage
from digest.checking import facts, uncovered
from digest.rows import Check

ARTICLE = Article(
    id=7,
    public_id="x7",
    outlet="dcd",
    source="dcd",
    url="https://dcd.example/7",
    title="China plans 39 data centres",
    teaser="",
    body="",
    author="",
    language="en",
    published=dt.datetime(2025, 7, 8, tzinfo=dt.UTC),
    date_mark="",
    first_seen=dt.datetime(2025, 7, 8, tzinfo=dt.UTC),
    revision=1,
    storage=Storage.TEASER,
    tdm="",
    max_snippet=-1,
)


def read(teaser: str, *figures: tuple[float | str, str, str, str, str], tdm: str = "") -> ReadArticle:
    article = replace(ARTICLE, teaser=teaser, tdm=tdm)
    found = []
    for value, unit, qualifier, subject, text in figures:
        start = article.joined.index(text)
        found.append(Figure(value, unit, qualifier, subject, text, start, start + len(text)))
    return ReadArticle(article, (), tuple(found), ())


def printed(teaser: str, *figures: tuple[float | str, str, str, str, str]) -> list[str]:
    return [fact.text.replace("\u00a0", " ") for fact in facts(read(teaser, *figures))]


@pytest.mark.parametrize(
    ("teaser", "value", "unit", "text", "expected"),
    [
        ("It needs 115,000 GPUs.", 115_000, "gpu", "115,000 GPUs", "115.000 GPUs"),
        ("Es braucht 115.000 GPUs.", 115_000, "gpu", "115.000 GPUs", "115.000 GPUs"),
        ("It costs $98 billion.", 98e9, "usd", "$98 billion", "98 Mrd. US-Dollar"),
        ("It costs 98bn dollars.", 98e9, "usd", "98bn dollars", "98 Mrd. US-Dollar"),
        ("Es kostet 60,06 Milliarden Yuan.", 60.06e9, "cny", "60,06 Milliarden Yuan", "60,06 Mrd. Yuan"),
        ("It draws 1.4 GW.", 1.4, "gw", "1.4 GW", "1,4 GW"),
        ("It draws 1,234.5 MW.", 1234.5, "mw", "1,234.5 MW", "1.234,5 MW"),
        ("It runs 500 petaflops.", 0.5, "exaflops", "500 petaflops", "0,5 Exaflops"),
        ("Seven data centres open.", 7, "data_centre", "Seven data centres", "7 Rechenzentren"),
        ("投资600亿元。", 60e9, "cny", "600亿元", "60 Mrd. Yuan"),
    ],
)
def test_prints_what_the_source_says(teaser: str, value: float, unit: str, text: str, expected: str) -> None:
    assert printed(teaser, (value, unit, "", "", text)) == [expected]


@pytest.mark.parametrize(
    ("teaser", "value", "unit", "text"),
    [
        ("It needs 115,000 GPUs.", 150_000, "gpu", "115,000 GPUs"),
        ("It needs 115,000 GPUs.", 115_000_000, "gpu", "115,000 GPUs"),
        ("It draws 1.4 GW.", 14, "gw", "1.4 GW"),
        ("It costs $98 billion.", 89e9, "usd", "$98 billion"),
        ("Many GPUs.", 115_000, "gpu", "Many GPUs"),
        ("It weighs 5 stones.", 5, "stone", "5 stones"),
        ("It rose 70 percent.", 70, "percent", "70 percent"),
        ("It fell by -5 GW.", -5, "gw", "-5 GW"),
    ],
)
def test_drops_what_it_cannot_confirm(teaser: str, value: float, unit: str, text: str) -> None:
    assert printed(teaser, (value, unit, "", "", text)) == []


def test_a_span_that_holds_other_text_never_prints() -> None:
    good = read("It needs 115,000 GPUs.", (115_000, "gpu", "", "", "115,000 GPUs"))
    assert len(facts(good)) == 1
    figure = good.figures[0]
    moved = replace(figure, start=figure.start + 1, end=figure.end + 1)
    assert facts(replace(good, figures=(moved,))) == ()
    rewritten = replace(good.article, teaser="It needs 15,000 GPUs, says the correction.")
    assert facts(replace(good, article=rewritten)) == ()


def test_a_check_points_at_the_number_in_the_source() -> None:
    one = read("It costs $98 billion.", (98e9, "usd", "", "", "$98 billion"))
    (fact,) = facts(one)
    (check,) = fact.checks
    assert (check.kind, check.text, check.source_id) == ("number", "98\u00a0Mrd.", "x7")
    assert one.article.joined[check.start : check.end] == "98 billion"


def test_names_are_looked_up_and_joined() -> None:
    text = "more than 115,000 Nvidia H100 and H200 processors"
    one = read(f"It wants {text}.", (115_000, "gpu", "mehr als", "Nvidia H100 and H200 processors", text))
    (fact,) = facts(one)
    assert fact.text == "mehr als 115.000\u00a0GPUs (Nvidia H100/H200)"
    assert [one.article.joined[c.start : c.end] for c in fact.checks] == ["115,000", "Nvidia H100", "H200"]
    assert not uncovered(fact.text, fact.checks)


@pytest.mark.parametrize("subject", ["data centres", "AMD MI300", "new halls in July", "July", "x" * 50])
def test_a_subject_that_is_no_name_of_the_source_is_left_out(subject: str) -> None:
    assert printed("A 39 data centres plan.", (39, "data_centre", "", subject, "39 data centres")) == [
        "39 Rechenzentren"
    ]


def test_a_percentage_needs_a_name() -> None:
    teaser = "About 70 percent go to Yiwu County."
    assert printed(teaser, (70, "percent", "ca.", "Yiwu County", "About 70 percent")) == [
        "rund 70 Prozent (Yiwu County)"
    ]


def test_ranges() -> None:
    span = "The site draws between 2 and 3 GW."
    low, high = (2, "gw", "von", "", "between 2"), (3, "gw", "bis", "", "3 GW")
    assert printed(span, low, high) == ["2 bis 3 GW"]
    scaled = "Kosten: 380-480 Milliarden Yuan."
    assert printed(
        scaled, (380e9, "cny", "von", "", "380"), (480e9, "cny", "bis", "", "480 Milliarden Yuan")
    ) == ["380 Mrd. bis 480 Mrd. Yuan"]


def test_a_rise_is_no_range() -> None:
    assert (
        printed("It grew from 2 to 3 GW.", (2, "gw", "von", "", "from 2"), (3, "gw", "bis", "", "3 GW")) == []
    )


@pytest.mark.parametrize(
    ("teaser", "iso", "text", "expected"),
    [
        ("Applies from 2 August 2026.", "2026-08-02", "2 August 2026", ["Termin 2. August 2026"]),
        ("Gilt ab 2. August 2026.", "2026-08-02", "2. August 2026", ["Termin 2. August 2026"]),
        ("Gilt ab 02.08.2026.", "2026-08-02", "02.08.2026", ["Termin 2. August 2026"]),
        ("Applies from 2 August 2026.", "2026-08-12", "2 August 2026", []),
        ("Applies from 2 August 2026.", "2026-09-02", "2 August 2026", []),
        ("Applies from August 2026.", "2026-08", "August 2026", []),
        ("Applied since 2 August 2024.", "2024-08-02", "2 August 2024", []),
    ],
)
def test_dates(teaser: str, iso: str, text: str, expected: list[str]) -> None:
    assert printed(teaser, (iso, "date", "", "", text)) == expected


def test_a_reserved_article_yields_no_facts() -> None:
    figure = (39, "data_centre", "", "", "39 data centres")
    assert facts(read("", figure))
    assert facts(read("", figure, tdm="reserved")) == ()


def test_uncovered_finds_every_digit() -> None:
    check = Check("number", "39", "x", 0, 2)
    assert uncovered("39 Rechenzentren", [check]) == ""
    assert uncovered("39 Rechenzentren, 5 GW", [check])
    assert uncovered("139 Rechenzentren", [check])
    assert uncovered("39.000 Rechenzentren", [check])


def test_a_percentage_is_not_given_to_a_single_noun() -> None:
    assert printed("Bußgelder in Euro: 3 Prozent.", (3, "percent", "", "Euro", "3 Prozent")) == []


def test_capitals_in_a_title_case_headline_make_no_name() -> None:
    one = read("")
    loud = replace(one.article, title="China Plans 39 Desert Data Centers")
    figure = Figure(39, "data_centre", "", "Desert Data Centers", "39 Desert Data Centers", 12, 34)
    assert [fact.text for fact in facts(replace(one, article=loud, figures=(figure,)))] == [
        "39\u00a0Rechenzentren"
    ]
