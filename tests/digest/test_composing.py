import datetime as dt
import json
from dataclasses import replace

from example_week import NOW, SOURCES, WEEK, WEEK_OF_JULY, Fill, compose_july

from archive import sources as archive_sources
from archive.database import Database
from archive.values import Harvest, SourceState, Storage
from digest.boxes import coverage
from digest.issue import Issue


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_a_usual_week(july: Issue) -> None:
    assert plain(july.subject) == "Lagebrief KW 28: 4 Meldungen zu Chinas KI-Rechenzentren und EU AI Act"
    assert 40 <= len(july.preheader) <= 90
    assert july.state == "draft"
    assert [name for _, name in july.topics] == ["Chinas KI-Rechenzentren", "EU AI Act"]
    assert [item.topic for item in july.items] == sorted(item.topic for item in july.items)


def test_the_fact_line_has_the_figures_of_the_report_that_tells_most(july: Issue) -> None:
    item = next(item for item in july.items if item.lead.outlet == "tablemedia")
    assert plain(item.fact_sentence) == (
        "Laut Tom’s Hardware: 39 Rechenzentren, über 115.000 Chips (Nvidia H100/H200), "
        "rund 70 Prozent (Yiwu County)."
    )
    assert item.headline.startswith("China baut 39 Rechenzentren")
    assert item.teaser.endswith(" …")
    assert len(item.teaser.split()) == 26
    assert item.language_note == ""


def test_things_come_before_dates(july: Issue) -> None:
    item = next(item for item in july.items if item.lead.outlet == "ec")
    assert plain(item.fact_line) == "bis zu 15 Mio. Euro, Termin 2. August 2025"


def test_without_good_figures_there_is_no_fact_line(july: Issue) -> None:
    item = next(item for item in july.items if item.lead.outlet == "iwkoeln")
    assert item.fact_sentence == ""
    assert item.summary == item.teaser


def test_english_stays_english_and_says_so(july: Issue) -> None:
    item = next(item for item in july.items if item.lead.outlet == "dcd")
    assert item.language_note == "Überschrift und Anriss im Original (Englisch)"


def test_a_figure_that_is_wrong_about_its_text_falls_and_the_rest_stays(
    database: Database, fill: Fill
) -> None:
    wind = WEEK_OF_JULY[2]
    wrong = replace(wind, figures=((4.1, "gw", "", "", "1.4 GW of wind power"), wind.figures[1]))
    fill(*WEEK_OF_JULY[:2], wrong, *WEEK_OF_JULY[3:])
    item = next(i for i in compose_july(database).items if i.lead.outlet == "dcd")
    assert plain(item.fact_line) == "60,06 Mrd. Yuan"


def test_teasers_keep_every_limit(database: Database, fill: Fill) -> None:
    table, wind, code, survey = WEEK_OF_JULY[1:]
    fill(
        replace(table, max_snippet=40),
        replace(wind, tdm="reserved", figures=wind.figures[:1]),
        replace(code, storage=Storage.HEADLINE, figures=()),
        replace(survey, max_snippet=0),
    )
    items = {item.lead.outlet: item for item in compose_july(database).items}
    assert 0 < len(items["tablemedia"].teaser) <= 40
    assert (items["dcd"].teaser, items["dcd"].fact_line) == ("", "")
    assert items["dcd"].language_note == "Überschrift im Original (Englisch)"
    assert items["ec"].teaser == ""
    assert items["iwkoeln"].teaser == ""


def test_json_has_the_documented_shape(july: Issue) -> None:
    content = json.loads(json.dumps(july.to_json()))
    assert list(content) == [
        "week",
        "state",
        "subject",
        "writer",
        "items",
        "milestones",
        "figure_rows",
        "coverage",
        "corrections",
        "own_corrections",
        "left_out",
    ]
    assert (content["week"], content["writer"]) == ("2025-W28", "extract")
    item = content["items"][0]
    assert list(item) == [
        "story",
        "topic",
        "mark",
        "told",
        "score",
        "writer",
        "headline",
        "summary",
        "language_note",
        "sources",
        "figures",
        "checks",
    ]
    assert list(item["sources"][0]) == ["outlet", "title", "url", "published", "language"]
    assert list(item["checks"][0]) == ["kind", "text", "source_id", "start", "end"]
    assert all(check["text"] in item["summary"] for check in item["checks"])


def test_every_row_of_figures_names_its_source_once(july: Issue) -> None:
    assert [plain(row.value) for row in july.figure_rows] == [
        "39 Rechenzentren",
        "über 115.000 Chips (Nvidia H100/H200)",
        "1,4 GW",
        "60,06 Mrd. Yuan",
        "bis zu 15 Mio. Euro",
    ]
    assert all(row.who and row.url.startswith("https://") and row.checks for row in july.figure_rows)


def test_deadlines_count_from_the_monday_after(july: Issue) -> None:
    assert len(july.deadlines) == 5
    for deadline in july.deadlines:
        assert deadline.days == (deadline.day - dt.date(2025, 7, 14)).days
        assert deadline.days >= 0


def test_coverage_tells_of_every_source(database: Database, july: Issue) -> None:
    lines = {line.key: line for line in july.coverage}
    assert (lines["dcd"].words, lines["dcd"].articles, lines["dcd"].good) == ("abgerufen", 1, True)
    assert lines["reuters"].words == "wird nicht abgerufen: robots.txt nennt nur einzelne Dienste"

    def visit(key: str, state: SourceState, at: dt.datetime) -> None:
        archive_sources.store(database, Harvest(key, key, "https://x.example/", at, state))

    in_week, later = WEEK.start + dt.timedelta(days=1), WEEK.end + dt.timedelta(hours=1)
    visit("toms", SourceState.BLOCKED, in_week)
    visit("new", SourceState.BLOCKED, in_week)
    visit("late", SourceState.OK, later)
    archive_sources.pause(database, "resting", paused=True)
    infos = [replace(SOURCES[0], key=key) for key in ("toms", "new", "late", "resting", "unknown")]
    words = [plain(line.words) for line in coverage(database, WEEK, infos, NOW + dt.timedelta(days=1))]
    assert words == [
        "1 von 2 Abrufen gescheitert (Zugriff verweigert)",
        "Zugriff verweigert",
        "erst nach der Woche geprüft: abgerufen",
        "pausiert",
        "in dieser Woche nicht abgerufen",
    ]


def test_composing_twice_gives_the_same(database: Database, july: Issue) -> None:
    assert compose_july(database) == july
