"""What it costs to find the story of one more report, beside comparing its vector with all others.

    python benchmarks/stories.py [--size 20000] [--adds 1000]

Fills a shelf to the size given, then times single adds: once with all reports spread over a year, once with
all of them in one fortnight. Beside it stands the plain way: the report's vector, or each of its sentences,
against those of every report known. The reports are made up from the register of names and a vocabulary, the
same in every run; reading their signs and making vectors is not timed.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).parents[1])]

from analysis import names, stories  # noqa: E402
from analysis.shelf import Shelf  # noqa: E402
from analysis.story_item import StoryItem  # noqa: E402
from analysis.story_signs import Signs  # noqa: E402
from analysis.values import Figure  # noqa: E402

SEED = 20_260
START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
REPORTS_OF_AN_EVENT = 4
WORDS, VOCABULARY = 55, 6_000
SENTENCES, DIM = 4, 512
_UNITS = ("cny", "usd", "eur", "mw", "chip", "percent")
_SYLLABLES = [
    "ra",
    "ben",
    "tor",
    "lin",
    "mak",
    "su",
    "fel",
    "dor",
    "gi",
    "han",
    "ko",
    "wer",
    "ta",
    "schi",
    "men",
    "pla",
    "tro",
    "bau",
    "zen",
    "ver",
]


class Newsroom:
    """Writes reports: those of an event share names, an amount, some words and the sense of a sentence."""

    def __init__(self) -> None:
        self._chance = random.Random(SEED)
        self._numbers = np.random.default_rng(SEED)
        register = names.register()
        self._names = [register.printed(id_) for id_ in sorted(register.kinds)]
        self._words = sorted({"".join(self._chance.choices(_SYLLABLES, k=3)) for _ in range(VOCABULARY)})
        self._common = [1 / (rank + 3) for rank in range(len(self._words))]  # as words of a language are

    def reports(self, count: int) -> list[StoryItem]:
        made: list[StoryItem] = []
        while len(made) < count:
            made += self._event(len(made))
        self._chance.shuffle(made)
        return made[:count]

    def _event(self, number: int) -> list[StoryItem]:
        named = self._chance.sample(self._names, 3)
        told = self._some_words(12)
        amount = Figure(float(self._chance.randint(1, 900)), self._chance.choice(_UNITS), "", "", "", 0, 9)
        sense = self._numbers.standard_normal(DIM)
        return [
            self._report(f"{number}-{place}", named, told, amount, sense)
            for place in range(REPORTS_OF_AN_EVENT)
        ]

    def _report(
        self, id_: str, named: Sequence[str], told: Sequence[str], amount: Figure, sense: np.ndarray
    ) -> StoryItem:
        text = [
            *self._chance.sample(told, 8),
            *self._some_words(WORDS),
            *self._chance.choices(self._names, k=3),
        ]
        self._chance.shuffle(text)
        vectors = sense + 1.5 * self._numbers.standard_normal((SENTENCES, DIM))
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return StoryItem(
            id=id_,
            outlet="benchmark",
            title=" ".join([*self._chance.sample(named, 2), *text[:6]]),
            lead=" ".join(text[6:20]),
            body=" ".join(text[20:]),
            language=self._chance.choice(["de", "en"]),
            published=None,
            figures=(amount,),
            sentences=vectors.astype(np.float32),
        )

    def _some_words(self, count: int) -> list[str]:
        return self._chance.choices(self._words, self._common, k=count)


def dated(items: Sequence[StoryItem], days: float) -> list[StoryItem]:
    """The reports, evenly over so many days."""
    step = dt.timedelta(days=days) / len(items)
    return [replace(item, published=START + place * step) for place, item in enumerate(items)]


def times_of(work: Callable[[int], object], turns: range) -> np.ndarray:
    """Milliseconds of each turn."""
    taken = []
    for turn in turns:
        started = time.perf_counter()
        work(turn)
        taken.append((time.perf_counter() - started) * 1_000)
    return np.array(taken)


def adding(items: Sequence[StoryItem], signs: Sequence[Signs], size: int) -> np.ndarray:
    """Of each report beyond the size, the time its adding takes."""
    shelf = Shelf()
    for place in range(size):
        shelf.put(items[place], signs[place], place // REPORTS_OF_AN_EVENT + 1)
    return times_of(lambda place: shelf.add(items[place], signs[place]), range(size, len(items)))


def comparing(items: Sequence[StoryItem], size: int, *, each: bool) -> np.ndarray:
    """The same reports, compared with all by brute force: whole reports, or each sentence with each."""
    vectors = [item.sentences for item in items if item.sentences is not None]
    if each:
        known = np.concatenate(vectors[:size])
        return times_of(lambda place: (known @ vectors[place].T).max(), range(size, len(items)))
    whole = np.array([sentences.sum(axis=0) for sentences in vectors])
    whole /= np.linalg.norm(whole, axis=1, keepdims=True)
    return times_of(lambda place: np.argmax(whole[:size] @ whole[place]), range(size, len(items)))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=20_000, help="reports on the shelf")
    parser.add_argument("--adds", type=int, default=1_000, help="adds to time")
    given = parser.parse_args()
    items = Newsroom().reports(given.size + given.adds)
    signs = [stories.signs(item) for item in items]
    rows = {
        "add, over a year": adding(dated(items, 365), signs, given.size),
        "add, in one fortnight": adding(dated(items, 14), signs, given.size),
        "every report's cosine": comparing(items, given.size, each=False),
        "every sentence's cosine": comparing(items, given.size, each=True),
    }
    print(f"{given.size} reports known   {'mean ms':>8} {'p95 ms':>8}")
    for name, taken in rows.items():
        print(f"{name:23} {taken.mean():10.2f} {np.percentile(taken, 95):8.2f}")


if __name__ == "__main__":
    main()
