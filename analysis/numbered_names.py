"""Names that end in a number, which therefore counts nothing: "Article 5", "RTX 6000", "Nr. 3"."""

from __future__ import annotations

import re

_ABBREVIATED = "art abs no nr buchst"  # a point may follow
_WRITTEN_OUT = (
    "artikel artikeln artikels article articles absatz paragraph paragraphs nummer number kapitel chapter "
    "titel annex anhang regulation verordnung richtlinie directive gesetz law act iso en din iec version "
    "recital erwägungsgrund phase teil part stufe level stage step schritt section abschnitt clause "
    "ziffer omnibus rtx gtx atlas ascend llama qwen gpt claude gemini grok kimi kunlun kirin xeon epyc "
    "core ryzen switch windows iphone galaxy colossus stargate tier top kw week woche platz rank seite "
    "page fortune dax stoxx csi title generation gen wave band uhr episode folge "
)
_SHORT = frozenset(_ABBREVIATED.split())
_WORDS = _SHORT | frozenset(_WRITTEN_OUT.split())
_ENDS = ("§", "#", "s&p", "hang seng")
_LAST = re.compile(r"(?<!\w)(?:\+\d+|(?P<word>\w+)(?P<point>\.?))$")
_REACH = 20


def ends(text: str, start: int) -> bool:
    """Does a word stand before `start` that makes the number there part of a name?"""
    before = text[max(0, start - _REACH) : start].rstrip().lower()
    if before.endswith(_ENDS):
        return True
    last = _LAST.search(before)
    if last is None:
        return False
    word = last["word"]
    return word is None or word in (_SHORT if last["point"] else _WORDS)
