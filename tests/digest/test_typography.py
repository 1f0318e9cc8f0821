import datetime as dt

import pytest

from digest import typography as t


def spaced(text: str | None) -> str | None:
    return text and text.replace("\u00a0", "~")


@pytest.mark.parametrize(
    ("value", "unit", "printed"),
    [
        (115_000, "gpu", "115.000~GPUs"),
        (1, "gpu", "1~GPU"),
        (39, "data_centre", "39~Rechenzentren"),
        (1, "data_centre", "1~Rechenzentrum"),
        (1, "server", "1~Server"),
        (12, "server", "12~Server"),
        (98e9, "usd", "98~Mrd.~US-Dollar"),
        (60.06e9, "cny", "60,06~Mrd.~Yuan"),
        (1.5e12, "usd", "1,5~Bio.~US-Dollar"),
        (35e6, "eur", "35~Mio.~Euro"),
        (7.5e6, "eur", "7,5~Mio.~Euro"),
        (999_999, "chip", "999.999~Chips"),
        (1_234_567, "chip", "1.234.567~Chips"),
        (1.4, "gw", "1,4~GW"),
        (1400, "mw", "1.400~MW"),
        (70, "percent", "70~Prozent"),
        (0.5, "percent", "0,5~Prozent"),
        (3, "factor", "Faktor~3"),
        (5, "wheelbarrow", None),
    ],
)
def test_quantities(value: float, unit: str, printed: str | None) -> None:
    assert spaced(t.quantity(value, unit)) == printed


@pytest.mark.parametrize(
    ("qualifier", "printed"),
    [
        ("", "39 X"),
        ("ca.", "rund 39 X"),
        ("über", "über 39 X"),
        ("mehr als", "mehr als 39 X"),
        ("bis zu", "bis zu 39 X"),
        ("fast", "fast 39 X"),
        ("von", None),
        ("bis", None),
        ("vielleicht", None),
    ],
)
def test_qualifiers(qualifier: str, printed: str | None) -> None:
    assert t.qualified(qualifier, "39 X") == printed


def test_dates() -> None:
    assert spaced(t.date(dt.date(2025, 7, 8))) == "8.~Juli 2025"
    assert t.at_precision(dt.date(2026, 8, 2), "month") == "August 2026"
    assert spaced(t.at_precision(dt.date(2026, 12, 31), "quarter")) == "4.~Quartal 2026"
    assert t.at_precision(dt.date(2026, 12, 31), "year") == "2026"


@pytest.mark.parametrize(
    ("first", "last", "printed"),
    [
        (dt.date(2025, 7, 7), dt.date(2025, 7, 13), "7. bis 13.~Juli 2025"),
        (dt.date(2025, 6, 30), dt.date(2025, 7, 6), "30.~Juni bis 6.~Juli 2025"),
        (dt.date(2026, 12, 28), dt.date(2027, 1, 3), "28.~Dezember 2026 bis 3.~Januar 2027"),
    ],
)
def test_periods(first: dt.date, last: dt.date, printed: str) -> None:
    assert spaced(t.period(first, last)) == printed


@pytest.mark.parametrize(
    ("days", "printed"),
    [(0, "heute"), (1, "noch 1~Tag"), (22, "noch 22~Tage"), (-1, "seit 1~Tag"), (-3, "seit 3~Tagen")],
)
def test_days_left(days: int, printed: str) -> None:
    assert spaced(t.days_left(days)) == printed


def test_words() -> None:
    assert t.quote("Ein „Kodex“ kommt") == "„Ein ‚Kodex‘ kommt“"
    assert t.quote('Der "Kodex"') == "„Der ‚Kodex‘“"
    assert spaced(t.count(1, "Meldung", "Meldungen")) == "1~Meldung"
    assert [t.enumerate_(parts) for parts in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a und b",
        "a, b und c",
    ]
    assert (t.language_name("en"), t.language_mark("en"), t.language_mark("de")) == ("Englisch", "engl.", "")
