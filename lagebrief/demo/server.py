"""Plain HTTP on 127.0.0.1 for the example web: one listening port per host, conditional GET, robots.txt.

A site is a function from a request to a reply; this module adds what every web server does: validators with
304 answers, HEAD, 404 for everything unknown (so also for /.well-known/tdmrep.json).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import cast
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class Request:
    """What a site needs to know: the path and the last value of each query parameter."""

    path: str
    query: dict[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """A body with its media type. `modified` becomes Last-Modified; a reply without it has no validators."""

    body: bytes
    content_type: str
    modified: dt.datetime | None = None
    status: HTTPStatus = HTTPStatus.OK

    @property
    def etag(self) -> str:
        """A strong validator made from the bytes."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:20]}"'


Site = Callable[[Request], Reply | None]

NOT_FOUND = Reply(b"<h1>404 Not Found</h1>\n", "text/html; charset=utf-8", status=HTTPStatus.NOT_FOUND)


class Listener:
    """One host of the example web: a server on a port of the system's choice and the thread that runs it."""

    def __init__(self, site: Site, robots: str, *, refuses_head: bool = False) -> None:
        self._server = _Server(site, robots, refuses_head=refuses_head)
        # A short poll, because shutdown() waits for the next one: nine hosts stop one after another.
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def base(self) -> str:
        """The address of the host, without a slash at its end."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and give the port back."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    def __init__(self, site: Site, robots: str, *, refuses_head: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.site = site
        self.robots = Reply(robots.encode(), "text/plain; charset=utf-8")
        self.refuses_head = refuses_head


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Beispielnetz/1"
    timeout = 5  # an idle connection must not keep its thread for long

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        if cast("_Server", self.server).refuses_head:
            self._send(Reply(b"", "text/html", status=HTTPStatus.UNAUTHORIZED))
        else:
            self._answer()

    def _answer(self) -> None:
        server = cast("_Server", self.server)
        parts = urlsplit(self.path)
        if parts.path == "/robots.txt":
            return self._send(server.robots)
        reply = server.site(Request(parts.path, dict(parse_qsl(parts.query)))) or NOT_FOUND
        return self._send(reply)

    def _send(self, reply: Reply) -> None:
        unchanged = reply.modified is not None and self._client_has(reply.etag, reply.modified)
        self.send_response(HTTPStatus.NOT_MODIFIED if unchanged else reply.status)
        if reply.modified is not None:
            self.send_header("ETag", reply.etag)
            self.send_header("Last-Modified", format_datetime(reply.modified.astimezone(dt.UTC), usegmt=True))
        if not unchanged:
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if not unchanged and self.command != "HEAD":
            self.wfile.write(reply.body)

    def _client_has(self, etag: str, modified: dt.datetime) -> bool:
        """RFC 9110, 13.2.2: If-Modified-Since counts only where there is no If-None-Match."""
        if tags := self.headers.get("If-None-Match"):
            return etag in [tag.strip().removeprefix("W/") for tag in tags.split(",")]
        if since := self.headers.get("If-Modified-Since"):
            return modified.replace(microsecond=0) <= _http_date(since)
        return False

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent: stderr belongs to the program's own log."""


def _http_date(value: str) -> dt.datetime:
    """A date as sent by a client; one that cannot be read matches nothing."""
    try:
        parsed = parsedate_to_datetime(value)
    except ValueError:
        return dt.datetime.min.replace(tzinfo=dt.UTC)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=dt.UTC)
