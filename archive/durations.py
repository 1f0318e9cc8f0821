"""Durations as the configuration writes them: 500ms, 30s, 15min, 3h, 10d."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated

from pydantic import BeforeValidator

FOR_EVER = dt.timedelta(0)  # as a time to keep something

_DURATION = re.compile(r"^(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|d)$")
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}


def _duration(value: object) -> object:
    if isinstance(value, str):
        match = _DURATION.match(value.strip())
        if not match:
            raise ValueError("expected a duration such as 30s, 15min, 3h or 1d")
        try:
            return dt.timedelta(seconds=float(match[1]) * _UNITS[match[2]])
        except OverflowError as error:
            raise ValueError(f"longer than anybody waits: {value[:20]!r}") from error
    return value


def _keep(value: object) -> object:
    if value == 0 or (isinstance(value, str) and value.strip() in ("", "0")):
        return FOR_EVER
    if not isinstance(value, (str, dt.timedelta)):  # 730 would be seconds, and somebody meant days
        raise ValueError("expected a duration such as 730d")
    return _duration(value)


def _own_keep(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else _keep(value)


Duration = Annotated[dt.timedelta, BeforeValidator(_duration)]
# How long something is kept; "" and "0" are FOR_EVER.
Keep = Annotated[dt.timedelta, BeforeValidator(_keep)]
# The same for one part of a whole; "" is None: as the whole says.
OwnKeep = Annotated[dt.timedelta | None, BeforeValidator(_own_keep)]
