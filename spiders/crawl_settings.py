"""How Scrapy is set up: one asyncio loop, one request per host at a time, our manners for its defaults."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

from spiders.settings import CollectSettings, SourceSettings

_HANDLER = "spiders.network.GuardedDownloadHandler"
_NEVER_FASTER_S = {"api.gdeltproject.org": 5.0, "ec.europa.eu": 1.0}
_CONCURRENCY = 16


def user_agent(settings: CollectSettings) -> str:
    """The honest name we ask with."""
    return settings.user_agent.format(version=version("lagebrief"), contact=settings.contact)


def scrapy_settings(settings: CollectSettings, due: Sequence[SourceSettings]) -> dict[str, Any]:
    """Scrapy's settings for one crawl."""
    delay = settings.per_host_delay.total_seconds()
    return {
        "TWISTED_REACTOR_ENABLED": False,
        "DOWNLOAD_HANDLERS": {"http": _HANDLER, "https": _HANDLER},
        "USER_AGENT": user_agent(settings),
        "DEFAULT_REQUEST_HEADERS": {"Accept": "*/*", "Accept-Language": "de, en;q=0.8"},
        "CONCURRENT_REQUESTS": _CONCURRENCY,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_DELAY": delay,
        "DOWNLOAD_DELAY_JITTER": 0.0,
        "DOWNLOAD_SLOTS": _slots(due, delay),
        "AUTOTHROTTLE_ENABLED": delay > 0,
        "AUTOTHROTTLE_START_DELAY": delay,
        "DOWNLOAD_TIMEOUT": settings.timeout.total_seconds(),
        "DOWNLOAD_MAXSIZE": settings.max_body,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "REDIRECT_MAX_TIMES": 5,
        "HTTPERROR_ALLOW_ALL": True,
        "COOKIES_ENABLED": False,
        "REFERER_ENABLED": False,
        "METAREFRESH_ENABLED": False,
        "ROBOTSTXT_OBEY": False,  # PermissionMiddleware does it, fail closed; see spiders/middlewares.py
        "RETRY_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "LAGEBRIEF_RETRIES": settings.retries,
        "DOWNLOADER_MIDDLEWARES": {
            "spiders.middlewares.PermissionMiddleware": 50,
            "spiders.middlewares.PatienceMiddleware": 550,
        },
        "ITEM_PIPELINES": {"spiders.collector.StorePipeline": 300},
        "EXTENSIONS": {
            "scrapy.extensions.logstats.LogStats": None,
            "scrapy.extensions.memusage.MemoryUsage": None,
            "scrapy.extensions.corestats.CoreStats": None,
        },
        "LOG_ENABLED": False,
    }


def _slots(due: Sequence[SourceSettings], delay: float) -> dict[str, Any]:
    """Hosts that publish a slower limit than ours."""
    hosts = {urlsplit(source.url).netloc for source in due}
    return {
        host: {"concurrency": 1, "delay": max(delay, _NEVER_FASTER_S[host]), "throttle": False}
        for host in hosts
        if host in _NEVER_FASTER_S
    }
