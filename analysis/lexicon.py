"""Terms an editor writes, and how they are found in a text.

rechenzentrum     the whole word, in any case, with ä, ae and accents alike
rechenzentr*      words that begin so            *rechenzentr*   words that contain it
data centre       the words in this order; a space also stands for a hyphen or a comma
server^0.4        a weak term: it counts 0.4 instead of 1
东数西算           Chinese needs no stars: it has no spaces between words
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from functools import lru_cache

from analysis.normalise import words

_WEIGHTED = re.compile(r"(?P<text>[^^]+?)\s*(?:\^\s*(?P<weight>[01](?:\.\d{1,3})?))?")
_CHINESE = re.compile("[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Term:
    """One term. `needle` is looked up as it is in the form that `normalise.words` gives."""

    text: str
    weight: float
    needle: str

    @classmethod
    def parse(cls, written: str) -> Term:
        """Read the notation above; ValueError says what is wrong with it."""
        found = _WEIGHTED.fullmatch(written.strip())
        if not found:
            raise ValueError(f"{written!r} is no term; write a word, or word^0.5 with a weight from 0 to 1")
        text = found["text"].strip()
        weight = float(found["weight"] or 1)
        core = words(text.strip("*")).strip()
        if not core or "*" in text.strip("*") or not 0 < weight <= 1:
            raise ValueError(
                f"{written!r}: a star may stand at either end, the weight must be above 0, up to 1"
            )
        chinese = bool(_CHINESE.search(core))
        before = "" if chinese or text.startswith("*") else " "
        after = "" if chinese or text.endswith("*") else " "
        return cls(text, weight, f"{before}{core}{after}")


@dataclass(frozen=True, slots=True)
class Passages:
    """The parts of an article as `normalise.words` gives them, the most telling first."""

    title: str
    opening: str  # the first sentence of the lead
    lead: str  # the rest of it
    body: str

    @classmethod
    def of(cls, title: str, lead: str, body: str) -> Passages:
        opening, _, rest = lead.partition(". ")
        return cls(words(title), words(opening), words(rest), words(body))

    @property
    def whole(self) -> str:
        """All parts; a needle never reaches from one into the next."""
        return f"{self.title}\n{self.opening}\n{self.lead}\n{self.body}"

    def without_body(self) -> Passages:
        return replace(self, body="")

    def prominence(self, needle: str) -> float:
        """How much a term counts for the place it stands in; 0 where it is absent."""
        if needle in self.title:
            return 1.0
        if needle in self.opening:
            return 0.9
        mentions = self.body.count(needle)
        if needle in self.lead:
            return 0.8 if mentions else 0.55  # said once, late: often a mere side remark
        return 0.0 if not mentions else 0.4 if mentions == 1 else 0.7


@dataclass(frozen=True, slots=True)
class WordScore:
    """What a topic's words say about a text, each part from 0 to 1."""

    strong: float
    groups: tuple[float, ...]
    against: float
    evidence: tuple[str, ...] = ()

    @property
    def together(self) -> float:
        """The weakest group: a text needs something of every one."""
        return min(self.groups, default=0.0)

    @property
    def total(self) -> float:
        """Strong terms or all groups together, lowered by exclusions."""
        return (1 - (1 - self.strong) * (1 - self.together)) * (1 - self.against)


def parse_terms(written: Iterable[str]) -> tuple[Term, ...]:
    """Parse all, refusing none silently: ValueError as in `Term.parse`."""
    return tuple(map(_cached_term, written))


class Needles:
    """Many needles looked up in one pass over a text (Aho and Corasick 1975), however many they are."""

    def __init__(self, needles: Iterable[str]) -> None:
        from ahocorasick import Automaton

        self._automaton = Automaton()
        for needle in needles:
            self._automaton.add_word(needle, needle)
        self._automaton.make_automaton()

    def within(self, text: str) -> Set[str]:
        """The needles that stand in a text as `normalise.words` gives it."""
        return {needle for _, needle in self._automaton.iter(text)} if len(self._automaton) else set()


def weigh(terms: Sequence[Term], passages: Passages, present: Set[str]) -> tuple[float, list[str]]:
    """Join terms as independent hints, 1 - Π(1 - weight · prominence), and name those found.

    present: the needles that stand anywhere in the passages; of the others none is looked for.
    """
    missing, found = 1.0, []
    for term in terms:
        if term.needle not in present:
            continue
        prominence = passages.prominence(term.needle)
        if prominence:
            missing *= 1 - term.weight * prominence
            found.append(term.text)
    return 1 - missing, found


@lru_cache(maxsize=4096)
def _cached_term(written: str) -> Term:
    return Term.parse(written)
