"""Adding sources to a configuration file, with every comment and every line of it kept."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile

import tomlkit
from tomlkit.items import AoT

from lagebrief.config import Loaded, default_text, load
from lagebrief.errors import ConfigError, InputError


def with_sources(text: str, rows: Sequence[dict[str, str]], comment: str) -> str:
    """The file's text with [[sources]] blocks at its end.

    A file without any [[sources]] has those of the default file; they are written out first, or the new ones
    would take their place. Raises InputError where the sources are written in one line, to which no block can
    be added.
    """
    there = tomllib.loads(text).get("sources")
    if there is not None and not isinstance(tomlkit.parse(text)["sources"], AoT):
        raise InputError("the sources are written as a list in one line; write them as [[sources]] first")
    parts = [text if text.endswith("\n") or not text else f"{text}\n"]
    if there is None:
        parts.append(f"\n# The sources of the default configuration\n{_default_sources()}")
    parts.append(f"\n# {comment}\n{_blocks(rows)}")
    return "".join(parts)


def save(loaded: Loaded, path: Path, text: str) -> None:
    """Write the file in one step, after it was read as a configuration. Raises ConfigError if it is none.

    A link stays a link, the file keeps its mode.
    """
    path = path.resolve()
    with NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as new:
        fresh = Path(new.name)
        try:
            new.write(text)
            new.flush()
            os.fsync(new.fileno())
            try:
                load(fresh, loaded.data_dir_override)
            except ConfigError as error:
                raise ConfigError(str(error).replace(str(fresh), str(path))) from error
            fresh.chmod(path.stat().st_mode & 0o7777)
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)


def _default_sources() -> str:
    """The blocks as they stand in the default file, without the comments on what follows them there."""
    lines = tomlkit.dumps({"sources": tomlkit.parse(default_text())["sources"]}).splitlines()
    while lines and (not lines[-1].strip() or lines[-1].startswith("#")):
        lines.pop()
    return "\n".join(lines) + "\n"


def _blocks(rows: Sequence[dict[str, str]]) -> str:
    blocks = tomlkit.aot()
    for row in rows:
        table = tomlkit.table()
        table.update(row)
        blocks.append(table)
    document = tomlkit.document()
    document.append("sources", blocks)
    return tomlkit.dumps(document)
