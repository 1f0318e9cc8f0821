"""A week of made-up reports on real events of July 2025, stored and read through the archive's own doors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analysis.values import Figure, Reading, TopicScore
from archive import queries, readings
from archive import sources as archive_sources
from archive.database import Database
from archive.values import Entry, Harvest, SourceState, Storage, Verdict
from digest import stories
from digest.composing import compose
from digest.issue import Issue, SourceInfo
from digest.settings import DigestSettings, ImpressumSettings
from digest.weeks import BERLIN, Week
from digest.writing import Writer

CHINA, EU = "china-ai-rechenzentren", "eu-ai-act"
TOPICS = {CHINA: "Chinas KI-Rechenzentren", EU: "EU AI Act"}
WEEK = Week(2025, 28)
NOW = dt.datetime(2025, 7, 14, 6, tzinfo=BERLIN)

SOURCES = (
    SourceInfo("dcd", "dcd", "DataCenterDynamics", 40),
    SourceInfo("toms", "tomshardware", "Tom’s Hardware", 30),
    SourceInfo("table", "tablemedia", "Table.Media", 25),
    SourceInfo("iw", "iwkoeln", "IW Köln", 40),
    SourceInfo("ec", "ec", "EU-Kommission", 60),
    SourceInfo(
        "reuters", "reuters", "Reuters", 0, "not_collectable", "robots.txt nennt nur einzelne Dienste"
    ),
)


@dataclass(frozen=True)
class Draft:
    """An article to be stored: figures are (value, unit, qualifier, subject, text) and found in the text."""

    source: str
    title: str
    teaser: str = ""
    language: str = "de"
    topic: str = CHINA
    score: float = 0.9
    figures: tuple[tuple[float | str, str, str, str, str], ...] = ()
    milestones: tuple[str, ...] = ()
    day: int = 8
    marks: tuple[str, ...] = ()
    date_mark: str = ""
    tdm: str = ""
    max_snippet: int = -1
    url: str = ""
    storage: Storage = Storage.TEASER


WEEK_OF_JULY = (
    Draft(
        "toms",
        "China plans 39 desert data centres with more than 115,000 Nvidia GPUs",
        "Tender papers from Xinjiang and Qinghai list 39 sites that want over 115,000 Nvidia H100 and "
        "H200 chips, which may not be sold to China. About 70 percent of them are meant "
        "for one campus in Yiwu County.",
        "en",
        score=0.98,
        figures=(
            (39, "data_centre", "", "desert data centres", "39 desert data centres"),
            (115_000, "gpu", "mehr als", "Nvidia GPUs", "more than 115,000 Nvidia GPUs"),
            (
                115_000,
                "chip",
                "über",
                "Nvidia H100 and H200 chips",
                "over 115,000 Nvidia H100 and H200 chips",
            ),
            (70, "percent", "ca.", "Yiwu County", "About 70 percent"),
        ),
    ),
    Draft(
        "table",
        "China baut 39 Rechenzentren in der Wüste und rechnet mit 115.000 Nvidia-GPUs",
        "Ausschreibungen aus Xinjiang und Qinghai sehen 39 Rechenzentren vor. Woher die gesperrten Chips "
        "kommen sollen, verraten die Papiere nicht; Fachleute halten die Mengen für kaum beschaffbar.",
        score=0.95,
        figures=(
            (39, "data_centre", "", "Rechenzentren", "39 Rechenzentren"),
            (115_000, "gpu", "", "Nvidia-GPUs", "115.000 Nvidia-GPUs"),
        ),
        day=9,
    ),
    Draft(
        "dcd",
        "Inner Mongolia operator orders 1.4 GW of wind power for a computing hub",
        "The operator in Ulanqab wants to run its halls on 1.4 GW of new turbines and put 60.06 billion "
        "yuan into the campus, according to a filing.",
        "en",
        figures=(
            (1.4, "gw", "", "Ulanqab", "1.4 GW of wind power"),
            (60.06e9, "cny", "", "Ulanqab", "60.06 billion yuan"),
        ),
        day=10,
    ),
    Draft(
        "ec",
        "Kommission legt Verhaltenskodex für KI-Modelle mit allgemeinem Verwendungszweck vor",
        "Der Kodex soll Anbietern helfen, die ab dem 2. August 2025 geltenden Pflichten zu erfüllen. Bei "
        "Verstößen drohen Bußgelder von bis zu 15 Mio. Euro oder 3 Prozent des Umsatzes.",
        topic=EU,
        score=0.97,
        figures=(
            ("2025-08-02", "date", "", "", "2. August 2025"),
            (15e6, "eur", "bis zu", "", "bis zu 15 Mio. Euro"),
            (3, "percent", "", "", "3 Prozent"),
        ),
        milestones=("gpai-pflichten",),
        day=10,
    ),
    Draft(
        "iw",
        "Was der AI Act den Mittelstand kostet",
        "Eine Befragung von 1.200 Unternehmen zeigt, wie weit die Vorbereitung gediehen ist.",
        topic=EU,
        score=0.8,
        figures=((1200, "company", "", "Unternehmen", "1.200 Unternehmen"),),
        day=11,
    ),
)

# One event: an English report, and the German one four days later that adds nothing.
FIRST = Draft(
    "reuters",
    "China plans 39 AI data centers in Xinjiang with banned Nvidia chips",
    "Documents list 115,000 processors for sites in Yiwu county.",
    topic=CHINA,
    figures=(
        (39, "data_centre", "", "", "39 AI data centers"),
        (115_000, "gpu", "", "", "115,000 processors"),
    ),
    day=4,
)
ECHO = Draft(
    "table",
    "China plant 39 KI-Rechenzentren in Xinjiang",
    "Dort sollen 115.000 Chips von Nvidia laufen, im Kreis Yiwu.",
    topic=CHINA,
    figures=((39, "data_centre", "", "", "39 KI-Rechenzentren"), (115_000, "gpu", "", "", "115.000 Chips")),
    day=8,
)

Fill = Callable[..., None]


def store_and_read(database: Database, *drafts: Draft) -> None:
    """Store drafts as their sources would bring them and save what an analysis would find."""
    infos = {info.key: info for info in SOURCES}
    for draft in drafts:
        _store(database, draft, infos[draft.source].outlet)
    found = {article.title: article for article in queries.each(database)}
    pairs = [(found[draft.title], _reading(draft, found[draft.title].joined)) for draft in drafts]
    assert readings.save(database, "1", pairs) == len(drafts)
    stories.place(database, None, lambda: NOW)


def compose_july(database: Database, *, writers: Sequence[Writer] = (), **settings: object) -> Issue:
    impressum = ImpressumSettings(
        publisher="Beispielverlag GmbH",
        address="Musterstraße 1, 10115 Berlin",
        responsible="Erika Beispiel",
        email="redaktion@example.org",
    )
    notice = "Beispielausgabe mit erfundenen Texten"
    chosen = DigestSettings.model_validate({"notice": notice, **settings})
    return compose(database, WEEK, chosen, impressum, TOPICS, SOURCES, NOW, writers)


def _store(database: Database, draft: Draft, outlet: str) -> None:
    published = dt.datetime(2025, 7, draft.day, 9, 30, tzinfo=dt.UTC)
    slug = "".join(c if c.isalnum() else "-" for c in draft.title.lower())[:60]
    entry = Entry(
        url=draft.url or f"https://{outlet}.example/{slug}?ref=a&b=ü",
        title=draft.title,
        teaser=draft.teaser,
        language=draft.language,
        published=published,
        marks=draft.marks,
        date_mark=draft.date_mark,
    )
    archive_sources.store(
        database,
        Harvest(
            draft.source,
            outlet,
            f"https://{outlet}.example/feed",
            published + dt.timedelta(hours=1),
            SourceState.OK,
            entries=(entry,),
            storage=draft.storage,
            verdict=Verdict(tdm=draft.tdm, max_snippet=draft.max_snippet),
        ),
    )


def _reading(draft: Draft, joined: str) -> Reading:
    figures = []
    for value, unit, qualifier, subject, text in draft.figures:
        start = joined.index(text)
        figures.append(Figure(value, unit, qualifier, subject, text, start, start + len(text)))
    return Reading(draft.language, (TopicScore(draft.topic, draft.score),), tuple(figures), draft.milestones)
