"""Machine translation: headline and lead, sentence by sentence, held against the source like all else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from endpoints import Answer, serving
from example_week import WEEK_OF_JULY, Fill, compose_july
from pydantic import SecretStr

from archive.database import Database
from digest.claims import nouns
from digest.rendering import render
from digest.settings import TranslateSettings
from digest.writing.translate import Translate, translator
from lagebrief.errors import WriterOffError

HEADLINE = "China plans 39 desert data centres with more than 115,000 Nvidia GPUs"
GERMAN = {
    "China plans 39 desert": "China plant 39 <x>Rechenzentren</x> in der Wüste "
    "mit mehr als 115.000 <x>Nvidia</x>-GPUs",
    "Inner Mongolia operator": "Betreiber in der Inneren Mongolei bestellt 1,4 GW Windkraft "
    "für einen Rechenknoten",
    "Tender papers": "Ausschreibungen aus Xinjiang und Qinghai führen 39 Standorte auf, die "
    "über 115.000 H100- und H200-Chips von <x>Nvidia</x> wollen, "
    "die nicht nach China verkauft werden dürfen.",
}


def deepl(_path: str, given: dict[str, Any]) -> Answer:
    """DeepL's protocol with a small vocabulary."""
    texts = [
        next(
            (german for begins, german in GERMAN.items() if begins in _plain(text)), "Etwas anderes, 77 mal."
        )
        for text in given["text"]
    ]
    found = [{"detected_source_language": "EN", "text": text, "billed_characters": 1} for text in texts]
    return 200, {"translations": found}


def _plain(text: str) -> str:
    return text.replace("<x>", "").replace("</x>", "").replace("Rechenzentren", "data centres")


def writer(url: str) -> Translate:
    return translator(TranslateSettings(deepl_key=SecretStr("schlüssel"), deepl_url=url), Path("none"))


def test_foreign_leads_are_translated_and_marked(database: Database, fill: Fill) -> None:
    fill(*(draft for draft in WEEK_OF_JULY if draft.source != "table"))
    with serving(deepl) as endpoint:
        issue = compose_july(database, writers=[writer(endpoint.url)])
    item = next(item for item in issue.items if "39" in item.headline)
    assert (item.writer, item.told_by) == ("translate", ("Tom’s Hardware",))
    assert item.headline == "China plant 39\u00a0Rechenzentren in der Wüste mit mehr als 115.000 Nvidia-GPUs"
    assert len(item.text) == 1, "the second sentence, invented, is not printed"
    assert item.language_note == "Maschinell übersetzt nach Tom’s Hardware"
    text = render(issue).text
    assert "(Maschinell übersetzt nach Tom’s Hardware)" in text
    assert "77" not in text


def test_a_wrong_headline_leaves_the_story_to_its_source(database: Database, fill: Fill) -> None:
    fill(*WEEK_OF_JULY)
    with serving(deepl) as endpoint:
        issue = compose_july(database, writers=[writer(endpoint.url)])
    mongolia = next(item for item in issue.items if item.lead.title.startswith("Inner Mongolia"))
    assert mongolia.writer == "extract", "a lead without one true sentence"


def test_german_leads_are_left_alone(database: Database, fill: Fill) -> None:
    fill(*(draft for draft in WEEK_OF_JULY if draft.language == "de"))
    with serving(deepl) as endpoint:
        issue = compose_july(database, writers=[writer(endpoint.url)])
    assert endpoint.asked == []
    assert issue.writer == "extract"


def test_terms_and_firms_are_kept_from_the_engine(database: Database, fill: Fill) -> None:
    fill(*WEEK_OF_JULY)
    with serving(deepl) as endpoint:
        compose_july(database, writers=[writer(endpoint.url)])
    asked = " ".join(text for given in endpoint.asked for text in given["text"])
    assert "<x>Rechenzentren</x>" in asked or "1.4 GW" in asked
    assert all(given["tag_handling"] == "xml" and given["ignore_tags"] == ["x"] for given in endpoint.asked)


@pytest.mark.parametrize("status", [403, 456])
def test_a_refused_key_or_spent_quota_ends_it_for_the_issue(
    database: Database, fill: Fill, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    fill(*(draft for draft in WEEK_OF_JULY if draft.source != "table"))
    with serving(lambda _path, _given: (status, {"message": "no"})) as endpoint:
        issue = compose_july(database, writers=[writer(endpoint.url)])
    assert len(endpoint.asked) == 1
    assert issue.writer == "extract"
    assert "DeepL does not translate" in caplog.text
    assert "schlüssel" not in caplog.text


def test_without_a_model_the_message_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(WriterOffError, match="models fetch"):
        translator(TranslateSettings(), tmp_path)


def test_a_broken_model_is_no_crash(tmp_path: Path) -> None:
    for name in ("model.ende.intgemm.alphas.bin", "vocab.ende.spm", "lex.50.50.ende.s2t.bin"):
        (tmp_path / name).write_bytes(b"no model")
    with pytest.raises(WriterOffError, match="models fetch"):
        translator(TranslateSettings(), tmp_path)


def test_without_the_word_list_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nouns, "PACKAGE", "a_package_that_is_not_there")
    with pytest.raises(WriterOffError, match="german-nouns"):
        translator(TranslateSettings(), tmp_path)
