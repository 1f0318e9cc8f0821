"""Who and what a German sentence names, and whether a report names them too.

Names of the register meet across languages. A capitalised word that is neither there nor a common noun counts
as a name and must stand in the report as it is: so an invented company is found without knowing it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from babel import Locale
from babel.dates import get_day_names, get_month_names

from analysis import names, units
from analysis.names import Name
from analysis.normalise import fold
from analysis.numbers import SCALES, WORDS
from digest.claims import nouns, wordlists

_TOKEN = re.compile(r"[^\W_]+(?:[’'.&][^\W_]+)*")
_FREE = frozenset({"company", "programme", "product"})  # however they are written, they are the same
_SHORTEST = 2
_OPENING = '„“"»›‚:'
_CURRENCY = re.compile(r"-(?:Dollar|Pfund|Yuan|Franken|Rupien|Won|Yen)\b")
_ADJECTIVE = re.compile(
    r".{2,}(?:isch|lich|ig|bar|los|sam|haft|weit|fach|end)(?:e[nmrs]?)?|ge.{2,}t(?:e[nmrs]?)?|.{4,}ere[nmrs]?"
    r"|(?:be|ver|er|ent|zer|miss|ab|an|auf|aus|bei|ein|nach|vor|zu|durch|um|ueber|unter|wider|zurueck|fest).{3,}t"
    r"|(?:be|ge|ver|er|ent|zer).{4,}en"
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a sentence of ours. id: of the register, or "" for a word that must stand in the report."""

    start: int
    end: int
    text: str
    id: str = ""


def mentions(sentence: str) -> list[Mention]:
    """Every name in a German sentence, in order."""
    known = [name for name in names.find(sentence) if not _CURRENCY.match(sentence, name.end)]
    found = [Mention(n.start, n.end, sentence[n.start : n.end], n.id) for n in known]
    found += _unknown(sentence, known)
    return sorted(found, key=lambda mention: mention.start)


def everyday(sentence: str) -> list[tuple[int, int]]:
    """Where short forms stand that need no source, such as CO2."""
    tokens = _TOKEN.finditer(sentence)
    return [token.span() for token in tokens if fold(token.group()) in wordlists.names("everyday")]


def _unknown(sentence: str, known: Sequence[Name]) -> Iterator[Mention]:
    first = True
    for token in _TOKEN.finditer(sentence):
        opens, first = first or sentence[token.start() - 1] in _OPENING, False
        if _CURRENCY.match(sentence, token.end()):
            continue
        if any(name.start <= token.start() < name.end for name in known):
            continue
        text = token.group()
        if _may_be_name(text) and not (opens and _opens(text)) and not _is_no_name(text):
            yield Mention(token.start(), token.end(), text)


def _may_be_name(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    mixed = bool(letters) and len(letters) < len(text) and any(c.isdigit() for c in text)
    return len(text) >= _SHORTEST and (mixed or any(c.isupper() for c in text))


def _opens(text: str) -> bool:
    """May a sentence begin with this word although it is no noun?"""
    folded = fold(text)
    return folded in wordlists.names("openers") or bool(_ADJECTIVE.fullmatch(folded))


def _is_no_name(text: str) -> bool:
    folded = fold(text)
    return (
        folded in wordlists.names("everyday")
        or folded in _calendar()
        or folded in WORDS
        or folded in SCALES
        or folded in units.MEASURES
        or folded in units.PERIODS
        or bool(units.counted(text))
        or nouns.is_common(text)
    )


@cache
def _calendar() -> frozenset[str]:
    every = [*get_month_names("wide", locale="de").values(), *get_day_names("wide", locale="de").values()]
    return frozenset(fold(name) for name in every)


class Named:
    """What a report names: by the register, and word by word."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._names = names.find(text)
        self._wholes: dict[str, list[Name]] = defaultdict(list)
        register = names.register()
        for name in self._names:
            for whole in register.wholes(name.id):
                if register.kinds[whole] == "place":
                    self._wholes[whole].append(name)
        self._words: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for token in _TOKEN.finditer(text):
            whole = fold(token.group())
            for form in {whole, re.split("[’']", whole)[0]}:  # "Musk's" is Musk
                self._words[form].append(token.span())

    def places_of(self, mention: Mention) -> list[tuple[int, int]]:
        """Where the report names the same.

        A larger place may stand for one in it: the report that speaks of Xinjiang speaks of China.
        """
        if not mention.id:
            return self._word(mention.text)
        if not self._is_said_so(mention):
            return []
        same = [name for name in self._names if name.id == mention.id] or self._wholes.get(mention.id, [])
        return [(name.start, name.end) for name in same] or self._word(mention.text)

    def _is_said_so(self, mention: Mention) -> bool:
        """The register joins Trump and the White House, Rome and Italy; a sentence must not swap them."""
        register = names.register()
        if register.kinds[mention.id] in _FREE:
            return True
        usual = fold(register.printed(mention.id))
        words = [fold(word) for word in _TOKEN.findall(mention.text)]
        return fold(mention.text).startswith(usual[:-1]) or all(self._stands(word) for word in words)

    def _stands(self, word: str) -> bool:
        return (
            bool(self._word(word))
            or nouns.is_common(word)
            or bool(_ADJECTIVE.fullmatch(word))
            or word in wordlists.names("openers")
        )

    def _word(self, text: str) -> list[tuple[int, int]]:
        """The word itself, its genitive without the s, its English name, or the same country's."""
        folded = fold(text)
        for form in (folded, folded.removesuffix("s"), re.sub(r"[’'.]s?$", "", folded), f"{folded}s"):
            for other in (form, wordlists.exonyms().get(form, form), _countries().get(form, form)):
                if found := self._words.get(other) or self._phrase(other):
                    return found
        return []

    def _phrase(self, folded: str) -> list[tuple[int, int]]:
        first, *more = folded.split()
        if not more or first not in self._words:
            return []
        words = r"[\s-]+".join(map(re.escape, (first, *more)))
        return [found.span() for found in re.finditer(words, self._text, re.IGNORECASE)]


@cache
def _countries() -> dict[str, str]:
    """The English name of a country by its German one, where that is one word."""
    german, english = Locale("de").territories, Locale("en").territories
    return {
        fold(name): fold(english[code])
        for code, name in german.items()
        if code.isalpha() and code in english and " " not in name
    }
