"""Pages behind the links in every mail: leaving, and choosing what one gets.

None of them tells whether its token is anybody's. Leaving looks the same for every token. The choices of
a token that is nobody's are shown as those of a reader who never chose; saving answers all alike.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, Form, Response

from mailing import subscribers, tokens
from web.signing_up import narrowed
from web.site import Site

_GET = ("GET", "HEAD")


def add(app: FastAPI, site: Site) -> None:
    """Leaving and choosing."""

    @app.api_route("/abmelden/{token:path}", methods=[*_GET])
    def ask(token: str) -> Response:  # noqa: ARG001 - scanners follow every link: looking changes nothing
        return site.page("leave")

    @app.post("/abmelden/{token:path}")
    def leave(token: str) -> Response:
        """One click (RFC 8058): no cookie, no further question, whatever the body says."""
        subscribers.leave(site.database, site.keys, token, site.clock())
        return site.page("left")

    @app.api_route("/einstellungen/{token:path}", methods=[*_GET])
    def choices(token: str) -> Response:
        reader = subscribers.of_token(site.database, site.keys, tokens.PREFERENCES, token)
        topics, text_only = (reader.topics, reader.text_only) if reader else ((), False)
        return site.page("choices", topics=topics, text_only=text_only)

    @app.post("/einstellungen/{token:path}")
    def choose(
        token: str,
        topics: Annotated[tuple[str, ...], Form()] = (),
        text_only: Annotated[str, Form()] = "",
    ) -> Response:
        chosen = narrowed(site, topics)
        subscribers.choose(site.database, site.keys, token, chosen, bool(text_only), site.clock())
        return site.page("chosen")
