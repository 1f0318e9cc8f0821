"""True sentences made false, one thing at a time, as a lying writer would."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from analysis import names
from digest.claims.named import mentions
from digest.claims.times import times

_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*(?![\w]|[.,]\d)")
_MONTHS = ("Januar", "März", "Mai", "Juni", "August", "Oktober", "November", "Dezember")
_WEEKDAYS = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag")
_SCALES = {
    "Milliarden": ("Millionen", "Billionen"),
    "Millionen": ("Milliarden",),
    "Mrd.": ("Mio.",),
    "Mio.": ("Mrd.",),
}
_UNITS = {
    "Yuan": ("Euro", "US-Dollar"),
    "Euro": ("US-Dollar", "Pfund"),
    "US-Dollar": ("Euro", "Yuan"),
    "Dollar": ("Yuan",),
    "Prozent": ("Prozentpunkte",),
    "Megawatt": ("Gigawatt", "Megawattstunden"),
    "Gigawatt": ("Megawatt", "Terawattstunden"),
    "Rechenzentren": ("Server", "Fabriken"),
    "GPUs": ("Server",),
    "Prozessoren": ("Server",),
    "Chips": ("Serverschränke",),
    "Server": ("Chips",),
    "Jahre": ("Monate",),
    "Jahren": ("Monaten",),
    "Monate": ("Jahre",),
    "Monaten": ("Jahren",),
    "Wochen": ("Tagen",),
    "Unternehmen": ("Staaten",),
    "Staaten": ("Unternehmen",),
    "Kapiteln": ("Artikeln",),
}
_OTHERS = {
    "company": ("Tencent", "Oracle", "Foxconn", "Samsung", "Nordwolk"),
    "authority": ("Bundesrat", "Europaparlament", "Staatsrat"),
    "place": ("Guizhou", "Brasilien", "Osaka", "Lyon"),
    "programme": ("Stargate", "KI-Pakt"),
    "product": ("Grok", "Kimi", "B300"),
    "": ("Lindqvist", "Harteveld"),
}
_NEGATIONS = (
    (r"\bnicht ", ""),
    (r"\bnoch nicht\b", "schon"),
    (r"\bkeine(n|r|m|s|)\b", r"eine\1"),
    (r"\bkein\b", "ein"),
    (r"\blehnt (.*) ab\b", r"unterstützt \1"),
    (r"\bohne\b", "mit"),
    (r"\bOhne\b", "Mit"),
    (r"\bkaum\b", "leicht"),
)
_CERTAINTIES = (
    (r"\bkönnten\b", "werden"),
    (r"\bkönnte\b", "wird"),
    (r"\bdürfte\b", "wird"),
    (r"\b[Aa]ngeblich ", ""),
    (r"\bwollen (.*) ausstatten\b", r"haben \1 ausgestattet"),
    (r"\bwill (.*) aufstellen\b", r"hat \1 aufgestellt"),
    (r"\bplant\b", "baut"),
    (r"\bplanen\b", "bauen"),
    (r"\berwägt\b", "beschließt"),
    (r"\bprüft\b", "beschließt"),
    (r"\bsoll (.*?)(\w+)en\.$", r"hat \1\2t."),
)


@dataclass(frozen=True)
class Mutation:
    """A sentence that is no longer true, and what was done to it."""

    kind: str
    sentence: str


def mutations(sentence: str, text: str, chance: random.Random) -> Iterator[Mutation]:
    """Every way to falsify a sentence that its report does not happen to bear out."""
    ways: dict[str, Callable[[str, str, random.Random], Iterator[str]]] = {
        "number": _numbers, "magnitude": _magnitudes, "unit": _units, "date": _dates, "name": _names,
        "negation": _negations, "certainty": _certainties,
    }  # fmt: skip
    for kind, way in ways.items():
        for changed in dict.fromkeys(way(sentence, text, chance)):
            if changed != sentence:
                yield Mutation(kind, changed)


def _swap(sentence: str, start: int, end: int, new: str) -> str:
    return sentence[:start] + new + sentence[end:]


def _numbers(sentence: str, text: str, chance: random.Random) -> Iterator[str]:
    apart = [(time.start, time.end) for time in times(sentence)]
    for found in _NUMBER.finditer(sentence):
        if any(start <= found.start() < end for start, end in apart):
            continue
        digits = found.group()
        place = chance.choice([i for i, c in enumerate(digits) if c.isdigit() and (i or len(digits) == 1)])
        other = str((int(digits[place]) + chance.randint(1, 8)) % 10)
        changed = digits[:place] + other + digits[place + 1 :]
        if changed not in text and not changed.startswith("0"):
            yield _swap(sentence, *found.span(), changed)


def _magnitudes(sentence: str, text: str, chance: random.Random) -> Iterator[str]:
    for word, others in _SCALES.items():
        for found in re.finditer(rf"\b{re.escape(word)}", sentence):
            yield _swap(sentence, *found.span(), chance.choice(others))
    for found in re.finditer(r"\b(\d{1,3})\.000\b", sentence):
        yield _swap(
            sentence, *found.span(), chance.choice((found[1], f"{found[1]}0.000", f"{found[1]}.000.000"))
        )


def _units(sentence: str, text: str, chance: random.Random) -> Iterator[str]:
    for word, others in _UNITS.items():
        for found in re.finditer(rf"(?<=\d )((?:Milliarden |Millionen |Mrd\. |Mio\. )?){word}\b", sentence):
            yield _swap(sentence, *found.span(), found[1] + chance.choice(others))


def _dates(sentence: str, text: str, chance: random.Random) -> Iterator[str]:
    for found in re.finditer(r"\b(\d{1,2})(?=\. (?:[JFMASOND][a-zä]+)\b)", sentence):
        day = chance.choice([day for day in range(1, 29) if day != int(found[1])])
        yield _swap(sentence, *found.span(), str(day))
    for found in re.finditer(r"\b(?:20)\d\d\b", sentence):
        yield _swap(sentence, *found.span(), str(int(found.group()) + chance.choice((-2, -1, 1, 2, 3))))
    for names_ in (_MONTHS, _WEEKDAYS):
        for found in re.finditer(rf"\b(?:{'|'.join((*names_, 'Februar', 'Juli'))})\b", sentence):
            others = [name for name in names_ if name not in sentence and name[:3] not in text]
            if others:
                yield _swap(sentence, *found.span(), chance.choice(others))


def _names(sentence: str, text: str, chance: random.Random) -> Iterator[str]:
    register = names.register()
    for mention in mentions(sentence):
        kind = register.kinds[mention.id] if mention.id else ""
        if mention.text[0].isupper():
            wholes = {register.printed(id_) for name in names.find(text) for id_ in register.wholes(name.id)}
            others = [name for name in _OTHERS[kind] if name not in text and name not in wholes]
            yield _swap(sentence, mention.start, mention.end, chance.choice(others))


def _negations(sentence: str, text: str, chance: random.Random) -> Iterator[str]:
    changed = [re.sub(old, new, sentence, count=1) for old, new in _NEGATIONS]
    yield from (one for one in changed if one != sentence)
    if not re.search(r"\b(?:nicht|kein\w*|kaum|ohne|weder|nie)\b", sentence, re.I):
        yield re.sub(r"(\w+)([.!])$", r"nicht \1\2", sentence)


def _certainties(sentence: str, text: str, chance: random.Random) -> Iterator[str]:
    yield from (re.sub(old, new, sentence, count=1) for old, new in _CERTAINTIES)
