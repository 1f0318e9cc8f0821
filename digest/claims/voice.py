"""How a statement is made: denied or not, planned or done, upwards or downwards.

A sentence of ours is held against the passage of the source that it rests on. What the source leaves open
must stay open, what it denies must stay denied. Words are those of `words.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from digest.claims import wordlists

_LANGUAGES = ("de", "en")
_MAY = re.compile(r"(?<!^)\bMay\b")  # the month
# What may not be sold is banned, and who will not sign has said so: that leaves nothing open.
_MAY_NOT = re.compile(r"\b(?:(?:may|will|would) (?:not|no longer)|können?(?: [\w-]+){0,6} nicht)\b")
_SUBORDINATE = "that|which|who|whose|where"
_BEGINS_SUBORDINATE = re.compile(rf"[\W_]*(?:{_SUBORDINATE})\s")
_CLAUSE = re.compile(
    rf"[,;:()–—\n]|[.!?]\s|\s(?=(?:{_SUBORDINATE}|but|although|while|because|aber|sondern|jedoch|doch|weil|obwohl)\s)"
)
_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class _Words:
    """Patterns of one language. turned: by family; opposites: pairs of the two directions."""

    denied: re.Pattern[str]
    harmless: re.Pattern[str]
    turned: dict[str, re.Pattern[str]]
    possible: re.Pattern[str]
    possible_perhaps: re.Pattern[str]
    hedged: re.Pattern[str]
    attributed: re.Pattern[str]
    headline: re.Pattern[str]
    hedged_perhaps: re.Pattern[str]
    attributed_perhaps: re.Pattern[str]
    opposites: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]


def objection(sentence: str, passage: str, clauses: str, language: str, *, headline: bool = False) -> str:
    """Why a German sentence says something else than the passage it rests on; "" where it does not.

    clauses: the passage without clauses of which the sentence does not speak; what they deny need not be
    told.
    headline: the passage is one. language: of the passage. One that we have no words for is read as
    English, where hardly any word fits.
    """
    ours, theirs = _words("de"), _words(language if language in _LANGUAGES else "en")
    said, source = _plain(sentence, ours), _plain(passage, theirs)
    return (
        _denial(said, source, _plain(clauses, theirs), ours, theirs)
        or _openness(said, source, ours, theirs, headline=headline)
        or _direction(said, _plain(clauses, theirs), ours, theirs)
    )


def clauses_with(text: str, places: Sequence[int]) -> str:
    """The text without those subordinate clauses in which none of the places lies: they are not told."""
    bounds = [0, *(found.start() for found in _CLAUSE.finditer(text)), len(text)]
    return "".join(
        text[start:end]
        for start, end in pairwise(bounds)
        if any(start <= place < end for place in places) or not _BEGINS_SUBORDINATE.match(text, start)
    )


def _denial(said: str, source: str, clauses: str, ours: _Words, theirs: _Words) -> str:
    plainly, at_source = len(ours.denied.findall(said)), len(theirs.denied.findall(source))
    turned = {family for family, words in ours.turned.items() if words.search(said)}
    turned_there = {family for family, words in theirs.turned.items() if words.search(clauses)}
    if plainly > at_source and len(turned_there) <= len(turned):
        return "a negation that the source does not have"
    lost = len(theirs.denied.findall(clauses)) - plainly
    if lost > 0 and (not turned if not plainly else lost % 2):
        return "the negation of the source is lost"
    if len(turned_there) > len(turned) and not plainly and not at_source:
        return "a refusal or a ban of the source is lost"
    return ""


def _openness(said: str, source: str, ours: _Words, theirs: _Words, *, headline: bool) -> str:
    perhaps = bool(ours.possible.search(said) or ours.possible_perhaps.search(said))
    open_ = perhaps or bool(ours.hedged.search(said) or ours.hedged_perhaps.search(said))
    open_source = _MAY_NOT.sub(" ", source)
    if theirs.possible.search(open_source) and not perhaps:
        return "the source speaks of a possibility, the sentence does not"
    planned = theirs.hedged.search(open_source) or (headline and theirs.headline.search(source))
    if planned and not open_:
        return "the source speaks of a plan, the sentence of a fact"
    named = bool(ours.attributed.search(said) or ours.attributed_perhaps.search(said))
    if theirs.attributed.search(source) and not (named or open_):
        return "the source names who says so, the sentence does not"
    return ""


def _direction(said: str, source: str, ours: _Words, theirs: _Words) -> str:
    for own, other in zip(ours.opposites, theirs.opposites, strict=True):
        way = [bool(words.search(said)) for words in own]
        there = [bool(words.search(source)) for words in other]
        if way[0] != way[1] and there[0] != there[1] and way != there:
            return "the opposite of what the source says"
    return ""


def _plain(text: str, words: _Words) -> str:
    lowered = _MAY.sub(" ", text).lower().replace("’", "'").replace("n't", " n't")
    return words.harmless.sub(" ", lowered)


@cache
def _words(language: str) -> _Words:
    kept = wordlists.kept()
    return _Words(
        denied=_pattern(kept["denied"][language]),
        harmless=_pattern(kept["harmless"][language]),
        turned={family: _pattern(forms[language]) for family, forms in kept["turned"].items()},
        possible=_pattern(kept["possible"][language]),
        possible_perhaps=_pattern(kept["possible_perhaps"][language]),
        hedged=_pattern(kept["hedged"][language]),
        attributed=_pattern(kept["attributed"][language]),
        headline=_pattern(kept["headline"][language]),
        hedged_perhaps=_pattern(kept["hedged_perhaps"][language]),
        attributed_perhaps=_pattern(kept["attributed_perhaps"][language]),
        opposites=tuple(
            (_pattern(pair["first"][language]), _pattern(pair["second"][language]))
            for pair in kept["opposite"]
        ),
    )


def _pattern(forms: Sequence[str]) -> re.Pattern[str]:
    """`steh* * zurück`: any ending, then up to ten words between."""
    if not forms:
        return _NEVER
    written = [
        re.escape(form)
        .replace(r"\ \*\ ", r"(?:[^\w.;]+\w+){0,10}?[^\w.;]+")
        .replace(r"\*", r"\w*")
        .replace(r"\ ", r"\s+")
        for form in forms
    ]
    return re.compile(rf"(?<![\w-]){'(?:' + '|'.join(written) + ')'}(?!\w|-\w)")
