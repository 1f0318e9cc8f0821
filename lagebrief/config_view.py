"""Showing the configuration: every value, where it came from, secrets masked."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, SecretStr

from lagebrief.config import PREFIX, Loaded
from lagebrief.config_text import line_of


def flat(config: BaseModel, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf as (dotted key, value); secrets stay SecretStr."""
    for name, info in type(config).model_fields.items():
        key, value = f"{prefix}{info.alias or name}", getattr(config, name)
        if isinstance(value, BaseModel):
            yield from flat(value, f"{key}.")
        elif isinstance(value, tuple) and value and hasattr(value[0], "key"):
            for part in value:
                yield from flat(part, f"{key}.{part.key}.")
        else:
            yield key, value


def shown(value: Any) -> str:
    """A value for the screen; secrets are masked."""
    if isinstance(value, SecretStr):
        return "********" if value.get_secret_value() else '""'
    if isinstance(value, dict):  # headers may hold a licence key
        return repr(dict.fromkeys(value, "********"))
    return re.sub(r"(://[^:/@]*:)[^@]+@", r"\1********@", str(value))


def origin(loaded: Loaded, key: str) -> str:
    """Where a value came from: environment, file and line, or default."""
    variable = PREFIX + key.upper().replace(".", "__")
    if variable in os.environ:
        return f"environment {variable}"
    parts: list[str | int] = list(key.split("."))
    if parts[0] in ("sources", "topics") and parts[0] in loaded.given:
        rows = loaded.given[str(parts[0])]
        keys = [row.get("key") for row in rows if isinstance(row, dict)]
        parts[1:2] = [keys.index(parts[1])] if parts[1] in keys else []
    node: Any = dict(loaded.given)
    for part in parts:
        if isinstance(node, dict) and part not in node:
            return "default"
        node = node[part]
    return f"{loaded.path}:{line_of(loaded.text, tuple(parts)) or '?'}"
