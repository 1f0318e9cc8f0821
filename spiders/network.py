"""Reaching out, but never into this machine or its network unless a setting allows that host.

The guard stands where the socket is made, after name resolution, so the checked address is the one that is
connected to: an address written in any notation, a redirect and a rebinding name server all end here.
Connections are not reused between requests, for a pooled one would carry one source's permission to another.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import aiohttp
from scrapy.core.downloader.handlers._aiohttp import AiohttpDownloadHandler
from scrapy.http import Headers

from lagebrief.errors import AddressRefusedError
from spiders.addresses import check_url, is_public

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy import Request
    from scrapy.crawler import Crawler

AT_ONCE = 16
_private_allowed: ContextVar[bool] = ContextVar("private_allowed", default=False)


def guarded_socket(info: Any) -> socket.socket:
    """Make the socket for one resolved address, or refuse. Called by aiohttp for every connection."""
    family, kind, protocol, _, address = info
    if not _private_allowed.get() and not is_public(address[0]):
        raise AddressRefusedError(f"address not allowed: {address[0]} is inside this machine or network")
    return socket.socket(family, kind, protocol)


def refusal(error: BaseException) -> AddressRefusedError | None:
    """The guard's own refusal, which may travel wrapped in the errors of the HTTP libraries."""
    cause: BaseException | None = error
    for _ in range(6):
        if cause is None or isinstance(cause, AddressRefusedError):
            return cause
        cause = cause.__cause__ or cause.__context__
    return None


class GuardedDownloadHandler(AiohttpDownloadHandler):
    """Scrapy's aiohttp handler with the guard above and at most AT_ONCE transfers at a time.

    Scrapy itself is set to start as many requests as it likes: one that waits for its host's turn or
    robots.txt must not take the place of another host's. The limit here keeps memory flat, and waiting
    for it does not count against a request's own timeout.
    """

    experimental = False  # Scrapy 2.19 says so of its aiohttp handler at every start

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._session._connector = aiohttp.TCPConnector(
            limit=0,
            force_close=True,
            socket_factory=guarded_socket,
        )
        # An environment proxy would resolve names behind our back.
        self._session._trust_env = False
        self._places = asyncio.Semaphore(AT_ONCE)

    @asynccontextmanager
    async def _make_request(self, request: Request, timeout: float) -> AsyncIterator[Any]:
        allowed = bool(request.meta.get("private_allowed"))
        check_url(request.url, private_allowed=allowed)
        token = _private_allowed.set(allowed)
        try:
            async with self._places, super()._make_request(request, timeout) as response:
                yield response
        finally:
            _private_allowed.reset(token)

    @staticmethod
    def _extract_headers(response: Any) -> Headers:
        """The bytes as they came: header text outside ASCII cannot be encoded a second time."""
        return Headers(response.raw_headers)
