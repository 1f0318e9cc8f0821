"""Kinds of values that several commands take."""

from __future__ import annotations

import datetime as dt
from typing import Any

import click

from lagebrief.errors import InputError

FORMATS = ("jsonl", "csv", "excel", "ris", "bibtex", "markdown", "atom", "jsonfeed")  # of articles


class Day(click.ParamType[dt.date]):
    """A day such as 2025-07-01."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:  # noqa: ARG002
        if isinstance(value, dt.date):
            return value
        try:
            return dt.date.fromisoformat(value)
        except ValueError as error:
            name = param.opts[0] if param else "day"
            raise InputError(f"{name}: not a day: {value!r}; expected e.g. 2025-07-01") from error


DAY = Day()


def begins(day: dt.date | None) -> dt.datetime | None:
    """Midnight UTC at which a day begins."""
    return None if day is None else dt.datetime.combine(day, dt.time(), dt.UTC)
