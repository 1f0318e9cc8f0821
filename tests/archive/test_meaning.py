"""Finding by meaning, by most words, and joining both."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from builders import bring, line
from sqlalchemy import delete, update

from analysis import search_words
from archive import queries, tables, vectors
from archive.database import Database
from archive.fusion import fused
from archive.meaning import Meaning
from archive.search import SearchIndex

Rows = npt.NDArray[np.float32]

# Meanings of a made-up language with three directions: sea, power, law.
MEANINGS = {"Meer": (1.0, 0.0, 0.0), "Strom": (0.0, 1.0, 0.0), "Gesetz": (0.0, 0.0, 1.0)}


def encode(texts: list[str]) -> Rows:
    return np.array([MEANINGS.get(text, (0.0, 0.0, 0.0)) for text in texts], dtype=np.float32)


def mean(database: Database, **meanings: tuple[str, ...]) -> None:
    """Give articles the sentences they consist of."""
    made = {article: encode(list(meanings[article.public_id])) for article in queries.each(database)
            if article.public_id in meanings}  # fmt: skip
    vectors.save(database, "made-up", made)


def ids(database: Database, found: list[int]) -> list[str]:
    return [article.public_id for article in queries.articles(database, found)]


@pytest.fixture
def meaning(sqlite: Database) -> Meaning:
    bring(sqlite, line("sea"), line("both"), line("law"), line("none"))
    mean(sqlite, xsea=("Meer",), xboth=("Meer", "Meer", "Strom"), xlaw=("Gesetz",))
    return Meaning(sqlite, "made-up", 3, encode)


def test_the_likest_articles_come_first(sqlite: Database, meaning: Meaning) -> None:
    assert ids(sqlite, meaning.nearest("Meer")) == ["xsea", "xboth"]
    assert ids(sqlite, meaning.nearest("Strom")) == ["xboth"]
    assert meaning.nearest("unbekannt") == []
    assert meaning.nearest("  ") == []


def test_vectors_of_another_model_are_not_compared(sqlite: Database, meaning: Meaning) -> None:
    del meaning
    assert Meaning(sqlite, "another", 3, encode).nearest("Meer") == []


def test_it_follows_articles_and_vectors_that_come_later(sqlite: Database, meaning: Meaning) -> None:
    assert ids(sqlite, meaning.nearest("Gesetz")) == ["xlaw"]
    mean(sqlite, xnone=("Gesetz",))  # no change of the archive tells of it
    assert ids(sqlite, meaning.nearest("Gesetz")) == ["xlaw", "xnone"]
    bring(sqlite, line("new"))
    mean(sqlite, xnew=("Gesetz",))
    assert ids(sqlite, meaning.nearest("Gesetz")) == ["xlaw", "xnone", "xnew"]


def test_an_archive_without_vectors_needs_no_model(sqlite: Database) -> None:
    def refuse(_texts: list[str]) -> Rows:
        raise AssertionError("the model was asked")

    bring(sqlite, line("sea"), line("law"))
    meaning = Meaning(sqlite, "made-up", 3, refuse)
    assert meaning.nearest("Meer") == []
    mean(sqlite, xsea=("Meer",))
    with pytest.raises(AssertionError, match="asked"):
        meaning.nearest("Meer")


def test_a_changed_article_is_forgotten_until_it_is_read_again(sqlite: Database, meaning: Meaning) -> None:
    assert meaning.nearest("Gesetz")
    bring(sqlite, line("law", title="Etwas ganz anderes"))
    assert meaning.nearest("Gesetz") == []
    mean(sqlite, xlaw=("Meer",))
    assert ids(sqlite, meaning.nearest("Meer")) == ["xsea", "xlaw", "xboth"]


def test_more_articles_than_there_was_room_for(sqlite: Database, meaning: Meaning) -> None:
    bring(sqlite, *(line(number) for number in range(600)))
    mean(sqlite, **{f"x{number}": ("Strom",) for number in range(600)})
    assert len(meaning.nearest("Strom")) == 50
    assert ids(sqlite, meaning.nearest("Meer")) == ["xsea", "xboth"]


def test_an_archive_that_was_put_back(sqlite: Database, meaning: Meaning) -> None:
    assert meaning.nearest("Meer")
    with sqlite.writing() as connection:
        connection.execute(delete(tables.article))
        counter = tables.counter
        connection.execute(update(counter).where(counter.c.name == "change").values(value=0))
    assert meaning.nearest("Meer") == []


def test_all_words_stay_before_what_is_only_meant() -> None:
    hits = [(1, 5.0), (2, 1.0), (3, 9.0)]
    assert fused(hits, [4, 3, 2], firm=2) == [*hits, (4, 0.0)]
    assert fused(hits, [4, 2], firm=1) == [(1, 5.0), (2, 1.0), (3, 9.0), (4, 0.0)]


def test_nothing_found_by_words() -> None:
    assert fused([], [7, 5], firm=0) == [(7, 0.0), (5, 0.0)]


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
    assert found(index, "schwimmendes Kraftwerk Xylophon") == ["xmost", "xall"]


def test_words_that_say_nothing_need_not_be_found(index: SearchIndex) -> None:
    assert found(index, "das Kraftwerk vor der Hamburg", by_date=True) == ["xall"]


def test_what_must_not_be_there_is_not_there(index: SearchIndex) -> None:
    assert found(index, "schwimmendes Kraftwerk Xylophon -Reeder") == ["xmost"]
    assert found(index, '"schwimmendes Kraftwerk liefert" Xylophon Strom') == ["xmost"]


def test_by_date_all_words_are_asked_for(index: SearchIndex) -> None:
    assert found(index, "schwimmendes Kraftwerk Xylophon", by_date=True) == []


def test_meaning_joins_page_by_page(sqlite: Database, index: SearchIndex) -> None:
    index.follow()
    by_id = {article.public_id: article.id for article in queries.each(sqlite)}
    meant = [by_id["xfar"], by_id["xall"]]
    pages = [index.search("Kraftwerk", nearest=lambda _text: meant, limit=2, offset=at) for at in (0, 2)]
    assert [hit.article.public_id for page in pages for hit in page.hits] == ["xmost", "xall", "xfar"]
    assert {page.total for page in pages} == {3}


def test_what_is_asked_for_word_by_word_is_not_found_by_its_meaning(
    sqlite: Database, index: SearchIndex
) -> None:
    index.follow()
    everything = [article.id for article in queries.each(sqlite)]
    for text, expected in (
        ('"Kraftwerk vor Hamburg"', ["xall"]),
        ('"Kraftwerk tanzt"', []),
        ("Strom ODER Schulen", ["xmost", "xone"]),
        ("Kraftwerk -Reeder sprache:de", ["xmost", "xone", "xfar"]),
    ):
        assert sorted(found(index, text, nearest=lambda _text: everything)) == sorted(expected), text


def test_a_search_of_filters_alone_has_no_meaning(index: SearchIndex) -> None:
    def nearest(_text: str) -> list[int]:
        raise AssertionError("nothing was asked")

    assert len(index.search("sprache:de", nearest=nearest).hits) == 4
