"""The forms of a text that matching works on.

Two forms exist because two kinds of matching exist. `words` is for terms: it may change the length of the
text, so that spellings meet. `Traceable` is for figures: every character knows where it stood before.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# Soft hyphens, zero-width characters and direction marks: invisible, but they break words apart.
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
_HYPHENS = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"), "-")
_SPACES = dict.fromkeys(
    map(ord, "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000"), " "
)
_WIDE_DIGITS = {0xFF10 + digit: str(digit) for digit in range(10)}
_QUOTES = {0x2018: "'", 0x2019: "'", 0x02BC: "'", 0xFF05: "%", 0xFF0E: ".", 0xFF0C: ","}
_SAME_LENGTH = _HYPHENS | _SPACES | _WIDE_DIGITS | _QUOTES
_UNEVEN = re.compile(f"[{re.escape(''.join(map(chr, _SAME_LENGTH)))}]")
_UMLAUTS = {ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue", ord("ø"): "oe", ord("ł"): "l"}
_SPELT_OUT = _UMLAUTS | _HYPHENS
_WORD = re.compile(r"\w+")
# Every block with marks that stand above or below a letter; without any, a text is left as it is.
_PERHAPS_MARK = re.compile(
    "[\u0300-\u1fff\u20d0-\u20ff\u2c00-\u2fff\u302a-\u302f\u3099\u309a\ua000-\uabff\ud7b0-\U0010ffff]"
)


def fold(text: str) -> str:
    """One spelling for all: lower case, ä as ae, no accents, no invisible characters, one kind of hyphen."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold()
    decomposed = unicodedata.normalize("NFD", text.translate(_SPELT_OUT))
    if not _PERHAPS_MARK.search(decomposed):
        return decomposed
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def lower(text: str) -> str:
    """Lower case of the same length, so that places in it are places in the text."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(char if len(char.lower()) > 1 else char.lower() for char in text)


def words(text: str) -> str:
    """The folded words of a text with single spaces between and around them, as `lexicon.Term` expects.

    A hyphen parts words: "KI‑Rechenzentren" becomes " ki rechenzentren ".
    """
    return f" {' '.join(_WORD.findall(fold(text)))} "


@dataclass(frozen=True, slots=True)
class Traceable:
    """A text made plain for figures: no invisible characters, one kind of hyphen and of space.

    offsets holds the source position of every character, or None where nothing was taken out.
    """

    text: str
    offsets: tuple[int, ...] | None

    @classmethod
    def of(cls, source: str) -> Traceable:
        if source.isascii():
            return cls(source, None)
        if not _INVISIBLE.search(source):
            return cls(source.translate(_SAME_LENGTH) if _UNEVEN.search(source) else source, None)
        kept = [place for place, char in enumerate(source) if not _INVISIBLE.match(char)]
        return cls("".join(source[place] for place in kept).translate(_SAME_LENGTH), tuple(kept))

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where the non-empty stretch start:end stands in the source."""
        if self.offsets is None:
            return start, end
        return self.offsets[start], self.offsets[end - 1] + 1
