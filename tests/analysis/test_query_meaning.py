"""Moving short queries to where their answers are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from analysis.embedding import UseEmbedder
from analysis.query_meaning import QueryMap, QueryMeaning, query_map


class Made:
    """An embedder of another name."""

    name, dim = "made-up", 3

    def encode(self, texts: list[str]) -> npt.NDArray[np.float32]:
        return np.eye(3, dtype=np.float32)[: len(texts)]


def test_an_embedder_the_map_was_not_made_for_stays_as_it_is() -> None:
    assert np.array_equal(QueryMeaning(Made()).encode(["a", "b"]), np.eye(3, dtype=np.float32)[:2])


def test_a_map_moves_and_keeps_the_length() -> None:
    down, up = np.array([[1.0], [0.0], [0.0]]), np.array([[0.0, 1.0, 0.0]])
    moved = QueryMap("made-up", down, up, np.zeros(3)).moved(np.eye(3, dtype=np.float32)[:2])
    assert moved == pytest.approx(np.array([[0.5**0.5, 0.5**0.5, 0.0], [0.0, 1.0, 0.0]]))


def test_the_map_that_comes_along_fits_the_embedder() -> None:
    kept = query_map()
    assert kept.made_for == UseEmbedder.name
    assert (kept.down.shape[0], kept.up.shape[1], kept.shift.shape) == (512, 512, (512,))


PAIRS = (
    ("Stromausfall Serverhalle", "Lights go out in a computing park for six hours"),
    ("Kühlwasser", "Villagers complain about thirsty machines"),
    ("Bußgeld Händler", "Retailer has to pay for a bot that posed as a person"),
    ("Anleihe Rechenzentrum", "Operator borrows half a billion for new halls"),
    ("Gesichtserkennung Polizei", "Officers may no longer scan crowds at the station"),
)


def test_queries_come_nearer_to_their_answers_than_to_other_texts() -> None:
    embedder = UseEmbedder()
    answers = embedder.encode([answer for _, answer in PAIRS])
    queries = [query for query, _ in PAIRS]

    def margin(vectors: npt.NDArray[np.float32]) -> float:
        likeness = vectors @ answers.T
        others = (likeness.sum(axis=1) - np.diag(likeness)) / (len(PAIRS) - 1)
        return float(np.mean(np.diag(likeness) - others))

    assert margin(QueryMeaning(embedder).encode(queries)) > margin(embedder.encode(queries)) > 0
