"""Cutting a text into words, and the stem of a word.

A stem is Snowball's, with the few endings evened out that it keeps apart (Zentrum, Zentren).
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

from analysis.normalise import fold

LANGUAGES = ("de", "en")
LONGEST = 60  # characters of a word; longer ones are data
_STEMMERS = {"de": "german", "en": "english"}
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")
# 115.000 and 1,4 are one token each, 1.4GW two, H100 one; Chinese characters stand alone.
_TOKEN = re.compile(r"[^\W\d_][^\W_]*|\d{1,3}(?:[.,'’\u00a0\u202f]\d{3})+(?!\d)|\d+(?:[.,]\d+)?")
_TOKEN_CHINESE = re.compile(
    r"\d{1,3}(?:[.,'’\u00a0\u202f]\d{3})+(?!\d)|\d+(?:[.,]\d+)?|[\u3400-\u9fff]|[^\W\d_\u3400-\u9fff][^\W_\u3400-\u9fff]*"
)
_CHINESE = re.compile("[\u3400-\u9fff]")
_SEPARATORS = str.maketrans("", "", ".,'’\u00a0\u202f")
_GROUPED = re.compile(r"\d{1,3}(?:[.,'’\u00a0\u202f]\d{3})+")
_UM = re.compile(r"(?<=[rikdl])um$")  # Zentrum, Kriterium, Medium; but Raum, Wachstum
_FOREIGN_S = re.compile(r"(?<=[opuwyc])s$")  # Chips, GPUs


def tokens_of(text: str) -> list[str]:
    """Words and numbers in small letters, as they are written."""
    lowered = text.lower() if text.isascii() else INVISIBLE.sub("", text).lower()
    return pattern_of(lowered).findall(lowered)


def pattern_of(lowered: str) -> re.Pattern[str]:
    """What cuts a text in small letters into words."""
    return _TOKEN if lowered.isascii() or not _CHINESE.search(lowered) else _TOKEN_CHINESE


def stems_of(word: str) -> tuple[str, ...]:
    """The stems of a word by each language, without repetition."""
    return tuple(dict.fromkeys(stem_of(word, language) for language in LANGUAGES))


def number(token: str) -> str:
    """A token with numbers in one notation: 115.000 and 115,000 are 115000."""
    if not token[0].isdigit():
        return token
    if _GROUPED.fullmatch(token):
        return token.translate(_SEPARATORS)
    return token.replace(",", ".")


@lru_cache(maxsize=300_000)
def stem_of(token: str, language: str) -> str:
    """The stem of a word in small letters."""
    token = unicodedata.normalize("NFC", token[:LONGEST])
    stem = str(_stemmer(language).stemWord(token))
    if language == "de":
        stem = _UM.sub("", stem) if len(stem) > 5 else stem
        stem = _FOREIGN_S.sub("", stem) if len(stem) > 3 else stem
    elif stem.endswith("centr"):  # centre and center
        stem = stem[:-5] + "center"
    return fold(stem)


@cache
def _stemmer(language: str) -> Any:  # the package carries no types
    from Stemmer import Stemmer

    return Stemmer(_STEMMERS[language])


def stemmer_version() -> str:
    """Changes where the same word may come to have another stem."""
    import Stemmer

    return str(Stemmer.version())
