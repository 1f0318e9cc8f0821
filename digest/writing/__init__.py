"""Writers turn a story into German text; each keeps to the facts it is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from digest.issue import Fact, SourceInfo
from digest.selection import Story


@dataclass(frozen=True, slots=True)
class Written:
    """What a writer made of a story: headline and teaser in the lead's language, our own line in German.

    facts are those the line uses; fact_outlet is the outlet they come from.
    """

    headline: str
    teaser: str
    fact_line: str = ""
    fact_outlet: str = ""
    facts: tuple[Fact, ...] = ()

    def without_fact_line(self) -> Written:
        """The source's own words alone, for a line that did not pass the check."""
        return Written(self.headline, self.teaser)


class Writer(Protocol):
    """A way to write. `facts` holds the checked facts of each article of the story by its public id."""

    name: str

    def write(
        self, story: Story, facts: Mapping[str, tuple[Fact, ...]], sources: Mapping[str, SourceInfo]
    ) -> Written: ...
