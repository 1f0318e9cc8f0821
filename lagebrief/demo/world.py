"""The example web behind `lagebrief demo`: seven outlets of summer 2025 over real HTTP on loopback.

    with ExampleWeb() as web:
        web.as_of = datetime(2025, 7, 9, 12, 0, tzinfo=BERLIN)
        fetch(web.urls()["dcd"])

Each host shows what was out at `as_of`, in the words of that moment. Links in feeds lead to the outlets' real
hosts; only Table.Media's article pages can be fetched here, because their listings carry no date.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

from lagebrief.demo import apis, feeds, pages
from lagebrief.demo.articles import BERLIN, Article, load_articles, visible
from lagebrief.demo.robots import ROBOTS
from lagebrief.demo.server import Listener, Reply, Request, Site

WEEK_END = dt.datetime(2025, 7, 13, 23, 59, 59, tzinfo=BERLIN)

HostSite = Callable[[Request, Sequence[Article]], Reply | None]

_SEARCH = urlencode({"q": 'site:reuters.com "data center" OR "AI Act"', "format": "rss"})
_GDELT = urlencode(
    {
        "query": "domainis:reuters.com",
        "mode": "ArtList",
        "format": "json",
        "maxrecords": 75,
        "sort": "DateDesc",
    }
)
_PRESS = urlencode(
    {
        "language": "de",
        "pagesize": 100,
        "pagenumber": 1,
        "documentTypeCodes": "IP,QANDA,MEX,STATEMENT,SPEECH",
    },
    safe=",",
)
# Source key -> its host here and the address on it.
_ENTRY_POINTS = {
    "reuters-bing": ("bing", f"/news/search?{_SEARCH}"),
    "reuters-gdelt": ("gdelt", f"/api/v2/doc/doc?{_GDELT}"),
    "dcd": ("dcd", "/en/rss/"),
    "tomshardware": ("tomshardware", "/feeds/all"),
    "tablemedia": ("tablemedia", "/tag/kuenstliche-intelligenz"),
    "iw": ("iw", "/rss/iw-komplett.xml"),
    "ec": ("ec", f"/commission/presscorner/api/search?{_PRESS}"),
    "eurlex": ("eurlex", "/DE/display-feed.rss?rssId=222"),
    "aiact": ("aiact", "/feed/"),
}


class ExampleWeb:
    """The nine hosts of the example. A context manager; `as_of` may be moved at any time while it runs."""

    def __init__(self, as_of: dt.datetime = WEEK_END, articles: Sequence[Article] | None = None) -> None:
        self._as_of = _aware(as_of)
        self._articles = load_articles() if articles is None else tuple(articles)
        self._listeners: dict[str, Listener] = {}

    def __enter__(self) -> Self:
        for host, (outlet, site) in _HOSTS.items():
            self._listeners[host] = Listener(
                self._at_this_moment(outlet, site), ROBOTS[host], refuses_head=host == "iw"
            )
        for listener in self._listeners.values():
            listener.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        while self._listeners:
            self._listeners.popitem()[1].stop()

    @property
    def as_of(self) -> dt.datetime:
        """The moment the hosts show; a time without a zone is refused."""
        return self._as_of

    @as_of.setter
    def as_of(self, moment: dt.datetime) -> None:
        self._as_of = _aware(moment)

    def base(self, host: str) -> str:
        """The loopback address of a host: a key of _HOSTS, for example "dcd", "bing" or "gdelt"."""
        return self._listeners[host].base

    def urls(self) -> dict[str, str]:
        """Source key -> the address to put into the configuration."""
        return {key: self.base(host) + path for key, (host, path) in _ENTRY_POINTS.items()}

    def _at_this_moment(self, outlet: str, site: HostSite) -> Site:
        def answer(request: Request) -> Reply | None:
            return site(request, visible(self._articles, outlet, self.as_of))

        return answer


def _aware(moment: dt.datetime) -> dt.datetime:
    if moment.tzinfo is None:
        raise ValueError(f"as_of needs a time zone: {moment.isoformat()}")
    return moment


def _only_at(paths: Sequence[str], feed: Callable[[Sequence[Article]], Reply]) -> HostSite:
    """A host that has one feed and nothing else."""

    def answer(request: Request, articles: Sequence[Article]) -> Reply | None:
        return feed(articles) if request.path in paths else None

    return answer


def _tomshardware(request: Request, articles: Sequence[Article]) -> Reply | None:
    """All news, or the items of one tag; a tag nobody used is not found."""
    address = f"https://www.tomshardware.com{request.path}"
    if request.path == "/feeds/all":
        return feeds.tomshardware(articles, address, "All")
    tag = request.path.removeprefix("/feeds/tag/")
    tagged = [article for article in articles if tag in article.tags]
    return feeds.tomshardware(tagged, address, tag.capitalize()) if tagged else None


def _bing(request: Request, articles: Sequence[Article]) -> Reply | None:
    """Only the RSS form of the search; the page for people is not part of the example."""
    wanted = request.path == "/news/search" and request.query.get("format", "").lower() == "rss"
    return feeds.bing(articles) if wanted else None


_HOSTS: dict[str, tuple[str, HostSite]] = {
    "dcd": ("dcd", _only_at(["/en/rss/"], feeds.dcd)),
    "tomshardware": ("tomshardware", _tomshardware),
    "tablemedia": ("tablemedia", pages.table_media),
    "iw": ("iw", _only_at(["/rss/iw-komplett.xml"], feeds.iw)),
    "ec": ("ec", apis.press_corner),
    "eurlex": ("eurlex", _only_at(["/DE/display-feed.rss"], feeds.eurlex)),
    "aiact": ("aiact", _only_at(["/feed/"], feeds.aiact)),
    "bing": ("reuters", _bing),
    "gdelt": ("reuters", apis.gdelt),
}
