"""Saying what is wrong with a configuration file, and where."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError


def explain(error: ValidationError, root: type[BaseModel], text: str, path: Path | None, prefix: str) -> str:
    """One sentence on the first thing that is wrong, with file and line, or variable, and key."""
    first = error.errors()[0]
    location = tuple(part for part in first["loc"] if part != "function-after")
    line = line_of(text, location)
    where = f"{path or 'environment'}{f':{line}' if line else ''}"
    variable = prefix + "__".join(str(part) for part in location).upper()
    if variable in os.environ:
        where = f"environment {variable}"
    key = _dotted(location)
    if first["type"] == "extra_forbidden":
        return f"{where}: unknown key {key!r}{nearest(str(location[-1]), _known_keys(root, location[:-1]))}"
    message = str(first["msg"]).removeprefix("Value error, ")
    return f"{where}: {key}: {message}" if key else f"{where}: {message}"


def _dotted(location: tuple[Any, ...]) -> str:
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")


def _known_keys(root: type[BaseModel], location: tuple[Any, ...]) -> list[str]:
    model: Any = root
    for part in location:
        if isinstance(part, int):
            continue
        annotation = model.model_fields[part].annotation
        inner = [kind for kind in getattr(annotation, "__args__", ()) if kind is not Ellipsis]
        model = inner[0] if inner else annotation
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            return []
    return [info.alias or name for name, info in model.model_fields.items()]


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of a sentence that names the key somebody may have meant."""
    known = list(known)
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(sorted(known))}"


def line_of(text: str, location: tuple[Any, ...]) -> int:
    """The line of a key, counted from 1; of its table where the key itself is absent; 0 if there is none."""
    table = [part for part in location if not isinstance(part, int)]
    if not table:
        return 0
    number = next((part for part in location if isinstance(part, int)), None)
    best = 0
    current, seen = "", -1
    for line_number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"^\s*\[{1,2}\s*([\w.-]+)\s*\]{1,2}", line)
        if header:
            seen += header[1] == table[0] and line.lstrip().startswith("[[")
            current = header[1]
            if current == table[0] and (number is None or seen == number):
                best = best or line_number
            continue
        assigned = re.match(r"^\s*[\"']?([\w-]+)[\"']?\s*=", line)
        in_table = current.split(".")[0] == str(table[0]) and (number is None or seen == number)
        if assigned and ((in_table and assigned[1] in table[1:]) or (not current and [assigned[1]] == table)):
            return line_number
    return best
