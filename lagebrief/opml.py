"""Lists of feeds as OPML 2.0 (opml.org/spec2.opml), as feed readers exchange them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from archive.identity import canonical_url
from lagebrief.errors import InputError
from spiders import cleaning
from spiders.settings import ConfiguredState, Kind, SourceSettings

LARGEST = 8 * 1024 * 1024
_MOST = 5_000
_LONGEST_KEY = 40
_FEEDS = (Kind.RSS, Kind.ATOM)
_LETTERS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "o", "đ": "d", "ł": "l"}
)
REASON = "aus OPML übernommen, noch nicht geprüft"  # printed in the box Quellenlage


@dataclass(frozen=True, slots=True)
class Feed:
    """One subscription. language: two letters, or "" where the file says none or another than we read."""

    title: str
    url: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A feed that is not taken, and why."""

    feed: Feed
    reason: str


def write(sources: Iterable[SourceSettings], secret: Iterable[str]) -> tuple[bytes, list[tuple[str, str]]]:
    """The feeds among the sources as OPML, and (key, reason) of each source that is left out.

    secret: keys of sources whose address comes from the environment, where a licence key may be part of it.
    """
    hidden, left_out = set(secret), []
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = "Lagebrief"
    body = etree.SubElement(root, "body")
    for source in sources:
        reason = _why_not(source, hidden)
        if reason:
            left_out.append((source.key, reason))
            continue
        named = {"type": "rss", "text": source.name, "title": source.name, "xmlUrl": source.url}
        if source.language:
            named["language"] = source.language
        etree.SubElement(body, "outline", named)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True), left_out


def _why_not(source: SourceSettings, hidden: set[str]) -> str:
    if source.kind not in _FEEDS:
        return f"{source.kind} is no feed"
    if source.key in hidden or "@" in urlsplit(source.url).netloc:
        return "its address is secret"
    return "not_collectable" if source.state is ConfiguredState.NOT_COLLECTABLE else ""


def read(raw: bytes) -> list[Feed]:
    """Every feed of an OPML file, folders and all, in its order.

    Raises InputError for anything but well-formed OPML without a document type. No entity is expanded,
    nothing is fetched.
    """
    if len(raw) > LARGEST:
        raise InputError(f"larger than {LARGEST // 2**20} MiB: no list of feeds")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InputError(f"not well-formed XML: {cleaning.one_line(str(error), 200)}") from error
    if root.getroottree().docinfo.doctype:
        raise InputError("a list of feeds needs no document type (DTD); it is refused")
    if root.tag != "opml":
        raise InputError(f"the root element is {cleaning.one_line(str(root.tag), 60)!r}, not 'opml'")
    feeds = [_feed(node) for node in root.iter("outline") if _attribute(node, "xmlUrl")]
    if len(feeds) > _MOST:
        raise InputError(f"{len(feeds)} feeds; {_MOST} are the most that are taken")
    return feeds


def _feed(node: Any) -> Feed:
    title = _attribute(node, "title") or _attribute(node, "text")
    language = _attribute(node, "language")[:2].lower()
    return Feed(title, _attribute(node, "xmlUrl"), language if language in ("de", "en") else "")


def _attribute(node: Any, name: str) -> str:
    return cleaning.one_line(node.get(name) or node.get(name.lower()) or "", 2_000)


def choose(feeds: Iterable[Feed], known: Iterable[SourceSettings]) -> tuple[dict[str, Feed], list[Skipped]]:
    """The feeds to add under a new key each, and those that are not taken."""
    known = list(known)
    keys = {source.key for source in known} | {source.outlet for source in known}
    there = {
        canonical_url(source.url): f"configured already as {source.key}" for source in known if source.url
    }
    chosen: dict[str, Feed] = {}
    skipped = []
    for feed in feeds:
        address = canonical_url(feed.url)
        if not address:
            skipped.append(Skipped(feed, "no web address"))
        elif "@" in urlsplit(feed.url).netloc:
            skipped.append(
                Skipped(feed, 'its address holds a password: add it by hand with url = "env:NAME"')
            )
        elif address in there:
            skipped.append(Skipped(feed, there[address]))
        else:
            key = _free(_slug(feed.title) or _slug(urlsplit(address).netloc) or "feed", keys)
            keys.add(key)
            chosen[key] = feed
            there[address] = f"twice in the file, taken as {key}"
    return chosen, skipped


def _slug(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title.casefold().translate(_LETTERS))
    words = re.sub(r"[^a-z0-9]+", "-", "".join(c for c in plain if not unicodedata.combining(c)))
    return words[:_LONGEST_KEY].strip("-")


def _free(key: str, taken: set[str]) -> str:
    number, free = 1, key
    while free in taken:
        number += 1
        free = f"{key}-{number}"
    return free


def as_table(key: str, feed: Feed, *, active: bool) -> dict[str, str]:
    """The keys of a [[sources]] block; a new source is paused until somebody has looked at it."""
    row = {"key": key, "name": feed.title or key, "kind": str(Kind.RSS), "url": feed.url}
    if feed.language:
        row["language"] = feed.language
    return row if active else {**row, "state": str(ConfiguredState.PAUSED), "reason": REASON}
