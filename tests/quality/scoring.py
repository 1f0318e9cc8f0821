"""How well topics, figures and stories are decided, as plain numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

# The judging rules count a processor as a processor, whatever word stands for it.
_SAME_UNIT = {"gpu": "chip", "sqm": "m2", "percentage_point": "percent"}
_SAME_QUALIFIER = {"mehr als": "über", "": "", "rund": "ca."}
_TOLERANCE = 0.005


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of right, wrongly found and missed answers."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        return 2 * self.right / (2 * self.right + self.wrong + self.missed) if self.right else 0.0

    def __add__(self, other: Score) -> Score:
        return Score(self.right + other.right, self.wrong + other.wrong, self.missed + other.missed)


def topic_score(gold: Sequence[Iterable[str]], found: Sequence[Iterable[str]], topic: str) -> Score:
    """One topic over all items."""
    pairs = [(topic in set(g), topic in set(f)) for g, f in zip(gold, found, strict=True)]
    counts = Counter(pairs)
    return Score(counts[True, True], counts[False, True], counts[True, False])


def figure_score(
    gold: Sequence[Mapping[str, Any]],
    optional: Sequence[Mapping[str, Any]],
    found: Sequence[Mapping[str, Any]],
    *,
    with_qualifier: bool,
) -> Score:
    """One sentence: each gold figure is met once; optional ones are neither asked for nor wrong."""
    left = list(found)
    right = 0
    for wanted in gold:
        match = next((f for f in left if same_figure(wanted, f, with_qualifier=with_qualifier)), None)
        if match is not None:
            left.remove(match)
            right += 1
    for allowed in optional:
        match = next((f for f in left if same_figure(allowed, f, with_qualifier=False)), None)
        if match is not None:
            left.remove(match)
    return Score(right, len(left), len(gold) - right)


def same_figure(a: Mapping[str, Any], b: Mapping[str, Any], *, with_qualifier: bool) -> bool:
    """Same value within half a percent, same class of unit and, if asked, the same qualifier."""
    if _unit(a) != _unit(b) or not _same_value(a["value"], b["value"]):
        return False
    return not with_qualifier or _qualifier(a) == _qualifier(b)


def pair_score(gold: Mapping[str, str], found: Mapping[str, Any]) -> Score:
    """Pairs of reports that are one story, in gold and as found."""
    right = wrong = missed = 0
    for a, b in combinations(gold, 2):
        is_one, seems_one = gold[a] == gold[b], found[a] == found[b]
        right += is_one and seems_one
        wrong += seems_one and not is_one
        missed += is_one and not seems_one
    return Score(right, wrong, missed)


def merged_lookalikes(
    pairs: Mapping[str, set[str]], gold: Mapping[str, str], found: Mapping[str, Any]
) -> list[str]:
    """Look-alike pairs of stories of which any two reports were put together."""
    merged = []
    for name, story_ids in pairs.items():
        groups = [{found[item] for item, story in gold.items() if story == wanted} for wanted in story_ids]
        if any(a & b for a, b in combinations(groups, 2)):
            merged.append(name)
    return merged


def _unit(figure: Mapping[str, Any]) -> str:
    unit = str(figure["unit"])
    return _SAME_UNIT.get(unit, unit)


def _qualifier(figure: Mapping[str, Any]) -> str:
    qualifier = str(figure.get("qualifier") or "")
    return _SAME_QUALIFIER.get(qualifier, qualifier)


def _same_value(a: Any, b: Any) -> bool:
    if isinstance(a, str) or isinstance(b, str):
        return str(a) == str(b)
    return abs(float(a) - float(b)) <= _TOLERANCE * max(abs(float(a)), abs(float(b)), 1e-9)
