"""The boxes beside the stories: deadlines, figures of the week, state of the sources."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.ledger import Quote, statements
from analysis.milestones import upcoming
from analysis.values import Milestone
from archive import issues, queries, sources
from archive.database import Database
from archive.quoting import quoted_articles, quoting
from archive.readings import ReadArticle
from archive.revisions import silent_changes
from archive.values import SourceState
from digest import typography
from digest.issue import Fact, IssueItem, SourceInfo, SourceRef
from digest.rows import Correction, Deadline, FigureRow, OwnCorrection, SourceLine
from digest.shortening import shorten
from digest.typography import SAME_THING, count
from digest.weeks import BERLIN, Week

_PER_ITEM = 2
_WHAT_CHARACTERS = 110
_LAST_WORD = dt.timedelta(
    hours=12
)  # a correction of Monday morning still comes into the issue of the week before

_STATES = {
    SourceState.OK: "abgerufen",
    SourceState.NOT_MODIFIED: "abgerufen, nichts Neues",
    SourceState.EMPTY: "leere Antwort",
    SourceState.BLOCKED: "Zugriff verweigert",
    SourceState.ROBOTS_REFUSED: "von robots.txt untersagt",
    SourceState.TDM_RESERVED: "Auswertung vorbehalten, nur Überschriften",
    SourceState.PARSE_ERROR: "Antwort nicht lesbar",
    SourceState.TIMEOUT: "keine Antwort innerhalb der Frist",
    SourceState.RATE_LIMITED: "bittet um weniger Abrufe",
    SourceState.UNREACHABLE: "nicht erreichbar",
    SourceState.SILENT: "antwortet, liefert aber seit Längerem nichts",
}


def deadlines(week: Week, size: int) -> tuple[Deadline, ...]:
    """The next dates of the AI Act, counted from the Monday on which the issue is read."""
    today = week.end.date()
    return tuple(_deadline(milestone, today) for milestone in upcoming(today, size)) if size else ()


def figure_rows(
    items: Iterable[IssueItem],
    size: int,
    earlier: Mapping[int, Sequence[ReadArticle]],
    names: Mapping[str, str],
) -> tuple[FigureRow, ...]:
    """The first quantities of each story in the order of the stories, no amount twice, no bare dates.

    earlier: by story, its reports of former weeks, for who said so first. names: outlet to its printed name.
    """
    rows: list[FigureRow] = []
    seen: set[tuple[float | str, str]] = set()
    for item in items:
        taken = 0
        by_id = {source.source_id: source for source in item.sources}
        told = _ledger(item, _before(earlier.get(item.story, ()), names))
        for fact in item.figures:
            key = (fact.figure.value, SAME_THING.get(fact.figure.unit, fact.figure.unit))
            if fact.figure.unit == "date" or key in seen or taken == _PER_ITEM:
                continue
            seen.add(key)
            taken += 1
            rows.append(_figure_row(fact, by_id, told[fact]))
    return tuple(rows[:size])


@dataclass(frozen=True, slots=True)
class _Told:
    """Who states a fact, oldest first, and the facts of the same week that differ."""

    quotes: tuple[Quote, ...]
    differing: tuple[Fact, ...] = ()


def _before(reports: Iterable[ReadArticle], names: Mapping[str, str]) -> list[Quote]:
    """What earlier reports on a story stated."""
    return [
        Quote(figure, read.article.public_id, names.get(outlet, outlet), read.article.published, story=1)
        for read in reports
        for outlet in [read.article.outlet]
        for figure in read.figures
    ]


def _ledger(item: IssueItem, before: Sequence[Quote]) -> dict[Fact, _Told]:
    """Each fact of an item with everybody on the story who states it."""
    by_id = {source.source_id: source for source in item.sources}
    facts = {
        Quote(fact.figure, fact.source_id, source.name, source.published, story=1): fact
        for fact in item.figures
        for source in [by_id[fact.source_id]]
    }
    found = {fact: _Told((quote,)) for quote, fact in facts.items()}
    for one in statements([*facts, *before]):
        differing = tuple(facts[other.first] for other in one.differing if other.first in facts)
        found.update((facts[quote], _Told(one.quotes, differing)) for quote in one.quotes if quote in facts)
    return found


def _figure_row(fact: Fact, by_id: Mapping[str, SourceRef], told: _Told) -> FigureRow:
    source = by_id[fact.source_id]
    also = dict.fromkeys(quote.outlet for quote in told.quotes)
    first = min(quote.published for quote in told.quotes)
    return FigureRow(
        value=fact.text,
        what=shorten(source.title, characters=_WHAT_CHARACTERS),
        what_language=source.language,
        who=source.name,
        url=source.url,
        checks=(*fact.checks, *(check for other in told.differing for check in other.checks)),
        also=tuple(name for name in also if name != source.name),
        since=typography.date(first.astimezone(BERLIN).date()),
        differing=tuple(f"{other.text} ({by_id[other.source_id].name})" for other in told.differing),
    )


def corrections(database: Database, week: Week, names: Mapping[str, str]) -> tuple[Correction, ...]:
    """Silent changes seen this week in articles that approved issues of earlier weeks quote.

    names: outlet to the name readers know.
    """
    found = []
    quoted = _quoted_before(database, week)
    for change in silent_changes(database, week.start, week.end):
        article = change.article
        if article.id not in quoted:
            continue
        found.append(
            Correction(
                outlet=names.get(article.outlet, article.outlet),
                url=article.url,
                language=article.language,
                week=quoted[article.id],
                title=change.after.title,
                before=change.before.title if change.title_changed else "",
                gone=change.numbers_gone,
                new=change.numbers_new,
            )
        )
    return tuple(found)


def own_corrections(database: Database, week: Week) -> tuple[OwnCorrection, ...]:
    """What editors corrected in earlier issues, oldest first; each correction stands in one issue only."""
    rows = [
        (dt.datetime.fromisoformat(row["at"]), Week.parse(issue.week).label, row["text"])
        for issue in issues.all_issues(database)
        if issue.week < str(week)
        for row in issue.content.get(issues.OWN, ())
    ]
    since, until = week.start + _LAST_WORD, week.end + _LAST_WORD
    return tuple(
        OwnCorrection(label, typography.date(at.astimezone(BERLIN).date()), text)
        for at, label, text in sorted(rows)
        if since <= at < until
    )


def _quoted_before(database: Database, week: Week) -> dict[int, str]:
    """By article number, the label of the first issue that quotes it."""
    found: dict[int, str] = {}
    for issue in quoting(database):
        if issue.week < str(week) and issue.state != "draft":
            with database.reading() as connection:
                for number in quoted_articles(connection, [issue]):
                    found.setdefault(number, Week.parse(issue.week).label)
    return found


def coverage(
    database: Database, week: Week, infos: Sequence[SourceInfo], now: dt.datetime
) -> tuple[SourceLine, ...]:
    """How every configured source fared in the week; one visited only later is said to be so."""
    fetched: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    later: dict[str, Mapping[str, Any]] = {}
    for fetch in sources.fetches(database, week.start, max(week.end, now)):
        if fetch["at"] < week.end:
            fetched[fetch["source"]].append(fetch)
        else:
            later[fetch["source"]] = fetch
    articles = queries.sightings_between(database, week.start, week.end)
    statuses = sources.statuses(database, [info.key for info in infos]) if infos else {}
    return tuple(
        _line(
            info, fetched[info.key], later.get(info.key), articles.get(info.key, 0), statuses[info.key].paused
        )
        for info in infos
    )


def _deadline(milestone: Milestone, today: dt.date) -> Deadline:
    former = milestone.former_dates[-1] if milestone.former_dates else None
    exact = milestone.precision in ("", "day")
    return Deadline(
        id=milestone.id,
        day=milestone.date,
        date=typography.at_precision(milestone.date, milestone.precision),
        days=(milestone.date - today).days if exact else None,
        former=typography.date(former) if former else "",
        title=milestone.title,
        legal_basis=milestone.legal_basis,
        doubtful=milestone.confidence != "hoch",
        url=next((url for url in milestone.sources if url.startswith(("https://", "http://"))), ""),
    )


def _line(
    info: SourceInfo,
    fetches: Sequence[Mapping[str, Any]],
    later: Mapping[str, Any] | None,
    articles: int,
    paused: bool,
) -> SourceLine:
    state, words, good = _state(info, fetches, later, paused)
    name = f"{info.name} ({info.via})" if info.via else info.name
    return SourceLine(info.key, info.outlet, name, state, words, articles, good)


def _state(
    info: SourceInfo, fetches: Sequence[Mapping[str, Any]], later: Mapping[str, Any] | None, paused: bool
) -> tuple[str, str, bool]:
    """State, its German words and whether all is well."""
    if info.state == "not_collectable":
        return info.state, _with_reason("wird nicht abgerufen", info.reason), False
    if fetches:
        return _fetched(fetches)
    if paused or info.state == "paused":
        return "paused", _with_reason("pausiert", info.reason), False
    if later:
        state = SourceState(later["state"])
        return str(state), f"erst nach der Woche geprüft: {_STATES[state]}", state.good
    return "not_fetched", "in dieser Woche nicht abgerufen", False


def _fetched(fetches: Sequence[Mapping[str, Any]]) -> tuple[str, str, bool]:
    states = [SourceState(fetch["state"]) for fetch in fetches]
    bad = [state for state in states if not state.good]
    last = states[-1]
    if not bad:
        news = SourceState.OK if SourceState.OK in states and last is SourceState.NOT_MODIFIED else last
        return str(last), _STATES[news], True
    worst = bad[-1]
    if len(bad) == len(states):
        return str(worst), _STATES[worst], False
    tries = f"{typography.number(len(bad))} von {count(len(states), 'Abruf', 'Abrufen')} gescheitert"
    return str(last), f"{tries} ({_STATES[worst]})", False


def _with_reason(words: str, reason: str) -> str:
    return f"{words}: {reason}" if reason else words
