"""Pages for everybody: the issues, who publishes them, what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fastapi import FastAPI, HTTPException, Response
from fastapi.responses import HTMLResponse, PlainTextResponse

from archive import issues
from digest import typography
from digest.feeds import atom
from digest.issue_feed import issue_feed
from digest.weeks import Week
from lagebrief.errors import InputError
from web import consent
from web.guards import ISSUE_POLICY
from web.site import PUBLIC, Site

_FEED_ISSUES = 20
_GET = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class Listed:
    """An issue in the list."""

    week: str
    label: str
    period: str
    subject: str


def add(app: FastAPI, site: Site) -> None:
    """The issues and what stands in every footer."""

    @app.api_route("/ausgaben", methods=[*_GET])
    def all_issues() -> Response:
        return site.page("issues", keep=PUBLIC, issues=_listed(issues.headings(site.database)))

    @app.api_route("/ausgaben/feed.atom", methods=[*_GET])
    def feed() -> Response:
        base = site.web.base_url
        published = issues.published(site.database, _FEED_ISSUES)
        told = issue_feed(
            published, site.title, site.impressum.publisher, base=base, list_id=site.mail.list_id
        )
        written = atom(replace(told, url=f"{base}/ausgaben/feed.atom"))
        return Response(written, media_type="application/atom+xml", headers={"Cache-Control": PUBLIC})

    @app.api_route("/ausgaben/{week}", methods=[*_GET])
    def issue(week: str) -> Response:
        """The page that was mailed, byte for byte; not for search engines, nor the quotes in it."""
        found = issues.load(site.database, week)
        if found is None or found.state == "draft":
            raise HTTPException(404)
        return HTMLResponse(
            found.html,
            headers={
                "Content-Security-Policy": ISSUE_POLICY,
                "X-Robots-Tag": "noindex",
                "Cache-Control": PUBLIC,
            },
        )

    @app.api_route("/impressum", methods=[*_GET])
    def impressum() -> Response:
        return site.page("impressum", keep=PUBLIC)

    @app.api_route("/datenschutz", methods=[*_GET])
    def privacy() -> Response:
        return site.page("privacy", keep=PUBLIC, version=consent.PRIVACY_VERSION)

    @app.api_route("/gesund", methods=[*_GET])
    def alive() -> Response:
        """That the process answers; of its work it tells nothing."""
        return PlainTextResponse("ok\n")


def _listed(headings: Sequence[tuple[str, str]]) -> list[Listed]:
    return [_entry(week, subject) for week, subject in headings]


def _entry(week: str, subject: str) -> Listed:
    try:
        found = Week.parse(week)
    except InputError:
        return Listed(week, week, "", subject)
    return Listed(week, found.label, typography.period(found.monday, found.sunday), subject)
