"""Articles from other programs' files: Scrapy exports, Google-Reader JSON (FreshRSS), Miniflux JSON.

Text from outside goes through the house's own cleaning. An article is known by its address and by the id it
had there; what a source of ours has brought already is left as it is.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from archive.identity import canonical_url
from archive.transfer import Item
from archive.values import Entry
from lagebrief.errors import InputError
from lagebrief.import_fields import Fields, google_fields, miniflux_fields, plain, scrapy_fields
from spiders import cleaning, dates
from spiders.settings import Kind, SourceSettings

_LARGEST = 256 * 1024 * 1024  # of a file that is one JSON document, which is read whole
_LONGEST_LINE = 16 * 1024 * 1024
_LONGEST_OUTLET = 64  # the width of its column
_LINES, _DOCUMENT = (".jl", ".jsonl", ".ndjson"), ".json"
_INDEXES = (Kind.BING_NEWS, Kind.GDELT)  # their host is not the outlet's


@dataclass(frozen=True, slots=True)
class Broken:
    """An item that was skipped: the number it has in its file, from 1, and why."""

    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are read.

    outlets: host to outlet, of the configured sources. on_broken is told each item that is skipped, on_step
    how many bytes (Scrapy) or items were done.
    """

    outlets: Mapping[str, str]
    now: dt.datetime
    on_broken: Callable[[Broken], None]
    on_step: Callable[[int], None] = lambda _count: None

    def item(self, fields: Fields) -> Item:
        """An item from its fields. Raises ValueError saying what is wrong."""
        title = cleaning.one_line(cleaning.text_of_html(fields.title))
        if not title:
            raise ValueError("it has no title")
        if not canonical_url(fields.url):
            raise ValueError("it has no web address")
        published, mark = dates.trusted(fields.published, self.now)
        entry = Entry(
            url="".join(fields.url.split()),
            title=title,
            teaser=cleaning.one_line(plain(fields.teaser), cleaning.TEASER_MAX),
            body=cleaning.paragraphs(plain(fields.body)),
            guid=fields.guid,
            author=cleaning.one_line(fields.author, 200),
            language=fields.language,
            published=published,
            date_mark="" if mark == "stale" else mark,  # a look back is what an import is for
        )
        return Item(self._outlet(fields), entry)

    def _outlet(self, fields: Fields) -> str:
        hosts = [_host(url) for url in (fields.url, fields.site)]
        known = next((self.outlets[host] for host in hosts if host in self.outlets), "")
        return (known or hosts[0])[:_LONGEST_OUTLET]


def outlets_of(sources: Iterable[SourceSettings]) -> dict[str, str]:
    """Host to outlet, where a host is one outlet's alone."""
    found: dict[str, set[str]] = {}
    for source in sources:
        if source.url and source.kind not in _INDEXES:
            found.setdefault(_host(source.url), set()).add(source.outlet)
    return {host: min(outlets) for host, outlets in found.items() if len(outlets) == 1}


def scrapy_files(folder: Path) -> list[Path]:
    """The exports in a folder and below it. Raises InputError where there are none."""
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder")
    found = sorted(
        path for path in folder.rglob("*") if path.suffix in (*_LINES, _DOCUMENT) and path.is_file()
    )
    if not found:
        raise InputError(f"{folder} holds no file that ends in .json, .jsonl, .jl or .ndjson")
    return found


def read_scrapy(files: Iterable[Path], reading: Reading) -> Iterator[Item]:
    """Items of Scrapy's feed exports: JSON Lines, or one JSON list a file."""
    for path in files:
        if path.suffix in _LINES:
            yield from _read_lines(path, reading)
            continue
        try:
            with path.open("rb") as stream:
                rows = _list(_document(stream), "")
        except InputError as error:  # one file of many: the others are read all the same
            reading.on_broken(Broken(path.name, str(error)))
        else:
            yield from _items(rows, scrapy_fields, reading, f"{path.name}: ", step=0)
        reading.on_step(path.stat().st_size)


def read_google_reader(stream: IO[bytes], reading: Reading) -> Iterator[Item]:
    """Items of the Google Reader API's JSON, as FreshRSS exports it."""
    yield from _items(_rows(stream, "items"), google_fields, reading)


def read_miniflux(stream: IO[bytes], reading: Reading) -> Iterator[Item]:
    """Entries of Miniflux's API (GET /v1/entries)."""
    yield from _items(_rows(stream, "entries"), miniflux_fields, reading)


def _items(
    rows: list[Any],
    fields: Callable[[dict[str, Any]], Fields],
    reading: Reading,
    before: str = "",
    step: int = 1,
) -> Iterator[Item]:
    for number, row in enumerate(rows, 1):
        reading.on_step(step)
        try:
            if not isinstance(row, dict):
                raise ValueError("not a JSON object")
            yield reading.item(fields(row))
        except ValueError as error:
            reading.on_broken(Broken(f"{before}item {number}", str(error)))


def _read_lines(path: Path, reading: Reading) -> Iterator[Item]:
    with path.open("rb") as stream:
        number = 0
        while line := stream.readline(_LONGEST_LINE):
            number += 1
            reading.on_step(len(line))
            where = f"{path.name}: line {number}"
            if len(line) == _LONGEST_LINE and not line.endswith(b"\n"):
                reading.on_broken(Broken(where, "longer than 16 MiB; the rest of the file is left out"))
                return
            if not line.strip():
                continue
            try:
                yield reading.item(scrapy_fields(_object(line)))
            except ValueError as error:
                reading.on_broken(Broken(where, str(error)))


def _object(line: bytes) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError("not JSON") from error
    if not isinstance(row, dict):
        raise ValueError("not a JSON object")
    return row


def _rows(stream: IO[bytes], name: str) -> list[Any]:
    try:
        return _list(_document(stream), name)
    except InputError as error:
        raise InputError(f"{stream.name}: {error}") from error


def _document(stream: IO[bytes]) -> Any:
    raw = stream.read(_LARGEST + 1)
    if len(raw) > _LARGEST:
        raise InputError(f"larger than {_LARGEST // 2**20} MiB: export it in parts")
    try:
        return json.loads(raw.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as error:
        raise InputError("not JSON") from error


def _list(document: Any, name: str) -> list[Any]:
    if name:
        document = document.get(name) if isinstance(document, dict) else None
    if not isinstance(document, list):
        raise InputError(f"not of this kind: it has no list {name!r}" if name else "not a JSON list of items")
    return document


def _host(url: str) -> str:
    try:
        return (urlsplit(url.strip()).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
