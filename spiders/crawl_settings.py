"""How Scrapy is set up: one asyncio loop, one request per host at a time, our manners for its defaults."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from spiders.settings import CollectSettings

_HANDLER = "spiders.network.GuardedDownloadHandler"
_NEVER_FASTER_S = {"api.gdeltproject.org": 5.0, "ec.europa.eu": 1.0}


def user_agent(settings: CollectSettings) -> str:
    """The honest name we ask with."""
    return settings.user_agent.format(version=version("lagebrief"), contact=settings.contact)


def scrapy_settings(settings: CollectSettings) -> dict[str, Any]:
    """Scrapy's settings for one crawl."""
    delay = settings.per_host_delay.total_seconds()
    return {
        "TWISTED_REACTOR_ENABLED": False,
        "DOWNLOAD_HANDLERS": {"http": _HANDLER, "https": _HANDLER},
        "USER_AGENT": user_agent(settings),
        "DEFAULT_REQUEST_HEADERS": {"Accept": "*/*", "Accept-Language": "de, en;q=0.8"},
        "CONCURRENT_REQUESTS": 0,  # spiders/network.py limits the transfers, not what waits for its turn
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_DELAY": delay,
        "DOWNLOAD_DELAY_JITTER": 0.0,
        "DOWNLOAD_SLOTS": _slots(delay),
        "AUTOTHROTTLE_ENABLED": delay > 0,
        "AUTOTHROTTLE_START_DELAY": delay,
        "DOWNLOAD_TIMEOUT": settings.timeout.total_seconds(),
        "DOWNLOAD_MAXSIZE": settings.max_body,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "REDIRECT_MAX_TIMES": 5,
        "HTTPERROR_ALLOW_ALL": True,
        "COOKIES_ENABLED": False,
        "REFERRER_POLICY": "no-referrer",
        "HTTPPROXY_ENABLED": False,  # a proxy would resolve names behind the guard's back
        "METAREFRESH_ENABLED": False,
        "ROBOTSTXT_OBEY": False,  # PermissionMiddleware does it, fail closed; see spiders/middlewares.py
        "RETRY_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "LAGEBRIEF_RETRIES": settings.retries,
        "DOWNLOADER_MIDDLEWARES": {
            "spiders.middlewares.PermissionMiddleware": 50,
            "spiders.middlewares.PatienceMiddleware": 550,
            "spiders.middlewares.SuspicionMiddleware": 650,  # before an answer is unpacked or followed
        },
        "ITEM_PIPELINES": {"spiders.runs.StorePipeline": 300},
        "EXTENSIONS": {
            "scrapy.extensions.logstats.LogStats": None,
            "scrapy.extensions.memusage.MemoryUsage": None,
            "scrapy.extensions.corestats.CoreStats": None,
        },
        "LOG_ENABLED": False,
    }


def _slots(delay: float) -> dict[str, Any]:
    """Hosts that publish a slower limit than ours."""
    return {
        host: {"concurrency": 1, "delay": max(delay, slowest)} for host, slowest in _NEVER_FASTER_S.items()
    }
