"""The stretch of a text that shows best why it was found."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from html import escape

LENGTH = 220  # characters

Places = Sequence[tuple[int, int]]


def snippet(text: str, places: Places) -> str:
    """Safe HTML of at most LENGTH characters of the text, with <mark> around the given places.

    The stretch with the most different words is taken, the first of equals; without places the beginning.
    """
    start, end = _stretch(text, places)
    parts, read_to = [], start
    for first, last in places:
        if first >= read_to and last <= end:
            parts += [escape(text[read_to:first]), "<mark>", escape(text[first:last]), "</mark>"]
            read_to = last
    parts.append(escape(text[read_to:end]))
    before, behind = "… " if start else "", " …" if end < len(text) else ""
    return f"{before}{' '.join(''.join(parts).split())}{behind}"


def _stretch(text: str, places: Places) -> tuple[int, int]:
    if len(text) <= LENGTH:
        return 0, len(text)
    ends = [end for _, end in places]
    words = [text[start:end].casefold() for start, end in places]
    best, most = 0, 0
    for number, (first, _) in enumerate(places):
        begin = max(0, first - LENGTH // 4)
        inside = set(words[number : bisect_right(ends, begin + LENGTH)])
        if len(inside) > most:
            best, most = begin, len(inside)
    return _at_word(text, best), _at_word(text, best + LENGTH)


def _at_word(text: str, place: int) -> int:
    """The nearest beginning of a word at or before a place; the place itself in a text without spaces."""
    if place <= 0 or place >= len(text):
        return min(max(place, 0), len(text))
    space = text.rfind(" ", max(0, place - 30), place + 1)
    return space + 1 if space >= 0 else place
