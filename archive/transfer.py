"""Articles in and out as JSON Lines (the shape is in docs/interface.md)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

from archive import queries
from archive.articles import Keeper
from archive.database import Database
from archive.values import Article, Entry, Storage, Stored, Verdict

_BATCH = 1_000
_LONGEST_LINE = 4 * 1024 * 1024
_LONGEST_OUTLET = 64  # the width of its column
_IMPORT = "import"


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that was skipped, counted from 1, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Item:
    """One readable line."""

    outlet: str
    entry: Entry


def read_items(
    stream: IO[bytes], on_problem: Callable[[Problem], None], on_bytes: Callable[[int], None]
) -> Iterator[Item]:
    """The items of a JSON Lines stream, one at a time; a broken line is reported and skipped."""
    number = 0
    while line := stream.readline(_LONGEST_LINE):
        number += 1
        size = len(line)
        too_long = size == _LONGEST_LINE and not line.endswith(b"\n")
        while too_long and line and not line.endswith(b"\n"):
            line = stream.readline(_LONGEST_LINE)
            size += len(line)
        on_bytes(size)
        if too_long:
            on_problem(Problem(number, f"longer than {_LONGEST_LINE // 2**20} MiB"))
        elif line.strip():
            try:
                yield parse_item(line)
            except ValueError as error:
                on_problem(Problem(number, str(error)))


def parse_item(line: bytes) -> Item:
    """One item line. Raises ValueError saying what is wrong; unknown keys are ignored."""
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError("not JSON") from error
    if not isinstance(data, dict):
        raise ValueError("not a JSON object")
    for key in ("id", "title"):
        if not _text(data, key).strip():
            raise ValueError(f"{key!r} is missing")
    outlet = _text(data, "outlet") or _IMPORT
    if len(outlet) > _LONGEST_OUTLET:
        raise ValueError(f"'outlet' is longer than {_LONGEST_OUTLET} characters")
    entry = Entry(
        url=_text(data, "url"),
        title=_text(data, "title"),
        teaser=_text(data, "lead"),
        body=_text(data, "body"),
        language=_text(data, "language")[:2].lower(),
        author=_text(data, "author"),
        published=_published(_text(data, "published")),
        external_id=_text(data, "id"),
    )
    return Item(outlet, entry)


def import_items(
    database: Database, items: Iterator[Item], now: dt.datetime, *, only_new: bool = False
) -> Stored:
    """Store items in batches of a thousand: memory stays flat however long the stream is.

    only_new: what a source has brought is left as it is.
    """
    total = Stored()
    while batch := list(islice(items, _BATCH)):
        outlets = dict.fromkeys(item.outlet for item in batch)
        with database.writing() as connection:
            for outlet in outlets:
                verdict = Verdict(robots="imported", at=now)
                keeper = Keeper(connection, _IMPORT, outlet, Storage.FULL, verdict, now, only_new)
                total += keeper.store([item.entry for item in batch if item.outlet == outlet])
    return total


def export_items(database: Database, stream: IO[str]) -> int:
    """Write every article as an item line; returns how many."""
    count = 0
    for article in queries.each(database):
        stream.write(json.dumps(item_line(article), ensure_ascii=False) + "\n")
        count += 1
    return count


def item_line(article: Article) -> dict[str, str]:
    """An article in the shape of an item line."""
    return {
        "id": article.public_id,
        "outlet": article.outlet,
        "title": article.title,
        "lead": article.teaser,
        "body": article.body,
        "language": article.language,
        "author": article.author,
        "published": article.published.isoformat(),
        "first_seen": article.first_seen.isoformat(),
        "url": article.url,
    }


def file_size(path: Path) -> int:
    """Bytes of a file, for a progress bar; 0 where it cannot be told."""
    return path.stat().st_size if path.is_file() else 0


def _text(data: dict[str, Any], key: str) -> str:
    value = data.get(key)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise ValueError(f"{key!r} is not text")
    text = str(value).replace("\x00", "")
    return text.encode("utf-8", "replace").decode("utf-8")


def _published(text: str) -> dt.datetime | None:
    if not text:
        return None
    try:
        date = dt.datetime.fromisoformat(text)
        return date.replace(tzinfo=dt.UTC) if date.tzinfo is None else date.astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"'published' is no ISO date: {text[:40]!r}") from error
