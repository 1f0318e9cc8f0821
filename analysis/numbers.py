"""Numbers as newspapers write them, in digits and in words, German and English."""

from __future__ import annotations

import re

_SMALL_DE = (
    "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn "
    "fünfzehn sechzehn siebzehn achtzehn neunzehn"
)
_SMALL_EN = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TENS_DE = "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig"
_TENS_EN = "twenty thirty forty fifty sixty seventy eighty ninety"


def _english() -> dict[str, float]:
    small = {word: float(value) for value, word in enumerate(_SMALL_EN.split())}
    tens = {word: float(value) for value, word in zip(range(20, 100, 10), _TENS_EN.split(), strict=True)}
    digits = list(small.items())[1:10]
    joined = {f"{ten}-{digit}": tens[ten] + value for ten in tens for digit, value in digits}
    phrases = {"dozen": 12, "a dozen": 12, "two dozen": 24, "three dozen": 36, "a hundred": 100,
               "one hundred": 100,
               "a thousand": 1e3, "one thousand": 1e3, "ten thousand": 1e4,
               "a hundred thousand": 1e5}  # fmt: skip
    return small | tens | joined | phrases


def _german() -> dict[str, float]:
    small = {word: float(value) for value, word in enumerate(_SMALL_DE.split())}
    tens = {word: float(value) for value, word in zip(range(20, 100, 10), _TENS_DE.split(), strict=True)}
    digits = [("ein", 1.0), *list(small.items())[2:10]]
    upto99 = small | tens | {f"{digit}und{ten}": tens[ten] + value for ten in tens for digit, value in digits}
    below_twenty = [("", 1.0), *digits, *list(small.items())[10:]]
    hundreds = {f"{word}hundert": value * 100 for word, value in below_twenty}
    thousands = {f"{word}tausend": value * 1e3 for word, value in [*below_twenty, *tens.items()]}
    phrases = {"dutzend": 12, "ein dutzend": 12, "zwei dutzend": 24, "drei dutzend": 36,
               "hunderttausend": 1e5,
               "zweihunderttausend": 2e5, "dreihunderttausend": 3e5, "fünfhunderttausend": 5e5}  # fmt: skip
    return upto99 | hundreds | thousands | phrases


WORDS: dict[str, float] = _german() | _english()
del WORDS["null"], WORDS["zero"]

SCALES: dict[str, float] = {
    "hundred": 1e2, "hundert": 1e2, "thousand": 1e3, "tausend": 1e3, "tsd.": 1e3, "tsd": 1e3, "k": 1e3,
    "million": 1e6, "millionen": 1e6, "mio.": 1e6, "mio": 1e6, "mn": 1e6, "m": 1e6, "mln": 1e6,
    "milliarde": 1e9, "milliarden": 1e9, "mrd.": 1e9, "mrd": 1e9, "bn": 1e9, "b": 1e9,
    "billiarde": 1e15, "billiarden": 1e15, "trillion": 1e12, "tn": 1e12, "trn": 1e12, "billionen": 1e12,
    "万": 1e4, "亿": 1e8, "万亿": 1e12, "千": 1e3, "百万": 1e6, "百": 1e2,
}  # fmt: skip
_BILLION = {"de": 1e12, "en": 1e9}  # the same word, a thousandfold apart
_HALF = {"half a": 0.5, "a half": 0.5, "eine halbe": 0.5, "halbe": 0.5, "anderthalb": 1.5, "eineinhalb": 1.5,
         "zweieinhalb": 2.5, "dreieinhalb": 3.5, "a": 1.0, "one": 1.0, "eine": 1.0, "ein": 1.0, "an": 1.0,
         "one and a half": 1.5}  # fmt: skip

_GROUPED = "|".join(
    rf"\d{{1,3}}(?:{sign}\d{{3}})+(?!\d)(?:[.,]\d{{1,3}})?" for sign in (r"\.", ",", "'", " ")
)
DIGITS = rf"{_GROUPED}|\d{{1,15}}(?:[.,]\d{{1,4}})?"
WORD = "|".join(sorted(map(re.escape, WORDS), key=len, reverse=True))
BEFORE_SCALE = "|".join(sorted(map(re.escape, _HALF), key=len, reverse=True))
_LONG_SCALES = sorted((*SCALES, "billion"), key=len, reverse=True)
SCALE = "|".join(re.escape(scale) for scale in _LONG_SCALES if scale not in {"m", "b", "k"})
ONE_LETTER_SCALE = "[mbk]"


def value_of(written: str, language: str) -> float:
    """The number that DIGITS, WORD or BEFORE_SCALE matched. Points and commas are read as the language "
    "does."""
    key = " ".join(written.lower().split())
    if key in _HALF:
        return _HALF[key]
    if key in WORDS:
        return WORDS[key]
    return _from_digits(written, language)


def scale_of(written: str, language: str) -> float:
    """The factor that a word such as "Mrd." stands for; "billion" is 1e12 in German and 1e9 in English."""
    key = written.lower()
    return _BILLION.get(language, 1e9) if key == "billion" else SCALES[key]


def _from_digits(written: str, language: str) -> float:
    plain = written.replace("'", "").replace(" ", "")
    thousands, decimal = (".", ",") if language == "de" else (",", ".")
    if _is_grouped(plain, decimal) and (plain.count(decimal) > 1 or plain.endswith("000")):
        thousands, decimal = decimal, thousands  # 115,000 in a German text, 1.234.567 in an English one
    if thousands in plain and not _is_grouped(plain.partition(decimal)[0], thousands):
        plain = plain.replace(thousands, ".")  # 1.5 in a German text is no thousand
        return float(plain) if plain.count(".") == 1 else float(plain.replace(".", ""))
    plain = plain.replace(thousands, "").replace(decimal, ".")
    return float(plain) if plain.count(".") <= 1 else float(plain.replace(".", ""))


def _is_grouped(digits: str, separator: str) -> bool:
    first, *groups = digits.split(separator)
    return bool(groups) and 1 <= len(first) <= 3 and first != "0" and all(len(group) == 3 for group in groups)
