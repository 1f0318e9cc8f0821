"""Quantities that are phrases: two-thirds, one in five, half of, doubled, tenfold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from analysis.normalise import lower
from analysis.numbers import WORDS


class Share(NamedTuple):
    """A fraction as percent, or a multiple as factor."""

    start: int
    end: int
    value: float
    unit: str


_PARTS_EN = {"third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "tenth": 10}
_PARTS_DE = {
    "drittel": 3,
    "viertel": 4,
    "fünftel": 5,
    "sechstel": 6,
    "siebtel": 7,
    "achtel": 8,
    "zehntel": 10,
}
_ORDINALS = {"zweite": 2, "dritte": 3, "vierte": 4, "fünfte": 5, "sechste": 6, "zehnte": 10, "second": 2,
             "third": 3, "fourth": 4, "fifth": 5, "tenth": 10, "two": 2, "three": 3, "four": 4,
             "five": 5, "six": 6,
             "eight": 8, "ten": 10}  # fmt: skip
_COUNTS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "seven": 7, "nine": 9, "ein": 1,
           "einem": 1, "eines": 1, "einen": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5,
           "sieben": 7, "neun": 9}  # fmt: skip
_VERBS = {"doubl": 2.0, "verdoppel": 2.0, "verdoppl": 2.0, "tripl": 3.0, "trebl": 3.0, "verdreifach": 3.0,
          "quadrupl": 4.0, "vervierfach": 4.0, "verfünffach": 5.0, "verzehnfach": 10.0, "halve": 0.5,
          "halving": 0.5, "halbier": 0.5}  # fmt: skip

_SINGLE = "|".join(_PARTS_EN)
_FRACTION = re.compile(
    rf"\b(?P<count>two|three|four|five|seven|nine)[- ](?P<part>{_SINGLE})s\b"
    # "a third draft" is no share: one part needs a word behind it that takes a share
    rf"|\b(?P<count2>a|one)[- ](?P<part2>{_SINGLE})(?= (?:of|more|less|fewer|lower|higher|cheaper|"
    rf"larger|smaller|in|to|from)\b|[.,;:]|$)"
    rf"|\b(?P<count3>ein(?:em|es|en)?|zwei|drei|vier|fünf|sieben|neun) "
    rf"(?P<part3>{'|'.join(_PARTS_DE)})n?\b",
    re.I,
)
_HALF = re.compile(
    r"\b(?:one[- ])?half(?= (?:of|the|its|their|as|all)\b)|\b(?:der|die) hälfte\b|\bzur hälfte\b|"
    r"\bhälfte der\b"
    r"|\b(?:by|than|nearly|almost|about) half(?=[.,;:]| (?:in|by|to|since)\b|$)",
    re.I,
)
_ONE_IN = re.compile(
    rf"(?i:\bone in (?P<parts>{'|'.join(_ORDINALS)})\b)"
    rf"|\b(?i:(?:jede[rsmn]?|every) (?P<nth>{'|'.join(_ORDINALS)})[rsnm]?)(?= (?:[A-ZÄÖÜ]|firm|compan|"
    rf"person|server|chip|business))",
)
_STEMS = "|".join(_VERBS)
_VERB = re.compile(
    rf"\b(?P<stem>{_STEMS})(?:d|e|es|ed|ing|ung|n|s|t|te|ten|en)?\b(?![- ](?:digit|check|standard))", re.I
)
_NUMBER_WORDS = "|".join(sorted((w for w in WORDS if w.isalpha()), key=len, reverse=True))
_FOLD = re.compile(
    rf"(?<![\w.,])(?P<number>\d{{1,4}}(?:[.,]\d{{1,2}})?|{_NUMBER_WORDS})"
    r"(?:[- ]?fold|[- ]?fach(?:e[nsrm]?)?|[- ]?mal(?= (?:so|mehr|größer|höher|stärker))"
    r"| times(?= (?:more|as|the|its|higher|larger|greater|that|what|bigger|faster))"
    r"|x(?= (?:more|the|as|its)))\b",
    re.I,
)
_TWICE = re.compile(
    r"\b(?:twice(?= (?:as|the|its|that))|doppelt so|das doppelte|double(?= (?:the|its|that|what)))\b", re.I
)


# Of each pattern the letters without which it cannot match: it is tried around these only.
_CUES = {
    _FRACTION: (*_PARTS_EN, *_PARTS_DE),
    _HALF: ("half", "hälfte"),
    _ONE_IN: ("one in ", "jede", "every "),
    _VERB: tuple(_VERBS),
    _FOLD: ("fold", "fach", "mal ", " times ", "x "),
    _TWICE: ("twice", "doppelt", "double"),
}
_BEFORE_CUE, _BEHIND_CUE = max(map(len, WORDS)) + 4, 48  # characters that a phrase may take up


def find(text: str) -> Iterator[Share]:
    """All of them; not in order."""
    places = _cue_places(lower(text))
    for found in _around_cues(_FRACTION, text, places):
        yield Share(*found.span(), _fraction(found), "percent")
    for found in _around_cues(_HALF, text, places):
        yield Share(*found.span(), 50.0, "percent")
    for found in _around_cues(_ONE_IN, text, places):
        yield Share(
            *found.span(), round(100 / _ORDINALS[(found["parts"] or found["nth"]).lower()], 2), "percent"
        )
    for found in _around_cues(_VERB, text, places):
        yield Share(*found.span(), _VERBS[found["stem"].lower()], "factor")
    for found in _around_cues(_FOLD, text, places):
        number = found["number"].lower()
        yield Share(*found.span(), WORDS.get(number) or float(number.replace(",", ".")), "factor")
    for found in _around_cues(_TWICE, text, places):
        yield Share(*found.span(), 2.0, "factor")


def _around_cues(
    pattern: re.Pattern[str], text: str, places: Mapping[re.Pattern[str], list[int]]
) -> Iterator[re.Match[str]]:
    """What the pattern finds in the text, in order: to try it at every letter costs ten times as much."""
    read_to = 0
    for place in sorted(places.get(pattern, ())):
        if place < read_to:
            continue
        end = min(len(text), place + _BEHIND_CUE)
        found = pattern.search(text, max(read_to, place - _BEFORE_CUE), end)
        if found and (found.end() < end or end == len(text)):
            read_to = found.end()
            yield found


def _cue_places(lowered: str) -> dict[re.Pattern[str], list[int]]:
    """Where the cues of each pattern begin, found in one pass."""
    found: dict[re.Pattern[str], list[int]] = {}
    for end, (cue, patterns) in _all_cues().iter(lowered):
        for pattern in patterns:
            found.setdefault(pattern, []).append(end - len(cue) + 1)
    return found


@cache
def _all_cues() -> Any:  # the package carries no types
    from ahocorasick import Automaton

    automaton = Automaton()
    for cue in {cue for cues in _CUES.values() for cue in cues}:
        automaton.add_word(cue, (cue, [pattern for pattern, cues in _CUES.items() if cue in cues]))
    automaton.make_automaton()
    return automaton


def _fraction(found: re.Match[str]) -> float:
    count = (found["count"] or found["count2"] or found["count3"]).lower()
    part = (found["part"] or found["part2"] or found["part3"]).lower()
    return round(100 * _COUNTS[count] / (_PARTS_EN | _PARTS_DE)[part], 2)
