"""Readings beside their articles: replaced as a whole, never kept for a text that has changed."""

from __future__ import annotations

import pytest
from builders import DAY, NOW, entry, figure, harvest, reading

from archive import queries, readings, sources
from archive.database import Database
from archive.values import Article


def stored(database: Database, count: int = 1) -> list[Article]:
    sources.store(database, harvest(*(entry(number) for number in range(count))))
    return readings.pending(database, "v1", 100)


def read_back(database: Database) -> list[readings.ReadArticle]:
    return readings.read_between(database, NOW - 2 * DAY, NOW)


def test_what_was_read_is_pending_no_more_until_the_version_changes(database: Database) -> None:
    articles = stored(database, 5)
    assert len(articles) == 5
    assert len(readings.pending(database, "v1", 2)) == 2
    assert readings.save(database, "v1", [(article, reading()) for article in articles[:3]]) == 3
    assert [a.id for a in readings.pending(database, "v1", 100)] == [a.id for a in articles[3:]]
    assert len(readings.pending(database, "v2", 100)) == 5
    readings.forget(database)
    assert len(readings.pending(database, "v1", 100)) == 5


def test_nothing_to_save_is_nothing(database: Database) -> None:
    assert readings.save(database, "v1", []) == 0


def test_a_reading_comes_back_as_it_was(database: Database) -> None:
    (article,) = stored(database)
    found = (
        figure(98e9, "usd", "Ökostrom-Großprojekt „Østervang“", "98 Mrd. US-Dollar"),
        figure("2025-08-02", "date", "数据中心", "2. August 2025"),
        figure(0.5, "percent", "", "0,5 %"),
    )
    readings.save(database, "v1", [(article, reading(*found, topics=("eu-ai-act",)))])
    (back,) = read_back(database)
    assert back.figures == found
    assert [(score.topic, score.score, score.evidence) for score in back.topics] == [
        ("eu-ai-act", 0.9, ("Beleg",))
    ]


def test_a_second_reading_replaces_the_first(database: Database) -> None:
    (article,) = stored(database)
    for version, topic in (("v1", "alt"), ("v2", "neu")):
        given = reading(figure(1.0, "gw", "Leistung", "1 GW"), topics=(topic,))
        readings.save(database, version, [(article, given)])
    (back,) = read_back(database)
    assert [score.topic for score in back.topics] == ["neu"]
    assert len(back.figures) == 1


def test_a_text_that_changed_meanwhile_stays_pending(database: Database) -> None:
    first, second = stored(database, 2)
    sources.store(database, harvest(entry(0, teaser="Ein neuer Vorspann")))
    given = reading(topics=("alt",))
    assert readings.save(database, "v1", [(first, given), (second, given)]) == 1
    (left,) = readings.pending(database, "v1", 10)
    assert (left.id, left.teaser) == (first.id, "Ein neuer Vorspann")


def test_a_changed_text_is_pending_again(database: Database) -> None:
    (article,) = stored(database)
    readings.save(database, "v1", [(article, reading(topics=("alt",)))])
    sources.store(database, harvest(entry(0, title="Bericht Nummer 0 über zwei neue Rechenzentren")))
    assert [a.revision for a in readings.pending(database, "v1", 10)] == [2]


def test_an_unknown_language_is_learned_and_a_known_one_kept(database: Database) -> None:
    sources.store(database, harvest(entry(1), entry(2, language="en")))
    articles = readings.pending(database, "v1", 10)
    readings.save(database, "v1", [(article, reading(language="de")) for article in articles])
    assert [article.language for article in queries.each(database)] == ["de", "en"]


def test_saving_is_a_change_that_the_index_can_follow(database: Database) -> None:
    (article,) = stored(database)
    before = queries.last_change(database)
    readings.save(database, "v1", [(article, reading())])
    assert [a.id for _, a in queries.changed_after(database, before, 10)] == [article.id]


@pytest.mark.parametrize("subject", ["ökostrom", "ÖKOSTROM", "strom", "Østervang", "100 %"])
def test_figures_are_found_by_subject_in_any_case(database: Database, subject: str) -> None:
    (article,) = stored(database)
    given = [
        figure(1.0, "gw", "Ökostrom für østervang, 100 % neu", "1 GW"),
        figure(2.0, "gpu", "Karten 1000", "2 Karten"),
    ]
    readings.save(database, "v1", [(article, reading(*given))])
    assert [row.figure.value for row in readings.figures(database, subject=subject)] == [1.0]


def test_figures_are_narrowed_and_newest_first(database: Database) -> None:
    sources.store(database, harvest(*(entry(n, published=NOW - n * DAY) for n in range(4))))
    articles = readings.pending(database, "v1", 10)
    given = [(a, reading(figure(float(n), "gw" if n % 2 else "mw", "", "x"))) for n, a in enumerate(articles)]
    readings.save(database, "v1", given)
    assert [row.figure.value for row in readings.figures(database)] == [0, 1, 2, 3]
    assert [row.figure.value for row in readings.figures(database, unit="gw")] == [1, 3]
    assert [row.figure.value for row in readings.figures(database, since=NOW - DAY)] == [0, 1]
    assert len(readings.figures(database, limit=2)) == 2
