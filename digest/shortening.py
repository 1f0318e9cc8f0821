"""Foreign text made safe to print: one line, no control characters, shortened between words."""

from __future__ import annotations

import unicodedata

_ELLIPSIS = " …"
_JOINER = "\u200d"
# Invisible characters that a script needs (Persian, emoji); every other format character is dropped,
# above all the direction overrides that make a line read backwards.
_NEEDED = {_JOINER, "\u200c"}


def plain(text: str) -> str:
    """One line of visible text: white space collapsed, control and direction characters dropped."""
    visible = "".join(c for c in text if c.isspace() or c in _NEEDED or unicodedata.category(c)[0] != "C")
    return " ".join(visible.split())


def shorten(text: str, *, words: int | None = None, characters: int | None = None) -> str:
    """At most so many words and so many characters (the closing ` …` included), cut between words.

    None is no limit; a limit of 0 leaves nothing. Only a single word longer than the limit is cut inside,
    and then between two whole characters as people see them (grapheme clusters).
    """
    text = plain(text)
    if words == 0 or characters == 0:
        return ""
    parts = text.split(" ")
    kept = " ".join(parts if words is None else parts[:words])
    if kept == text and (characters is None or len(text) <= characters):
        return text
    if characters is not None:
        kept = _cut(kept, characters - len(_ELLIPSIS))
    kept = kept.rstrip(" ,;:–—-([„“\"'")
    return kept + _ELLIPSIS if kept else ""


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    limit = max(limit, 0)
    at = text.rfind(" ", 0, limit + 1)
    if at > 0:
        return text[:at]
    while limit > 0 and not _boundary(text, limit):
        limit -= 1
    return text[:limit]


def _boundary(text: str, at: int) -> bool:
    """True where no grapheme cluster spans the cut: the cases of UAX 29 that news text has."""
    before, after = text[at - 1], text[at]
    if before == _JOINER or _extends(after):
        return False
    return not any(both(before) and both(after) for both in (_flag, _jamo))


def _extends(character: str) -> bool:
    """Accents, vowel signs, variation selectors, the joiner and skin tones belong to what stands before."""
    skin_tone = "\U0001f3fb" <= character <= "\U0001f3ff"
    return unicodedata.category(character)[0] == "M" or character == _JOINER or skin_tone


def _flag(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _jamo(character: str) -> bool:
    return "\u1100" <= character <= "\u11ff"
