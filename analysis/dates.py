"""Full dates, and which of them are legal dates: a deadline or the day from which something applies."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import NamedTuple

_MONTHS = {
    name: number
    for number, names in enumerate(
        ("januar january jan", "februar february feb", "märz march mar mrz", "april apr", "mai may",
         "juni june jun", "juli july jul", "august aug", "september sep sept",
         "oktober october oct okt", "november nov",
         "dezember december dec dez"),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DATE = re.compile(
    rf"(?<![\w.,])(?:"
    rf"(?P<day>\d{{1,2}})(?:\.|st|nd|rd|th)?(?: of)? ?(?P<month>{_MONTH})\b\.?(?:,? (?P<year>(?:19|"
    rf"20)\d\d)\b)?"
    rf"|(?P<month2>{_MONTH})\b\.? (?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\b(?![.,]\d)(?:,? (?P<year2>(?:19|"
    rf"20)\d\d)\b)?"
    r"|(?P<day3>\d{1,2})\.(?P<month3>\d{1,2})\.(?P<year3>(?:19|20)\d\d)(?!\w)"
    r"|(?P<year4>(?:19|20)\d\d)-(?P<month4>\d\d)-(?P<day4>\d\d)(?!\w)"
    r")",
    re.IGNORECASE,
)
_DAY = re.compile(r"(?<!\w)\d{1,4}")
_AROUND = " (\"'„“”‚‘[–-/"
_YEAR_REACH = 12  # characters behind a day in which its year stands
_LEGAL = re.compile(
    r"deadline|frist|stichtag|geltungsbeginn|inkrafttreten|in kraft|\b(?:gilt|gelten|galt|greifen|"
    r"greift|müssen|muss|"
    r"anwendbar|verschoben|verschieb\w*|verlegt|spätestens|verboten|verbot\w*|pflicht\w*|läuft|endet|"
    r"ablauf|"
    r"anzuwenden|verbindlich|untersagt|appl(?:y|ies|ied|icable)|effect|force|binding|banned|ban|bans|"
    r"prohibit\w*|"
    r"must|obligations?|obliged|required?|requirements?|due|delay\w*|postpone\w*|expires?|"
    r"enforce\w*|compl(?:y|iance)|transition\w*|moved|until|no later than|pushed|starts?|begins?|beginnt|"
    r"sanktion\w*|penalt\w*|fines)\b",
    re.IGNORECASE,
)
_REPORT = re.compile(
    r"(?:reported|said|told|wrote|announced|published|released|presented|unveiled|filed|posted|"
    r"according to\b.{0,30}|"
    r"berichtete\w*|sagte|teilte|mitgeteilt|erklärte|veröffentlicht\w*|vorgestellt|meldete|stand:?|"
    r"as of)\s+"
    r"(?:on|am|vom|it on|dies am)?\s*$",
    re.IGNORECASE,
)
_REPORT_AFTER = re.compile(
    r"\W{0,2}(?:berichtete|sagte|teilte|erklärte|meldete|veröffentlichte|stellte)\b", re.I
)
_SENTENCE_END = re.compile(r"(?<!\b\d)(?<!\b\d\d)[.!?](?:\s|$)|\n")  # "2. August" ends none
_SENTENCE = 180  # characters on either side that a cue may stand in


class WrittenDate(NamedTuple):
    """A date in a text. `iso` is empty where the year is missing or the day does not exist."""

    start: int
    end: int
    iso: str


def written(text: str) -> Iterator[WrittenDate]:
    """Every date with a day, in order, legal or not."""
    read_to = 0
    for day in _DAY.finditer(text):
        if day.start() < read_to:
            continue
        # To try all names of months at every letter would cost more than all the rest.
        month = text.rfind(" ", read_to, max(read_to, day.start() - 1)) + 1 or read_to
        word = text[month : day.start()].strip(_AROUND).removesuffix(".").lower()
        found = _DATE.match(text, day.start())
        if not found and word in _MONTHS:
            found = _DATE.search(text, month, day.end() + _YEAR_REACH)
        if found:
            read_to = found.end()
            yield WrittenDate(found.start(), read_to, _iso(found))


def is_legal(text: str, date: WrittenDate) -> bool:
    """Does the sentence around the date speak of a duty, a deadline or an entry into force?"""
    before = text[max(0, date.start - _SENTENCE) : date.start]
    after = text[date.end : date.end + _SENTENCE]
    before = _SENTENCE_END.split(before)[-1]
    after = _SENTENCE_END.split(after)[0]
    if _REPORT.search(before) or _REPORT_AFTER.match(after):
        return False
    return bool(_LEGAL.search(before) or _LEGAL.search(after))


def _iso(found: re.Match[str]) -> str:
    day = found["day"] or found["day2"] or found["day3"] or found["day4"]
    month = found["month"] or found["month2"] or found["month3"] or found["month4"]
    year = found["year"] or found["year2"] or found["year3"] or found["year4"]
    if not year:
        return ""
    number = int(month) if month.isdecimal() else _MONTHS[month.lower()]
    try:
        return dt.date(int(year), number, int(day)).isoformat()
    except ValueError:
        return ""
