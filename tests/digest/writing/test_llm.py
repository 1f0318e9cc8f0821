"""A language model writes: what holds is printed with its proof, what it invents is not."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from endpoints import Answer, Endpoint, claims, completion, numbered, serving
from example_week import WEEK_OF_JULY, Fill, compose_july
from pydantic import SecretStr

from archive.database import Database
from digest.issue import Issue, IssueItem
from digest.rendering import render
from digest.settings import LlmSettings
from digest.writing.llm import Llm, language_model
from lagebrief.errors import WriterOffError

TRUE = (
    ("China plant 39 Rechenzentren in der Wüste mit mehr als 115.000 Nvidia-GPUs", "China plans 39"),
    ("Etwa 70 Prozent der Chips sind für einen Campus im Kreis Yiwu bestimmt.", "About 70 percent"),
)
LIES = (
    "Etwa 80 Prozent der Chips sind für einen Campus im Kreis Yiwu bestimmt.",
    "Etwa 70 Prozent der Chips sind für einen Campus im Kreis Karamay bestimmt.",
    "Etwa 70 Prozent der Chips sind nicht für einen Campus im Kreis Yiwu bestimmt.",
    "Huawei bekommt etwa 70 Prozent der Chips.",
    "About 70 percent of them are meant for one campus in Yiwu County.",
)


def place(shown: dict[str, int], begins: str) -> int:
    return next((number for text, number in shown.items() if text.startswith(begins)), 0)


def truthful(given: dict[str, Any], *also: tuple[str, str]) -> Answer:
    """Tells the desert story, and is at a loss for every other."""
    shown = numbered(given)
    if not place(shown, "China plans 39"):
        return completion("Dazu fällt mir nichts ein.")
    headline, *rest = [(text, place(shown, begins)) for text, begins in (*TRUE, *also)]
    return completion(f"Gern!\n```json\n{claims(headline, *rest)}\n```")


def writer(url: str, folder: Path, **settings: Any) -> Llm:
    return language_model(LlmSettings(base_url=f"{url}/v1", model="m", timeout=10, **settings), folder)


@pytest.fixture
def filled(database: Database, fill: Fill) -> Database:
    fill(*WEEK_OF_JULY)
    return database


@pytest.fixture
def honest() -> Iterator[Endpoint]:
    with serving(lambda _path, given: truthful(given)) as endpoint:
        yield endpoint


def desert(issue: Issue) -> IssueItem:
    return next(item for item in issue.items if item.lead.source_id and "39" in item.headline)


def test_a_story_is_told_in_german_with_its_proof(filled: Database, honest: Endpoint, tmp_path: Path) -> None:
    issue = compose_july(filled, writers=[writer(honest.url, tmp_path)])
    item = desert(issue)
    assert (item.writer, item.headline_language) == ("llm", "de")
    assert item.headline == TRUE[0][0].replace("39 R", "39\u00a0R")
    assert item.text == (TRUE[1][0].replace("70 P", "70\u00a0P"),)
    assert {check.text for check in item.checks} >= {"Etwa 70\u00a0Prozent", "Yiwu", "China"}
    assert not item.teaser
    assert not item.fact_line
    assert issue.writer == "llm+extract"
    rendered = render(issue)
    assert "Von einem Sprachmodell geschrieben nach" in rendered.text
    assert "So gekennzeichnete Meldungen hat ein Sprachmodell geschrieben." in rendered.text.replace(
        "\n", " "
    )


def test_stories_it_cannot_tell_fall_to_their_sources_words(
    filled: Database, honest: Endpoint, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    issue = compose_july(filled, writers=[writer(honest.url, tmp_path)])
    others = [item for item in issue.items if item.writer == "extract"]
    assert len(others) == len(issue.items) - 1
    assert all(item.headline == item.lead.title for item in others)
    assert "no usable answer" in caplog.text


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_dropped_and_the_truth_beside_it_stays(filled: Database, tmp_path: Path, lie: str) -> None:
    with serving(lambda _path, given: truthful(given, (lie, "About 70 percent"))) as endpoint:
        issue = compose_july(filled, writers=[writer(endpoint.url, tmp_path)])
    assert desert(issue).writer == "llm"
    assert lie not in render(issue).text.replace("\u00a0", " ").replace("\n", " ")


@pytest.mark.parametrize("lie", LIES)
def test_a_story_of_lies_is_told_by_its_sources(filled: Database, tmp_path: Path, lie: str) -> None:
    def lying(_path: str, given: dict[str, Any]) -> Answer:
        number = place(numbered(given), "About 70 percent") or 1
        return completion(claims((lie, number), (lie, number)))

    with serving(lying) as endpoint:
        issue = compose_july(filled, writers=[writer(endpoint.url, tmp_path)])
    assert {item.writer for item in issue.items} == {"extract"}


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", '{"headline": 1}', claims(("China plant 39 Rechenzentren", 999), ("Satz.", 999)),
        claims(("x" * 91, 1), ("Satz.", 1)), '{"headline": {"text": "a", "rests_on": []}, "sentences": []}',
    ],
)  # fmt: skip
def test_an_unusable_answer_is_a_failure_of_one_story(filled: Database, tmp_path: Path, text: str) -> None:
    with serving(lambda _path, _given: completion(text)) as endpoint:
        issue = compose_july(filled, writers=[writer(endpoint.url, tmp_path)])
    assert {item.writer for item in issue.items} == {"extract"}
    assert len(endpoint.asked) == len(issue.items)


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_refused_key_or_model_ends_it_for_the_issue(
    filled: Database, tmp_path: Path, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(lambda _path, _given: (status, {"error": {"message": "no"}})) as endpoint:
        compose_july(filled, writers=[writer(endpoint.url, tmp_path)])
    assert len(endpoint.asked) == 1
    assert "off for this issue" in caplog.text


def test_nobody_listening_ends_it_for_the_issue(filled: Database, tmp_path: Path) -> None:
    with serving(lambda _path, _given: (200, {})) as gone:
        pass
    issue = compose_july(filled, writers=[writer(gone.url, tmp_path)])
    assert issue.writer == "extract"


def test_a_server_without_schemas_is_asked_again_without(filled: Database, tmp_path: Path) -> None:
    def old(_path: str, given: dict[str, Any]) -> Answer:
        if "response_format" in given:
            return 400, {"error": {"message": "unknown field response_format"}}
        return truthful(given)

    with serving(old) as endpoint:
        assert "llm" in compose_july(filled, writers=[writer(endpoint.url, tmp_path)]).writer


@pytest.mark.parametrize(
    "limits", [{"tokens_per_issue": 300}, {"cost_per_issue": 0.00025, "price_in": 1.0, "price_out": 1.0}]
)
def test_a_spent_budget_ends_it_for_the_issue(
    filled: Database, honest: Endpoint, tmp_path: Path, limits: dict[str, float]
) -> None:
    compose_july(filled, writers=[writer(honest.url, tmp_path, **limits)])
    assert len(honest.asked) == 2  # 150 tokens each


def test_the_same_story_is_asked_for_once(filled: Database, honest: Endpoint, tmp_path: Path) -> None:
    first = compose_july(filled, writers=[writer(honest.url, tmp_path)])
    asked = len(honest.asked)
    again = compose_july(filled, writers=[writer(honest.url, tmp_path)])
    told = sum(item.writer == "llm" for item in first.items)
    assert len(honest.asked) == 2 * asked - told  # what was no answer is asked for again
    assert again.items == first.items


def test_reserved_texts_are_not_shown_to_a_model(
    database: Database, fill: Fill, honest: Endpoint, tmp_path: Path
) -> None:
    from dataclasses import replace

    fill(*(replace(draft, tdm="reserved", figures=()) for draft in WEEK_OF_JULY))
    compose_july(database, writers=[writer(honest.url, tmp_path)])
    assert honest.asked == []


def test_the_model_is_asked_without_chance_and_sees_numbered_sentences(
    filled: Database, honest: Endpoint, tmp_path: Path
) -> None:
    compose_july(filled, writers=[writer(honest.url, tmp_path, api_key=SecretStr("geheim"))])
    given = honest.asked[0]
    assert given["temperature"] == 0
    assert min(numbered(given).values()) == 1
    assert "geheim" not in str(given)


@pytest.mark.parametrize("settings", [{}, {"base_url": "http://127.0.0.1:1/v1"}, {"model": "m"}])
def test_without_endpoint_or_model_there_is_no_writer(tmp_path: Path, settings: dict[str, str]) -> None:
    with pytest.raises(WriterOffError, match="base_url and model"):
        language_model(LlmSettings(**settings), tmp_path)


def test_what_was_dropped_is_logged_with_its_reason(
    filled: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with serving(lambda _path, given: truthful(given, (LIES[0], "About 70 percent"))) as endpoint:
        compose_july(filled, writers=[writer(endpoint.url, tmp_path)])
    assert "dropped, no such number in the source" in caplog.text
