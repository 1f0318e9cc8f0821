"""News sitemaps (sitemap-news/0.9): headlines, addresses and times, no text."""

from __future__ import annotations

from typing import Any

from lxml import etree

from archive.values import Entry, SourceState
from spiders import decoding, entries
from spiders.values import Answer, Ask, Parsed

_SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
_NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"
_CHILDREN = 3


def read(answer: Answer) -> Parsed:
    """Entries of a news sitemap; of a sitemap index its first three maps are asked for."""
    text = decoding.decode(decoding.unpack(answer.body), answer.content_type)
    if not text.strip():
        return Parsed(state=SourceState.EMPTY, reason="the answer is empty", incomplete=True)
    if "<!ENTITY" in text[:65_536]:
        return _refused("the XML declares entities, which no sitemap needs")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=True, encoding="utf-8"
    )
    root = etree.fromstring(decoding.without_declaration(text).encode("utf-8"), parser)
    if root is None:
        return _refused("not a sitemap")
    cut = bool(parser.error_log)
    if root.tag == f"{_SITEMAP}sitemapindex":
        is_start = answer.ask.url == answer.source.url  # an index inside an index is not followed
        return Parsed(more=_children(answer, root) if is_start else (), incomplete=cut)
    if root.tag != f"{_SITEMAP}urlset":
        return _refused("not a sitemap")
    found = tuple(_entry(answer, node) for node in root.iterfind(f"{_SITEMAP}url"))
    return Parsed(entries=tuple(entry for entry in found if entry.url), incomplete=cut)


def _children(answer: Answer, root: Any) -> tuple[Ask, ...]:
    addresses = (node.findtext(f"{_SITEMAP}loc", "") for node in root.iterfind(f"{_SITEMAP}sitemap"))
    links = (entries.absolute(address, answer.url, answer.source.url) for address in addresses)
    return tuple(Ask(link) for link in links if link and link != answer.source.url)[:_CHILDREN]


def _entry(answer: Answer, node: Any) -> Entry:
    news = f"{_NEWS}news"
    return entries.entry(
        answer,
        url=node.findtext(f"{_SITEMAP}loc", ""),
        title=node.findtext(f"{news}/{_NEWS}title", ""),
        language=node.findtext(f"{news}/{_NEWS}publication/{_NEWS}language", ""),
        published=node.findtext(f"{news}/{_NEWS}publication_date", "")
        or node.findtext(f"{_SITEMAP}lastmod", ""),
    )


def _refused(reason: str) -> Parsed:
    return Parsed(state=SourceState.PARSE_ERROR, reason=reason, incomplete=True)
