"""Vectors of articles and queries, and moving queries to where their answers are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from analysis.search_meaning import E5, QueryMap, SearchMeaning, query_map, unit

Rows = npt.NDArray[np.float32]


def test_a_map_moves_and_keeps_the_length() -> None:
    down, up = np.array([[1.0], [0.0], [0.0]]), np.array([[0.0, 1.0, 0.0]])
    made = QueryMap("made-up", down, up, np.zeros(3), np.zeros(3), np.zeros(3))
    moved = made.moved(np.eye(3, dtype=np.float32)[:2])
    assert moved == pytest.approx(np.array([[0.5**0.5, 0.5**0.5, 0.0], [0.0, 1.0, 0.0]]))


def test_both_sides_are_seen_from_their_middle() -> None:
    none, middle = np.zeros((3, 1)), np.array([0.0, 0.0, 2.0])
    made = QueryMap("made-up", none, none.T, np.zeros(3), middle, -middle)
    assert made.moved(np.array([[0.0, 3.0, 2.0]])) == pytest.approx(np.array([[0.0, 1.0, 0.0]]))
    assert made.placed(np.array([[0.0, 3.0, -2.0]])) == pytest.approx(np.array([[0.0, 1.0, 0.0]]))


def test_the_map_that_comes_along_fits_the_embedder() -> None:
    kept, dim = query_map(), SearchMeaning.dim
    assert kept.made_for == SearchMeaning.name
    assert (kept.down.shape[0], kept.up.shape[1]) == (dim, dim)
    assert kept.shift.shape == kept.queries.shape == kept.passages.shape == (dim,)


def test_any_text_has_a_vector_of_length_one() -> None:
    texts = ["", " ", "\0", "a\0b", "\udcff", "\U0001f680", "算力" * 400, "x" * 5_000]
    for made in (E5().queries(texts), E5().passages(texts)):
        assert made.shape == (len(texts), E5.dim)
        assert np.linalg.norm(made, axis=1) == pytest.approx(1.0, abs=1e-3)
    assert E5().passages([]).shape == (0, E5.dim)


def test_a_text_means_the_same_alone_and_among_others() -> None:
    texts = [f"Rechenzentrum {number} in Xinjiang geht ans Netz" for number in range(40)]
    embedder = E5()
    alone = np.concatenate([embedder.passages([text]) for text in texts[:3]])
    assert embedder.passages(texts)[:3] == pytest.approx(alone, abs=1e-4)


def test_what_stands_behind_a_nul_counts_too() -> None:
    whole, cut = E5().passages(["Frist\0Rechenzentrum", "Frist"])
    assert float(whole @ cut) < 0.99


PAIRS = (
    ("Stromausfall Serverhalle", "Lights go out in a computing park for six hours"),
    ("Kühlwasser", "Villagers complain about thirsty machines"),
    ("Bußgeld Händler", "Retailer has to pay for a bot that posed as a person"),
    ("Anleihe Rechenzentrum", "Operator borrows half a billion for new halls"),
    ("Gesichtserkennung Polizei", "Officers may no longer scan crowds at the station"),
)


def test_queries_come_nearer_to_their_answers_than_to_other_texts() -> None:
    embedder, meaning = E5(), SearchMeaning()
    answers = meaning.placed(meaning.articles([(answer, "") for _, answer in PAIRS]))
    queries = [query for query, _ in PAIRS]

    def margin(vectors: Rows) -> float:
        likeness = vectors @ answers.T
        others = (likeness.sum(axis=1) - np.diag(likeness)) / (len(PAIRS) - 1)
        return float(np.mean(np.diag(likeness) - others))

    plain = unit(embedder.queries(queries) - query_map().queries)
    assert margin(meaning.queries(queries)) > margin(plain) > 0
