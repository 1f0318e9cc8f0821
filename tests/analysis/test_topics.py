from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from analysis.embedding import Embedder, UseEmbedder, texts_to_embed
from analysis.lexicon import Passages, Term
from analysis.settings import LexiconSettings, TermGroup, TopicSettings
from analysis.topics import TopicReader

Row = dict[str, Any]
QUALITY = Path(__file__).parents[1] / "data" / "quality"
HARBOUR = TopicSettings(
    key="hafen",
    name="Hafen",
    lexicon=LexiconSettings(
        strong=("hafenbehörde",),
        groups=(
            TermGroup(name="Ort", terms=("hamburg*", "港口")),
            TermGroup(name="Sache", terms=("*kran*", "quay wall^0.6"), de=("kai",), en=("pier",)),
        ),
        exclude=("modelleisenbahn^0.9",),
    ),
    examples=("Neuer Kran im Hafen",),
    counter_examples=("Kranich gesichtet",),
)


def score(title: str, lead: str = "", body: str = "", language: str = "de") -> float:
    return TopicReader([HARBOUR]).scores(Passages.of(title, lead, body), language)[0].score


def test_every_group_is_needed() -> None:
    assert score("Hamburgs Ladekräne") < 0.5 < score("Hamburg kauft Ladekran")
    assert score("Ladekran gekauft") < 0.5


def test_one_strong_term_is_enough() -> None:
    assert score("Hafenbehörde lädt ein") > 0.9


def test_an_exclusion_lowers() -> None:
    assert score("Hamburg baut Kran für Modelleisenbahn") < 0.5


def test_terms_of_one_language_stay_in_it() -> None:
    assert score("Hamburg saniert Kai") > 0.5 > score("Hamburg mourns Kai", language="en")


def test_chinese_needs_no_word_boundary() -> None:
    assert score("扩建港口设施: Kran") > 0.5


def test_a_single_remark_in_the_body_is_no_topic() -> None:
    assert score("Wetterbericht", body="In Hamburg stürzte ein Kran um.") < 0.5


def test_evidence_names_terms_and_parts() -> None:
    evidence = TopicReader([HARBOUR]).scores(Passages.of("Hamburgs Ladekran", "", ""), "de")[0].evidence
    assert evidence == ("Ort: hamburg*", "Sache: *kran*", "Wörter 1.00")


@pytest.mark.parametrize("written", ["", "*", "a*b", "wort^2", "wort^0", "^0.5"])
def test_an_unreadable_term_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Term.parse(written)
    with pytest.raises(ValidationError):
        LexiconSettings(strong=(written,))


def f1(reader: TopicReader, rows: list[Row], embedder: Embedder | None) -> dict[str, float]:
    texts = [text for row in rows for text in texts_to_embed(row["title"], row["lead"])]
    vectors = embedder.encode(texts).reshape(len(rows), 3, -1) if embedder else [None] * len(rows)
    found = [
        {
            one.topic
            for one in reader.relevant(Passages.of(row["title"], row["lead"], ""), row["language"], meaning)
        }
        for row, meaning in zip(rows, vectors, strict=True)
    ]
    return {topic.key: _f1(topic.key, rows, found) for topic in reader.topics}


def read_rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _f1(key: str, rows: list[Row], found: list[set[str]]) -> float:
    pairs = [(key in row["topics"], key in topics) for row, topics in zip(rows, found, strict=True)]
    right = pairs.count((True, True))
    return 2 * right / (2 * right + pairs.count((True, False)) + pairs.count((False, True)))


FLOORS = {  # (set, with vectors): (china-ai-rechenzentren, eu-ai-act)
    ("own", False): (0.98, 0.95),
    ("own", True): (0.98, 0.98),
    ("dev", False): (0.98, 0.91),
    ("dev", True): (0.98, 0.95),
    ("test", False): (0.84, 0.63),
    ("test", True): (0.92, 0.90),
}


@pytest.mark.parametrize(("name", "with_vectors"), FLOORS)
def test_relevance_stays_above_its_floor(
    topics: tuple[TopicSettings, ...],
    own_rows: Callable[[str], list[Row]],
    dev_rows: Callable[[str], list[Row]],
    name: str,
    with_vectors: bool,
) -> None:
    if name == "test":
        rows = [row for row in read_rows(QUALITY / "topics.jsonl") if row["split"] == "test"]
    else:
        rows = (own_rows if name == "own" else dev_rows)("relevance")
    embedder = UseEmbedder() if with_vectors else None
    reached = f1(TopicReader(topics, embedder), rows, embedder)
    china, ai_act = FLOORS[name, with_vectors]
    assert reached["china-ai-rechenzentren"] >= china
    assert reached["eu-ai-act"] >= ai_act
