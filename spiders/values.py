"""What passes between the collector and the modules that read each kind of source."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum

from archive.values import Entry, SourceState
from spiders.settings import SourceSettings


class Purpose(StrEnum):
    """What a request is for: the source's own feed or listing, or one article's page."""

    SOURCE = "source"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Ask:
    """One address to read. `entry` is what is already known of the article an article page is for."""

    url: str
    purpose: Purpose = Purpose.SOURCE
    entry: Entry | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A body with what is needed to read it, sent to the parsing process."""

    source: SourceSettings
    ask: Ask
    url: str
    body: bytes
    content_type: str
    now: dt.datetime


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a body held. `more` are further pages of the listing; `details` are articles with pages.

    incomplete: the body was cut off or broken; its whole entries are kept, its validators are not.
    tdm_meta, hints and max_snippet come from <meta> elements of a page.
    """

    entries: tuple[Entry, ...] = ()
    state: SourceState = SourceState.OK
    reason: str = ""
    incomplete: bool = False
    more: tuple[Ask, ...] = ()
    details: tuple[Ask, ...] = ()
    tdm_meta: str = ""
    hints: tuple[str, ...] = ()
    max_snippet: int = -1
    archive_allowed: bool = True
    flags: tuple[str, ...] = field(default=())
