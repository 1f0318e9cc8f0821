from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from analysis import topic_model
from analysis.embedding import UseEmbedder, texts_to_embed
from analysis.lexicon import Passages, WordScore
from analysis.reading import Reader
from analysis.settings import LexiconSettings, TermGroup, TopicSettings
from analysis.topic_model import TopicModel
from analysis.topics import TopicReader
from analysis.values import Item

if TYPE_CHECKING:
    from analysis.embedding import Vectors

QUALITY = Path(__file__).parents[1] / "data" / "quality"
CRANE = TopicSettings(
    key="kran",
    name="Kran",
    lexicon=LexiconSettings(groups=(TermGroup(name="Ort", terms=("hamburg*",)),)),
    examples=("Ein Kran",),
    counter_examples=("Ein Kranich",),
)
RETRAIN = "run: python tests/quality/train_topics.py"


class PlainEmbedder:
    """Two numbers: is it about cranes, is it about anything else."""

    name = "plain"
    dim = 2

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode(self, texts: list[str]) -> Vectors:
        self.encoded += texts
        return np.array([[1, 0] if "Kran " in f"{text} " else [0, 1] for text in texts], dtype=np.float32)


def model(embedder: str = "plain", features: tuple[str, ...] | None = None) -> TopicModel:
    names = features or topic_model.feature_names(CRANE.lexicon)
    weights = tuple(2.0 if name == "Wörter" else 0.0 for name in names)
    wording = {"kran*": 1.0, "hambur* kran*": -0.5, "~ kran~": 0.25}
    meaning = np.array([[0, 0], [0, 0], [1, -3]], dtype=np.float32)
    return TopicModel(embedder, "", names, -2.0, weights, wording, meaning)


def read(title: str, body: str = "", using: TopicModel | None = None) -> tuple[float, tuple[str, ...]]:
    embedder = PlainEmbedder()
    reader = TopicReader([CRANE], embedder, {"kran": using or model()})
    vectors = embedder.encode(list(texts_to_embed(title, "")))
    score = reader.scores(Passages.of(title, "", body), "de", vectors)[0]
    return score.score, score.evidence


def test_words_wording_and_meaning_are_joined() -> None:
    both, evidence = read("Hamburgs Kran")
    wording = (1 - 0.5 + 0.25) / math.sqrt(11)  # pieces: two stems, a pair, and eight spans of letters
    assert both == round(1 / (1 + math.exp(-1 - wording)), 4)  # -2 for a start, 2 by words, 1 by meaning
    assert evidence == (
        "Ort: hamburg*",
        "Wörter 1.00 (+0.0)",
        "Wortlaut +0.2 (kran*, hambur* kran*)",
        "Bedeutung +1.0",
        f"Wahrscheinlichkeit {both:.2f}",
    )
    assert both > read("Kran")[0] > read("Kranich")[0]


def test_pieces_are_stems_pairs_and_spans_of_letters() -> None:
    assert topic_model.pieces(Passages.of("Kran am Kai", "", "")) == [
        *("kran*", "am*", "kai*", "kran* am*", "am* kai*"),
        *("~ kran~", "~kran ~", "~ am ~", "~ kai ~"),
    ]


def test_pieces_of_a_long_lead_end_somewhere() -> None:
    words = " ".join(f"w{number}" for number in range(500))
    assert len(topic_model.pieces(Passages.of("", words, ""))) < 400


def test_the_body_has_no_pieces() -> None:
    assert topic_model.pieces(Passages.of("", "", "Kran")) == []


def test_title_lead_and_both_are_embedded() -> None:
    assert texts_to_embed(" A ", "B") == ("A", "B", "A. B")
    assert texts_to_embed("A", "") == ("A", "A", "A")
    assert texts_to_embed("", "B") == ("B", "B", "B")


def test_what_the_body_adds_lifts_and_never_lowers() -> None:
    plain, _ = read("Kran")
    lifted, evidence = read("Kran", "Er steht in Hamburg.")
    assert lifted > plain
    assert "Text +0.6" in evidence
    assert read("Hamburgs Kran", "Text ohne Belang.") == read("Hamburgs Kran")


@pytest.mark.parametrize("unfit", [model(embedder="other"), model(features=("stark", "Gruppe Stadt"))])
def test_a_model_that_no_longer_fits_is_left_aside(unfit: TopicModel) -> None:
    _, evidence = read("Hamburgs Kran", using=unfit)
    assert "Nähe +1.00" in evidence


def test_without_vectors_words_decide() -> None:
    reader = TopicReader([CRANE], None, {"kran": model()})
    (score,) = reader.scores(Passages.of("Hamburgs Kran", "", ""), "de")
    assert score.evidence == ("Ort: hamburg*", "Wörter 1.00")
    assert score.score > 0.5


def test_examples_of_a_topic_with_a_model_are_not_encoded() -> None:
    embedder = PlainEmbedder()
    vectors = embedder.encode(["Kran"] * 3)
    TopicReader([CRANE], embedder, {"kran": model()}).scores(Passages.of("Kran", "", ""), "de", vectors)
    assert embedder.encoded == ["Kran"] * 3


def test_features_have_a_name_each() -> None:
    found = WordScore(0.5, (1.0, 0.4), 0.1)
    lexicon = LexiconSettings(groups=(TermGroup(name="A"), TermGroup(name="B")))
    named = dict(zip(topic_model.feature_names(lexicon), topic_model.features(found), strict=True))
    assert named == {
        "stark": 0.5,
        "Gruppe A": 1.0,
        "Gruppe B": 0.4,
        "dagegen": 0.1,
        "Gruppen": 0.4,
        "Wörter": pytest.approx(0.63),
    }


def test_a_file_of_another_format_is_not_read() -> None:
    assert topic_model.read(json.dumps({"format": 99})) == {}


def test_the_bundled_models_belong_to_the_default_topics(topics: tuple[TopicSettings, ...]) -> None:
    models = topic_model.bundled()
    assert models.keys() == {topic.key for topic in topics}
    for topic in topics:
        assert models[topic.key].fits(topic.lexicon, UseEmbedder.name)
        assert models[topic.key].meaning.shape == (3, UseEmbedder.dim)
        assert models[topic.key].lexicon == topic_model.lexicon_fingerprint(topic.lexicon), RETRAIN


def test_the_bundled_models_were_trained_on_the_rows_at_hand() -> None:
    file = Path(topic_model.__file__).parent / "data" / topic_model.FILE_NAME
    written = file.read_text(encoding="utf-8")
    rows = [
        json.loads(line)
        for name in ("topics.jsonl", "topics_more.jsonl")
        for line in (QUALITY / name).read_text(encoding="utf-8").splitlines()
    ]
    trained = [row for row in rows if row["split"] == "train"]
    assert json.loads(written)["trained_on"] == topic_model.fingerprint(trained), RETRAIN
    assert len(written) < 250_000


def test_a_body_does_not_blur_the_decision(topics: tuple[TopicSettings, ...]) -> None:
    title, lead = "Ulanqab bekommt weitere Serverhallen", "Der Betreiber VNET nennt 300 Megawatt."
    filler = "Die Zahlen stammen aus dem Geschäftsbericht. " * 40
    bare, with_body = Reader(topics, UseEmbedder()).read([Item(title, lead), Item(title, lead, filler)])
    assert [one.topic for one in bare.topics] == ["china-ai-rechenzentren"]
    assert with_body.topics[0].score == bare.topics[0].score


def test_all_texts_of_a_batch_are_embedded_at_once() -> None:
    embedder = PlainEmbedder()
    Reader([CRANE], embedder).read([Item("Kran"), Item("Kai", "Ein Kran")])
    assert embedder.encoded[:6] == ["Kran"] * 3 + ["Kai", "Ein Kran", "Kai. Ein Kran"]


def test_the_same_text_always_reads_the_same(topics: tuple[TopicSettings, ...]) -> None:
    item = Item("Brussels delays high-risk rules", "The AI Act's dates move to December 2027.")
    readings = [Reader(topics, UseEmbedder()).read([item, Item("Other")])[0] for _ in range(2)]
    assert readings[0] == readings[1]
