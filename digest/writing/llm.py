"""The writer that asks a language model behind an OpenAI-compatible endpoint.

The model sees the numbered sentences of the story's reports and answers with sentences of its own and the
numbers of those they rest on. Whatever it claims is held against them afterwards (`digest.claims`); nothing
is taken on trust.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from archive.readings import ReadArticle
from digest.claims import nouns
from digest.claims.checking import sentence_spans
from digest.issue import SourceInfo
from digest.selection import Story
from digest.settings import LlmSettings
from digest.writing import Draft, Sentence
from lagebrief.errors import WriterError, WriterOffError

HEADLINE_CHARACTERS = 90
_MOST_REPORTS = 4
_MOST_CHARACTERS = 2_500  # of a report: what an event is stands above that
_ANSWER_TOKENS = 700
_RETRIES = 2
_MILLION = 1_000_000
_TASK = """\
Du schreibst für einen deutschen Nachrichtenbrief. Du bekommst nummerierte Sätze aus Berichten über ein
Ereignis. Schreibe auf Deutsch eine Überschrift (höchstens 90 Zeichen, ohne Punkt) und zwei bis drei kurze
Sätze. Schreibe nur, was in den Sätzen steht: keine eigene Zahl, kein eigener Name, kein eigenes Datum,
keine Folgerung. Zahlen deutsch (115.000; 1,4 Milliarden; englisch billion ist Milliarde). Was geplant,
möglich, behauptet oder verneint ist, bleibt geplant, möglich, behauptet oder verneint; nenne, wer es sagt.
Keine wörtlichen Zitate. Gib zu Überschrift und jedem Satz die Nummern der Sätze an, auf denen sie beruhen:
höchstens drei, alle aus einem Bericht. Antworte nur mit JSON: {"headline": {"text": "...", "rests_on":
[1]}, "sentences": [{"text": "...", "rests_on": [2]}]}"""


class _Claim(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=600)
    rests_on: list[int] = Field(min_length=1, max_length=3)


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    headline: _Claim
    sentences: list[_Claim] = Field(min_length=1, max_length=4)


@dataclass(slots=True)
class Spent:
    """What the endpoint has counted for this issue."""

    asked: int = 0
    answered: int = 0

    def is_over(self, settings: LlmSettings) -> bool:
        """Is one of the limits of an issue reached?"""
        cost = (self.asked * settings.price_in + self.answered * settings.price_out) / _MILLION
        tokens = self.asked + self.answered
        return bool(
            (settings.tokens_per_issue and tokens >= settings.tokens_per_issue)
            or (settings.cost_per_issue and cost >= settings.cost_per_issue)
        )


@dataclass
class Llm:
    """One issue's worth of asking. answers: folder that keeps them by what was asked."""

    settings: LlmSettings
    answers: Path
    name: str = "llm"
    translates: bool = False
    spent: Spent = field(default_factory=Spent)

    def write(self, story: Story, sources: Mapping[str, SourceInfo]) -> Draft | None:  # noqa: ARG002
        """None where every report reserves text and data mining. The same story is asked for once."""
        numbered = _numbered(story)
        if not numbered:
            return None
        asked = _question(numbered)
        path = self.answers / f"{self._key(asked)}.json"
        text = path.read_text(encoding="utf-8") if path.is_file() else self._ask(asked)
        answer = _parsed(text)
        draft = Draft(
            _sentence(answer.headline, numbered), tuple(_sentence(one, numbered) for one in answer.sentences)
        )
        if len(answer.headline.text) > HEADLINE_CHARACTERS:
            raise WriterError("the language model's headline is too long")
        if not path.is_file():
            _keep(path, text)
        return draft

    def _key(self, asked: str) -> str:
        parts = (self.settings.base_url, self.settings.model, _TASK, asked)
        return hashlib.blake2b("\x00".join(parts).encode(), digest_size=16).hexdigest()

    def _ask(self, asked: str) -> str:
        from openai import APIConnectionError, APIStatusError, OpenAIError

        if self.spent.is_over(self.settings):
            raise WriterOffError("the language model's budget for this issue is spent ([llm] *_per_issue)")
        try:
            answer = self._chat(asked)
        except APIConnectionError as error:
            raise WriterOffError(f"the language model is out of reach: {error}") from error
        except APIStatusError as error:
            kind = WriterOffError if error.status_code in (401, 403, 404) else WriterError
            raise kind(f"the language model refuses: {error.status_code} {error.message}") from error
        except OpenAIError as error:
            raise WriterError(f"the language model failed: {error}") from error
        if answer.usage:
            self.spent.asked += answer.usage.prompt_tokens
            self.spent.answered += answer.usage.completion_tokens
        return (answer.choices[0].message.content or "") if answer.choices else ""

    def _chat(self, asked: str) -> Any:
        from openai import BadRequestError

        given: dict[str, Any] = {
            "model": self.settings.model,
            "temperature": 0,
            "max_tokens": _ANSWER_TOKENS,
            "messages": [{"role": "system", "content": _TASK}, {"role": "user", "content": asked}],
        }
        try:
            return self._endpoint.chat.completions.create(**given, response_format=_SCHEMA)
        except BadRequestError:  # a server that knows no schema; what it answers is parsed all the same
            return self._endpoint.chat.completions.create(**given)

    @cached_property
    def _endpoint(self) -> Any:  # its many overloads take no dictionary
        from openai import OpenAI

        return OpenAI(
            base_url=self.settings.base_url,
            api_key=self.settings.api_key.get_secret_value() or "none",
            timeout=self.settings.timeout,
            max_retries=_RETRIES,
        )


_SCHEMA = {
    "type": "json_schema",
    "json_schema": {"name": "item", "schema": _Answer.model_json_schema(), "strict": True},
}


def language_model(settings: LlmSettings, answers: Path) -> Llm:
    """The writer, where an endpoint is set up. Raises WriterOffError with what is missing."""
    if not settings.base_url or not settings.model:
        raise WriterOffError("no language model is set up: give [llm] base_url and model")
    if find_spec("openai") is None:
        raise WriterOffError("the package openai is missing: pip install 'lagebrief[llm]'")
    if not nouns.available():
        raise WriterOffError(nouns.MISSING)
    return Llm(settings, answers)


def _numbered(story: Story) -> list[tuple[ReadArticle, str]]:
    """The sentences of the first reports, counted from 1, each with its report."""
    free = [read for read in story.articles if read.article.tdm != "reserved"]
    return [
        (read, read.article.joined[start:end])
        for read in free[:_MOST_REPORTS]
        for start, end in sentence_spans(read.article.joined[:_MOST_CHARACTERS])
    ]


def _question(numbered: list[tuple[ReadArticle, str]]) -> str:
    lines, last = [], None
    for number, (read, text) in enumerate(numbered, 1):
        if read is not last:
            lines.append(f"Bericht von {read.article.outlet}, {read.article.published:%d.%m.%Y}:")
            last = read
        lines.append(f"[{number}] {text}")
    return "\n".join(lines)


def _parsed(text: str) -> _Answer:
    """The answer, whatever a model puts around its JSON."""
    start, end = text.find("{"), text.rfind("}")
    try:
        return _Answer.model_validate(json.loads(text[start : end + 1]))
    except (ValueError, ValidationError) as error:
        raise WriterError("the language model gave no usable answer") from error


def _sentence(claim: _Claim, numbered: list[tuple[ReadArticle, str]]) -> Sentence:
    if any(not 1 <= number <= len(numbered) for number in claim.rests_on):
        raise WriterError("the language model rests a sentence on one that does not exist")
    chosen = [numbered[number - 1] for number in claim.rests_on]
    read = chosen[0][0]
    if any(other is not read for other, _ in chosen):
        raise WriterError("the language model rests a sentence on several reports")
    return Sentence(" ".join(claim.text.split()), read, tuple(text for _, text in chosen))


def _keep(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".new")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)
