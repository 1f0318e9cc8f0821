"""The pages for readers as one application: every route, before each the guards, around all the headers."""

from __future__ import annotations

import logging
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from lagebrief.errors import LagebriefError
from web import leaving, reading, signing_up
from web.guards import Guard, Headers
from web.site import Site

log = logging.getLogger(__name__)
_STATIC = Path(__file__).parent / "static"


class _Pages(FastAPI):
    """FastAPI answers unexpected errors outside of all middleware; the headers go around that too."""

    def __init__(self, site: Site) -> None:
        super().__init__(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
        self.site = site

    def build_middleware_stack(self) -> ASGIApp:
        inner = Headers(super().build_middleware_stack(), self.site)
        trusted = list(self.site.web.trusted_proxies)
        return ProxyHeadersMiddleware(inner, trusted_hosts=trusted)  # type: ignore[arg-type,return-value]


def make_app(site: Site) -> FastAPI:
    """The application, to be run by `web.server`."""
    app = _Pages(site)
    app.add_middleware(Guard, site=site)
    for part in (signing_up, leaving, reading):
        part.add(app, site)
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    _answer_errors(app, site)
    return app


def _answer_errors(app: FastAPI, site: Site) -> None:
    @app.exception_handler(HTTPException)
    async def refused(_request: Request, error: HTTPException) -> Response:
        answer = site.problem(error.status_code)
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(RequestValidationError)
    async def not_understood(_request: Request, _error: RequestValidationError) -> Response:
        return site.problem(422)

    @app.exception_handler(LagebriefError)
    async def cannot_now(_request: Request, error: LagebriefError) -> Response:
        """Of the error only its kind is logged: the text may hold an address."""
        log.error("a page could not be made: %s", type(error).__name__)
        return site.problem(503)

    @app.exception_handler(Exception)
    async def unexpected(_request: Request, _error: Exception) -> Response:
        return site.problem(500)
