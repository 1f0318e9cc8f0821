"""Evidence: what sources answered, as web archives keep it (WARC/1.1, ISO 28500:2017).

One file a day below <data_dir>/warc. A record is one gzip member, appended in one piece under a lock; what a
process that was ended left half-written is cut off before the next one is appended. Kept is only what may be
kept in full: `may_keep` says so. The body stands there as it was read, after unpacking.
"""

from __future__ import annotations

import base64
import datetime as dt
import fcntl
import hashlib
import io
import os
import zlib
from collections.abc import Iterable
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from archive.values import Harvest, SourceState, Storage
from lagebrief.errors import ConfigError

if TYPE_CHECKING:
    from scrapy.http import Response

FOLDER = "warc"
_VERSION = "WARC/1.1"
_CHUNK = 1 << 20
_CHANGED = {b"content-encoding", b"transfer-encoding", b"content-length"}  # they spoke of the packed body


def may_keep(harvest: Harvest) -> bool:
    """True for a good answer of a source with storage full that neither robots nor a reservation forbids."""
    verdict = harvest.verdict
    allowed = not verdict.reserved and verdict.archive_allowed
    return harvest.state is SourceState.OK and harvest.storage is Storage.FULL and allowed


def files(folder: Path) -> list[tuple[dt.date, Path]]:
    """The files of evidence with their days, oldest first."""
    found = []
    for path in folder.glob("*.warc.gz"):
        with suppress(ValueError):  # another file
            found.append((dt.date.fromisoformat(path.name.removesuffix(".warc.gz")), path))
    return sorted(found)


class Evidence:
    """Appends answers to the file of their day.

    Raises ConfigError where the package warcio is missing.
    """

    def __init__(self, folder: Path, software: str) -> None:
        try:
            from warcio.warcwriter import WARCWriter
        except ModuleNotFoundError as error:
            raise ConfigError(
                "collect.warc: for evidence install the extra, pip install 'lagebrief[warc]'"
            ) from error
        self._make_writer = WARCWriter
        self._folder = folder
        self._software = software
        self._whole: set[Path] = set()

    def keep(self, response: Response, at: dt.datetime) -> None:
        """Write an answer. Raises OSError; then nothing of it is left in the file."""
        path = self._folder / f"{at.astimezone(dt.UTC):%Y-%m-%d}.warc.gz"
        self._folder.mkdir(parents=True, exist_ok=True)
        record = self._response_record(response, at)
        with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o644), "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if path not in self._whole:
                file.truncate(length_of_whole_members(file))
                self._whole.add(path)
            end = file.seek(0, os.SEEK_END)
            try:
                file.write(record if end else self._info_record(path.name) + record)
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                file.truncate(end)
                raise

    def _response_record(self, response: Response, at: dt.datetime) -> bytes:
        from warcio.statusandheaders import StatusAndHeaders

        status = f"{response.status} {_phrase(response.status)}".strip()
        headers = StatusAndHeaders(status, list(_headers(response)), protocol="HTTP/1.1")
        out = io.BytesIO()
        writer = self._writer(out)
        record = writer.create_warc_record(
            response.url,
            "response",
            payload=io.BytesIO(response.body),
            length=len(response.body),
            http_headers=headers,
            warc_headers_dict={
                "WARC-Date": f"{at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
                "WARC-Payload-Digest": f"sha256:{_sha256(response.body)}",
            },
        )
        writer.write_record(record)
        return out.getvalue()

    def _info_record(self, name: str) -> bytes:
        out = io.BytesIO()
        writer = self._writer(out)
        described = {"software": self._software, "format": "WARC File Format 1.1", "robots": "obey"}
        writer.write_record(writer.create_warcinfo_record(name, described))
        return out.getvalue()

    def _writer(self, out: IO[bytes]) -> Any:
        return self._make_writer(out, gzip=True, warc_version=_VERSION)


def length_of_whole_members(file: IO[bytes]) -> int:
    """Where the last complete gzip member of a file ends; bytes after it are of an interrupted write."""
    file.seek(0)
    end, member = 0, zlib.decompressobj(zlib.MAX_WBITS + 16)
    while chunk := file.read(_CHUNK):
        while chunk:
            try:
                member.decompress(chunk, _CHUNK)
            except zlib.error:
                return end
            chunk = member.unconsumed_tail
            if member.eof:
                chunk = member.unused_data
                end = file.tell() - len(chunk)
                member = zlib.decompressobj(zlib.MAX_WBITS + 16)
    return end


def _headers(response: Response) -> Iterable[tuple[str, str]]:
    for name, values in response.headers.items():
        if name.lower() not in _CHANGED:
            yield from ((_latin(name), _latin(value)) for value in values)
    yield "Content-Length", str(len(response.body))


def _sha256(body: bytes) -> str:
    """In base 32, as the format's examples write digests."""
    return base64.b32encode(hashlib.sha256(body).digest()).decode("ascii")


def _latin(raw: bytes) -> str:
    return " ".join(raw.decode("latin-1").splitlines())


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
