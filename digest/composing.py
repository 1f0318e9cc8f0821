"""Composing an issue: select the week's stories, write them, check what was written, fill the boxes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from analysis.milestones import as_of
from archive import stories
from archive.database import Database
from archive.readings import ReadArticle
from digest import boxes, checking
from digest.figure_charts import figure_chart
from digest.issue import Fact, Issue, IssueItem, SourceInfo, SourceRef
from digest.rows import picture
from digest.selection import Story, select
from digest.settings import DigestSettings, ImpressumSettings
from digest.shortening import plain, shorten
from digest.typography import count, enumerate_, period
from digest.weeks import Week
from digest.writing import Writer
from digest.writing.extract import extract
from digest.writing.told import Told, told

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
    writers: Sequence[Writer] = (),
) -> Issue:
    """Make the draft of a week's issue; nothing is stored.

    topics: key to German name, in the order of printing. sources: every configured source.
    writers: those that write German sentences, the first one first; a story that none of them can tell is
    told in its sources' own words.
    Raises NothingToDoError when the week has too few stories.
    """
    selection = select(database, week, topics, settings)
    order = list(topics)
    chosen = sorted(selection.stories, key=lambda story: order.index(story.topic))
    telling = list(writers)
    items = tuple(_item(story, told(story, telling, sources), sources) for story in chosen)
    names = {source.outlet: source.name for source in reversed(sources)}
    earlier = _earlier(database, week, items)
    rows = boxes.figure_rows(items, settings.figures_box, earlier, names)
    deadlines = boxes.deadlines(week, settings.deadlines_box)
    printed = tuple((key, name) for key, name in topics.items() if any(item.topic == key for item in items))
    issue = Issue(
        week=week,
        state="draft",
        title=settings.title,
        subject=_subject(settings.title, week, items, [name for _, name in printed]),
        preheader=_preheader(week, items, bool(deadlines), bool(rows)),
        notice=_notice(settings, len(items)),
        writer="+".join(dict.fromkeys(item.writer for item in items)),
        composed=now,
        topics=printed,
        items=items,
        figure_rows=rows,
        deadlines=deadlines,
        deadlines_as_of=as_of(),
        coverage=boxes.coverage(database, week, sources, now),
        left_out=selection.left_out,
        corrections=boxes.corrections(database, week, names),
        own_corrections=boxes.own_corrections(database, week),
        impressum=impressum,
    )
    return replace(issue, chart=picture(figure_chart(issue, earlier, names)))


def _notice(settings: DigestSettings, items: int) -> str:
    """The editors' line, and that the issue is a short one."""
    short = (
        f"Kurze Ausgabe: nur {count(items, 'Meldung', 'Meldungen')}." if items < settings.min_items else ""
    )
    return " ".join(part for part in (settings.notice, short) if part)


def _earlier(database: Database, week: Week, items: Sequence[IssueItem]) -> dict[int, list[ReadArticle]]:
    """By story, its reports of former weeks."""
    members = stories.members(database, [item.story for item in items])
    return {
        story: [read for read in reports if read.article.published < week.start]
        for story, reports in members.items()
    }


def _item(story: Story, told: Told | None, sources: Sequence[SourceInfo]) -> IssueItem:
    by_key = {source.key: source for source in sources}
    facts = {read.article.public_id: checking.facts(read) for read in story.articles}
    own = extract(story, facts, by_key)
    checks = tuple(dict.fromkeys(check for fact in own.facts for check in fact.checks))
    if checking.uncovered(own.fact_line, checks) or (told and told.has_numbers):
        own, checks = own.without_fact_line(), ()
    return IssueItem(
        story=story.id,
        topic=story.topic,
        mark=story.mark,
        told=story.told,
        score_parts=tuple((name, round(part, 3)) for name, part in story.parts.items()),
        writer=told.writer if told else "extract",
        headline=told.headline if told else own.headline,
        teaser="" if told else own.teaser,
        text=told.text if told else (),
        told_by=_outlets(told, sources) if told else (),
        fact_line=own.fact_line,
        fact_source=_outlet_name(own.fact_outlet, sources),
        sources=tuple(_ref(read, by_key, sources) for read in story.articles),
        figures=_in_order(own.facts, facts),
        checks=(*checks, *(told.checks if told else ())),
    )


def _outlets(told: Told, sources: Sequence[SourceInfo]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_outlet_name(outlet, sources) for outlet in told.outlets))


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
        revision=article.revision,
    )


def _outlet_name(outlet: str, sources: Sequence[SourceInfo]) -> str:
    return next((source.name for source in sources if source.outlet == outlet), outlet)


def narrowed(issue: Issue, topics: Collection[str]) -> Issue | None:
    """The issue for readers who chose some topics; None where it has nothing for them."""
    items = tuple(item for item in issue.items if item.topic in topics)
    if not items:
        return None
    if len(items) == len(issue.items):
        return issue
    sections = tuple(topic for topic in issue.topics if topic[0] in topics)
    told = {source.url for item in items for source in item.sources}
    rows = tuple(row for row in issue.figure_rows if row.url in told)
    return replace(
        issue,
        items=items,
        topics=sections,
        figure_rows=rows,
        subject=_subject(issue.title, issue.week, items, [name for _, name in sections]),
        preheader=_preheader(issue.week, items, bool(issue.deadlines), bool(rows)),
        chart=None,  # it may be about a story that is not told here
    )


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
