"""What one crawl carries: its means, a report for each source, and the pipeline that stores at once."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from scrapy.http import Response

from archive import sources
from archive.database import Database
from archive.values import Harvest, SourceState, SourceStatus, Stored
from spiders.parsing import Parser
from spiders.settings import CollectSettings
from spiders.warc import Evidence, may_keep

log = logging.getLogger(__name__)

Clock = Callable[[], dt.datetime]


@dataclass(slots=True)
class SourceReport:
    """What one visit to a source came to; until something was stored, that it came to nothing."""

    key: str
    state: SourceState = SourceState.UNREACHABLE
    reason: str = "nothing of this visit was stored"
    entries: int = 0
    stored: Stored = field(default_factory=Stored)
    answers: int = 0

    def add(self, harvest: Harvest, stored: Stored) -> None:
        """Count a harvest. A failure on a later page is not hidden by a good one, nor made good by it."""
        self.entries += len(harvest.entries)
        self.stored += stored
        if harvest.part:
            return
        self.answers += 1
        if self.answers == 1 or self.state.good or self.state is SourceState.EMPTY:
            self.state, self.reason = harvest.state, harvest.reason


@dataclass(slots=True)
class Run:
    """Everything one crawl needs; carried by the spider, for Scrapy copies its settings."""

    database: Database
    settings: CollectSettings
    clock: Clock
    parser: Parser
    statuses: dict[str, SourceStatus]
    reports: dict[str, SourceReport]
    on_harvest: Callable[[SourceReport], None]
    evidence: Evidence | None = None

    async def keep_evidence(self, response: Response, harvest: Harvest) -> None:
        """Write an answer to the archive of evidence, where there is one and the answer may be kept.

        An article is not lost for want of its evidence: a full disk is logged.
        """
        if self.evidence is None or not may_keep(harvest):
            return
        try:
            await asyncio.to_thread(self.evidence.keep, response, harvest.at)
        except OSError as error:
            log.warning("no evidence of %s was kept: %s", response.url, error.strerror or error)


class StorePipeline:
    """Scrapy item pipeline: a Harvest is in the archive before the next one is looked at."""

    def __init__(self, run_of: Callable[[], Run]) -> None:
        self._run_of = run_of

    @classmethod
    def from_crawler(cls, crawler: Any) -> StorePipeline:
        return cls(lambda: crawler.spider.run)

    async def process_item(self, item: Harvest) -> Harvest:
        """Store and count."""
        run = self._run_of()
        stored = await asyncio.to_thread(sources.store, run.database, item)
        report = run.reports[item.source]
        report.add(item, stored)
        log.info(
            "source=%s state=%s status=%s entries=%d new=%d changed=%d bytes=%d ms=%d reason=%r",
            item.source,
            item.state,
            item.http_status,
            len(item.entries),
            stored.new,
            stored.changed,
            item.size,
            item.duration_ms,
            item.reason,
        )
        run.on_harvest(report)
        return item
