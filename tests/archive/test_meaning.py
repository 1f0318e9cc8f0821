"""Finding by meaning, by most words, and joining both."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from builders import bring, line
from sqlalchemy import delete, update

from analysis import search_words
from archive import deletion, queries, search_vectors, stories, tables
from archive.database import Database
from archive.fusion import Pool, Scored
from archive.meaning import Meaning
from archive.search import SearchIndex
from archive.stories import Place

Rows = npt.NDArray[np.float32]

# Meanings of a made-up language with three directions: sea, power, law.
MEANINGS = {"Meer": (1.0, 0.0, 0.0), "Strom": (0.0, 1.0, 0.0), "Gesetz": (0.0, 0.0, 1.0)}


def rows(texts: Sequence[str]) -> Rows:
    return np.array([MEANINGS.get(text, (0.0, 0.0, 0.0)) for text in texts], dtype=np.float32)


class MadeUp:
    """A sense for that language; an article is compared at length 1."""

    name, dim = "made-up", 3

    def placed(self, kept: Rows) -> Rows:
        return kept / np.maximum(np.linalg.norm(kept, axis=1, keepdims=True), 1e-6)

    def queries(self, texts: list[str]) -> Rows:
        return rows(texts)


def mean(database: Database, **meanings: tuple[str, ...]) -> None:
    """Give articles the meanings that they have."""
    made = [article for article in queries.each(database) if article.public_id in meanings]
    sums = [rows(meanings[article.public_id]).sum(axis=0) for article in made]
    search_vectors.save(database, MadeUp.name, made, np.array(sums))


def like(database: Database, meaning: Meaning, text: str, answers: Sequence[str] = ()) -> list[str]:
    """What is like a text and some articles, the likest first."""
    by_id = {article.public_id: article.id for article in queries.each(database)}
    wanted = meaning.ask(text)
    if wanted is None:
        return []
    found = wanted.toward([by_id[public_id] for public_id in answers], 1.0).likeness()
    assert list(found.values()) == sorted(found.values(), reverse=True)
    return [article.public_id for article in queries.articles(database, list(found))]


def reserve(database: Database, public_id: str) -> None:
    """Its publisher now reserves mining."""
    article = queries.by_public_id(database, public_id)
    assert article is not None
    with database.writing() as connection:
        newest = queries.last_change(database) + 1
        changed = update(tables.article).where(tables.article.c.id == article.id)
        connection.execute(changed.values(tdm="reserved", change=newest))
        counter = tables.counter
        connection.execute(update(counter).where(counter.c.name == "change").values(value=newest))


@pytest.fixture
def meaning(sqlite: Database) -> Meaning:
    bring(sqlite, line("sea"), line("both"), line("law"), line("none"))
    mean(sqlite, xsea=("Meer",), xboth=("Meer", "Meer", "Strom"), xlaw=("Gesetz",))
    return Meaning(sqlite, MadeUp())


def test_the_likest_articles_come_first(sqlite: Database, meaning: Meaning) -> None:
    assert like(sqlite, meaning, "Meer") == ["xsea", "xboth"]
    assert like(sqlite, meaning, "Strom") == ["xboth"]
    assert like(sqlite, meaning, "unbekannt") == []
    assert meaning.ask("  ") is None


def test_what_is_like_an_answer_is_meant_too(sqlite: Database, meaning: Meaning) -> None:
    assert like(sqlite, meaning, "unbekannt", ["xlaw"]) == ["xlaw"]
    assert like(sqlite, meaning, "Strom", ["xsea", "xnone"]) == ["xboth", "xsea"]
    assert like(sqlite, meaning, "Strom", ["xnone"]) == ["xboth"]  # without a vector it draws nowhere


def test_articles_that_are_named_get_their_likeness_however_small(sqlite: Database, meaning: Meaning) -> None:
    by_id = {article.public_id: article.id for article in queries.each(sqlite)}
    wanted = meaning.ask("Meer")
    assert wanted is not None
    found = wanted.likeness([by_id["xlaw"], by_id["xnone"]])
    assert found == {
        by_id["xsea"]: pytest.approx(1.0),
        by_id["xboth"]: pytest.approx(0.89, abs=0.01),
        by_id["xlaw"]: pytest.approx(0.0),
    }


def test_vectors_of_another_model_are_not_compared(sqlite: Database, meaning: Meaning) -> None:
    class Another(MadeUp):
        name = "another"

    assert meaning.ask("Meer")
    assert Meaning(sqlite, Another()).ask("Meer") is None


def test_it_follows_articles_and_vectors_that_come_later(sqlite: Database, meaning: Meaning) -> None:
    assert like(sqlite, meaning, "Gesetz") == ["xlaw"]
    mean(sqlite, xnone=("Gesetz",))  # no change of the archive tells of it
    assert like(sqlite, meaning, "Gesetz") == ["xlaw", "xnone"]
    bring(sqlite, line("new"))
    mean(sqlite, xnew=("Gesetz",))
    assert like(sqlite, meaning, "Gesetz") == ["xlaw", "xnone", "xnew"]


def test_an_archive_without_vectors_needs_no_model(sqlite: Database) -> None:
    class Refusing(MadeUp):
        def queries(self, texts: list[str]) -> Rows:
            raise AssertionError(f"the model was asked about {texts}")

    bring(sqlite, line("sea"), line("law"))
    meaning = Meaning(sqlite, Refusing())
    assert meaning.ask("Meer") is None
    mean(sqlite, xsea=("Meer",))
    with pytest.raises(AssertionError, match="asked"):
        meaning.ask("Meer")


def test_a_changed_article_is_forgotten_until_it_is_read_again(sqlite: Database, meaning: Meaning) -> None:
    assert like(sqlite, meaning, "Gesetz") == ["xlaw"]
    bring(sqlite, line("law", title="Etwas ganz anderes"))
    assert like(sqlite, meaning, "Gesetz") == []
    mean(sqlite, xlaw=("Meer",))
    assert like(sqlite, meaning, "Meer") == ["xsea", "xlaw", "xboth"]


def test_a_deleted_article_is_forgotten(sqlite: Database, meaning: Meaning) -> None:
    assert like(sqlite, meaning, "Gesetz") == ["xlaw"]
    law = next(article for article in queries.each(sqlite) if article.public_id == "xlaw")
    assert deletion.delete_article(sqlite, law, "on request", law.first_seen)
    wanted = meaning.ask("Gesetz")
    assert wanted is not None
    assert wanted.likeness([law.id]) == {}


def test_more_articles_than_there_was_room_for(sqlite: Database, meaning: Meaning) -> None:
    bring(sqlite, *(line(number) for number in range(600)))
    mean(sqlite, **{f"x{number}": ("Strom",) for number in range(600)})
    assert len(like(sqlite, meaning, "Strom")) == 50
    assert like(sqlite, meaning, "Meer") == ["xsea", "xboth"]


def test_what_must_no_longer_be_mined_is_forgotten(sqlite: Database, meaning: Meaning) -> None:
    assert like(sqlite, meaning, "Gesetz") == ["xlaw"]
    reserve(sqlite, "xlaw")
    assert like(sqlite, meaning, "Gesetz") == []
    assert like(sqlite, Meaning(sqlite, MadeUp()), "Gesetz") == []
    assert search_vectors.drop_reserved(sqlite) == 1
    assert search_vectors.drop_reserved(sqlite) == 0


def test_an_archive_that_was_put_back(sqlite: Database, meaning: Meaning) -> None:
    assert meaning.ask("Meer")
    with sqlite.writing() as connection:
        connection.execute(delete(tables.article))
        counter = tables.counter
        connection.execute(update(counter).where(counter.c.name == "change").values(value=0))
    assert meaning.ask("Meer") is None


def test_all_words_as_typed_stay_before_everything_else() -> None:
    typed = [Scored(1, 5.0, 0), Scored(2, 1.0, 0)]
    found = Pool([*typed, Scored(3, 9.0, 1)]).ordered({4: 1.0, 2: 0.1})
    assert found == [(1, 5.0), (2, 1.0), (4, 0.0), (3, 9.0)]


def test_the_rest_is_a_sum_of_words_story_and_meaning() -> None:
    half, most = Scored(5, 50.0, 2), Scored(6, 90.0, 2)
    pool = Pool([half, most], most=100.0, same_story=frozenset({5, 7}))
    assert [id_ for id_, _ in pool.ordered({})] == [5, 6, 7]
    assert [id_ for id_, _ in pool.ordered({6: 0.3, 8: 0.4, 7: 0.2})] == [6, 8, 7, 5]
    assert Pool([]).ordered({7: 0.5, 5: 0.4}) == [(7, 0.0), (5, 0.0)]


class Known:
    """What a text means, given: articles with their likeness. `drawn` keeps what it was drawn towards."""

    def __init__(self, likeness: Mapping[int, float]) -> None:
        self._likeness = dict(likeness)
        self.drawn: list[list[int]] = []

    def toward(self, ids: Sequence[int], _weight: float) -> Known:
        self.drawn.append(list(ids))
        return self

    def likeness(self, _among: Collection[int] = ()) -> dict[int, float]:
        return self._likeness


def known(database: Database, index: SearchIndex, **likeness: float) -> Known:
    index.follow()
    by_id = {article.public_id: article.id for article in queries.each(database)}
    return Known({by_id[public_id]: value for public_id, value in likeness.items()})


LONGER = [
    line("all", title="Reeder baut schwimmendes Kraftwerk vor Hamburg", language="de"),
    line("most", title="Schwimmendes Kraftwerk liefert Strom", language="de"),
    line("one", title="Hamburg baut Schulen", language="de"),
    line("far", title="Bäcker streiken", language="de"),
]  # fmt: skip


@pytest.fixture
def index(sqlite: Database, tmp_path: Path) -> SearchIndex:
    bring(sqlite, *LONGER)
    return SearchIndex(tmp_path / "index", sqlite, search_words)


def found(index: SearchIndex, text: str, **options: object) -> list[str]:
    return [hit.article.public_id for hit in index.search(text, **options).hits]  # type: ignore[arg-type]  # any option


def test_most_words_come_behind_all_words(index: SearchIndex) -> None:
    assert found(index, "schwimmendes Kraftwerk Hamburg Reeder")[:2] == ["xall", "xmost"]
    assert "xfar" not in found(index, "schwimmendes Kraftwerk Hamburg Reeder")


def test_a_word_that_no_article_has_is_left_aside(index: SearchIndex) -> None:
    assert sorted(found(index, "schwimmendes Kraftwerk Xylophon")) == ["xall", "xmost"]


def test_words_that_say_nothing_need_not_be_found(index: SearchIndex) -> None:
    assert found(index, "das Kraftwerk vor der Hamburg", by_date=True) == ["xall"]


def test_what_must_not_be_there_is_not_there(index: SearchIndex) -> None:
    assert found(index, "schwimmendes Kraftwerk Xylophon -Reeder") == ["xmost"]
    assert found(index, '"schwimmendes Kraftwerk liefert" Xylophon Strom') == ["xmost"]


def test_by_date_all_words_are_asked_for(index: SearchIndex) -> None:
    assert found(index, "schwimmendes Kraftwerk Xylophon", by_date=True) == []


def test_what_is_like_the_answers_and_then_like_the_first_hits_is_meant(
    sqlite: Database, index: SearchIndex
) -> None:
    meant = known(sqlite, index, xfar=0.9)
    by_id = {article.public_id: article.id for article in queries.each(sqlite)}
    assert found(index, "schwimmendes Kraftwerk Hamburg", meaning=lambda _text: meant)[:2] == ["xall", "xfar"]
    assert meant.drawn == [[by_id["xall"]], [by_id[x] for x in ("xall", "xfar", "xmost", "xone")]]
    meant.drawn.clear()
    found(index, "Xylophon", meaning=lambda _text: meant)
    assert meant.drawn == [[], [by_id["xfar"]]]


def test_reports_of_a_story_that_answers_come_along(sqlite: Database, index: SearchIndex) -> None:
    by_id = {article.public_id: article.id for article in queries.each(sqlite)}
    now = dt.datetime(2025, 7, 1, tzinfo=dt.UTC)
    stories.place(sqlite, {by_id["xfar"]: Place(-1), by_id["xone"]: Place(-1)}, now)
    assert index.search("Schulen").complete == 1
    assert found(index, "Schulen") == ["xone", "xfar"]
    assert found(index, "Schulen sprache:en") == []
    assert found(index, "Schulen", by_date=True) == ["xone"]
    assert index.search("Schulen").total == 2


def test_a_word_that_no_article_has_is_searched_as_the_nearest_one(index: SearchIndex) -> None:
    better = index.search("schwimendes Kraftwerk")
    assert (better.suggestion, better.total) == ("schwimmendes Kraftwerk", 2)
    assert [hit.article.public_id for hit in better.hits] == ["xmost", "xall"]
    assert found(index, '"schwimendes Kraftwerk"') == []  # as it stands


def test_the_head_of_a_compound_that_is_not_known_is_better_than_nothing(index: SearchIndex) -> None:
    assert sorted(found(index, "Zwergkraftwerke")) == ["xall", "xmost"]
    looked = index.search("Zwergkraftwerke")
    assert looked.complete == 0
    assert all("<mark>Kraftwerk</mark>" in hit.snippet for hit in looked.hits)


def test_a_compound_counts_once_not_by_its_parts(sqlite: Database, tmp_path: Path) -> None:
    bring(
        sqlite,
        *(line(f"hall{n}", title=f"Rechenzentrum {n} geht ans Netz", language="de") for n in range(8)),
        line("orbit", title="Satellit startet", language="de"),
    )
    index = SearchIndex(tmp_path / "other", sqlite, search_words)
    assert found(index, "Rechenzentrum Satellit")[0] == "xorbit"  # the rarer word, not the longer one


def test_meaning_joins_page_by_page(sqlite: Database, index: SearchIndex) -> None:
    meant = known(sqlite, index, xfar=0.5, xall=0.4)
    pages = [index.search("Kraftwerk", meaning=lambda _text: meant, limit=2, offset=at) for at in (0, 2)]
    assert [hit.article.public_id for page in pages for hit in page.hits] == ["xmost", "xall", "xfar"]
    assert {page.total for page in pages} == {3}


def test_what_is_asked_for_word_by_word_is_not_found_by_its_meaning(
    sqlite: Database, index: SearchIndex
) -> None:
    everything = known(sqlite, index, xall=0.5, xmost=0.5, xone=0.5, xfar=0.5)
    for text, expected in (
        ('"Kraftwerk vor Hamburg"', ["xall"]),
        ('"Kraftwerk tanzt"', []),
        ("Strom ODER Schulen", ["xmost", "xone"]),
        ("Kraftwerk -Reeder sprache:de", ["xmost", "xone", "xfar"]),
    ):
        assert sorted(found(index, text, meaning=lambda _text: everything)) == sorted(expected), text


def test_a_search_of_filters_alone_has_no_meaning(index: SearchIndex) -> None:
    def ask(_text: str) -> Known:
        raise AssertionError("nothing was asked")

    assert len(index.search("sprache:de", meaning=ask).hits) == 4
