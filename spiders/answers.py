"""From an HTTP answer to the state of a source: what came, what it means, when to come again."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import re
import zlib

import brotli  # type: ignore[import-untyped] # ships no types
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
)
from scrapy.http import Response

from archive.values import SourceState, Validators
from lagebrief.errors import UnreadableError
from spiders import cleaning
from spiders.middlewares import RefusedByRobots, retry_after
from spiders.network import refusal

_BLOCK_PAUSE = dt.timedelta(hours=24)
_HEADER_MAX = 1_000
_IGNORED = {"max redirections reached": "redirects lead in a circle or too far"}  # Scrapy's words, then ours
_HTTP_ERROR = re.compile(r"message=['\"]([^\\'\"]+)")  # what aiohttp's parser says, without the bytes
_BADLY_PACKED = (gzip.BadGzipFile, zlib.error, EOFError, brotli.error)
_UNPACKED = ("", "gzip", "x-gzip", "deflate", "br", "identity")


def state_of_status(response: Response, *, asked_conditionally: bool) -> tuple[SourceState, str] | None:
    """The state an HTTP status means by itself; None where the body has to be read."""
    status = response.status
    if status == 304:
        if asked_conditionally:
            return SourceState.NOT_MODIFIED, ""
        return SourceState.PARSE_ERROR, "unexpected 304: nothing was asked conditionally"
    if status == 204:
        return SourceState.NOT_MODIFIED, "204: nothing new"
    if status == 202 and not response.body.strip():
        return SourceState.BLOCKED, "202 with an empty body: the site's firewall asks for a browser"
    if status in (401, 407):
        return SourceState.BLOCKED, f"{status}: login needed"
    if status == 403:
        return SourceState.BLOCKED, "403: the site refuses us"
    if status == 429 or (status == 503 and response.headers.get("Retry-After")):
        return SourceState.RATE_LIMITED, f"{status}: the site asks for a pause"
    if status == 410:
        return SourceState.UNREACHABLE, "410: gone for good"
    if 300 <= status < 400:
        return SourceState.UNREACHABLE, f"{status}: a redirect that leads nowhere"
    if status >= 400 or status < 200:
        return SourceState.UNREACHABLE, f"the site answered {status}"
    return _state_of_encoding(response)


def _state_of_encoding(response: Response) -> tuple[SourceState, str] | None:
    left = ",".join(value.decode("latin-1") for value in response.headers.getlist("Content-Encoding"))
    if [name for name in left.split(",") if name.strip().lower() not in _UNPACKED] or left.count(",") > 1:
        return SourceState.PARSE_ERROR, f"unknown Content-Encoding {left[:60]!r}"
    return None


def state_of_error(error: BaseException) -> tuple[SourceState, str]:
    """The state and reason of a request that brought no answer."""
    if refused := refusal(error):
        return SourceState.UNREACHABLE, str(refused)
    if isinstance(error, RefusedByRobots):
        return SourceState.ROBOTS_REFUSED, str(error)
    if isinstance(error, UnreadableError):
        return SourceState.PARSE_ERROR, str(error)
    if isinstance(error, (DownloadTimeoutError, TimeoutError)):
        return SourceState.TIMEOUT, "no whole answer in time"
    if isinstance(error, DownloadCancelledError) or "DOWNLOAD_MAXSIZE" in str(error):
        return SourceState.PARSE_ERROR, "the answer is larger than allowed"
    if isinstance(error, _BADLY_PACKED):
        return SourceState.PARSE_ERROR, "the answer is not packed as its Content-Encoding says"
    return SourceState.UNREACHABLE, _why_unreachable(error)


def _why_unreachable(error: BaseException) -> str:
    if isinstance(error, CannotResolveHostError):
        return "the host's name cannot be resolved"
    if isinstance(error, DownloadConnectionRefusedError):
        return "no connection"
    if isinstance(error, IgnoreRequest):
        return _IGNORED.get(str(error), str(error) or "not asked")
    said = _HTTP_ERROR.search(str(error))
    detail = cleaning.one_line(said[1] if said else str(error), 120).rstrip(":")
    return f"broken answer ({detail or type(error).__name__})"


def pause_after(response: Response, state: SourceState, now: dt.datetime) -> dt.datetime | None:
    """The moment before which the source must not be asked again, None where our own back-off counts."""
    if state is SourceState.RATE_LIMITED:
        wait = retry_after(response, now)
        return now + wait if wait else None
    if response.status in (403, 410) or (state is SourceState.BLOCKED and response.status == 202):
        return now + _BLOCK_PAUSE
    return None


def validators(response: Response) -> Validators:
    """What to send back next time; headers too long to be honest are dropped."""
    return Validators(
        etag=_header(response, "ETag"),
        last_modified=_header(response, "Last-Modified"),
        body_hash=hashlib.blake2b(response.body, digest_size=16).hexdigest(),
    )


def header(response: Response, name: str) -> str | None:
    """All values of a header as text, None where it is absent."""
    values = [value.decode("latin-1") for value in response.headers.getlist(name)]
    return ", ".join(values) if values else None


def _header(response: Response, name: str) -> str:
    value = header(response, name) or ""
    return value if len(value) <= _HEADER_MAX and value.isprintable() else ""
