"""Which articles have still to get a vector for the search, on every database."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from builders import bring, line
from sqlalchemy import update

from archive import queries, search_vectors, tables
from archive.database import Database

MODEL = "made-up"


def lacking(database: Database, model: str = MODEL) -> list[str]:
    found = [a.public_id for batch in search_vectors.lacking(database, model, 2) for a in batch]
    assert search_vectors.count_lacking(database, model) == len(found)
    return found


def give(database: Database, *public_ids: str) -> None:
    articles = [article for article in queries.each(database) if article.public_id in public_ids]
    search_vectors.save(database, MODEL, articles, np.eye(len(articles), 3, dtype=np.float32))


@pytest.fixture
def filled(database: Database) -> Database:
    bring(database, *(line(number) for number in range(5)))
    return database


def test_the_newest_come_first_and_each_once(filled: Database) -> None:
    assert lacking(filled) == ["x4", "x3", "x2", "x1", "x0"]
    give(filled, "x3", "x0")
    assert lacking(filled) == ["x4", "x2", "x1"]


def test_what_cannot_be_done_now_does_not_hold_up_the_rest(filled: Database) -> None:
    seen = [[a.public_id for a in batch] for batch in search_vectors.lacking(filled, MODEL, 2)]
    assert seen == [["x4", "x3"], ["x2", "x1"], ["x0"]]


def test_another_model_and_another_text_need_another_vector(filled: Database) -> None:
    give(filled, "x0", "x1", "x2", "x3", "x4")
    assert lacking(filled) == []
    assert len(lacking(filled, "another")) == 5
    bring(filled, line(1, title="Etwas ganz anderes"))
    assert lacking(filled) == ["x1"]


def test_what_must_not_be_mined_gets_none(filled: Database) -> None:
    article = queries.by_public_id(filled, "x2")
    assert article is not None
    with filled.writing() as connection:
        reserved = update(tables.article).where(tables.article.c.id == article.id).values(tdm="reserved")
        connection.execute(reserved)
    assert lacking(filled) == ["x4", "x3", "x1", "x0"]


def test_an_article_deleted_meanwhile_gets_none(filled: Database) -> None:
    articles = list(queries.each(filled))
    with filled.writing() as connection:
        connection.execute(tables.article.delete().where(tables.article.c.id == articles[0].id))
    search_vectors.save(filled, MODEL, articles, np.eye(5, 3, dtype=np.float32))
    assert lacking(filled) == []


def test_two_that_make_the_same_vectors_at_once_do_not_disturb_each_other(filled: Database) -> None:
    articles, start = list(queries.each(filled)), threading.Barrier(2)
    problems: list[BaseException] = []

    def make() -> None:
        try:
            for _ in range(10):
                start.wait(20)
                search_vectors.save(filled, MODEL, articles, np.eye(5, 3, dtype=np.float32))
        except BaseException as problem:
            problems.append(problem)
            raise

    threads = [threading.Thread(target=make) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not problems
    assert lacking(filled) == []


def test_a_vector_comes_back_as_it_was_but_for_half_precision() -> None:
    made = np.array([[0.25, -0.5, 1.0], [0.1, 0.2, 0.3]], dtype=np.float32)
    kept = [row.tobytes() for row in made.astype("<f2")]
    assert search_vectors.read(kept, 3) == pytest.approx(made, abs=1e-3)
