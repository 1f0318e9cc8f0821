"""Dates as feeds write them: RFC 822, ISO 8601, and what German systems make of them.

The result is aware UTC or None. What is absurd is not believed: a date more than a day ahead is set to the
time of fetching, one before 1990 is unknown; one far back is kept and marked, since aggregators surface old
pieces as new.
"""

from __future__ import annotations

import datetime as dt
import re
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

_HOME = ZoneInfo("Europe/Berlin")
_AHEAD = dt.timedelta(days=1)
_BACK = dt.timedelta(days=30)
_EARLIEST = dt.datetime(1990, 1, 1, tzinfo=dt.UTC)
_LONGEST = 64
_ENGLISH = {
    "mär": "mar",
    "märz": "mar",
    "mrz": "mar",
    "mai": "may",
    "okt": "oct",
    "oktober": "oct",
    "dez": "dec",
    "dezember": "dec",
    "januar": "jan",
    "jänner": "jan",
    "februar": "feb",
    "juni": "jun",
    "juli": "jul",
}
_ZONES = {"MEZ": "+0100", "MESZ": "+0200", "CET": "+0100", "CEST": "+0200"}
_GERMAN_DAY = re.compile(r"^(?:mo|di|mi|do|fr|sa|so)[a-z]*\.?,\s*", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-zÄÖÜäöü]+")
_NUMERIC = re.compile(
    r"^(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})(?:,?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s*Uhr)?)?$"
)
_LONG = re.compile(r"^(\d{1,2})\.?\s+([A-Za-zÄÖÜäöü]+)\.?\s+(\d{4})(?:,?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_YEAR_BEFORE_1000 = re.compile(
    r"(?<![+\d])\b(?<!-)0\d{3}\b(?=[ -])"
)  # the standard library reads 0001 as 2001
_LEAP_SECOND = re.compile(r":60\b")


def parse(text: str, zone: ZoneInfo = _HOME) -> dt.datetime | None:
    """The moment a text means, None where it means none. A time without a zone is read in `zone`."""
    text = text.strip()
    if not text or len(text) > _LONGEST or _YEAR_BEFORE_1000.search(text):
        return None
    if _LEAP_SECOND.search(text):
        whole = parse(_LEAP_SECOND.sub(":59", text), zone)
        return whole + dt.timedelta(seconds=1) if whole else None
    for read in (_iso, _numeric, _rfc822):
        try:
            found = read(text)
            if found is not None:
                return _to_utc(found, zone)
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
    return None


def trusted(date: dt.datetime | None, now: dt.datetime) -> tuple[dt.datetime | None, str]:
    """The date to keep and a mark: "" fine, "unknown", "future" (set to now), "stale" (over 30 days old)."""
    if date is None or date < _EARLIEST:
        return None, "unknown"
    if date > now + _AHEAD:
        return now, "future"
    if date < now - _BACK:
        return date, "stale"
    return date, ""


def _iso(text: str) -> dt.datetime | None:
    if not text[:4].isdigit():
        return None
    if re.fullmatch(r"\d{8}T\d{6}Z", text):  # GDELT
        return dt.datetime.strptime(text, "%Y%m%dT%H%M%S%z")
    return dt.datetime.fromisoformat(text)


def _numeric(text: str) -> dt.datetime | None:
    match = _NUMERIC.match(_GERMAN_DAY.sub("", text))
    if not match:
        return None
    day, month, year, hour, minute, second = (int(part or 0) for part in match.groups())
    return dt.datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - the zone is added by parse


def _rfc822(text: str) -> dt.datetime | None:
    text = _WORD.sub(lambda word: _ENGLISH.get(word[0].casefold(), word[0]), _GERMAN_DAY.sub("", text))
    text = " ".join(_ZONES.get(word, word) for word in text.split())
    match = _LONG.match(text)
    if match and not re.search(r"[+-]\d{4}$|[A-Z]{1,4}$", text):
        text = f"{match[1]} {match[2][:3]} {match[3]} {match[4] or 0}:{match[5] or 0}:{match[6] or 0} -0000"
    offset = re.search(r"[+-](\d{2})(\d{2})$", text)
    if offset and (int(offset[1]) > 14 or int(offset[2]) > 59):
        return None
    return parsedate_to_datetime(text)


def _to_utc(date: dt.datetime, zone: ZoneInfo) -> dt.datetime | None:
    if date.tzinfo is None:
        date = date.replace(tzinfo=zone)
    return date.astimezone(dt.UTC)
