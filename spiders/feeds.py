"""RSS, Atom, RDF and JSON Feed.

Well-formed, usual feeds take the quick way of spiders/strict_feeds.py; feedparser reads everything else and
is the judge: any error of XML and any attribute that changes how text is read (xml:base, mode, xhtml) goes
to it.
A feed whose document type declares entities is refused before any parser sees it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import escape
from typing import Any

import feedparser
from lxml import etree

from archive.values import Entry, SourceState
from lagebrief.errors import UnreadableError
from spiders import decoding, entries, strict_feeds
from spiders.strict_feeds import MAX_ENTRIES, PLAIN_TYPES
from spiders.values import Answer, Parsed

_ENTITY = re.compile(r"<!ENTITY", re.IGNORECASE)
_BEFORE_ROOT = re.compile(r"(?>\s+|<!--.*?-->|<\?.*?\?>)*", re.DOTALL)
_ENTRY_END = re.compile(r"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)
_UNUSUAL = re.compile(r"\bxml:base\s*=|\bmode\s*=|type\s*=\s*[\"']xhtml|<!DOCTYPE", re.IGNORECASE)
_ALTERNATE = re.compile(r"<link[^>]+type=[\"']application/(?:rss|atom)\+xml[\"'][^>]*>", re.IGNORECASE)
_HREF = re.compile(r"href=[\"']([^\"']{1,500})[\"']", re.IGNORECASE)
MAX_LOOSE = 2_000


def read(answer: Answer) -> Parsed:
    """Entries of a feed. A page or an interface's error in its place is said in the reason."""
    text = decoding.decode(decoding.unpack(answer.body), answer.content_type)
    stripped = text.lstrip()
    if not stripped:
        return Parsed(state=SourceState.EMPTY, reason="the answer is empty", incomplete=True)
    if stripped[0] in "{[":
        return _read_json(answer, stripped)
    if decoding.looks_like_html(stripped):
        return _html_instead(stripped)
    xml = decoding.without_declaration(text)
    if _declares_entities(xml):
        return _refused("the XML declares entities, which no feed needs")
    if is_unusual(xml):
        return tolerant(answer, xml)
    try:
        found, left_out = strict_feeds.entries_of(answer, xml)
        return Parsed(entries=tuple(filter(says_something, found)), reason=_left_out(left_out))
    except etree.XMLSyntaxError as error:
        if "depth" in str(error):
            return _refused("the XML is nested too deeply")
        return tolerant(answer, xml)
    except UnreadableError:
        return tolerant(answer, xml)


def is_unusual(xml: str) -> bool:
    """True where an attribute or a document type changes how text is read: that is feedparser's work."""
    return bool(_UNUSUAL.search(xml))


def _declares_entities(xml: str) -> bool:
    """A document type stands before the root element, but any number of comments may stand before it."""
    begin = _BEFORE_ROOT.match(xml)
    rest = xml[begin.end() :] if begin else xml
    return bool(rest[:9].upper() == "<!DOCTYPE" and _ENTITY.search(rest))


def says_something(entry: Entry) -> bool:
    """False for an item without address, identity and text."""
    return bool(entry.url or entry.guid or entry.title != entries.NO_TITLE)


def _left_out(number: int) -> str:
    return f"{number} entries beyond the first {MAX_ENTRIES} were left out" if number > 0 else ""


def tolerant(answer: Answer, xml: str) -> Parsed:
    """feedparser's reading: keeps what is whole in a broken or cut-off feed, and says it was broken."""
    ends = [match.end() for match in _ENTRY_END.finditer(xml)]
    left_out = len(ends) - MAX_LOOSE  # feedparser takes over a millisecond for each
    xml = xml[: ends[MAX_LOOSE - 1]] if left_out > 0 else xml
    feed = feedparser.parse(xml.encode("utf-8"), response_headers={"content-type": "text/xml; charset=utf-8"})
    found = [_loose_entry(answer, item, feed.version) for item in feed.entries]
    found = [entry for entry in found if says_something(entry)]
    if not feed.version and not found:
        return _refused(_what_instead(xml))
    broken = bool(feed.bozo) and not isinstance(
        feed.get("bozo_exception"), feedparser.CharacterEncodingOverride
    )
    if broken and not found:
        return _refused("the feed is broken and holds no whole entry")
    reason = "the feed is broken; its whole entries were kept" if broken else ""
    reason = f"{reason}; {left_out} more were left out" if left_out > 0 else reason
    return Parsed(entries=tuple(found), reason=reason, incomplete=broken)


def _loose_entry(answer: Answer, item: Any, version: str) -> Entry:
    content = item.get("content") or [{}]
    link = item.get("link") or ""
    typed = version.startswith("atom")
    return entries.entry(
        answer,
        url=link if item.get("links") or link.startswith("http") else "",  # not a guid that is no address
        title=_loose_text(item.get("title_detail"), typed),
        teaser=_loose_text(item.get("summary_detail"), typed) or _loose_text(content[0], typed),
        guid=item.get("id", ""),
        author=item.get("author", ""),
        language=item.get("title_detail", {}).get("language") or "",
        published=item.get("published") or item.get("updated") or "",
        categories=tuple(tag.get("term") or "" for tag in item.get("tags", ())),
    )


def _loose_text(detail: Any, typed: bool) -> str:
    """Text as markup. Only Atom says by a type that it is none; in RSS a type is feedparser's guess."""
    text = (detail or {}).get("value") or ""
    return escape(text, quote=False) if typed and (detail or {}).get("type") in PLAIN_TYPES else text


def _read_json(answer: Answer, text: str) -> Parsed:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return _refused("broken JSON instead of a feed")
    if not (isinstance(data, dict) and "jsonfeed.org" in str(data.get("version", ""))):
        return _refused("JSON instead of a feed")
    items = data.get("items")
    found = [_json_entry(answer, item) for item in (items if isinstance(items, list) else [])[:MAX_ENTRIES]]
    kept = tuple(item for item in found if item is not None)
    return Parsed(entries=kept, incomplete=len(kept) < len(found))


def _json_entry(answer: Answer, item: Any) -> Entry | None:
    if not isinstance(item, dict) or not (item.get("id") or item.get("url")):
        return None
    get = _json_getter(item)
    title, teaser = get("title"), get("summary") or get("content_text") or get("content_html")
    if not title and not teaser:
        return None
    return entries.entry(
        answer,
        url=get("url"),
        title=title,
        teaser=teaser,
        guid=get("id"),
        language=get("language"),
        published=get("date_published") or get("date_modified"),
    )


def _json_getter(item: dict[str, Any]) -> Callable[[str], str]:
    def get(key: str) -> str:
        value = item.get(key)
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            return ""
        return value if isinstance(value, str) else f"{value:x}" if abs(value) > 10**18 else str(value)

    return get


def _html_instead(text: str) -> Parsed:
    from spiders.blocks import blocked_reason

    blocked = blocked_reason(text)
    if blocked:
        return Parsed(state=SourceState.BLOCKED, reason=blocked, incomplete=True)
    offered = [href for link in _ALTERNATE.findall(text[:100_000]) for href in _HREF.findall(link)]
    hint = f"; the page offers {', '.join(offered[:3])}" if offered else ""
    return _refused(f"HTML instead of a feed{hint}")


def _what_instead(xml: str) -> str:
    if "<opml" in xml[:2_000].lower():
        return "OPML, not a feed"
    if "<urlset" in xml[:2_000].lower():
        return "a sitemap, not a feed: use kind news_sitemap"
    return "not a feed"


def _refused(reason: str) -> Parsed:
    return Parsed(state=SourceState.PARSE_ERROR, reason=reason, incomplete=True)
