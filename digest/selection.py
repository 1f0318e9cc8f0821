"""Which stories of a week make the issue: grouping, ranking by stated weights, bounds.

What stays out is kept with its reason; nothing disappears silently.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from analysis.developments import CORRECTION, DENIAL, FOLLOW_UP, NEW
from archive import issues, readings
from archive import stories as kept_stories
from archive.database import Database
from archive.readings import ReadArticle
from digest.leading import lead_order, relevance, topic_of
from digest.rows import LeftOut
from digest.settings import DigestSettings, WeightSettings
from digest.shortening import shorten
from digest.typography import count, quote
from digest.weeks import Week
from lagebrief.errors import NothingToDoError

_MANY_OUTLETS = 4
_MANY_FIGURES = 5
_TITLE_CHARACTERS = 90

_UNFIT_MARKS = {
    "hub": "Übersichtsseite, kein einzelner Bericht",
    "stale": "Datum liegt weit vor dem Fund",
}
_UNFIT_DATES = {
    "stale": "Datum liegt weit vor dem Fund",
    "future": "Datum liegt in der Zukunft",
}


@dataclass(frozen=True, slots=True)
class Story:
    """Reports on one event. articles[0] leads; parts holds each part of the score, weighted.

    mark: neu, fortsetzung, korrektur or dementi; told: the week of the issue that told it last, or "".
    """

    id: int
    topic: str
    articles: tuple[ReadArticle, ...]
    parts: Mapping[str, float]
    mark: str = NEW
    told: str = ""

    @property
    def lead(self) -> ReadArticle:
        return self.articles[0]

    @property
    def score(self) -> float:
        return sum(self.parts.values())

    def led_by(self, read: ReadArticle) -> Story:
        """The same story with another report in front."""
        return replace(self, articles=(read, *(other for other in self.articles if other is not read)))


@dataclass(frozen=True, slots=True)
class Selection:
    """The chosen stories, best first, and those left out."""

    stories: tuple[Story, ...]
    left_out: tuple[LeftOut, ...]


def select(
    database: Database,
    week: Week,
    topics: Mapping[str, str],
    settings: DigestSettings,
) -> Selection:
    """Choose the stories of a week on the given topics (key to German name).

    Raises NothingToDoError when fewer than `min_items` stories are left.
    """
    relevant = [
        read
        for read in readings.read_between(database, week.start, week.end)
        if any(score.topic in topics for score in read.topics)
    ]
    fit = [read for read in relevant if not _unfit(read)]
    every = sorted(_stories(database, fit, week, topics, settings.weights), key=_rank)
    stories = [story for story in every if story.mark]
    chosen, left_out = _choose(stories, settings)
    if len(chosen) < (settings.min_items if settings.on_too_few == "hold" else 1):
        raise NothingToDoError(_too_few(week, chosen, relevant, settings))
    left_out += [_left_out(story.id, story.lead, _nothing_new(story)) for story in every if not story.mark]
    first_free = max((story.id for story in every), default=0) + 1
    unfit = [read for read in relevant if _unfit(read)]
    left_out += [_left_out(number, read, _unfit(read)) for number, read in enumerate(unfit, start=first_free)]
    return Selection(tuple(chosen), tuple(left_out))


def _unfit(read: ReadArticle) -> str:
    """Why an article cannot stand in an issue, empty when it can."""
    marks = (_UNFIT_MARKS[mark] for mark in read.article.marks if mark in _UNFIT_MARKS)
    return next(marks, _UNFIT_DATES.get(read.article.date_mark, ""))


def _stories(
    database: Database,
    articles: Sequence[ReadArticle],
    week: Week,
    topics: Mapping[str, str],
    weights: WeightSettings,
) -> Iterable[Story]:
    """The week's reports by the stories the archive keeps; one read this very moment waits for its story."""
    places = kept_stories.places(database, [read.article.id for read in articles])
    told = issues.told(database, str(week))
    members: dict[int, list[ReadArticle]] = {}
    for read in articles:
        if read.article.id in places:
            members.setdefault(places[read.article.id].story, []).append(read)
    for number, group_ in members.items():
        topic = topic_of(group_, topics)
        marks = {read.article.id: places[read.article.id].mark for read in group_}
        mark = _mark(set(marks.values())) if number in told else NEW
        ordered = sorted(group_, key=lambda read: lead_order(read, topic))
        if number in told and mark:  # what came before the news does not lead
            news = min(read.article.published for read in group_ if marks[read.article.id] == mark)
            ordered = [r for r in ordered if r.article.published >= news] + [
                r for r in ordered if r.article.published < news
            ]
        weighed = weights.model_dump()
        parts = {name: weighed[name] * part for name, part in _parts(ordered, topic, week).items()}
        yield Story(number, topic, tuple(ordered), parts, mark, told.get(number, ""))


def _mark(marks: Set[str]) -> str:
    """The weightiest thing that the week's reports do to a story told before; "" if they only repeat."""
    return next((mark for mark in (CORRECTION, DENIAL, FOLLOW_UP) if mark in marks), "")


def _nothing_new(story: Story) -> str:
    return f"seit {Week.parse(story.told).label} nichts Neues"


def _parts(articles: Sequence[ReadArticle], topic: str, week: Week) -> dict[str, float]:
    outlets = len({read.article.outlet for read in articles})
    figures = max(len({(figure.value, figure.unit) for figure in read.figures}) for read in articles)
    newest = max(read.article.published for read in articles)
    return {
        "relevance": max(relevance(read, topic) for read in articles),
        "outlets": min(math.log2(outlets) / math.log2(_MANY_OUTLETS), 1.0),
        "figures": min(figures / _MANY_FIGURES, 1.0),
        "milestone": float(any(read.milestones for read in articles)),
        "recency": (newest - week.start) / (week.end - week.start),
    }


def _choose(stories: Sequence[Story], settings: DigestSettings) -> tuple[list[Story], list[LeftOut]]:
    """The best story of each topic first, so that no loud topic crowds out a quiet one; then by score."""
    best = {story.topic: story.id for story in reversed(stories)}
    ordered = sorted(stories, key=lambda story: (best[story.topic] != story.id, *_rank(story)))
    led: Counter[str] = Counter()
    of_topic: Counter[str] = Counter()
    chosen: list[Story] = []
    left_out: list[LeftOut] = []
    for story in ordered:
        lead = next((r for r in story.articles if led[r.article.outlet] < settings.per_outlet), None)
        if len(chosen) == settings.max_items:
            reason = f"Rang zu niedrig: die Ausgabe fasst {count(settings.max_items, 'Meldung', 'Meldungen')}"
            left_out.append(_left_out(story.id, story.lead, reason))
        elif of_topic[story.topic] == settings.per_topic:
            limit = count(settings.per_topic, "Meldung", "Meldungen")
            left_out.append(_left_out(story.id, story.lead, f"höchstens {limit} je Thema"))
        elif lead is None:
            limit = count(settings.per_outlet, "Meldung", "Meldungen")
            left_out.append(_left_out(story.id, story.lead, f"höchstens {limit} je Medium"))
        else:
            led[lead.article.outlet] += 1
            of_topic[story.topic] += 1
            chosen.append(story if lead is story.lead else story.led_by(lead))
    return sorted(chosen, key=_rank), left_out


def _rank(story: Story) -> tuple[float, str]:
    """Best first; of equals the headline decides, since numbers of stories differ between archives."""
    return -story.score, story.lead.article.title


def _left_out(number: int, read: ReadArticle, reason: str) -> LeftOut:
    title = quote(shorten(read.article.title, characters=_TITLE_CHARACTERS))
    return LeftOut(number, f"{reason}: {title} ({read.article.outlet})")


def _too_few(
    week: Week, chosen: Sequence[Story], relevant: Sequence[ReadArticle], settings: DigestSettings
) -> str:
    outlets = Counter(read.article.outlet for read in relevant)
    origin = ", ".join(f"{size} from {outlet}" for outlet, size in sorted(outlets.items())) or "none"
    stories = f"{len(chosen)} {'story' if len(chosen) == 1 else 'stories'}"
    return (
        f"{week} has {stories}, an issue needs {settings.min_items} (digest.min_items); "
        f"relevant articles: {origin}. 'lagebrief sources list' shows how the sources fare"
    )
