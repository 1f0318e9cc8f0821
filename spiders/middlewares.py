"""The manners of the collector, as Scrapy downloader middlewares.

PermissionMiddleware asks robots.txt and tdmrep.json of a host before anything else is fetched from it.
PatienceMiddleware repeats what failed for a moment, with growing pauses, and obeys short Retry-After waits;
longer ones are left to the source's own schedule. SuspicionMiddleware refuses answers that nobody should
unpack or follow.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http.request import NO_CALLBACK

from archive import hosts
from archive.hosts import HostRules
from lagebrief.errors import AddressRefusedError, UnreadableError
from spiders import addresses, policy
from spiders.network import refusal

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

log = logging.getLogger(__name__)

RULES_TTL = dt.timedelta(hours=24)
LAST_GOOD_COPY = dt.timedelta(days=30)  # RFC 9309, 2.3.1.4
RULES_RETRY = dt.timedelta(minutes=15)
ALLOWED_HOSTS = "allow_private_hosts"
LONGEST_WAIT = dt.timedelta(hours=24)
_SHORT_WAIT_S = 10.0
_MOST_LAYERS = 2
_TDMREP = "/.well-known/tdmrep.json"
_REPEATED_STATUS = {429, 500, 502, 503, 504, 408}


class RefusedByRobots(IgnoreRequest):
    """robots.txt does not let us; the message is the evidence."""


@dataclass(slots=True)
class Rules:
    """A host's rules, read and ready."""

    robots: policy.Robots
    tdmrep: str


class PermissionMiddleware:
    """No request leaves before the host's robots.txt has allowed it. What it said travels in request.meta."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.token = str(crawler.settings["USER_AGENT"]).split("/", 1)[0]
        self._rules: dict[tuple[str, bool], asyncio.Task[Rules]] = {}
        self._paced: set[str] = set(crawler.settings.getdict("DOWNLOAD_SLOTS"))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> PermissionMiddleware:
        return cls(crawler)

    @property
    def _run(self) -> Any:
        return cast("Any", self.crawler.spider).run

    async def process_request(self, request: Request) -> None:
        """Refuse with RefusedByRobots, or note the evidence and the site's reservation and let it pass."""
        allowed, home = request.meta.get(ALLOWED_HOSTS, ()), request.meta.get("home", request.url)
        request.meta["private_allowed"] = addresses.allowed_private(request.url, allowed, home)
        request.meta["download_slot"] = urlsplit(request.url).netloc
        request.meta["autothrottle_dont_adjust_delay"] = request.meta["download_slot"] in self._paced
        addresses.check_url(request.url, private_allowed=request.meta["private_allowed"])
        if urlsplit(request.url).netloc != urlsplit(home).netloc:
            for name in request.meta.get("own_headers", ()):  # a licence key is for its own host only
                request.headers.pop(name, None)
        if request.meta.get("is_rules"):
            return
        rules = await self._rules_of(request)
        permission = rules.robots.permission(request.url, self.token)
        if not permission.allowed:
            raise RefusedByRobots(permission.evidence)
        request.meta["robots"] = permission.evidence
        request.meta["site_reservation"] = policy.site_reservation(rules.tdmrep, request.url)
        request.meta["hints"] = rules.robots.hints

    async def _rules_of(self, request: Request) -> Rules:
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        key = (origin, request.meta["private_allowed"])  # one source's permission says nothing for another
        if key not in self._rules:
            self._rules[key] = asyncio.ensure_future(self._find(origin, request))
        return await asyncio.shield(self._rules[key])

    async def _find(self, origin: str, request: Request) -> Rules:
        kept = await asyncio.to_thread(hosts.load, self._run.database, origin)
        now = self._run.clock()
        if kept is None or not self._fresh(kept, now):
            kept = await self._fetch(origin, request, kept, now)
            await asyncio.to_thread(hosts.save, self._run.database, kept)
        robots = policy.Robots(kept.robots_status, kept.robots)
        self._pace(request, robots)
        return Rules(robots, kept.tdmrep if kept.tdmrep_status == 200 else "")

    def _pace(self, request: Request, robots: policy.Robots) -> None:
        """Give the host's download slot the Crawl-delay of its robots.txt where that is slower than ours."""
        asked, slot = robots.delay(self.token), request.meta["download_slot"]
        downloader = cast("Any", self.crawler.engine).downloader
        ours = self.crawler.settings.getdict("DOWNLOAD_SLOTS").get(slot, {}).get("delay", 0.0)
        if asked <= max(ours, self.crawler.settings.getfloat("DOWNLOAD_DELAY")):
            return
        self._paced.add(slot)  # from now on AutoThrottle must not make it faster
        request.meta["autothrottle_dont_adjust_delay"] = True
        downloader.per_slot_settings[slot] = {"concurrency": 1, "delay": asked}
        if slot in downloader.slots:
            downloader.slots[slot].delay = asked

    @staticmethod
    def _fresh(kept: HostRules, now: dt.datetime) -> bool:
        reached = 200 <= kept.robots_status < 500 and kept.robots_status != 429
        age = now - kept.fetched
        return dt.timedelta(0) <= age < (RULES_TTL if reached else RULES_RETRY)

    async def _fetch(
        self, origin: str, request: Request, before: HostRules | None, now: dt.datetime
    ) -> HostRules:
        status, text = await self._text(f"{origin}/robots.txt", request)
        reached = 200 <= status < 500 and status != 429
        had_good_copy = before is not None and 200 <= before.robots_status < 300
        if not reached and before and had_good_copy and now - before.fetched < LAST_GOOD_COPY:
            log.warning("robots.txt of %s cannot be read now; using the copy of %s", origin, before.fetched)
            return before
        robots = policy.Robots(status, text)
        self._pace(request, robots)
        tdm_status, tdmrep = 0, ""
        if robots.permission(f"{origin}{_TDMREP}", self.token).allowed:
            tdm_status, tdmrep = await self._text(f"{origin}{_TDMREP}", request)
        if before and before.tdmrep_status == 200 and (tdm_status == 0 or tdm_status >= 500):
            tdm_status, tdmrep = (
                200,
                before.tdmrep,
            )  # a reservation does not end because its file cannot be had
        return HostRules(origin, now, status, text, tdm_status, tdmrep if tdm_status == 200 else "")

    async def _text(self, url: str, request: Request) -> tuple[int, str]:
        """Status and text; status 0 where nothing came. Redirects are followed by Scrapy's middleware."""
        carried = {key: request.meta[key] for key in (ALLOWED_HOSTS, "home") if key in request.meta}
        meta: dict[str, Any] = {
            **carried,
            "is_rules": True,
            "patience": 0,
            "download_fail_on_dataloss": False,
        }
        asked = Request(url, meta=meta, callback=NO_CALLBACK, priority=1000, dont_filter=True)
        engine = cast("Any", self.crawler.engine)
        try:
            response = await engine.download_async(asked)
        except Exception as error:
            if refused := refusal(error):
                raise refused from error
            log.info("no answer from %s: %s", url, type(error).__name__)
            return 0, ""
        if 300 <= response.status < 400:
            return 0, ""
        return response.status, policy.decode_robots(response.body)


class PatienceMiddleware:
    """Repeats a request that failed for a moment: after 1, 2, 4 ... seconds, or after a short Retry-After."""

    def __init__(self, crawler: Crawler) -> None:
        self.retries = crawler.settings.getint("LAGEBRIEF_RETRIES")
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> PatienceMiddleware:
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """Ask again after a pause, or hand the answer on as it is."""
        if response.status not in _REPEATED_STATUS:
            return response
        wait = retry_after(response, cast("Any", self.crawler.spider).run.clock())
        if wait is not None and wait.total_seconds() > _SHORT_WAIT_S:
            return response  # the source's not_before keeps this wait, over restarts too
        again = await self._again(request, wait)
        return again or response

    async def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """Ask again after a connection failed; other errors are final."""
        from scrapy.exceptions import DownloadConnectionRefusedError, DownloadFailedError

        if isinstance(exception, (DownloadConnectionRefusedError, DownloadFailedError)):
            return await self._again(request, None)
        return None

    async def _again(self, request: Request, wait: dt.timedelta | None) -> Request | None:
        tried = request.meta.get("patience_tried", 0)
        if tried >= request.meta.get("patience", self.retries):
            return None
        await asyncio.sleep(max(wait.total_seconds() if wait else 0.0, 2.0**tried))
        return request.replace(
            dont_filter=True,
            meta={**request.meta, "patience_tried": tried + 1},
            priority=request.priority - 1,
        )


class SuspicionMiddleware:
    """Stops an answer that would be unpacked many times over, or that leads away from the web."""

    async def process_response(self, request: Request, response: Response) -> Response:
        """Raise UnreadableError or AddressRefusedError, or hand the answer on."""
        layers = b",".join(response.headers.getlist("Content-Encoding")).split(b",")
        if len(layers) > _MOST_LAYERS:
            raise UnreadableError(f"packed {len(layers)} times over: refused")
        target = response.headers.get("Location")
        if target and 300 <= response.status < 400:
            _check_target(request.url, target.decode("latin-1"))
        return response


def _check_target(base: str, target: str) -> None:
    try:
        scheme = urlsplit(urljoin(base, target)).scheme
    except ValueError as error:
        raise AddressRefusedError(f"address not allowed: redirect to {target[:60]!r}") from error
    if scheme not in ("http", "https"):
        raise AddressRefusedError(f"address not allowed: redirect to {target[:60]!r}")


def retry_after(response: Response, now: dt.datetime) -> dt.timedelta | None:
    """How long a Retry-After header asks us to wait, in seconds or as a date; at most a day, never negative.

    None where there is none or it makes no sense: then our own back-off counts.
    """
    value = response.headers.get("Retry-After", b"")
    text = (value or b"").decode("ascii", "replace").strip()
    if text.isascii() and text.isdigit():
        return min(dt.timedelta(seconds=int(text[:9])), LONGEST_WAIT)
    try:
        wait = parsedate_to_datetime(text) - now
    except (ValueError, TypeError):
        return None
    return min(wait, LONGEST_WAIT) if wait > dt.timedelta(0) else None
