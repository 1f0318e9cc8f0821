"""The HTTP server: uvicorn in a loop that somebody else runs and ends.

It writes no access log, since paths hold tokens and answers hold addresses. Of an unexpected error the log
has its kind and where it happened, without its text.
"""

from __future__ import annotations

import logging
import socket
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from lagebrief.errors import ConfigError
from web.settings import WebSettings

_GO_WITHIN_S = 3  # at the end, for answers under way


class Server(uvicorn.Server):
    """A server that leaves signals to its host; `should_exit` ends it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def server(app: Any) -> Server:
    """A server for an application; `serve(sockets=[...])` runs it."""
    config = uvicorn.Config(
        app,
        access_log=False,
        log_config=None,
        lifespan="off",
        ws="none",
        http="h11",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_GO_WITHIN_S,
    )
    uvicorn_log = logging.getLogger("uvicorn.error")
    if not any(isinstance(kept, _WithoutTexts) for kept in uvicorn_log.filters):
        uvicorn_log.addFilter(_WithoutTexts())
    return Server(config)


def listen(settings: WebSettings) -> socket.socket:
    """The socket that `web.host` and `web.port` name. Raises ConfigError where nobody may listen there."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family)
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        raise ConfigError(f"web.host, web.port: cannot listen on {where}: {error.strerror}") from error


class _WithoutTexts(logging.Filter):
    """Takes the texts of exceptions out of a log line: they repeat what people sent."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and record.exc_info[0]:
            kind, _, trace = record.exc_info
            record.exc_text = "".join((*traceback.format_tb(trace), kind.__name__))
            record.exc_info = None
        return True
