"""The `[digest]` and `[impressum]` sections of the configuration."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_DAYS = "mon|tue|wed|thu|fri|sat|sun"
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_DAY_AND_CLOCK = re.compile(rf"({_DAYS}) (\S+)")


def _clock(text: str) -> str:
    if not _CLOCK.fullmatch(text):
        raise ValueError(f"expected a time such as 06:00, not {text!r}")
    if text.startswith("02:"):
        raise ValueError("02:00 to 02:59 happens twice or never when the clocks change; take another time")
    return text


def _day_and_clock(text: str) -> str:
    match = _DAY_AND_CLOCK.fullmatch(text)
    if match is None:
        raise ValueError(f"expected a day ({_DAYS}) and a time such as 'thu 12:00', not {text!r}")
    _clock(match[2])
    return text


def _one_line(text: str) -> str:
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise ValueError("must be a single line without control characters")
    return text


def _web_address(text: str) -> str:
    if text and not _one_line(text).startswith(("http://", "https://")):
        raise ValueError("must start with http:// or https://")
    return text.rstrip("/")


WebAddress = Annotated[str, AfterValidator(_web_address)]
Clock = Annotated[str, AfterValidator(_clock)]
DayAndClock = Annotated[str, AfterValidator(_day_and_clock)]
OneLine = Annotated[str, AfterValidator(_one_line)]


class WeightSettings(BaseModel):
    """What a story's rank is made of; each part goes from 0 to 1 before it is weighted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    relevance: float = Field(default=3.0, ge=0, description="How surely it is on the topic.")
    outlets: float = Field(default=1.5, ge=0, description="How many outlets report it; 4 are all.")
    figures: float = Field(default=1.0, ge=0, description="How many figures one report has; 5 are all.")
    milestone: float = Field(default=1.0, ge=0, description="Whether it touches a milestone of the AI Act.")
    recency: float = Field(default=0.5, ge=0, description="How late in the week the newest report came.")


class DigestSettings(BaseModel):
    """When an issue is made and what may stand in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    weekday: Weekday = Field(default="mon", description="Day the issue is sent.")
    time: Clock = Field(default="06:00", description="Time the issue is sent, in app.timezone.")
    compose: DayAndClock = Field(
        default="thu 12:00", description="Day and time a first draft is composed, in app.timezone."
    )
    min_items: int = Field(default=3, ge=1, description="Fewer stories are too few.")
    max_items: int = Field(default=12, ge=1, le=30, description="Stories in an issue at most.")
    per_outlet: int = Field(default=4, ge=1, description="Stories led by one outlet at most.")
    per_topic: int = Field(default=8, ge=1, description="Stories of one topic at most.")
    on_too_few: Literal["hold", "short"] = Field(
        default="hold", description="With too few stories: no issue (exit code 4), or a short one."
    )
    weights: WeightSettings = Field(default=WeightSettings(), description="What ranks the stories.")
    writer: Literal["auto", "llm", "translate", "extract"] = Field(
        default="auto",
        description="Who writes: auto takes all that are set up, best first; extract is always last.",
    )
    on_missing_approval: Literal["hold", "send"] = Field(
        default="hold", description="What happens at sending time to an issue nobody has approved."
    )
    title: OneLine = Field(default="Lagebrief", min_length=1, description="Name of the newsletter.")
    notice: OneLine = Field(default="", description="A line printed at the top of every issue.")
    figures_box: int = Field(default=6, ge=0, le=20, description="Rows of the box 'Zahlen der Woche'.")
    deadlines_box: int = Field(default=5, ge=0, le=20, description="Rows of the box 'Fristen'.")

    @model_validator(mode="after")
    def _bounds(self) -> Self:
        if self.min_items > self.max_items:
            raise ValueError(f"min_items ({self.min_items}) is more than max_items ({self.max_items})")
        return self


class LlmSettings(BaseModel):
    """A language model behind an OpenAI-compatible endpoint. The key: LAGEBRIEF_LLM__API_KEY or *_FILE."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: WebAddress = Field(
        default="", description="Endpoint such as http://127.0.0.1:11434/v1; empty: there is none."
    )
    model: OneLine = Field(default="", description="Name of the model, as the endpoint knows it.")
    api_key: SecretStr = Field(
        default=SecretStr(""), description="Key, by LAGEBRIEF_LLM__API_KEY or *_FILE only."
    )
    timeout: float = Field(default=120.0, gt=0, description="Seconds to wait for one answer.")
    tokens_per_issue: int = Field(
        default=120_000, ge=0, description="Tokens one issue may take, asked and answered; 0 is no limit."
    )
    cost_per_issue: float = Field(
        default=0.0,
        ge=0,
        description="What one issue may cost, in the prices' currency; 0 is no limit.",
    )
    price_in: float = Field(default=0.0, ge=0, description="Price of a million tokens asked.")
    price_out: float = Field(default=0.0, ge=0, description="Price of a million tokens answered.")


class TranslateSettings(BaseModel):
    """Machine translation of headline and lead. DeepL's key: LAGEBRIEF_TRANSLATE__DEEPL_KEY or *_FILE."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    deepl_key: SecretStr = Field(
        default=SecretStr(""), description="DeepL key, by LAGEBRIEF_TRANSLATE__DEEPL_KEY or *_FILE only."
    )
    deepl_url: WebAddress = Field(default="", description="Another address of DeepL's service.")
    mirror: WebAddress = Field(
        default="", description="Folder that 'models fetch' takes the models from; empty: Mozilla's."
    )


class ImpressumSettings(BaseModel):
    """Who publishes the issue (§ 5 DDG, § 18 MStV)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    publisher: OneLine = Field(default="", description="Publisher's full name.")
    address: OneLine = Field(default="", description="Publisher's postal address, in one line.")
    responsible: OneLine = Field(default="", description="Person responsible for the content.")
    email: OneLine = Field(default="", description="Address for readers' questions.")
