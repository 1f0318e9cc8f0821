"""What a figure is about, in a few words: the thing counted, or the name that stands nearest."""

from __future__ import annotations

import re

from analysis.numbers import SCALES
from analysis.units import MEASURES, PERIOD_UNITS

_NAME = re.compile(r"[^\W\d_a-zäöü][\w'’-]*(?: (?:(?:of|de|for) )?[^\W\d_a-zäöü][\w'’-]*){0,3}")
_SENTENCE_END = re.compile(r"[.!?](?:\s|$)|\n")
_REACH = 120
_MAX_LENGTH = 60
_OPENER_WORDS = (
    "the a an it its this that these those in on at by for from to of and but or if when while after "
    "before about some over more up nearly almost least around roughly only each der die das den dem "
    "des ein eine er sie es dies im am um für mit auf aus von bei nach seit bis und oder aber rund etwa "
    "mehr fast knapp wer wie was wenn so laut gut zudem auch noch nur weniger "
)
_DAYS = (
    "monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag "
    "samstag sonntag january february march april may june july august september october november december "
    "januar februar märz mai juni juli oktober dezember"
)
_OPENERS = frozenset(f"{_OPENER_WORDS} {_DAYS}".split())


_AMOUNTS = frozenset(MEASURES) | frozenset(SCALES)  # "Milliarden Euro" is no name


def near(text: str, start: int, end: int, unit: str) -> str:
    """At most 60 characters; "" where the sentence names nothing."""
    thing = "" if unit in _MEASURED or unit == "date" else _thing_counted(text[start:end])
    subject = thing or _name_before(text, start) or _name_behind(text, end)
    return subject[:_MAX_LENGTH].strip()


def _thing_counted(written: str) -> str:
    """ "more than 115,000 Nvidia processors" is about "Nvidia processors"."""
    words = written.split()
    last_number = max(
        (index for index, word in enumerate(words[:3]) if any(map(str.isdigit, word))), default=-1
    )
    behind = words[last_number + 1 :] if last_number >= 0 else words[1:]
    return " ".join(behind)


def _name_before(text: str, start: int) -> str:
    sentence = _SENTENCE_END.split(text[max(0, start - _REACH) : start])[-1]
    return next((name for name in reversed(_names(sentence)) if name), "")


def _name_behind(text: str, end: int) -> str:
    sentence = _SENTENCE_END.split(text[end : end + _REACH])[0]
    return next((name for name in _names(sentence) if name), "")


def _names(sentence: str) -> list[str]:
    return [_without_opener(found.group()) for found in _NAME.finditer(sentence)]


def _without_opener(name: str) -> str:
    words = [word for word in name.split() if word.lower() not in _AMOUNTS]
    while words and words[0].lower() in _OPENERS:
        del words[0]
    return " ".join(words).removesuffix("'s")


_MEASURED = frozenset(unit.name for unit in MEASURES.values()) | PERIOD_UNITS | {"factor"}
