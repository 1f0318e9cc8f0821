"""Composing an issue: select the week's stories, write them, check what was written, fill the boxes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from analysis.milestones import as_of
from archive import stories
from archive.database import Database
from archive.readings import ReadArticle
from digest import boxes, checking
from digest.issue import Fact, Issue, IssueItem, SourceInfo, SourceRef
from digest.selection import WEIGHTS, Story, select
from digest.settings import DigestSettings, ImpressumSettings
from digest.shortening import plain, shorten
from digest.typography import count, enumerate_, period
from digest.weeks import Week
from digest.writing import Writer
from digest.writing.extract import Extract

_SUBJECT_CHARACTERS = 78
_PREHEADER_CHARACTERS = 90


def compose(
    database: Database,
    week: Week,
    settings: DigestSettings,
    impressum: ImpressumSettings,
    topics: Mapping[str, str],
    sources: Sequence[SourceInfo],
    now: dt.datetime,
) -> Issue:
    """Make the draft of a week's issue; nothing is stored.

    topics: key to German name, in the order of printing. sources: every configured source.
    Raises NothingToDoError when the week has too few stories.
    """
    selection = select(database, week, topics, settings)
    writer = Extract()
    order = list(topics)
    chosen = sorted(selection.stories, key=lambda story: order.index(story.topic))
    items = tuple(_item(story, writer, sources) for story in chosen)
    names = {source.outlet: source.name for source in reversed(sources)}
    rows = boxes.figure_rows(items, settings.figures_box, _earlier(database, week, items), names)
    deadlines = boxes.deadlines(week, settings.deadlines_box)
    printed = tuple((key, name) for key, name in topics.items() if any(item.topic == key for item in items))
    return Issue(
        week=week,
        state="draft",
        title=settings.title,
        subject=_subject(settings.title, week, items, [name for _, name in printed]),
        preheader=_preheader(week, items, bool(deadlines), bool(rows)),
        notice=settings.notice,
        writer=writer.name,
        composed=now,
        topics=printed,
        items=items,
        figure_rows=rows,
        deadlines=deadlines,
        deadlines_as_of=as_of(),
        coverage=boxes.coverage(database, week, sources, now),
        left_out=selection.left_out,
        corrections=boxes.corrections(database, week, names),
        impressum=impressum,
    )


def _earlier(database: Database, week: Week, items: Sequence[IssueItem]) -> dict[int, list[ReadArticle]]:
    """By story, its reports of former weeks."""
    members = stories.members(database, [item.story for item in items])
    return {
        story: [read for read in reports if read.article.published < week.start]
        for story, reports in members.items()
    }


def _item(story: Story, writer: Writer, sources: Sequence[SourceInfo]) -> IssueItem:
    by_key = {source.key: source for source in sources}
    facts = {read.article.public_id: checking.facts(read) for read in story.articles}
    written = writer.write(story, facts, by_key)
    checks = tuple(dict.fromkeys(check for fact in written.facts for check in fact.checks))
    if checking.uncovered(written.fact_line, checks):
        written, checks = written.without_fact_line(), ()
    return IssueItem(
        story=story.id,
        topic=story.topic,
        mark=story.mark,
        told=story.told,
        score_parts=tuple((name, round(WEIGHTS[name] * part, 3)) for name, part in story.parts.items()),
        headline=written.headline,
        teaser=written.teaser,
        fact_line=written.fact_line,
        fact_source=_outlet_name(written.fact_outlet, sources),
        sources=tuple(_ref(read, by_key, sources) for read in story.articles),
        figures=_in_order(written.facts, facts),
        checks=checks,
    )


def _in_order(used: tuple[Fact, ...], facts: Mapping[str, tuple[Fact, ...]]) -> tuple[Fact, ...]:
    """The facts of the written line, then every other checked one."""
    return tuple(dict.fromkeys([*used, *(fact for found in facts.values() for fact in found)]))


def _ref(read: ReadArticle, by_key: Mapping[str, SourceInfo], sources: Sequence[SourceInfo]) -> SourceRef:
    article = read.article
    configured = by_key.get(article.source)
    return SourceRef(
        source_id=article.public_id,
        outlet=article.outlet,
        name=configured.name if configured else _outlet_name(article.outlet, sources),
        title=plain(article.title),
        url=article.url,
        published=article.published,
        language=article.language,
        dated=article.date_mark != "unknown",
    )


def _outlet_name(outlet: str, sources: Sequence[SourceInfo]) -> str:
    return next((source.name for source in sources if source.outlet == outlet), outlet)


def _subject(title: str, week: Week, items: Sequence[IssueItem], topics: list[str]) -> str:
    start = plain(f"{title} {week.label}: {count(len(items), 'Meldung', 'Meldungen')}")
    full = plain(f"{start} zu {enumerate_(topics)}")
    return full if len(full) <= _SUBJECT_CHARACTERS else start


def _preheader(week: Week, items: Sequence[IssueItem], deadlines: bool, figures: bool) -> str:
    """40 to 90 characters that a mail client shows beside the subject."""
    outlets = len({source.outlet for item in items for source in item.sources})
    start = f"Die Woche vom {period(week.monday, week.sunday)}: {count(outlets, 'Medium', 'Medien')}"
    boxes_ = enumerate_(["Fristen"] * deadlines + ["Zahlen der Woche"] * figures)
    return shorten(f"{start}, dazu {boxes_}" if boxes_ else start, characters=_PREHEADER_CHARACTERS)
