"""The quick reading of well-formed, usual RSS, RDF and Atom feeds; feedparser would say the same, later.

It reads only what has one meaning. Whatever feedparser would have to decide (an element twice, markup
inside text, a title or a date that another namespace may give) raises UnreadableError: the feed is then
read by feedparser. A differential test over two public feed corpora keeps both readings equal.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

from lxml import etree

from archive.values import Entry
from lagebrief.errors import UnreadableError
from spiders import entries
from spiders.values import Answer

MAX_ENTRIES = 5_000
HTML_TYPES, PLAIN_TYPES = ("html", "text/html"), ("text", "text/plain")
_ATOM = "{http://www.w3.org/2005/Atom}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_DC_WRONG = "{https://purl.org/dc/elements/1.1/}"  # Tom's Hardware's spelling
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_RSS1 = "{http://purl.org/rss/1.0/}"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_PAGE_TYPES = ("", "text/html", "application/xhtml+xml")
_MAYBE_MARKUP = re.compile(r"<|&#?\w+;")
_REPEATABLE = {"category", "link", "enclosure", "author", "contributor"}
_IN_RSS = "title link description pubDate guid author category comments enclosure source"
_IN_ATOM = "title link summary content id author contributor category published updated rights"
# Elements of one meaning. Where a field is missing, an element of any other name may stand for it.
_KNOWN = {f"{space}{name}" for space in ("", _RSS1) for name in _IN_RSS.split()}
_KNOWN |= {f"{_ATOM}{name}" for name in _IN_ATOM.split()}
_KNOWN |= {_CONTENT, f"{_DC}creator", f"{_DC_WRONG}creator", f"{_DC}date"}

Children = dict[str, list[Any]]


def entries_of(answer: Answer, xml: str) -> tuple[list[Entry], int]:
    """Entries, and how many beyond MAX_ENTRIES were left out. Raises XMLSyntaxError or UnreadableError."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, encoding="utf-8"
    )
    root = etree.fromstring(xml.encode("utf-8"), parser)
    if root.tag == f"{_ATOM}feed":
        nodes = root.findall(f"{_ATOM}entry")
        found = [_atom_entry(answer, _children(node), node) for node in nodes[:MAX_ENTRIES]]
    elif root.tag == "rss":
        nodes = root.findall("channel/item")
        found = [_rss_entry(answer, _children(node), "") for node in nodes[:MAX_ENTRIES]]
    elif root.tag == f"{_RDF}RDF":
        nodes = root.findall(f"{_RSS1}item")
        found = [_rdf_entry(answer, node) for node in nodes[:MAX_ENTRIES]]
    else:
        raise UnreadableError(f"unusual root element {root.tag!r}")
    if not nodes:
        raise UnreadableError("no entries where they usually are")
    return found, len(nodes) - len(found)


def _children(node: Any) -> Children:
    found: Children = {}
    for child in node.iterchildren(tag=etree.Element):
        found.setdefault(child.tag, []).append(child)
    for tag, nodes in found.items():
        if len(nodes) > 1 and _local(tag) not in _REPEATABLE and tag in _KNOWN:
            raise UnreadableError(f"{tag} stands more than once")
    return found


def _rss_entry(answer: Answer, children: Children, space: str, about: str = "") -> Entry:
    title, teaser = _text(children, f"{space}title"), _text(children, f"{space}description")
    date = _text(children, f"{space}pubDate") or _text(children, f"{_DC}date")
    date = date or _text(children, f"{_ATOM}published") or _text(children, f"{_ATOM}updated")
    teaser = teaser or _text(children, _CONTENT)
    _check_complete(children, title, teaser, date)
    if _MAYBE_MARKUP.search(title):
        raise UnreadableError("a title that may be markup")
    guid = _text(children, "guid")
    permalink = "guid" in children and children["guid"][0].get("isPermaLink", "true") == "true"
    author = _text(children, f"{_DC}creator") or _text(children, f"{_DC_WRONG}creator")
    return entries.entry(
        answer,
        url=_text(children, f"{space}link") or (guid if permalink and guid.startswith("http") else ""),
        title=title,
        teaser=teaser,
        guid=guid or about,
        author=author or _text(children, f"{space}author"),
        published=date,
        categories=tuple(child.text or "" for child in children.get(f"{space}category", ())),
    )


def _rdf_entry(answer: Answer, node: Any) -> Entry:
    return _rss_entry(answer, _children(node), _RSS1, node.get(f"{_RDF}about") or "")


def _atom_entry(answer: Answer, children: Children, node: Any) -> Entry:
    teaser = _typed(children, f"{_ATOM}summary") or _typed(children, f"{_ATOM}content")
    title = _typed(children, f"{_ATOM}title")
    date = _text(children, f"{_ATOM}published") or _text(children, f"{_ATOM}updated")
    _check_complete(children, title, teaser, date)
    guid = _text(children, f"{_ATOM}id")
    people = children.get(f"{_ATOM}author", [])
    return entries.entry(
        answer,
        url=_alternate(children) or (guid if guid.startswith("http") else ""),
        title=title,
        teaser=teaser,
        guid=guid,
        author=_text(_children(people[0]), f"{_ATOM}name") if people else "",
        language=node.get(_LANG) or "",
        published=date,
        categories=tuple(child.get("term", "") for child in children.get(f"{_ATOM}category", ())),
    )


def _alternate(children: Children) -> str:
    links = children.get(f"{_ATOM}link", [])
    pages = [link for link in links if link.get("rel", "alternate") == "alternate"]
    unusual = [link for link in links if not link.get("href")]
    unusual += [link for link in pages if link.get("type", "") not in _PAGE_TYPES]
    if len(pages) > 1 or unusual:
        raise UnreadableError("unusual links")
    return pages[0].get("href") if pages else ""


def _check_complete(children: Children, title: str, teaser: str, date: str) -> None:
    others = [tag for tag in children if tag not in _KNOWN]
    if others and not (title and teaser and date):
        raise UnreadableError(f"{others[0]} may stand for a missing field")
    if "summary" in children:
        raise UnreadableError("RSS with a summary beside the description")


def _typed(children: Children, tag: str) -> str:
    """Atom text constructs say whether they are HTML; plain text is escaped so that it stays as it is."""
    if tag not in children:
        return ""
    kind = children[tag][0].get("type", "text")
    if kind not in (*HTML_TYPES, *PLAIN_TYPES):
        raise UnreadableError(f"unusual text of type {kind!r}")
    text = _text(children, tag)
    return text if kind in HTML_TYPES else escape(text, quote=False)


def _text(children: Children, tag: str) -> str:
    if tag not in children:
        return ""
    (node,) = children[tag][:1]
    if len(node):
        raise UnreadableError(f"elements inside the text of {tag}")
    return (node.text or "").strip()


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
