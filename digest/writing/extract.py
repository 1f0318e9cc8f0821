"""The writer that needs nothing: the source's own words under a German line of checked figures."""

from __future__ import annotations

from collections.abc import Mapping

from archive.values import Article, Storage
from digest.issue import Fact, SourceInfo
from digest.selection import Story
from digest.shortening import plain, shorten
from digest.typography import SAME_THING
from digest.writing import Extracted

FACTS_IN_A_LINE = 4
_RANKS = {"percent": 1, "date": 2}
_HEADLINE_CHARACTERS = 220


def extract(
    story: Story, facts: Mapping[str, tuple[Fact, ...]], sources: Mapping[str, SourceInfo]
) -> Extracted:
    """Headline and teaser as the lead source published them, teaser within what the source allows.

    facts: the checked ones of each article of the story, by its public id.
    """
    lead = story.lead.article
    outlet, used = _best_line(story, facts)
    return Extracted(
        headline=shorten(lead.title, characters=_HEADLINE_CHARACTERS),
        teaser=teaser(lead, sources.get(lead.source)),
        fact_line=", ".join(fact.text for fact in used),
        fact_outlet=outlet,
        facts=used,
    )


def teaser(article: Article, source: SourceInfo | None) -> str:
    """The beginning of a report in its own words, as far as outlet, page and reservation allow.

    Empty for a source nobody configured, for headline-only storage and where mining is reserved.
    """
    if source is None or article.tdm == "reserved" or article.storage is Storage.HEADLINE:
        return ""
    limit = None if article.max_snippet < 0 else article.max_snippet
    text = article.teaser or (article.body if article.storage is Storage.FULL else "")
    if plain(text).casefold() == plain(article.title).casefold():
        return ""
    return shorten(text, words=source.teaser_words, characters=limit)


def _best_line(story: Story, facts: Mapping[str, tuple[Fact, ...]]) -> tuple[str, tuple[Fact, ...]]:
    """The outlet and the figures of the report that has most to tell; between equals the one further ahead.

    All figures of a line come from one report, so that one name can stand for them.
    """
    lines = [(read.article.outlet, _choose(facts.get(read.article.public_id, ()))) for read in story.articles]
    return max(lines, key=lambda line: len(line[1]))


def _choose(facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """The first few: things and sums, then percentages, then one date.

    Each amount stands once, in the form that names most: `115.000 GPUs (Nvidia H100/H200)`.
    """
    chosen: dict[tuple[float | str, str], Fact] = {}
    for fact in sorted(facts, key=lambda fact: _RANKS.get(fact.figure.unit, 0)):
        unit = SAME_THING.get(fact.figure.unit, fact.figure.unit)
        key = (fact.figure.value, unit)
        if unit == "date" and any(unit == "date" for _, unit in chosen):
            continue
        if key not in chosen or len(fact.checks) > len(chosen[key].checks):
            chosen[key] = fact
    return tuple(chosen.values())[:FACTS_IN_A_LINE]
