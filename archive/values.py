"""The values that enter and leave the archive; spiders, digest and web speak in these."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum


class SourceState(StrEnum):
    """What the last look at a source came to. Each is shown to people, none is an exception."""

    OK = "ok"
    NOT_MODIFIED = "not_modified"
    EMPTY = "empty"
    BLOCKED = "blocked"
    ROBOTS_REFUSED = "robots_refused"
    TDM_RESERVED = "tdm_reserved"
    PARSE_ERROR = "parse_error"
    TIMEOUT = "timeout"
    RATE_LIMITED = "rate_limited"
    UNREACHABLE = "unreachable"
    SILENT = "silent"

    @property
    def good(self) -> bool:
        """True where the source answered as it should, with or without news."""
        return self in (SourceState.OK, SourceState.NOT_MODIFIED, SourceState.TDM_RESERVED)


class Storage(StrEnum):
    """How much of an article a source lets us keep, least first."""

    HEADLINE = "headline"
    TEASER = "teaser"
    FULL = "full"

    @property
    def depth(self) -> int:
        return list(Storage).index(self)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a fetch was allowed: what robots.txt and the text-and-data-mining signals said, and when.

    robots: the rule's source, e.g. "allowed by robots.txt" or "no robots.txt (404)".
    tdm: "" (no signal), "free" or "reserved"; tdm_origin: tdmrep.json, header, meta.
    hints: other signals as they stood (Content-Signal, Content-Usage, X-Robots-Tag, ai.txt).
    max_snippet: characters a page allows to be quoted, -1 without limit.
    """

    robots: str = ""
    tdm: str = ""
    tdm_origin: str = ""
    hints: str = ""
    max_snippet: int = -1
    archive_allowed: bool = True
    at: dt.datetime | None = None

    @property
    def reserved(self) -> bool:
        return self.tdm == "reserved"


@dataclass(frozen=True, slots=True)
class Entry:
    """One article as a source showed it, cleaned, before the archive decides whether it is new.

    aliases: other addresses that lead to the same article. marks: paywall, hub, stale, gone, consent, ...
    """

    url: str
    title: str
    teaser: str = ""
    body: str = ""
    guid: str = ""
    author: str = ""
    language: str = ""
    published: dt.datetime | None = None
    date_mark: str = ""
    marks: tuple[str, ...] = ()
    external_id: str = ""
    aliases: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Validators:
    """What a source gave for the next conditional GET, stored with the entries it stands for."""

    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""


@dataclass(frozen=True, slots=True)
class Harvest:
    """All that one answer of a source yielded; stored in one transaction or not at all.

    validators is None where the answer must not be trusted for a conditional GET (cut off, failed).
    not_before: the source asked not to be visited earlier (Retry-After, already capped).
    part: an article page beside the source's own feed or listing; it does not speak for the source's state.
    """

    source: str
    outlet: str
    url: str
    at: dt.datetime
    state: SourceState
    reason: str = ""
    entries: tuple[Entry, ...] = ()
    storage: Storage = Storage.TEASER
    verdict: Verdict = field(default_factory=Verdict)
    validators: Validators | None = None
    http_status: int = 0
    size: int = 0
    duration_ms: int = 0
    not_before: dt.datetime | None = None
    moved_to: str = ""
    part: bool = False


@dataclass(frozen=True, slots=True)
class Stored:
    """How many entries of a harvest were new, changed or known."""

    new: int = 0
    changed: int = 0
    known: int = 0

    def __add__(self, other: Stored) -> Stored:
        return Stored(self.new + other.new, self.changed + other.changed, self.known + other.known)


@dataclass(frozen=True, slots=True)
class Article:
    """An article as it now stands in the archive. Times are aware and in UTC.

    `id` is the archive's own number; `public_id` is the imported id where there was one.
    """

    id: int
    public_id: str
    outlet: str
    source: str
    url: str
    title: str
    teaser: str
    body: str
    author: str
    language: str
    published: dt.datetime
    date_mark: str
    first_seen: dt.datetime
    revision: int
    storage: Storage
    tdm: str
    max_snippet: int
    marks: tuple[str, ...] = ()

    @property
    def joined(self) -> str:
        """Title, teaser and body as the analysis read them; every figure's span indexes this."""
        return f"{self.title}\n{self.teaser}\n{self.body}"


@dataclass(frozen=True, slots=True)
class Revision:
    """One seen version of an article."""

    number: int
    seen: dt.datetime
    title: str
    teaser: str
    body: str


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """What is known of a source between two visits."""

    key: str
    state: SourceState | None = None
    reason: str = ""
    state_since: dt.datetime | None = None
    last_fetch: dt.datetime | None = None
    last_success: dt.datetime | None = None
    last_new: dt.datetime | None = None
    failures: int = 0
    not_before: dt.datetime | None = None
    paused: bool = False
    validators: Validators = field(default_factory=Validators)
    full_fetch: dt.datetime | None = None
    moved_to: str = ""
    moved_times: int = 0
