"""The `[digest]` and `[impressum]` sections of the configuration."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

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


Clock = Annotated[str, AfterValidator(_clock)]
DayAndClock = Annotated[str, AfterValidator(_day_and_clock)]
OneLine = Annotated[str, AfterValidator(_one_line)]


class DigestSettings(BaseModel):
    """When an issue is made and what may stand in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    weekday: Weekday = Field(default="mon", description="Day the issue is sent.")
    time: Clock = Field(default="06:00", description="Time the issue is sent, in app.timezone.")
    compose: DayAndClock = Field(
        default="thu 12:00", description="Day and time a first draft is composed, in app.timezone."
    )
    min_items: int = Field(default=3, ge=1, description="With fewer stories there is no issue.")
    max_items: int = Field(default=12, ge=1, le=30, description="Stories in an issue at most.")
    per_outlet: int = Field(default=4, ge=1, description="Stories led by one outlet at most.")
    writer: Literal["auto", "extract"] = Field(
        default="auto", description="Who writes the text: auto takes the first writer that is available."
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


class ImpressumSettings(BaseModel):
    """Who publishes the issue (§ 5 DDG, § 18 MStV)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    publisher: OneLine = Field(default="", description="Publisher's full name.")
    address: OneLine = Field(default="", description="Publisher's postal address, in one line.")
    responsible: OneLine = Field(default="", description="Person responsible for the content.")
    email: OneLine = Field(default="", description="Address for readers' questions.")
