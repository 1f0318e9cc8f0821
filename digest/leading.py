"""Which topic a story is on, and which of its reports leads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analysis import names
from archive.readings import ReadArticle

_SURELY = 0.8  # relevance; above, one hundredth more or less says nothing
# Names of the register that are newsrooms themselves; a report that cites one is not the first hand.
_NEWSROOMS = {"bloomberg": "bloomberg", "reuters": "reuters", "financial-times": "ft"}


def topic_of(articles: Sequence[ReadArticle], topics: Mapping[str, str]) -> str:
    """The topic a story's reports speak of most; between equals the one configured first."""
    sums = dict.fromkeys(topics, 0.0)
    for read in articles:
        for score in read.topics:
            if score.topic in sums:
                sums[score.topic] += score.score
    return max(sums, key=lambda key: sums[key])


def relevance(read: ReadArticle, topic: str) -> float:
    """How surely a report is on a topic, 0 to 1."""
    return max((score.score for score in read.topics if score.topic == topic), default=0.0)


def lead_order(read: ReadArticle, topic: str) -> tuple[bool, bool, bool, bool, bool, str, str, str]:
    """For sorting; the first one leads.

    German reports before others, then those we may quote, those with a teaser, those that do not retell
    another newsroom's report, those surely on the topic, the earliest.
    """
    article = read.article
    return (
        article.language != "de",
        article.tdm == "reserved",
        not article.teaser,
        _second_hand(read),
        relevance(read, topic) < _SURELY,
        article.published.isoformat(),
        article.outlet,
        article.title,
    )


def _second_hand(read: ReadArticle) -> bool:
    found = {name.id for name in names.find(f"{read.article.title}\n{read.article.teaser}")}
    return any(name in found and outlet != read.article.outlet for name, outlet in _NEWSROOMS.items())
