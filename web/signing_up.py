"""Pages of the double opt-in: the form, and the link in the mail that it sends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection
from typing import Annotated

from fastapi import FastAPI, Form, Request, Response
from fastapi.concurrency import run_in_threadpool

from lagebrief.errors import InputError
from mailing import subscribers
from mailing.confirmation import Request as Asked
from mailing.confirmation import confirmation
from mailing.subscribers import SignUp, network_of
from web import consent
from web.guards import client_of
from web.site import Site

# Every answer to the form takes at least this long, so that its time does not tell who reads already.
ANSWER_AFTER_S = 0.25
_GET = ("GET", "HEAD")


def add(app: FastAPI, site: Site) -> None:
    """The form and the confirmation."""

    @app.api_route("/", methods=[*_GET])
    @app.api_route("/anmelden", methods=[*_GET])
    def form() -> Response:
        return _form(site)

    @app.post("/anmelden")
    async def sign_up(
        request: Request,
        email: Annotated[str, Form()] = "",
        topics: Annotated[tuple[str, ...], Form()] = (),
        text_only: Annotated[str, Form()] = "",
    ) -> Response:
        until = time.monotonic() + ANSWER_AFTER_S
        chosen = narrowed(site, topics)
        asked = SignUp(email, chosen, bool(text_only), network_of(client_of(request.scope)))
        try:
            await run_in_threadpool(take, site, asked)
        except InputError:
            return _form(site, asked, 422)
        finally:
            await asyncio.sleep(until - time.monotonic())
        return site.page("asked")

    @app.api_route("/bestaetigen/{token:path}", methods=[*_GET])
    def confirm(token: str) -> Response:
        if not subscribers.awaits(site.database, token, site.clock()):
            return site.page("over", 404)
        return site.page("confirm")

    @app.post("/bestaetigen/{token:path}")
    def confirmed(request: Request, token: str) -> Response:
        network = network_of(client_of(request.scope))
        done = subscribers.confirm(site.database, site.keys, token, site.clock(), network)
        return site.page("confirmed") if done else site.page("over", 404)


def take(site: Site, asked: SignUp) -> None:
    """Take a sign-up and put the mail that asks for confirmation into the outbox, where one may go out.

    After a crash in between there is neither mail nor proof of one, and signing up again mends that.
    """
    now, form = site.clock(), f"{site.web.base_url}/anmelden"
    words = consent.proof(site.title, site.impressum.publisher, form)
    token = subscribers.sign_up(site.database, site.keys, asked, words, now)
    if token is None:
        return
    email = subscribers.normal(asked.email)
    names = [name for key, name in site.topics.items() if not asked.topics or key in asked.topics]
    link = f"{site.web.base_url}/bestaetigen/{token}"
    told = Asked(email, site.title, link, names, asked.text_only, asked.network, now, site.imprint)
    mail = confirmation(told, site.mail)
    subscribers.ask(site.database, token, mail.message, mail.text, mail.message_id, now)


def narrowed(site: Site, topics: Collection[str]) -> tuple[str, ...]:
    """The topics that were ticked, as they are kept: empty for all, and for none too."""
    chosen = tuple(key for key in site.topics if key in topics)
    return () if len(chosen) == len(site.topics) else chosen


def _form(site: Site, asked: SignUp | None = None, status: int = 200) -> Response:
    words = consent.wording(site.title, site.impressum.publisher)
    return site.page("sign_up", status, asked=asked or SignUp(""), wrong=asked is not None, consent=words)
