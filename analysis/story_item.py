"""A report as the grouping into stories sees it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from analysis.values import Figure

if TYPE_CHECKING:
    from analysis.embedding import Vectors


@dataclass(frozen=True, slots=True)
class StoryItem:
    """A report to be grouped.

    figures: read from title, lead and body with one line feed between them, as `Item.joined`.
    sentences: shape (n, dim), one vector of length 1 for each of `story_signs.sentences`; see `with_meaning`.
    vector: shape (dim,), length 1, of the whole report; used where there are no sentences.
    """

    id: str
    outlet: str
    title: str
    lead: str
    language: str
    published: dt.datetime | None
    figures: tuple[Figure, ...] = ()
    topics: tuple[str, ...] = ()
    vector: Vectors | None = field(default=None, compare=False, repr=False)
    body: str = ""
    sentences: Vectors | None = field(default=None, compare=False, repr=False)

    @property
    def meaning(self) -> Vectors | None:
        """The vectors of a report, (n, dim); one of the whole counts as a single sentence."""
        if self.sentences is not None and len(self.sentences):
            return self.sentences
        return None if self.vector is None else self.vector.reshape(1, -1)

    @property
    def moment(self) -> float:
        """Seconds since 1970; infinity without a date, so that such reports come last."""
        return self.published.timestamp() if self.published else float("inf")
