"""Writers turn a story into German text; each keeps to the facts it is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from archive.readings import ReadArticle
from digest.issue import Fact, SourceInfo
from digest.selection import Story


@dataclass(frozen=True, slots=True)
class Extracted:
    """A story in its source's own words: headline and teaser in the lead's language, our own line in German.

    facts are those the line uses; fact_outlet is the outlet they come from.
    """

    headline: str
    teaser: str
    fact_line: str = ""
    fact_outlet: str = ""
    facts: tuple[Fact, ...] = ()

    def without_fact_line(self) -> Extracted:
        """The source's own words alone, for a line that did not pass the check."""
        return Extracted(self.headline, self.teaser)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A German sentence of ours with what it rests on: verbatim stretches of one report of the story."""

    text: str
    read: ReadArticle
    rests_on: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """What a writer made of a story, before the check."""

    headline: Sentence
    sentences: tuple[Sentence, ...]


class Writer(Protocol):
    """A way to write German sentences.

    name: as the issue says it. translates: what it writes is marked as a translation.
    """

    name: str
    translates: bool

    def write(self, story: Story, sources: Mapping[str, SourceInfo]) -> Draft | None:
        """None for a story it has nothing to add to.

        Raises WriterError where it fails at this story, WriterOffError where it cannot write at all.
        """
        ...
