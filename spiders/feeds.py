"""RSS, Atom, RDF and JSON Feed.

Well-formed feeds take a strict lxml path; feedparser reads everything else and is the judge: any error of
XML, an unusual namespace or an attribute that changes how text is read (xml:base, mode, xhtml) goes to it.
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
from spiders import decoding, entries
from spiders.values import Answer, Parsed

_ENTITY = re.compile(r"<!ENTITY", re.IGNORECASE)
_BEFORE_ROOT = re.compile(r"(?>\s+|<!--.*?-->|<\?.*?\?>)*", re.DOTALL)
_ENTRY_END = re.compile(r"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)
_UNUSUAL = re.compile(r"\bxml:base\s*=|\bmode\s*=|type\s*=\s*[\"']xhtml|<!DOCTYPE", re.IGNORECASE)
_ALTERNATE = re.compile(r"<link[^>]+type=[\"']application/(?:rss|atom)\+xml[\"'][^>]*>", re.IGNORECASE)
_HREF = re.compile(r"href=[\"']([^\"']{1,500})[\"']", re.IGNORECASE)
_ATOM = "{http://www.w3.org/2005/Atom}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_DC_WRONG = "{https://purl.org/dc/elements/1.1/}"  # Tom's Hardware's spelling
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_RSS1 = "{http://purl.org/rss/1.0/}"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF"
_HTML_TYPES, _PLAIN_TYPES = ("html", "text/html"), ("text", "text/plain")
MAX_ENTRIES = 5_000
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
    try:
        if _UNUSUAL.search(xml):
            raise UnreadableError("unusual feed")
        return _strict(answer, xml)
    except etree.XMLSyntaxError as error:
        if "depth" in str(error):
            return _refused("the XML is nested too deeply")
        return _tolerant(answer, xml)
    except UnreadableError:
        return _tolerant(answer, xml)


def _declares_entities(xml: str) -> bool:
    """A document type stands before the root element, but any number of comments may stand before it."""
    begin = _BEFORE_ROOT.match(xml)
    rest = xml[begin.end() :] if begin else xml
    return bool(rest[:9].upper() == "<!DOCTYPE" and _ENTITY.search(rest))


def _strict(answer: Answer, xml: str) -> Parsed:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, encoding="utf-8"
    )
    root = etree.fromstring(xml.encode("utf-8"), parser)
    if root.tag == f"{_ATOM}feed":
        nodes = root.findall(f"{_ATOM}entry")
        found = [_atom_entry(answer, node) for node in nodes[:MAX_ENTRIES]]
    elif root.tag == "rss":
        nodes = root.findall("channel/item")
        found = [_rss_entry(answer, node, "") for node in nodes[:MAX_ENTRIES]]
    elif root.tag == _RDF and root.find(f"{_RSS1}channel") is not None:
        nodes = root.findall(f"{_RSS1}item")
        found = [_rss_entry(answer, node, _RSS1) for node in nodes[:MAX_ENTRIES]]
    else:
        raise UnreadableError(f"unusual root element {root.tag!r}")
    reason = _left_out(len(nodes) - len(found))
    return Parsed(entries=tuple(entry for entry in found if _says_something(entry)), reason=reason)


def _says_something(entry: Entry) -> bool:
    return bool(entry.url or entry.guid or entry.title != entries.NO_TITLE)


def _left_out(number: int) -> str:
    return f"{number} entries beyond the first {MAX_ENTRIES} were left out" if number > 0 else ""


def _rss_entry(answer: Answer, node: Any, space: str) -> Entry:
    get = _getter(node, space)
    guid = get("guid")
    permalink = node.find("guid") is not None and node.find("guid").get("isPermaLink", "true") == "true"
    link = get("link") or (guid if permalink and guid.startswith("http") else "")
    return entries.entry(
        answer,
        url=link,
        title=get("title"),
        teaser=get("description") or _text(node.find(_CONTENT)),
        guid=guid or (node.get("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about") or ""),
        author=_text(node.find(f"{_DC}creator")) or _text(node.find(f"{_DC_WRONG}creator")) or get("author"),
        published=get("pubDate")
        or _text(node.find(f"{_DC}date"))
        or _text(node.find(f"{_ATOM}published"))
        or _text(node.find(f"{_ATOM}updated")),
        categories=tuple(_text(child) for child in node.iterfind(f"{space}category")),
    )


def _atom_entry(answer: Answer, node: Any) -> Entry:
    link = ""
    for child in node.iterfind(f"{_ATOM}link"):
        if child.get("rel", "alternate") == "alternate" and child.get("href"):
            link = link or child.get("href")
    guid = _text(node.find(f"{_ATOM}id"))
    body = node.find(f"{_ATOM}content")
    author = node.find(f"{_ATOM}author/{_ATOM}name")
    language = node.get("{http://www.w3.org/XML/1998/namespace}lang") or ""
    return entries.entry(
        answer,
        url=link or (guid if guid.startswith("http") else ""),
        title=_atom_text(node.find(f"{_ATOM}title")),
        teaser=_atom_text(node.find(f"{_ATOM}summary")) or _atom_text(body),
        guid=guid,
        author=_text(author),
        language=language,
        published=_text(node.find(f"{_ATOM}published")) or _text(node.find(f"{_ATOM}updated")),
        categories=tuple(child.get("term", "") for child in node.iterfind(f"{_ATOM}category")),
    )


def _tolerant(answer: Answer, xml: str) -> Parsed:
    """feedparser's reading: keeps what is whole in a broken or cut-off feed, and says it was broken."""
    ends = [match.end() for match in _ENTRY_END.finditer(xml)]
    left_out = len(ends) - MAX_LOOSE  # feedparser takes over a millisecond for each
    xml = xml[: ends[MAX_LOOSE - 1]] if left_out > 0 else xml
    feed = feedparser.parse(xml.encode("utf-8"), response_headers={"content-type": "text/xml; charset=utf-8"})
    found = [_loose_entry(answer, item) for item in feed.entries]
    found = [entry for entry in found if _says_something(entry)]
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


def _loose_entry(answer: Answer, item: Any) -> Entry:
    content = item.get("content") or [{}]
    return entries.entry(
        answer,
        url=item.get("link", ""),
        title=_loose_text(item.get("title_detail")),
        teaser=_loose_text(item.get("summary_detail")) or _loose_text(content[0]),
        guid=item.get("id", ""),
        author=item.get("author", ""),
        language=item.get("title_detail", {}).get("language") or "",
        published=item.get("published") or item.get("updated") or "",
        categories=tuple(tag.get("term") or "" for tag in item.get("tags", ())),
    )


def _loose_text(detail: Any) -> str:
    text = (detail or {}).get("value") or ""
    return escape(text, quote=False) if (detail or {}).get("type") in _PLAIN_TYPES else text


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


def _getter(node: Any, space: str) -> Callable[[str], str]:
    return lambda name: _text(node.find(f"{space}{name}"))


def _text(node: Any) -> str:
    return "".join(node.itertext()).strip() if node is not None else ""


def _atom_text(node: Any) -> str:
    """Atom text constructs say whether they are HTML; plain text is escaped so that it stays as it is."""
    if node is None:
        return ""
    kind = node.get("type", "text")
    if kind not in (*_HTML_TYPES, *_PLAIN_TYPES):
        raise UnreadableError(f"unusual text of type {kind!r}")
    text = _text(node)
    return text if kind in _HTML_TYPES else escape(text, quote=False)
