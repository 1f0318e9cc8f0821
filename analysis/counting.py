"""Numbers in a text that may be figures, and the unit that stands behind each."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from analysis import numbered_names, numbers, units
from analysis.normalise import fold, lower


@dataclass(frozen=True, slots=True)
class NumberInText:
    """A number as written: value times scale, with the currency sign in front of it, if any."""

    value: float
    scale: float
    sign: str
    start: int
    end: int
    bare_year: bool  # four digits that may be a year


@dataclass(frozen=True, slots=True)
class UnitInText:
    """A unit behind a number. What lies before `read_to` is spoken for: in "8 of 27 states" the 27."""

    name: str
    factor: float
    end: int
    read_to: int


# A letter before a number makes it part of a name (H100); a Chinese character does not.
_NO_NAME_BEFORE = r"(?<![^\W\u3400-\u9fff])(?<![^\W\d]-)(?<![\d/][.,/-])(?<!/)"
_NO_NAME_BEHIND = r"(?![^\W\u3400-\u9fff])"
_SIGN = "|".join(sorted(map(re.escape, units.CURRENCY_SIGNS), key=len, reverse=True))
_DIGITS = re.compile(
    rf"(?:(?<![A-Za-z])(?P<sign>{_SIGN}) ?|{_NO_NAME_BEFORE})(?P<number>{numbers.DIGITS})"
    rf"(?:[ -]?(?P<scale>{numbers.SCALE}){_NO_NAME_BEHIND}(?!-?[A-ZÄÖÜ]{{3,}})|"
    rf"(?P<letter>{numbers.ONE_LETTER_SCALE}){_NO_NAME_BEHIND})?",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_LONGEST_SIGN = max(map(len, units.CURRENCY_SIGNS)) + 1
_WORDS = re.compile(
    rf"(?:(?P<number>{numbers.WORD})(?:[ -](?P<scale>{numbers.SCALE}))?"
    rf"|(?P<before_scale>{numbers.BEFORE_SCALE})[ -](?P<only_scale>{numbers.SCALE}))(?!\w)",
    re.IGNORECASE,
)
_FIRST_WORDS = frozenset(re.split(r"\W", word)[0] for word in numbers.WORDS)
_SCALES = frozenset(re.split(r"\W", word)[0] for word in (*numbers.SCALES, "billion")) - {"m", "b", "k"}
_MOST_WORDS_BEFORE = 4  # "one and a half million"
_PERIOD_CUE = re.compile(
    r"\b(?:by|um|delay\w*|postpone\w*|verschob\w*|verschieb\w*|verzöger\w*|verläng\w*|extend\w*|moved|"
    r"haft|prison|"
    r"jail|freiheitsstrafe|gefängnis|aufschub|grace|schonfrist|übergangsfrist\w*|within|binnen|"
    r"innerhalb|later|später)\b",
    re.I,
)
_PERIOD_CUE_BEHIND = re.compile(
    r"[ -]{0,2}(?:haft|prison|jail|in prison|freiheitsstrafe|gefängnis|later|später|aufschub|delay|"
    r"grace|schonfrist|"
    r"übergangsfrist|longer|länger|earlier|früher)\b",
    re.I,
)
_PERIOD_REACH = 50
_TOKEN = re.compile(
    r"(?P<gap> ?(?:\(| |-|/)? ?)(?P<word>US-?\$|per cent\b|(?<=[^\W\d] )\d{1,4}[A-Z]{0,2}\b|HK\$|"
    r"[$€£¥%]|°C|m[²³]|[^\W\d_][\w']*(?:[-/&][^\W_][\w']*)*)"
)
_CHINESE_UNIT = re.compile("|".join(key for key in (*units.MEASURES, *units.COUNTED) if not key.isascii()))
_OF = re.compile(r" (?:of|of the|out of|von|von den|der|aus) (?:the |den )?(?=\d|\w)", re.I)
_MAX_WORDS = 5  # "115,000 Nvidia H100 and H200 processors"
_BREAK_WORDS = (
    "in of for to at by on from with than as is are was were be been has have had will would can could "
    "may might should that which who when while after before since until per but or nor not it its "
    "their his her they he she we into out over under between about through during against the a an "
    "this these those im am um zu zur zum bei mit auf aus von vom für gegen nach vor seit bis oder aber "
    "sind ist war waren wird werden wurde wurden hat haben hatte hatten kann können soll sollen muss "
    "müssen die der das den dem des ein eine einen einem einer sich nicht als wie wenn dass ob pro je "
    "über unter zwischen durch "
)
_BREAKS = frozenset(map(fold, _BREAK_WORDS.split()))
_AND = frozenset({"and", "und"})
_BEFORE_MEASURE = frozenset({"us", "chinese", "chinesische", "chinesischen"})  # "2 billion US dollars"
_ONLY_DIRECTLY = frozenset({"states", "nodes", "model", "orders", "posts", "vote"})  # often verbs further on
_ALSO_WORDS = frozenset({"won", "grad"})  # measures that are more often something else
_VOTED = re.compile(r"(?: \w+){0,2} (?:stimm\w+|vot(?:ed|es?|ing))\b", re.I)
_GPU_NAME = re.compile(r"\b(?:[AHB]\d{2,3}s?|GB\d{3}s?)\b")
_VOTERS = frozenset({"abgeordnete", "abgeordneten", "meps", "lawmakers", "mitglieder", "members"})


def numbers_in(text: str, language: str, taken: Sequence[tuple[int, int]]) -> list[NumberInText]:
    """All numbers outside the `taken` stretches (sorted), in order, except parts of names."""
    found = [*_written_in_digits(text, language), *_written_in_words(text, language)]
    starts = [start for start, _ in taken]

    def is_free(number: NumberInText) -> bool:
        index = bisect_right(starts, number.end - 1) - 1
        return index < 0 or taken[index][1] <= number.start

    return sorted(filter(is_free, found), key=lambda number: number.start)


def unit_behind(text: str, number: NumberInText, language: str) -> UnitInText | None:
    """What the number counts or measures, or None where it is no figure."""
    if number.sign:
        return UnitInText(units.CURRENCY_SIGNS[number.sign], 1, number.end, number.end)
    if number.scale == 1 and numbered_names.ends(text, number.start):
        return None
    chinese = _CHINESE_UNIT.match(text, number.end)
    if chinese:
        return _known(chinese.group(), chinese.end())
    whole = _OF.match(text, number.end)
    if whole:
        return _part_of(text, number, whole.end(), language)
    return _unit_at(text, number, number.end) or _gpus(text, number)


def _gpus(text: str, number: NumberInText) -> UnitInText | None:
    """ "20,000 H200s" are GPUs without a noun."""
    token = _TOKEN.match(text, number.end)
    if token and token["gap"] == " " and not number.bare_year and _GPU_NAME.fullmatch(token["word"]):
        return UnitInText("gpu", 1, token.end(), token.end())
    return None


def _part_of(text: str, number: NumberInText, position: int, language: str) -> UnitInText | None:
    """ "8 of 27 member states": the unit stands behind the second number, which is no figure of its own."""
    behind = text[position : position + 40]
    second = next(iter(numbers_in(behind, language, ())), None)
    if not second or second.start != 0 or number.bare_year:
        return None
    unit = _unit_at(text, number, position + second.end)
    return unit and UnitInText(unit.name, unit.factor, number.end, unit.end)


def _unit_at(text: str, number: NumberInText, position: int) -> UnitInText | None:
    """Read on from `position`, over the words that describe a counted thing, to the unit."""
    previous = ""
    for place in range(_MAX_WORDS):
        token = _TOKEN.match(text, position)
        if not token or not _continues(token, place):
            return None
        word, position = token["word"], token.end()
        unit = _measured(word, token) if place == 0 or fold(previous) in _BEFORE_MEASURE else None
        unit = unit or _pair(previous, word, position)
        if not unit and not number.bare_year:
            unit = _thing(text, number, word, token, place)
        if unit:
            return unit
        if fold(word) in _BREAKS or fold(word) in units.PERIODS or (place == 0 and fold(word) in _AND):
            return None
        previous = word
    return None


def _continues(token: re.Match[str], place: int) -> bool:
    """Only the unit may stand in brackets, and only a measure may touch the number (24MW, but 910C)."""
    if place:
        return "(" not in token["gap"]
    return bool(token["gap"]) or not token["word"][0].isalpha() or _measure(token["word"]) is not None


def _thing(text: str, number: NumberInText, word: str, token: re.Match[str], place: int) -> UnitInText | None:
    if number.value == 1 and number.scale == 1:
        return None
    folded = fold(word)
    if place == 0 and folded in units.PERIODS and _is_span_of_law(text, number.start, token.end()):
        return UnitInText(units.PERIODS[folded], 1, token.end(), token.end())
    unit = units.counted(word)
    if not unit or (folded in _ONLY_DIRECTLY and place):
        return None
    if folded in _VOTERS and _VOTED.match(text, token.end()):
        unit = "vote"
    end = _end_of_noun(text, token.end(), unit)
    if unit == "chip" and _GPU_NAME.search(text[number.end : token.start()]):
        unit = "gpu"
    return UnitInText(unit, 1, end, end)


def _end_of_noun(text: str, end: int, unit: str) -> int:
    """A noun of two words that mean the same, such as "accelerator cards", ends with the second."""
    token = _TOKEN.match(text, end)
    return token.end() if token and token["gap"] == " " and units.counted(token["word"]) == unit else end


def _is_span_of_law(text: str, start: int, end: int) -> bool:
    """A shift of a deadline or a sentence in prison is a figure, a mere period is none."""
    return bool(
        _PERIOD_CUE.search(text[max(0, start - _PERIOD_REACH) : start]) or _PERIOD_CUE_BEHIND.match(text, end)
    )


def _measured(word: str, token: re.Match[str]) -> UnitInText | None:
    """A measure, alone or at the front of a compound ("40-MW-Campus")."""
    unit = _measure(word)
    if unit:
        return UnitInText(unit.name, unit.factor, token.end(), token.end())
    front = re.split("[-/]", word)[0]
    unit = _measure(front) if front != word else None
    end = token.start("word") + len(front)
    return UnitInText(unit.name, unit.factor, end, end) if unit else None


def _measure(word: str) -> units.Unit | None:
    if word in _ALSO_WORDS:
        return None
    return units.MEASURES.get(fold(word))


def _pair(previous: str, word: str, end: int) -> UnitInText | None:
    last = fold(previous).rpartition("-")[2]
    name = units.PAIRS.get((last, fold(word)))
    return UnitInText(name, 1, end, end) if name else None


def _known(spelling: str, end: int) -> UnitInText:
    measure = units.MEASURES.get(spelling) or units.Unit(units.COUNTED[spelling])
    return UnitInText(measure.name, measure.factor, end, end)


def _written_in_digits(text: str, language: str) -> Iterator[NumberInText]:
    for found in _digits(text):
        scale, letter, end = found["scale"], found["letter"], found.end()
        if letter and not found["sign"] and text[end : end + 1] != " ":
            letter, end = None, found.end("number")
        sign = _sign(found["sign"])
        yield NumberInText(
            value=numbers.value_of(found["number"], language),
            scale=numbers.scale_of(scale or letter, language) if scale or letter else 1.0,
            sign=sign,
            start=found.start("sign") if sign else found.start("number"),
            end=end,
            bare_year=bool(re.fullmatch(r"(?:19|20)\d\d", found["number"])) and not (scale or letter),
        )


def _digits(text: str) -> Iterator[re.Match[str]]:
    """What _DIGITS finds, without trying it far from any digit."""
    read_to = 0
    while digit := _DIGIT.search(text, read_to):
        found = _DIGITS.search(text, max(read_to, digit.start() - _LONGEST_SIGN))
        if found is None:
            return
        yield found
        read_to = found.end()


def _sign(written: str | None) -> str:
    if not written:
        return ""
    return next((sign for sign in units.CURRENCY_SIGNS if sign.lower() == written.lower()), "")


def _written_in_words(text: str, language: str) -> Iterator[NumberInText]:
    read_to = 0
    for start in sorted(_number_words(lower(text))):
        if start < read_to:
            continue
        found = _WORDS.match(text, start)
        if not found:
            continue
        read_to = found.end()
        scale = found["scale"] or found["only_scale"]
        yield NumberInText(
            value=numbers.value_of(found["number"] or found["before_scale"], language),
            scale=numbers.scale_of(scale, language) if scale else 1.0,
            sign="",
            start=start,
            end=found.end(),
            bare_year=False,
        )


def _number_words(lowered: str) -> Iterator[int]:
    """Where a number in words may begin.

    "ein" and "a" stand in every text and are numbers only before a scale: they are looked for from there.
    """
    for end, word in _first_words().iter(lowered):
        start = end - len(word) + 1
        before, behind = lowered[start - 1 : start], lowered[end + 1 : end + 2]
        if before.isalnum() or before == "_" or behind.isalpha():
            continue
        if word in _FIRST_WORDS and before != "-":
            yield start
        if word in _SCALES:
            for _ in range(_MOST_WORDS_BEFORE):
                start = (
                    max(lowered.rfind(" ", 0, max(start - 1, 0)), lowered.rfind("\n", 0, max(start - 1, 0)))
                    + 1
                )
                yield start


@cache
def _first_words() -> Any:  # the package carries no types
    from ahocorasick import Automaton

    automaton = Automaton()
    for word in _FIRST_WORDS | _SCALES:
        automaton.add_word(word, word)
    automaton.make_automaton()
    return automaton
