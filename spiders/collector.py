"""One crawl over the sources that are due: fetch, read, store at once, report each source's state.

The spider knows nothing of SQL beyond handing a Harvest on, and nothing of formats beyond asking
spiders.kinds. What can go wrong with one source is a state of that source; the others go on.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.http import Response
from scrapy.settings import Settings

from archive import queries, sources
from archive.database import Database
from archive.values import (
    Entry,
    Harvest,
    SourceState,
    Storage,
    Validators,
    Verdict,
)
from spiders import answers, kinds, pages, policy
from spiders.crawl_settings import scrapy_settings, user_agent
from spiders.middlewares import ALLOWED_HOSTS
from spiders.parsing import Parser
from spiders.runs import Clock, Run, SourceReport
from spiders.settings import CollectSettings, Kind, SourceSettings
from spiders.values import Answer, Ask, Parsed, Purpose
from spiders.warc import Evidence

log = logging.getLogger(__name__)

FULL_FETCH_EVERY = dt.timedelta(days=7)
_PAGES_PER_VISIT = 60


async def collect(
    database: Database,
    settings: CollectSettings,
    due: Sequence[SourceSettings],
    *,
    clock: Clock,
    on_harvest: Callable[[SourceReport], None] = lambda _report: None,
    evidence: Path | None = None,
) -> list[SourceReport]:
    """Visit the given sources and return a report for each, in their order.

    on_harvest is called with the growing report each time something of a source was stored.
    evidence: the folder for spiders.warc, where `settings.warc` asks for it.
    """
    if not due:
        return []
    run = Run(
        database,
        settings,
        clock,
        Parser(),
        sources.statuses(database, [source.key for source in due]),
        {source.key: _blank_report(source) for source in due},
        on_harvest,
        Evidence(evidence, user_agent(settings)) if evidence and settings.warc else None,
    )
    runner = AsyncCrawlerRunner(Settings(scrapy_settings(settings)))
    try:
        await runner.crawl(CollectSpider, run=run, due=list(due))
    finally:
        await asyncio.to_thread(run.parser.close)
    return [run.reports[source.key] for source in due]


def _blank_report(source: SourceSettings) -> SourceReport:
    if source.kind is Kind.MANUAL:
        return SourceReport(source.key, SourceState.OK, "entered by hand")
    return SourceReport(source.key)


class CollectSpider(Spider):
    """Asks what each kind of source begins with, and follows what its answers name."""

    name = "lagebrief"

    def __init__(self, run: Run, due: list[SourceSettings], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.run = run
        self.due = due

    async def start(self) -> AsyncIterator[Request]:
        for source in self.due:
            for ask in kinds.start(source, self.run.clock()):
                yield self._request(source, ask)

    def _request(self, source: SourceSettings, ask: Ask) -> Request:
        headers: dict[str, str] = dict(source.headers)
        is_source = ask.purpose is Purpose.SOURCE
        if self._stands_alone(source, ask):
            headers |= self._conditional_headers(source)
        meta = {
            "download_slot": urlsplit(ask.url).netloc,
            ALLOWED_HOSTS: source.allow_private_hosts,
            "home": source.url,
            "own_headers": tuple(source.headers),
            "download_fail_on_dataloss": False,
            "asked": time.monotonic(),
            "conditional": bool(headers.keys() & {"If-None-Match", "If-Modified-Since"}),
        }
        return Request(
            ask.url,
            callback=self.parse,
            errback=self.failed,
            headers=headers,
            meta=meta,
            dont_filter=True,
            priority=1 if is_source else 0,
            cb_kwargs={"source": source, "ask": ask},
        )

    def _stands_alone(self, source: SourceSettings, ask: Ask) -> bool:
        """True for the one document of a source, whose validators are kept; not for a sitemap's children."""
        return kinds.conditional(source) and ask in kinds.start(source, self.run.clock())

    def _conditional_headers(self, source: SourceSettings) -> dict[str, str]:
        """Validators of the last visit, except once a week: some servers answer 304 for ever."""
        status = self.run.statuses[source.key]
        if status.full_fetch is None or self.run.clock() - status.full_fetch > FULL_FETCH_EVERY:
            return {}
        known = status.validators
        headers = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
        return {name: value for name, value in headers.items() if value}

    async def parse(
        self, response: Response, source: SourceSettings, ask: Ask
    ) -> AsyncIterator[Harvest | Request]:
        """Store what an answer held, then ask for what it named."""
        now = self.run.clock()
        by_status = answers.state_of_status(response, asked_conditionally=response.meta["conditional"])
        if by_status is not None:
            yield self._harvest(response, source, ask, Parsed(state=by_status[0], reason=by_status[1]), now)
            if by_status[0] is SourceState.NOT_MODIFIED:
                for request in await self._left_over(source):
                    yield request
            return
        validators = answers.validators(response)
        reserved = self._verdict(response, Parsed(), now).reserved  # may be new though the body is not
        if self._unchanged(source, ask, validators) and not reserved:
            parsed = Parsed(state=SourceState.NOT_MODIFIED, reason="same content")
            yield self._harvest(response, source, ask, parsed, now, validators)
            for request in await self._left_over(source):
                yield request
            return
        parsed = await self._read(response, source, ask, now)
        dataloss = "dataloss" in response.flags
        keep = self._stands_alone(source, ask) and not (parsed.incomplete or parsed.more or dataloss)
        harvest = self._harvest(response, source, ask, parsed, now, validators if keep else None)
        await self.run.keep_evidence(response, harvest)
        yield harvest
        for request in await self._following(source, parsed):
            yield request

    async def _read(self, response: Response, source: SourceSettings, ask: Ask, now: dt.datetime) -> Parsed:
        content_type = answers.header(response, "Content-Type") or ""
        return await self.run.parser.read(Answer(source, ask, response.url, response.body, content_type, now))

    def _unchanged(self, source: SourceSettings, ask: Ask, validators: Validators) -> bool:
        known = self.run.statuses[source.key].validators
        return self._stands_alone(source, ask) and known.body_hash == validators.body_hash

    def _harvest(
        self,
        response: Response,
        source: SourceSettings,
        ask: Ask,
        parsed: Parsed,
        now: dt.datetime,
        validators: Validators | None = None,
    ) -> Harvest:
        verdict = self._verdict(response, parsed, now)
        state, reason = _final_state(response, parsed, verdict)
        redirects = response.meta.get("redirect_reasons", [])
        moved = redirects and all(code in (301, 308) for code in redirects)
        return Harvest(
            source=source.key,
            outlet=source.outlet,
            url=response.url,
            at=now,
            state=state,
            reason=reason,
            entries=parsed.entries or self._kept_without_page(ask, state),
            storage=source.storage,
            verdict=verdict,
            validators=validators,
            http_status=response.status,
            size=len(response.body),
            duration_ms=round((time.monotonic() - response.meta["asked"]) * 1000),
            not_before=answers.pause_after(response, state, now),
            moved_to=response.url if moved else "",
            part=ask.purpose is Purpose.PAGE,
        )

    def _verdict(self, response: Response, parsed: Parsed, now: dt.datetime) -> Verdict:
        header = answers.header(response, "tdm-reservation")
        site = response.meta.get("site_reservation", policy.Reservation())
        found = policy.reservation(site, header, parsed.tdm_meta or None)
        robots_headers = [answers.header(response, "X-Robots-Tag") or ""]
        hints = [*response.meta.get("hints", ()), *parsed.hints]
        hints += [
            f"{name}: {answers.header(response, name)}"
            for name in ("Content-Usage", "X-Robots-Tag")
            if answers.header(response, name)
        ]
        snippets = [n for n in (parsed.max_snippet, policy.max_snippet(robots_headers)) if n >= 0]
        return Verdict(
            robots=response.meta.get("robots", ""),
            tdm=found.tdm if self.run.settings.respect_tdm or found.tdm != "reserved" else "",
            tdm_origin=found.origin,
            hints="; ".join(dict.fromkeys(hints))[:1_000],
            max_snippet=min(snippets, default=-1),
            archive_allowed=parsed.archive_allowed and not policy.forbids_archiving(robots_headers),
            at=now,
        )

    @staticmethod
    def _kept_without_page(ask: Ask, state: SourceState) -> tuple[Entry, ...]:
        """An article whose page is refused is kept as its listing showed it; a failed one is asked again."""
        if ask.entry is None or state not in (SourceState.BLOCKED, SourceState.ROBOTS_REFUSED):
            return ()
        return (_marked(ask.entry, "page-refused"),)

    def failed(self, failure: Any) -> Iterator[Harvest]:
        """A request without an answer is a state of its source."""
        if isinstance(failure.value, asyncio.CancelledError):
            return  # we are being ended; that says nothing of the source
        request, now = failure.request, self.run.clock()
        source, ask = request.cb_kwargs["source"], request.cb_kwargs["ask"]
        state, reason = answers.state_of_error(failure.value)
        yield Harvest(
            source=source.key,
            outlet=source.outlet,
            url=request.url,
            at=now,
            state=state,
            reason=reason,
            storage=source.storage,
            entries=self._kept_without_page(ask, state),
            verdict=Verdict(robots=reason if state is SourceState.ROBOTS_REFUSED else "", at=now),
            part=ask.purpose is Purpose.PAGE,
        )

    async def _following(self, source: SourceSettings, parsed: Parsed) -> list[Request]:
        details = list(parsed.details)
        if source.storage is Storage.FULL and source.kind is not Kind.JSON_API:
            details += [pages.ask(entry) for entry in parsed.entries if entry.url and not entry.body]
            details = [ask for ask in details if ask.entry and not _has_page(ask.entry)]
        wanted = await asyncio.to_thread(
            queries.unfinished,
            self.run.database,
            [ask.entry.url for ask in details if ask.entry],
            need_body=source.storage is Storage.FULL,
        )
        details = [ask for ask in details if ask.entry and ask.entry.url in wanted][:_PAGES_PER_VISIT]
        endless = self.run.reports[source.key].answers > _PAGES_PER_VISIT  # pages that name each other
        more = () if endless else parsed.more
        return [self._request(source, ask) for ask in (*more, *details)]

    async def _left_over(self, source: SourceSettings) -> list[Request]:
        """Pages that an interrupted run did not reach, when the feed itself has nothing new."""
        if source.storage is not Storage.FULL or not kinds.conditional(source):
            return []
        since = self.run.clock() - FULL_FETCH_EVERY
        left = await asyncio.to_thread(queries.without_body, self.run.database, source.key, since)
        return [self._request(source, pages.ask(entry)) for entry in left[:_PAGES_PER_VISIT]]


def _final_state(response: Response, parsed: Parsed, verdict: Verdict) -> tuple[SourceState, str]:
    """The state of the answer as a whole; entries that were kept do not hide a cut-off or a reservation."""
    state, reason = parsed.state, parsed.reason
    if state is SourceState.OK and "dataloss" in response.flags:
        state, reason = SourceState.PARSE_ERROR, "the answer was cut off; its whole entries were kept"
    elif state is SourceState.OK and parsed.incomplete and reason:
        state = SourceState.PARSE_ERROR
    elif state is SourceState.OK and verdict.reserved:
        state, reason = SourceState.TDM_RESERVED, f"mining reserved ({verdict.tdm_origin}): headlines only"
    return state, reason


def _marked(entry: Entry, mark: str) -> Entry:
    return replace(entry, marks=(*entry.marks, mark))


def _has_page(entry: Entry) -> bool:
    return "paywall" in entry.marks
