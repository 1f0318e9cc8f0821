"""The signs by which two reports on one event know each other, whatever their language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from analysis import names
from analysis import story_numbers as numbers
from analysis.normalise import fold
from analysis.story_concepts import KINDS, concepts
from analysis.values import Figure

MAX_CHARS = 4_000  # of a body; what an event is stands above that, and below it reports speak of other events
MAX_SENTENCES = 8

_DATE = re.compile(
    r"\d|januar|februar|maerz|march|april|ju[nl][iy]|june|august|septemb|o[ck]tob|novemb|de[cz]emb|monat|month"
)
_WORD = re.compile(r"[^\W_]+")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_STEM = 6  # letters: enough to tell words apart, few enough for their endings to fall away
_MIN_WORD = 4
_MIN_SENTENCE = 12

_FAILED = re.compile(
    r"\b(?:(?:ge)?scheiter\w*|break up|broke up|breaks? down|collapse\w*|fail\w*|ergebnislos|nicht einig\w*"
    r"|ohne (?:ergebnis|einigung)|without (?:a )?(?:deal|agreement|result)|no deal)\b"
)
_AGREED = re.compile(
    r"\b(?:einigen sich|einigung|durchbruch|kompromiss\w*|agreement|agree[ds]?|deal|pact|common ground)\b"
)
_ORDINALS = {
    "first": 1, "erste": 1, "erster": 1, "ersten": 1, "erstes": 1, "second": 2, "zweite": 2, "zweiter": 2,
    "zweiten": 2, "third": 3, "dritte": 3, "dritter": 3, "dritten": 3, "final": 9, "finale": 9,
    "endfassung": 9, "endgueltige": 9,
}  # fmt: skip
_STAGE_WORDS = (
    "draft entwurf kodexentwurf round runde phase stage stufe version fassung reading lesung trilogue trilog "
    "campus site"
)
_STAGES = frozenset(_STAGE_WORDS.split())
_NEWSROOMS = frozenset({"bloomberg", "reuters", "financial-times"})
_ACTORS = frozenset({"company"})
GROUPS = ("names", "places", "concepts", "figures", "words", "counts", "dates", "worth", "top")
NAMES, PLACES, CONCEPTS, FIGURES, WORDS, COUNTS, DATES, WORTH, TOP = range(len(GROUPS))
_SAME_AMOUNT = 0.06  # of the larger; rates of a year and rounding in headlines differ by so much
_LATEST = 9999


@dataclass(frozen=True, slots=True)
class Signs:
    """What a report is known by.

    groups: signs whose sharing tells the more the rarer they are, one set for each of GROUPS.
    disjoint: one set for each of DISJOINT; two reports that share nothing of it speak of different things.
    amounts: what is counted, as (unit, value), sums of money in dollars. Both of title and lead only.
    """

    groups: tuple[frozenset[str], ...]
    disjoint: tuple[frozenset[object], ...]
    amounts: frozenset[tuple[str, float]]

    def other_amount(self, other: Signs) -> bool:
        """Both count something in one unit, and never come to nearly the same number."""
        pairs = [(a, b) for unit, a in self.amounts for of, b in other.amounts if unit == of]
        return bool(pairs) and all(abs(a - b) > _SAME_AMOUNT * max(a, b) for a, b in pairs)


DISJOINT = (
    "other actors", "other places", "other products", "other themes", "other documents", "other steps",
    "other voice", "other actions", "other outcome", "other stage", "other numbers",
)  # fmt: skip
CONTRADICTIONS = (*DISJOINT, "other amounts")


def signs_of(title: str, lead: str, body: str, figures: Sequence[Figure], year: int = _LATEST) -> Signs:
    """year: of publication, for what a sum of money was worth."""
    head = f"{title}\n{lead}"
    text = f"{head}\n{body[:MAX_CHARS]}"
    register = names.register()
    found = names.find(text)
    ids = {id_ for name in found for id_ in (name.id, *register.wholes(name.id))}
    kinds = register.kinds
    at_top = {id_ for name in found if name.end <= len(head) for id_ in (name.id, *register.wholes(name.id))}
    at_head = [figure for figure in figures if figure.end <= len(head)]
    within = [figure for figure in figures if figure.end <= len(text)]
    return Signs(
        groups=(
            frozenset(id_ for id_ in ids if kinds[id_] != "place" and id_ not in _NEWSROOMS),
            frozenset(id_ for id_ in ids if kinds[id_] == "place"),
            concepts().of(text),
            frozenset(numbers.amounts(within)) | numbers.bare(text),
            _stems(text),
            frozenset(numbers.counts(within)),
            numbers.dates(text),
            numbers.worth(within, year),
            concepts().of(head),
        ),
        disjoint=(
            frozenset(id_ for id_ in at_top if kinds[id_] in _ACTORS and id_ not in _NEWSROOMS),
            frozenset(id_ for id_ in at_top if kinds[id_] == "place") - names.WIDE,
            frozenset(id_ for id_ in at_top if kinds[id_] == "product"),
            *_kinds(head),
            _outcome(fold(head)),
            _stages(head),
            frozenset(numbers.counts(at_head)) | numbers.bare(head) | numbers.worth(at_head, year),
        ),
        amounts=numbers.measured(at_head, year),
    )


def sentences(title: str, lead: str, body: str) -> list[str]:
    """The title and the first sentences behind it, at most MAX_SENTENCES."""
    parts = [title, *_SENTENCE_END.split(f"{lead}\n{body[:MAX_CHARS]}")]
    found = [part.strip() for part in parts if len(part.strip()) >= _MIN_SENTENCE]
    return found[:MAX_SENTENCES] or [title]


def _stems(text: str) -> frozenset[str]:
    folded = map(fold, _WORD.findall(text))
    return frozenset(word[:_STEM] for word in folded if len(word) >= _MIN_WORD and not _DATE.match(word))


def _kinds(head: str) -> list[frozenset[str]]:
    """The concepts at the top by kind, as `story_concepts.KINDS`."""
    table = concepts()
    told = table.of(head)
    return [told & table.kinds[kind] for kind in KINDS]


def _outcome(head: str) -> frozenset[str]:
    """Of talks: "failed", "agreed", or nothing."""
    if _FAILED.search(head):
        return frozenset({"failed"})
    return frozenset({"agreed"}) if _AGREED.search(head) else frozenset()


def _stages(text: str) -> frozenset[int]:
    found = set()
    words = [fold(word) for word in _WORD.findall(text)]
    for place, word in enumerate(words):
        near = words[place + 1 : place + 4]
        if word in _ORDINALS and any(other in _STAGES or other.endswith("entwurf") for other in near):
            found.add(_ORDINALS[word])
    return frozenset(found)
