from dataclasses import replace

import pytest
from example_week import CHINA, EU, TOPICS, WEEK, WEEK_OF_JULY, Draft, Fill, compose_july

from archive.database import Database
from digest.selection import select
from digest.settings import DigestSettings, WeightSettings
from digest.weeks import Week
from lagebrief.errors import NothingToDoError

HEADLINES = [
    "Ulanqab zieht Windstrom für Serverhallen heran",
    "Huawei liefert Ascend-Prozessoren an Betreiber",
    "Zollstreit bremst Speicherchips von Micron",
    "Tencent mietet Rechenleistung in Osaka",
    "Unterwasserkühlung vor Hainan besteht Dauertest",
    "Peking verlangt Nachweise über Exportgenehmigungen",
    "ByteDance verschiebt Campus nach Johor",
    "Fernwärme aus Abwärme heizt Harbin",
    "Parlament streitet über Haftung",
]


def different(source: str, number: int, topic: str = CHINA, score: float = 0.9) -> Draft:
    """One of several reports that nobody would take for one story."""
    return Draft(source, HEADLINES[number], topic=topic, score=score)


def chosen(database: Database, **settings: object) -> list[str]:
    selection = select(database, WEEK, TOPICS, DigestSettings.model_validate({"min_items": 1, **settings}))
    return [story.lead.article.title for story in selection.stories]


def test_reports_on_one_event_make_one_story_led_in_german(database: Database, fill: Fill) -> None:
    fill(*WEEK_OF_JULY)
    selection = select(database, WEEK, TOPICS, DigestSettings())
    outlets = [[read.article.outlet for read in story.articles] for story in selection.stories]
    assert ["tablemedia", "tomshardware"] in outlets
    assert len(selection.stories) == 4
    assert selection.left_out == ()


def test_scores_come_from_stated_weights(database: Database, fill: Fill) -> None:
    fill(*WEEK_OF_JULY)
    selection = select(database, WEEK, TOPICS, DigestSettings())
    for story in selection.stories:
        assert set(story.parts) == set(WeightSettings.model_fields)
        weights = WeightSettings().model_dump()
        assert all(0 <= part <= weights[name] for name, part in story.parts.items())
    assert [s.score for s in selection.stories] == sorted((s.score for s in selection.stories), reverse=True)
    by_outlet = {story.lead.article.outlet: story.parts for story in selection.stories}
    assert by_outlet["ec"]["milestone"] == WeightSettings().milestone
    assert by_outlet["tablemedia"]["outlets"] == 0.5 * WeightSettings().outlets


def test_too_few_says_how_many_and_from_where(database: Database, fill: Fill) -> None:
    fill(*WEEK_OF_JULY[-2:])
    with pytest.raises(NothingToDoError) as caught:
        select(database, WEEK, TOPICS, DigestSettings())
    assert "2 stories" in str(caught.value)
    assert "1 from ec, 1 from iwkoeln" in str(caught.value)
    with pytest.raises(NothingToDoError, match=r"0 stories.*none"):
        select(database, Week(2025, 29), TOPICS, DigestSettings())


def test_one_outlet_leads_no_more_than_its_share(database: Database, fill: Fill) -> None:
    fill(*(different("dcd", number) for number in range(6)))
    selection = select(database, WEEK, TOPICS, DigestSettings(per_outlet=4))
    assert len(selection.stories) == 4
    assert [story.reason.replace("\u00a0", " ")[:29] for story in selection.left_out] == [
        "höchstens 4 Meldungen je Medi"
    ] * 2


def test_another_outlet_may_lead_when_the_first_has_its_share(database: Database, fill: Fill) -> None:
    shared = [replace(report, score=0.5) for report in WEEK_OF_JULY[:2]]
    best = replace(different("table", 0, score=1.0), milestones=("gpai",))
    fill(*shared, best)
    assert chosen(database, per_outlet=2) == [best.title, shared[1].title]
    assert chosen(database, per_outlet=1) == [best.title, shared[0].title]


def test_a_loud_topic_does_not_crowd_out_a_quiet_one(database: Database, fill: Fill) -> None:
    loud = [different(source, n, score=1.0) for n, source in enumerate(["dcd", "toms", "table", "iw"] * 2)]
    fill(*loud, different("ec", 8, EU, 0.5))
    selection = select(database, WEEK, TOPICS, DigestSettings(max_items=3))
    assert {story.topic for story in selection.stories} == {CHINA, EU}
    assert len(selection.stories) == 3
    assert len(selection.left_out) == 6
    assert all("Rang zu niedrig" in story.reason for story in selection.left_out)


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        (Draft("dcd", "AI News | Latest Headlines", marks=("hub",)), "Übersichtsseite"),
        (Draft("dcd", "Old report", marks=("stale",)), "weit vor dem Fund"),
        (Draft("dcd", "Old report", date_mark="stale"), "weit vor dem Fund"),
        (Draft("dcd", "Report from tomorrow", date_mark="future"), "in der Zukunft"),
    ],
)
def test_unfit_articles_stay_out_with_a_reason(
    database: Database, fill: Fill, odd: Draft, reason: str
) -> None:
    fill(*WEEK_OF_JULY, odd)
    selection = select(database, WEEK, TOPICS, DigestSettings())
    assert odd.title not in [story.lead.article.title for story in selection.stories]
    (left,) = selection.left_out
    assert reason in left.reason
    assert odd.title in left.reason
    assert left.story not in {story.id for story in selection.stories}


def test_only_configured_topics_and_only_this_week(database: Database, fill: Fill) -> None:
    fill(
        different("dcd", 0), different("iw", 1, topic="football"), Draft("ec", "Nächste Woche Neues", day=14)
    )
    assert chosen(database) == [different("dcd", 0).title]


def test_weights_rank(database: Database, fill: Fill) -> None:
    fill(*WEEK_OF_JULY)
    none = dict.fromkeys(WeightSettings.model_fields, 0.0)

    def first(**weights: float) -> str:
        settings = DigestSettings.model_validate({"weights": none | weights})
        return select(database, WEEK, TOPICS, settings).stories[0].lead.article.outlet

    assert first(milestone=1.0) == "ec"
    assert first(outlets=1.0) == "tablemedia"


def test_a_topic_has_its_limit(database: Database, fill: Fill) -> None:
    fill(*WEEK_OF_JULY)
    settings = DigestSettings(min_items=1, per_topic=1)
    selection = select(database, WEEK, TOPICS, settings)
    assert len({story.topic for story in selection.stories}) == len(selection.stories)
    assert {left.reason.split(":")[0].replace("\u00a0", " ") for left in selection.left_out} == {
        "höchstens 1 Meldung je Thema"
    }


def test_too_few_stories_may_make_a_short_issue(database: Database, fill: Fill) -> None:
    fill(*WEEK_OF_JULY[:1])
    with pytest.raises(NothingToDoError):
        select(database, WEEK, TOPICS, DigestSettings())
    issue = compose_july(database, on_too_few="short")
    assert len(issue.items) == 1
    assert issue.notice.replace("\u00a0", " ").endswith("Kurze Ausgabe: nur 1 Meldung.")


def test_not_one_story_makes_no_issue(database: Database) -> None:
    with pytest.raises(NothingToDoError):
        compose_july(database, on_too_few="short")
