"""HTML listings: pages of teasers, read with the selectors of the source's configuration."""

from __future__ import annotations

import dataclasses
from urllib.parse import urlsplit

from cssselect import SelectorError
from parsel import Selector

from archive.values import Entry, SourceState
from lagebrief.errors import ConfigError
from spiders import blocks, decoding, entries
from spiders.settings import SelectorSettings, SourceSettings
from spiders.values import Answer, Ask, Parsed, Purpose


def start(source: SourceSettings) -> list[Ask]:
    """The listing's first pages; `?page=N` from the second on."""
    joiner = "&" if "?" in source.url else "?"
    return [
        Ask(source.url if number == 1 else f"{source.url}{joiner}page={number}")
        for number in range(1, source.pages + 1)
    ]


def read(answer: Answer) -> Parsed:
    """The listed articles, each with its page to be read: listings rarely carry a date."""
    text = decoding.decode(decoding.unpack(answer.body), answer.content_type)
    if not text.strip():
        return Parsed(state=SourceState.EMPTY, reason="the answer is empty", incomplete=True)
    blocked = blocks.blocked_reason(text)
    if blocked:
        return Parsed(state=SourceState.BLOCKED, reason=blocked, incomplete=True)
    found = _entries(answer, text)
    if not found and answer.ask.url != answer.source.url:
        return Parsed()  # past the last page
    if not found:
        reason = "no article matches the selectors: the page's layout may have changed"
        return Parsed(state=SourceState.PARSE_ERROR, reason=reason, incomplete=True)
    return Parsed(details=tuple(Ask(entry.url, Purpose.PAGE, entry) for entry in found))


def _entries(answer: Answer, text: str) -> list[Entry]:
    selectors = answer.source.selectors
    host = urlsplit(answer.source.url).hostname
    by_url: dict[str, Entry] = {}
    try:
        for node in Selector(text=text).css(selectors.item):
            entry = _entry(answer, node, selectors)
            if urlsplit(entry.url).hostname == host:
                by_url.setdefault(entry.url, entry)
    except SelectorError as error:
        raise ConfigError(f"sources.{answer.source.key}.selectors: {error}") from error
    return list(by_url.values())


def _entry(answer: Answer, node: Selector, selectors: SelectorSettings) -> Entry:
    link = node.css(selectors.link)
    entry = entries.entry(
        answer,
        url=link.attrib.get("href", ""),
        title=_text(node, selectors.title or selectors.link),
        teaser=_text(node, selectors.teaser),
        author=_text(node, selectors.author),
        published=(node.css(selectors.date).attrib.get("datetime") if selectors.date else "") or "",
    )
    return entry if entry.published else dataclasses.replace(entry, date_mark="")


def _text(node: Selector, selector: str) -> str:
    first = node.css(selector)[:1] if selector else []
    return " ".join(" ".join(part.css("*::text").getall()) for part in first)
