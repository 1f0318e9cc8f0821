"""A small web on this machine for the collector, and the hostile one of the trust kit."""

from __future__ import annotations

import datetime as dt
import importlib.util
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from archive.database import Database
from spiders.collector import collect
from spiders.runs import SourceReport
from spiders.settings import CollectSettings, SourceSettings
from spiders.values import Answer, Ask, Purpose

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
QUICK = CollectSettings(per_host_delay=dt.timedelta(0), timeout=dt.timedelta(seconds=4))


@dataclass
class Reply:
    """What a Site answers on one path. `wait` keeps the connection open for so many seconds first."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0.0


class Site:
    """A web site of a test: a reply or a function for each path, and the requests it saw."""

    def __init__(self) -> None:
        self.replies: dict[str, Reply | Callable[[BaseHTTPRequestHandler], Reply]] = {}
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.times: list[dt.datetime] = []
        self._over = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.base = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def put(self, path: str, body: str | bytes = b"", status: int = 200, **headers: str) -> str:
        """Serve a body; header names are written with underscores. Returns its address."""
        content = body.encode() if isinstance(body, str) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.replies[path] = Reply(content, status, named)
        return self.url(path)

    def url(self, path: str) -> str:
        return self.base + path

    def close(self) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(site) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - `self` is the handler's below
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                site.headers.append({name.lower(): value for name, value in self.headers.items()})
                site.times.append(dt.datetime.now(dt.UTC))
                found = site.replies.get(self.path) or site.replies.get(self.path.split("?")[0])
                reply = found(self) if callable(found) else found or Reply(status=404)
                site._over.wait(reply.wait)
                self.send_response(reply.status)
                for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body)

            def log_message(self, *_args: object) -> None:
                return

        return Handler


@pytest.fixture
def sites() -> Iterator[Callable[[], Site]]:
    """Opens as many sites as a test needs, each on its own port."""
    opened: list[Site] = []

    def open_one() -> Site:
        opened.append(Site())
        return opened[-1]

    yield open_one
    for site in opened:
        site.close()


@pytest.fixture
def site(sites: Callable[[], Site]) -> Site:
    return sites()


@pytest.fixture(scope="session")
def hostile(shared: Path) -> ModuleType:
    """The trust kit's hostile server, imported from its file."""
    return load_module(shared / "trust" / "hostile_server.py")


@pytest.fixture(scope="session")
def corpus(shared: Path) -> Path:
    return shared / "trust" / "corpus"


@pytest.fixture(scope="session")
def load() -> Callable[[Path], ModuleType]:
    """Imports a module of the trust kit from its file."""
    return load_module


def load_module(path: Path) -> ModuleType:
    assert path.is_file(), f"the trust kit has no {path.name}"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


Gather = Callable[..., Awaitable[dict[str, SourceReport]]]


@pytest.fixture
def gather(sqlite: Database) -> Gather:
    """Collect the given sources into the test's archive; the reports by key."""

    async def run(
        *due: SourceSettings, now: dt.datetime = NOW, settings: CollectSettings = QUICK
    ) -> dict[str, SourceReport]:
        reports = await collect(sqlite, settings, due, clock=lambda: now)
        return {report.key: report for report in reports}

    return run


@pytest.fixture
def source_at() -> Callable[..., SourceSettings]:
    """A source of this machine: key and address, and whatever else it needs."""
    return make_source


def make_source(key: str, url: str, **more: Any) -> SourceSettings:
    values = {"kind": "rss", "allow_private_hosts": ("127.0.0.1",), **more}
    return SourceSettings(key=key, url=url, **values)


@pytest.fixture
def answer() -> Callable[..., Answer]:
    """An answer as the collector hands it to the readers."""

    def make(
        body: str | bytes,
        *,
        kind: str = "rss",
        url: str = "https://quelle.example/feed",
        content_type: str = "",
        purpose: Purpose = Purpose.SOURCE,
        ask: Ask | None = None,
        now: dt.datetime = NOW,
        **more: Any,
    ) -> Answer:
        source = SourceSettings(**{"key": "quelle", "kind": kind, "url": url, **more})
        content = body.encode() if isinstance(body, str) else body
        return Answer(source, ask or Ask(url, purpose), url, content, content_type, now)

    return make


@pytest.fixture
def rss() -> Callable[..., str]:
    """An RSS feed of the given items, written as XML."""
    return lambda *items: rss_of(*items)


def rss_of(*items: str) -> str:
    joined = "".join(f"<item>{item}</item>" for item in items)
    head = '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Quelle</title>'
    return f"{head}<link>https://quelle.example/</link>{joined}</channel></rss>"
