from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import figures
from analysis.values import Figure

Row = dict[str, Any]
PIECES = st.sampled_from(
    [
        "1.4",
        "115.000",
        "115,000",
        "$57bn",
        "RMB",
        "380",
        "Mrd.",
        "Yuan",
        "US-Dollar",
        "GW",
        "MW",
        "Prozent",
        "%",
        "two-thirds",
        "zwei",
        "Drittel",
        "verdoppelt",
        "von",
        "bis",
        "auf",
        "between",
        "and",
        "to",
        "of",
        "the",
        "2",
        "August",
        "2026",
        "gilt",
        "ab",
        "dem",
        "am",
        "02.08.2026",
        "H100",
        "GPUs",
        "Rechenzentren",
        "data",
        "centres",
        "half",
        "a",
        "million",
        "eine",
        "halbe",
        "Million",
        "万",
        "亿元",
        "rund",
        "über",
        "bis",
        "zu",
        "mindestens",
        "tenfold",
        "8",
        "of",
        "27",
        "states",
        "\xad",
        "\u200b",
        "‑",
        "-",
        ",",
        ".",
        "(",
        ")",
        "\n",
        "one",
        "in",
        "five",
        "jede",
        "fünfte",
        "Artikel",
        "5",
        "GPT-5",
        "910C",
        "€",
        "10",
        "000",
        "1'000",
    ]
)


def found_in(text: str, language: str = "en") -> list[Figure]:
    return list(figures.read(text, language))


@given(
    st.lists(PIECES | st.text(max_size=4), max_size=40),
    st.sampled_from([" ", ""]),
    st.sampled_from(["de", "en", "zh"]),
)
def test_any_text_is_read_and_every_span_is_exact(pieces: list[str], glue: str, language: str) -> None:
    text = glue.join(pieces)
    read_to = 0
    for figure in figures.read(text, language):
        assert figure.text == text[figure.start : figure.end]
        assert read_to <= figure.start < figure.end
        assert isinstance(figure.value, str) == (figure.unit == "date")
        read_to = figure.end


def test_the_text_holds_qualifier_number_and_thing() -> None:
    (figure,) = found_in("Plans list more than 115,000 Nvidia H100 and H200 processors.")
    assert figure.text == "more than 115,000 Nvidia H100 and H200 processors"
    assert figure.subject == "Nvidia H100 and H200 processors"


def test_a_sum_takes_the_nearest_name_as_subject() -> None:
    (figure,) = found_in("On Monday Tencent said it had spent $5bn on servers.")
    assert figure.subject == "Tencent"


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("2 Billionen Yuan", "de", 2e12),
        ("2 billion yuan", "en", 2e9),
        ("1.288 Seiten", "de", 1288),
        ("1,288 pages", "en", 1288),
        ("115,000 Server", "de", 115000),
        ("7,5 Mio. Euro", "de", 7.5e6),
        ("10 000 servers", "en", 10000),
        ("einundzwanzig Länder", "de", 21),
        ("anderthalb Milliarden Euro", "de", 1.5e9),
        ("twenty-seven countries", "en", 27),
    ],
)
def test_numbers_are_read_as_the_language_writes_them(text: str, language: str, value: float) -> None:
    assert [figure.value for figure in found_in(text, language)] == [value]


def counts(rows: list[Row]) -> tuple[int, int, int]:
    """Right, found and labelled figures, compared by value, unit and qualifier."""
    right = found = labelled = 0
    for row in rows:
        rest = [
            _key(one.value, one.unit, one.qualifier) for one in figures.read(row["text"], row["language"])
        ]
        found += len(rest)
        labelled += len(row["figures"])
        for one in row["figures"]:
            key = _key(one["value"], one["unit"], one["qualifier"])
            if key in rest:
                rest.remove(key)
                right += 1
    return right, found, labelled


def _key(value: float | str, unit: str, qualifier: str) -> tuple[float | str, str, str]:
    rounded = value if isinstance(value, str) else round(float(value), 2)
    return rounded, unit, {"mehr als": "über"}.get(qualifier, qualifier)


def test_figures_of_our_own_sentences(own_rows: Callable[[str], list[Row]]) -> None:
    for row in own_rows("figures"):
        right, found, labelled = counts([row])
        assert right == found == labelled, row["text"]


def test_figures_stay_above_their_floor(dev_rows: Callable[[str], list[Row]]) -> None:
    right, found, labelled = counts(dev_rows("figures"))
    assert 2 * right / (found + labelled) >= 0.97


@pytest.mark.parametrize(
    "piece",
    ["1 2 3 ", "eine halbe ", "1,000", "A B ", "KI-", "a\u200b", " ", "von 3 bis ", "$", "1-", "two thirds "],
)
def test_a_megabyte_of_anything_is_bounded(piece: str) -> None:
    began = time.thread_time()
    figures.read(piece * (1_000_000 // len(piece)), "de")
    assert time.thread_time() - began < 20
