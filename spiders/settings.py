"""The `[collect]` section and the `[[sources]]` of the configuration."""

from __future__ import annotations

import datetime as dt
import re
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from archive.durations import Duration, OwnKeep
from archive.values import Storage

_SIZE = re.compile(r"^(\d+)\s*(B|KiB|MiB)?$")
_SIZE_UNITS = {None: 1, "B": 1, "KiB": 1024, "MiB": 1024 * 1024}


def _size(value: object) -> object:
    if isinstance(value, str):
        match = _SIZE.match(value.strip())
        if not match:
            raise ValueError("expected a size such as 500KiB or 10MiB")
        return int(match[1]) * _SIZE_UNITS[match[2]]
    return value


Size = Annotated[int, BeforeValidator(_size)]


class Kind(StrEnum):
    """How a source speaks; each has one module in spiders/."""

    RSS = "rss"
    ATOM = "atom"
    NEWS_SITEMAP = "news_sitemap"
    HTML_LIST = "html_list"
    JSON_API = "json_api"
    BING_NEWS = "bing_news"
    GDELT = "gdelt"
    MANUAL = "manual"


class ConfiguredState(StrEnum):
    """What the operator wants of a source."""

    ACTIVE = "active"
    PAUSED = "paused"
    NOT_COLLECTABLE = "not_collectable"


class CollectSettings(BaseModel):
    """How the collector behaves towards every host."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    user_agent: str = Field(
        default="Lagebrief/{version} (+{contact})",
        description="User-Agent; {version} and {contact} are filled in. Must name the contact.",
    )
    contact: str = Field(
        default="https://example.org/lagebrief",
        description="Address of a page or mailbox where a webmaster reaches you.",
    )
    per_host_delay: Duration = Field(
        default=dt.timedelta(seconds=2), description="Pause between two requests to one host."
    )
    timeout: Duration = Field(
        default=dt.timedelta(seconds=30), description="Longest time for one answer, first to last byte."
    )
    max_body: Size = Field(
        default=10 * 1024 * 1024, ge=1024, description="Largest body, counted after unpacking."
    )
    respect_tdm: bool = Field(
        default=True,
        description="Obey text-and-data-mining reservations. Off only with the publishers' written consent.",
    )
    retries: int = Field(default=2, ge=0, le=5, description="Repeats of a failed request within one run.")
    silent_after: Duration = Field(
        default=dt.timedelta(days=10),
        description="A source that brings nothing new for so long is reported as silent.",
    )
    warc: bool = Field(
        default=False,
        description="Keep what sources with storage full answered as evidence (WARC); needs the extra warc.",
    )


class SelectorSettings(BaseModel):
    """CSS selectors of an HTML listing; only `item` and `link` are needed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    item: str = Field(default="article", description="One entry of the listing.")
    link: str = Field(default="a[href]", description="The link inside an entry; its text is the title.")
    title: str = Field(default="", description="The title inside an entry, where it is not the link's text.")
    teaser: str = Field(default="p", description="The teaser inside an entry.")
    author: str = Field(default="", description="The byline inside an entry.")
    date: str = Field(default="", description="A time element inside an entry.")
    body: str = Field(default="", description="The article text on an article page.")


class SourceSettings(BaseModel):
    """One source: an outlet's feed, listing or interface."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$", description="Short name, unique.")
    name: str = Field(default="", description="Name of the outlet as readers know it.")
    outlet: str = Field(default="", description="Key of the outlet; sources of one outlet share it.")
    via: str = Field(
        default="", description="Which way to the outlet this is, where it has several; readers see it."
    )
    kind: Kind = Field(description="rss, atom, news_sitemap, html_list, json_api, bing_news, gdelt, manual.")
    url: str = Field(
        default="", description='Where to start reading; "env:NAME" takes it from the environment.'
    )
    query: str = Field(default="", description="Search words for bing_news and gdelt.")
    language: str = Field(default="", description="Language of the texts where they do not say: de or en.")
    interval: Duration = Field(default=dt.timedelta(hours=3), description="Time between two visits.")
    pages: int = Field(default=1, ge=1, le=10, description="Pages of a listing or interface to read.")
    storage: Storage = Field(default=Storage.TEASER, description="What is kept: headline, teaser or full.")
    keep: OwnKeep = Field(
        default=None,
        description='How long its articles are kept, e.g. 730d; "0" for ever, "" as [store] says.',
    )
    teaser_words: int = Field(
        default=40, ge=0, le=400, description="Longest teaser an issue prints, in words."
    )
    state: ConfiguredState = Field(
        default=ConfiguredState.ACTIVE, description="active, paused or not_collectable."
    )
    reason: str = Field(default="", description="Why a source is not collected, or why it is.")
    headers: dict[str, str] = Field(
        default={}, description='Extra request headers; "env:NAME" takes a licence key from the environment.'
    )
    selectors: SelectorSettings = Field(default=SelectorSettings(), description="For html_list.")
    allow_private_hosts: tuple[str, ...] = Field(
        default=(),
        description='Hosts inside the house this source may reach, e.g. ["127.0.0.1"] or ["intranet:8080"].',
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if not self.outlet:
            object.__setattr__(self, "outlet", self.key)
        if not self.name:
            object.__setattr__(self, "name", self.outlet)
        if self.kind is not Kind.MANUAL and self.state is ConfiguredState.ACTIVE and not self.url:
            raise ValueError("an active source needs a url")
        if self.url and not self.url.lower().startswith(("http://", "https://")):
            raise ValueError("url must start with http:// or https://")
        if self.state is ConfiguredState.NOT_COLLECTABLE and not self.reason:
            raise ValueError("a source that is not_collectable needs a reason")
        return self
