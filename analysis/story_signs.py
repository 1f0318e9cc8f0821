"""The signs by which two reports on one event know each other, whatever their language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.normalise import fold
from analysis.values import Figure

_NUMBER = re.compile(r"(?<![\w-])\d[\d.,]*\d(?!\w)")
_YEAR = re.compile(r"(?:19|20)\d\d")
_TOKEN = re.compile(r"[^\W_]+(?:-\d+[A-Z]?)?")
_NAME = re.compile(r"(?=[^a-z]*[A-ZÄÖÜ])\w{2,}")
_MIN_STEM = 4
# Words that stand for the same in both languages, so that a German and an English report share them.
_ALIKE = {
    "ban": "verbote verboten verbot verbotene bans banned prohibitions prohibited",
    "guideline": "leitlinien guidelines guidance",
    "code": "kodex verhaltenskodex code",
    "draft": "entwurf draft",
    "definition": "definition",
    "deadline": "frist fristen deadline deadlines",
    "authority": "aufsicht behoerde behoerden authority authorities",
    "standard": "normen standards",
    "fine": "bussgeld bussgelder fines penalties sanktionen",
    "power": "strom power electricity strompreise",
    "subsidy": "subventionen subsidies",
    "council": "rat council",
    "parliament": "parlament parliament",
    "commission": "kommission commission",
    "pause": "pause",
    "delay": "aufschub verschiebt verschiebung delay delays postpones",
    "omnibus": "omnibus",
    "drive": "festplatten drives",
    "suitcase": "koffer koffern suitcases",
    "japan": "japan japanese japans",
    "highrisk": "hochrisiko",
    "exchange": "boerse",
    "ipo": "boersengang ipo",
    "smuggling": "schmuggel smuggling smuggled",
    "singapore": "singapur singapurs singapore",
    "probe": "ermittler investigates probe ermittlungen",
    "force": "kraft force",
    "desk": "desk",
    "water": "wasser water",
}
_SAME = {word: meaning for meaning, words in _ALIKE.items() for word in words.split()}
# Names that nearly every report on these topics bears.
_COMMON_WORDS = (
    "ai ki eu china chinas chinese us usa nvidia nvidias the der die das europe europas european "
    "brussels bruessel beijing peking act verordnung gesetz chip chips server first new neue what was "
    "how wie mehr more data rechenzentren rechenzentrum datacenter milliarden millionen billion million "
    "dollar yuan euro unternehmen firmen regeln rules law konzern modelle models systeme system jahr "
    "year gpu gpus in it an on at by of to for from with and und mit im am auf ein eine einen sie er es "
    "its their they he she two four three vier drei zwei "
)
_COMMON = frozenset(_COMMON_WORDS.split())
_ORDINALS = {
    "first": 1, "erste": 1, "erster": 1, "ersten": 1, "erstes": 1, "second": 2, "zweite": 2, "zweiter": 2,
    "zweiten": 2, "third": 3, "dritte": 3, "dritter": 3, "dritten": 3, "final": 9, "finale": 9,
    "endfassung": 9,
    "endgueltige": 9,
}  # fmt: skip
# Parts of the law that are told in stories of their own, in the one spelling of _SAME.
_THEMES = frozenset({"ban", "definition", "highrisk", "code", "standard", "authority", "fine", "desk"})
_STAGES = frozenset(
    {
        "draft",
        "entwurf",
        "round",
        "runde",
        "phase",
        "stage",
        "stufe",
        "version",
        "reading",
        "lesung",
        "trilogue",
        "trilog",
        "campus",
        "site",
    }
)
# Figures of these units are alike in many reports and tell nothing.
_COMMON_UNITS = frozenset({"percent", "factor", "date", "month", "year"})
_TELLING_DIGITS = 3
_MIN_VALUE = 10  # "three groups" is said everywhere


@dataclass(frozen=True, slots=True)
class Signs:
    """names: rare words in one spelling; figures: value and unit; stages: numbered drafts and rounds."""

    names: frozenset[str]
    figures: frozenset[str]
    stages: frozenset[int]

    def other_stage(self, other: Signs) -> bool:
        """Both number a draft, a round or a site, and not the same one."""
        return bool(self.stages and other.stages and not self.stages & other.stages)

    def other_theme(self, other: Signs) -> bool:
        """Both name a part of the law, and not the same one."""
        own, others = self.names & _THEMES, other.names & _THEMES
        return bool(own and others and not own & others)


def signs_of(title: str, lead: str, figures: Sequence[Figure]) -> Signs:
    text = f"{title}. {lead}"
    return Signs(_names(text), _figures(figures), _stages(text))


def _names(text: str) -> frozenset[str]:
    names = set()
    for token in _TOKEN.findall(text):
        folded = fold(token)
        if folded in _SAME:
            names.add(_SAME[folded])
        elif _NAME.fullmatch(token) and folded not in _COMMON and not folded.isdecimal():
            names.add(folded.removesuffix("s") if len(folded) > _MIN_STEM else folded)
    return frozenset(names | _numbers(text))


def _numbers(text: str) -> set[str]:
    """Numbers as bare digits, 27.5 and 27,5 alike: a headline leaves units out ("480 statt 380")."""
    digits = {re.sub(r"\D", "", number) for number in _NUMBER.findall(text) if not _YEAR.fullmatch(number)}
    return {number for number in digits if len(number) >= _TELLING_DIGITS}


def _figures(figures: Sequence[Figure]) -> frozenset[str]:
    return frozenset(
        f"{figure.value:.6g} {figure.unit}"
        for figure in figures
        if isinstance(figure.value, float) and figure.unit not in _COMMON_UNITS and figure.value >= _MIN_VALUE
    )


def _stages(text: str) -> frozenset[int]:
    found = set()
    tokens = [fold(token) for token in _TOKEN.findall(text)]
    for place, token in enumerate(tokens):
        near = tokens[place + 1 : place + 4]
        if token in _ORDINALS and any(word in _STAGES or word.endswith("entwurf") for word in near):
            found.add(_ORDINALS[token])
    return frozenset(found)
