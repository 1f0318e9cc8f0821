"""What stands before every page: headers, hosts, limits, sizes, and where a form came from."""

from __future__ import annotations

import asyncio
import ipaddress
import re
from urllib.parse import urlsplit

from fastapi import Request, Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.limits import Limits
from web.site import Site

ONE_CLICK = "/abmelden/"  # RFC 8058: a mail server posts here, and it is no browser
MOST_BYTES = 64 * 1024
BODY_WITHIN_S = 10
_SAFE = ("GET", "HEAD", "OPTIONS")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_HOST = re.compile(r"\[(?P<six>[0-9a-f:.]+)\](?::\d{1,5})?|(?P<name>[a-z0-9.-]+)(?::\d{1,5})?", re.I | re.A)
_YEAR_S = 365 * 24 * 3600
# No script-src: there is no script, so none is allowed.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
# The page of an issue is the mail's: its styles stand in it, and so do its pictures.
ISSUE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def client_of(scope: Scope) -> str:
    """The IP address of whoever asks, "" where there is none; IPv4 also where it comes dressed as IPv6."""
    host = scope["client"][0] if scope.get("client") else ""
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        return str(host)
    return str(getattr(ip, "ipv4_mapped", None) or ip)


class Headers:
    """Puts the headers of safety on every answer, those to errors too, unless the page has its own."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self.app = app
        self.headers = {
            "Content-Security-Policy": POLICY,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "no-store",
        }
        if site.web.base_url.startswith("https://"):
            self.headers["Strict-Transport-Security"] = f"max-age={_YEAR_S}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers)


class Guard:
    """Refuses foreign hosts, forms of other sites, floods and big bodies, before a page sees anything."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self.app, self.site = app, site
        self.requests, self.forms = Limits(site.web.rate), Limits(site.web.form_rate)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answer = self._refusal(Request(scope))
        body = b""
        if answer is None:
            read = await _read(receive)
            body, answer = (read, None) if isinstance(read, bytes) else (b"", self.site.problem(read))
        if answer is not None:
            await answer(scope, receive, send)
            return
        await self.app(scope, _replayed(body, receive), send)

    def _refusal(self, request: Request) -> Response | None:
        if _host(request) not in (*_LOOPBACK, urlsplit(self.site.web.base_url).hostname):
            return self.site.problem(421)
        seconds = self._wait(request)
        if seconds:
            answer = self.site.problem(429)
            answer.headers["Retry-After"] = str(seconds)
            return answer
        return None if self._is_ours(request) else self.site.problem(403)

    def _wait(self, request: Request) -> int:
        """Leaving is counted as looking: a mail service may post for many of its users at once."""
        is_form = request.method not in _SAFE and not request.url.path.startswith(ONE_CLICK)
        limits = self.forms if is_form else self.requests
        return limits.ask(client_of(request.scope), self.site.clock())

    def _is_ours(self, request: Request) -> bool:
        """May this request change something? Not where a browser says that another site sent it.

        Browsers too old for Sec-Fetch-Site name no origin of our own forms ("null"), because of our
        Referrer-Policy. There is no session that a forged form could use, so that is let through.
        """
        if request.method in _SAFE or request.url.path.startswith(ONE_CLICK):
            return True
        site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin", "null")
        if site is not None:
            return site in ("same-origin", "none")
        return origin in ("null", _origin(self.site.web.base_url)) or (
            _host(request) in _LOOPBACK and origin == f"http://{request.headers['host']}"
        )


def _host(request: Request) -> str:
    """The name in the Host header, "" for what is none or more than one."""
    given = request.headers.getlist("host")
    match = _HOST.fullmatch(given[0]) if len(given) == 1 else None
    return (match["six"] or match["name"]).lower() if match else ""


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


async def _read(receive: Receive) -> bytes | int:
    """The whole body, or the status that refuses it: too big, too slow, or cut off."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return 408
                body += message.get("body", b"")
                if len(body) > MOST_BYTES:
                    return 413
                if not message.get("more_body"):
                    return bytes(body)
    except TimeoutError:
        return 408


def _replayed(body: bytes, receive: Receive) -> Receive:
    """A receive that hands over the body once and then waits for the client to go."""
    ahead: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return ahead.pop() if ahead else await receive()

    return replay
