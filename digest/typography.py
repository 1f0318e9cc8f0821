"""Numbers, units and dates as a German newsroom prints them.

Rules: DIN 5008 and Duden for grouping, decimal comma and the no-break space between number and unit.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal

from babel import Locale
from babel.dates import format_date, get_month_names
from babel.numbers import format_decimal

NBSP = "\u00a0"
_LOCALE = "de"
_DAY_MONTH = f"d.'{NBSP}'MMMM"
_SCALES = ((Decimal(10) ** 12, "Bio."), (Decimal(10) ** 9, "Mrd."), (Decimal(10) ** 6, "Mio."))
_SCALED_DECIMALS = 2


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit's German name. `bare` tells whether a quantity of it says something without saying of what."""

    singular: str
    plural: str
    bare: bool = True


def _same(name: str, *, bare: bool = True) -> Unit:
    return Unit(name, name, bare)


UNITS: dict[str, Unit] = {
    "usd": _same("US-Dollar"),
    "eur": _same("Euro"),
    "cny": _same("Yuan"),
    "gbp": _same("Pfund"),
    "jpy": _same("Yen"),
    "hkd": _same("Hongkong-Dollar"),
    "sgd": _same("Singapur-Dollar"),
    "twd": _same("Taiwan-Dollar"),
    "inr": _same("Rupien"),
    "krw": _same("Won"),
    "chf": _same("Franken"),
    "percent": _same("Prozent", bare=False),
    "percentage_point": Unit("Prozentpunkt", "Prozentpunkte", bare=False),
    "kw": _same("kW"),
    "mw": _same("MW"),
    "gw": _same("GW"),
    "tw": _same("TW"),
    "kwh": _same("kWh"),
    "mwh": _same("MWh"),
    "gwh": _same("GWh"),
    "twh": _same("TWh"),
    "exaflops": _same("Exaflops"),
    "gigabyte": _same("GB", bare=False),
    "terabyte": _same("TB", bare=False),
    "petabyte": _same("PB", bare=False),
    "exabyte": _same("EB", bare=False),
    "gpu": Unit("GPU", "GPUs"),
    "chip": Unit("Chip", "Chips"),
    "server": _same("Server"),
    "rack": Unit("Serverschrank", "Serverschränke"),
    "data_centre": Unit("Rechenzentrum", "Rechenzentren"),
    "cluster": _same("Cluster"),
    "site": Unit("Standort", "Standorte"),
    "building": _same("Gebäude", bare=False),
    "project": Unit("Projekt", "Projekte"),
    "model": Unit("Modell", "Modelle", bare=False),
    "parameter": _same("Parameter"),
    "company": _same("Unternehmen", bare=False),
    "operator": _same("Betreiber", bare=False),
    "provider": _same("Anbieter", bare=False),
    "signatory": _same("Unterzeichner"),
    "country": Unit("Staat", "Staaten", bare=False),
    "province": Unit("Provinz", "Provinzen", bare=False),
    "authority": Unit("Behörde", "Behörden", bare=False),
    "employee": _same("Beschäftigte", bare=False),
    "job": Unit("Arbeitsplatz", "Arbeitsplätze"),
    "page": Unit("Seite", "Seiten", bare=False),
    "standard": Unit("Norm", "Normen", bare=False),
    "contract": Unit("Vertrag", "Verträge", bare=False),
    "household": Unit("Haushalt", "Haushalte", bare=False),
    "reactor": Unit("Reaktor", "Reaktoren"),
    "turbine": Unit("Turbine", "Turbinen"),
    "sqm": _same("Quadratmeter"),
    "hectare": _same("Hektar"),
    "tonne": Unit("Tonne", "Tonnen", bare=False),
    "km": _same("Kilometer", bare=False),
    "year": Unit("Jahr", "Jahre", bare=False),
    "month": Unit("Monat", "Monate", bare=False),
    "week": Unit("Woche", "Wochen", bare=False),
    "day": Unit("Tag", "Tage", bare=False),
    "hour": Unit("Stunde", "Stunden", bare=False),
}

# Units that a report uses for one thing: "115,000 GPUs" in the headline, "115,000 chips" below.
SAME_THING = {"chip": "gpu", "site": "data_centre"}

_WORDS_HELD = "|".join(
    sorted(
        {
            *(re.escape(name) for unit in UNITS.values() for name in (unit.singular, unit.plural)),
            *("Millionen", "Million", "Milliarden", "Milliarde", "Billionen", "Billion", "Mio", "Mrd", "Bio"),
            *get_month_names("wide", locale=_LOCALE).values(),
        },
        key=len,
        reverse=True,
    )
)
_HELD = re.compile(rf"(?:(?<=\d)|(?<=\d\.)) (?=(?:{_WORDS_HELD})(?!\w))")

# Qualifiers that leave the following number and noun in the nominative ("über 39 Rechenzentren").
_QUALIFIERS = {
    "": "",
    "ca.": "rund",
    "rund": "rund",
    "etwa": "etwa",
    "knapp": "knapp",
    "fast": "fast",
    "über": "über",
    "mehr als": "mehr als",
    "weniger als": "weniger als",
    "mindestens": "mindestens",
    "höchstens": "höchstens",
    "bis zu": "bis zu",
}


def number(value: float | Decimal) -> str:
    """`115.000`, `1,4`: grouped, decimal comma, no digit lost and none invented."""
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    return format_decimal(exact.normalize(), format="#,##0.##########", locale=_LOCALE)


def scaled(value: float) -> str:
    """`60,06 Mrd.` for a value from a million on that needs at most two decimals, else the full number."""
    exact = Decimal(str(value))
    for size, name in _SCALES:
        if abs(exact) >= size:
            short = exact / size
            if -Decimal(short.normalize().as_tuple().exponent) <= _SCALED_DECIMALS:
                return f"{number(short)}{NBSP}{name}"
    return number(exact)


def qualified(qualifier: str, text: str) -> str | None:
    """`mehr als 115.000 GPUs`; None for a qualifier that has no German form of its own."""
    german = _QUALIFIERS.get(qualifier)
    if german is None:
        return None
    return f"{german} {text}" if german else text


def quantity(value: float, unit: str) -> str | None:
    """`39 Rechenzentren`, `1 Rechenzentrum`, `98 Mrd. US-Dollar`, `Faktor 3`; None for an unknown unit."""
    if unit == "factor":
        return f"Faktor{NBSP}{number(value)}"
    name = UNITS.get(unit)
    if name is None:
        return None
    return f"{scaled(value)}{NBSP}{name.singular if value == 1 else name.plural}"


def speaks_for_itself(unit: str) -> bool:
    """False for a unit such as percent that means nothing without saying percent of what."""
    return unit in UNITS and UNITS[unit].bare


def date(day: dt.date) -> str:
    """`8. Juli 2025`, with a no-break space between day and month."""
    return format_date(day, format=f"{_DAY_MONTH} y", locale=_LOCALE)


def month(day: dt.date) -> str:
    """`August 2026`."""
    return format_date(day, format="LLLL y", locale=_LOCALE)


def at_precision(day: dt.date, precision: str) -> str:
    """A date no more exact than it is known: precision `day`, `month`, `quarter` or `year`."""
    if precision == "year":
        return str(day.year)
    if precision == "quarter":
        return f"{(day.month + 2) // 3}.{NBSP}Quartal {day.year}"
    return month(day) if precision == "month" else date(day)


def period(first: dt.date, last: dt.date) -> str:
    """`7. bis 13. Juli 2025`; what both days share is said once."""
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}. bis {date(last)}"
    if first.year == last.year:
        return f"{format_date(first, format=_DAY_MONTH, locale=_LOCALE)} bis {date(last)}"
    return f"{date(first)} bis {date(last)}"


def days_left(days: int) -> str:
    """`heute`, `noch 1 Tag`, `noch 22 Tage`, `seit 3 Tagen`."""
    if days == 0:
        return "heute"
    size = f"{number(abs(days))}{NBSP}"
    if days > 0:
        return f"noch {size}{'Tag' if days == 1 else 'Tage'}"
    return f"seit {size}{'Tag' if days == -1 else 'Tagen'}"


def count(size: int, singular: str, plural: str) -> str:
    """`1 Meldung`, `8 Meldungen`."""
    return f"{number(size)}{NBSP}{singular if size == 1 else plural}"


def hold_numbers(text: str) -> str:
    """A sentence with no-break spaces between numbers and what they count or measure, and inside dates."""
    return _HELD.sub(NBSP, text)


def enumerate_(parts: list[str]) -> str:
    """`a, b und c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} und {parts[-1]}"


def quote(text: str) -> str:
    """German quotation marks around a text, single ones for the quotation inside it."""
    inner = text.replace("„", "‚").replace("“", "‘").replace("”", "‘")
    return f"„{_pair_straight(inner)}“"


def _pair_straight(text: str) -> str:
    opening = True
    paired = []
    for character in text:
        if character == '"':
            character, opening = ("‚" if opening else "‘"), not opening
        paired.append(character)
    return "".join(paired)


def language_name(code: str) -> str:
    """`Englisch` for `en`; the code itself where there is no German name for it."""
    name: str = Locale(_LOCALE).languages.get(code, code)
    return name


def language_mark(code: str) -> str:
    """The short mark behind an outlet's name: `engl.`; empty for German."""
    if code in ("de", ""):
        return ""
    return {"en": "engl.", "fr": "franz.", "zh": "chines."}.get(code, language_name(code))
