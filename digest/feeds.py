"""Articles or issues as feeds that readers subscribe to: Atom (RFC 4287) and JSON Feed 1.1."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

_ATOM = "http://www.w3.org/2005/Atom"
_XML_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry. id: a lasting URI. content: safe HTML, or ""."""

    id: str
    title: str
    url: str
    published: dt.datetime
    updated: dt.datetime
    summary: str = ""
    content: str = ""
    author: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed. id: a lasting URI. url: where it lies, home: the page it belongs to; both may be ""."""

    id: str
    title: str
    entries: Sequence[FeedEntry]
    url: str = ""
    home: str = ""
    author: str = "Lagebrief"

    @property
    def updated(self) -> dt.datetime:
        """When its newest entry changed; 1970 for an empty feed, so that it is the same each time."""
        return max((entry.updated for entry in self.entries), default=dt.datetime.fromtimestamp(0, dt.UTC))


def atom(feed: Feed) -> bytes:
    """The feed as an Atom document in UTF-8."""
    root = etree.Element(f"{{{_ATOM}}}feed", nsmap={None: _ATOM})
    root.set("{http://www.w3.org/XML/1998/namespace}lang", "de")
    _add(root, "id", feed.id)
    _add(root, "title", feed.title)
    _add(root, "updated", feed.updated.isoformat())
    _add(etree.SubElement(root, f"{{{_ATOM}}}author"), "name", feed.author)
    for rel, href in (("self", feed.url), ("alternate", feed.home)):
        if href:
            etree.SubElement(root, f"{{{_ATOM}}}link", rel=rel, href=_clean(href))
    for entry in feed.entries:
        _entry(root, entry)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)
    return written


def json_feed(feed: Feed) -> str:
    """The feed as JSON Feed 1.1."""
    content: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "language": "de",
        "authors": [{"name": feed.author}],
        "items": [_json_entry(entry) for entry in feed.entries],
    }
    content |= {key: url for key, url in (("feed_url", feed.url), ("home_page_url", feed.home)) if url}
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _entry(root: Any, entry: FeedEntry) -> None:
    element = etree.SubElement(root, f"{{{_ATOM}}}entry")
    if entry.language:
        element.set("{http://www.w3.org/XML/1998/namespace}lang", _clean(entry.language))
    _add(element, "id", entry.id)
    _add(element, "title", entry.title)
    _add(element, "published", entry.published.isoformat())
    _add(element, "updated", entry.updated.isoformat())
    if entry.url:
        etree.SubElement(element, f"{{{_ATOM}}}link", rel="alternate", href=_clean(entry.url))
    if entry.author:
        _add(etree.SubElement(element, f"{{{_ATOM}}}author"), "name", entry.author)
    if entry.summary:
        _add(element, "summary", entry.summary)
    if entry.content:
        _add(element, "content", entry.content).set("type", "html")


def _json_entry(entry: FeedEntry) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": entry.id,
        "title": entry.title,
        "date_published": entry.published.isoformat(),
        "date_modified": entry.updated.isoformat(),
    }
    if entry.content:
        item["content_html"] = entry.content
    else:
        item["content_text"] = entry.summary or entry.title
    for key, value in (("url", entry.url), ("summary", entry.summary), ("language", entry.language)):
        if value:
            item[key] = value
    if entry.author:
        item["authors"] = [{"name": entry.author}]
    return item


def _add(parent: Any, name: str, text: str) -> Any:
    element = etree.SubElement(parent, f"{{{_ATOM}}}{name}")
    element.text = _clean(text)
    return element


def _clean(text: str) -> str:
    """Without the characters that XML cannot carry."""
    return _XML_FORBIDDEN.sub("", text)
