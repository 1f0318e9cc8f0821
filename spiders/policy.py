"""What a site says to machines: robots.txt (RFC 9309) and text-and-data-mining reservations.

Pure reading of texts and headers; who fetches and keeps them is in spiders/middlewares.py.
Sources: RFC 9309; W3C Community Group report on TDMRep (tdmrep.json, header, meta: later ones supersede);
§ 44b UrhG. Content-Signal, Content-Usage (AIPREF draft), X-Robots-Tag noai and ai.txt are recorded as hints.
"""

from __future__ import annotations

import codecs
import fnmatch
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from protego import Protego

ROBOTS_MAX = 512 * 1024
_HINT_LINES = re.compile(
    r"^\s*(content-signal|content-usage)\s*:\s*(.{1,300}?)\s*$", re.IGNORECASE | re.MULTILINE
)
_SNIPPET = re.compile(r"max-snippet\s*:\s*(-?\d{1,6})", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True, slots=True)
class Permission:
    """Whether robots.txt lets us fetch, and the sentence that is kept as evidence."""

    allowed: bool
    evidence: str


class Robots:
    """One host's robots.txt.

    status is that of the final answer; 0 means it could not be had. 4xx means no rules; anything else that
    is no success means that nothing may be fetched (RFC 9309, 2.3.1.4).
    """

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        self.readable = 200 <= status < 300
        self.unrestricted = 400 <= status < 500 and status != 429
        self._rules = Protego.parse(text) if self.readable else None
        self.hints = tuple(f"{k.lower()}: {v}" for k, v in _HINT_LINES.findall(text)) if self.readable else ()

    def permission(self, url: str, token: str) -> Permission:
        """May a robot of this product token fetch this address?"""
        if self.unrestricted:
            return Permission(True, f"no robots.txt ({self.status})")
        if self._rules is None:
            said = f"answered {self.status}" if self.status else "could not be reached"
            return Permission(False, f"robots.txt {said}: nothing may be fetched until it answers")
        if self._rules.can_fetch(url, token):
            return Permission(True, "allowed by robots.txt")
        return Permission(False, f"robots.txt disallows {urlsplit(url).path or '/'}")

    def delay(self, token: str) -> float:
        """Seconds between requests that the site asks for, at most a minute; 0 if it asks for none."""
        asked = self._rules.crawl_delay(token) if self._rules else None
        return min(float(asked), 60.0) if asked else 0.0


def decode_robots(body: bytes) -> str:
    """Text of a robots.txt: at least the first 500 KiB, by its byte order mark or as UTF-8."""
    body = body[:ROBOTS_MAX]
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    return body.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Reservation:
    """A text-and-data-mining signal: "reserved", "free" or "" (none), and where it stood."""

    tdm: str = ""
    origin: str = ""


def site_reservation(tdmrep: str, url: str) -> Reservation:
    """The first rule of a /.well-known/tdmrep.json that matches the path; what is broken is none."""
    try:
        rules = json.loads(tdmrep) if tdmrep else []
    except (ValueError, RecursionError):
        return Reservation()
    path = urlsplit(url).path or "/"
    for rule in rules if isinstance(rules, list) else []:
        if isinstance(rule, Mapping) and _location_matches(rule.get("location"), path):
            return _reservation(rule.get("tdm-reservation"), "tdmrep.json")
    return Reservation()


def reservation(site: Reservation, header: str | None, meta: str | None) -> Reservation:
    """Join the signals of site, header and page: the nearer one supersedes, an absent one resets nothing."""
    for value, origin in ((meta, "meta"), (header, "header")):
        found = _reservation(value, origin)
        if found.tdm:
            return found
    return site


def max_snippet(values: Iterable[str]) -> int:
    """The smallest max-snippet of X-Robots-Tag headers or robots metas, in characters; -1 without."""
    found = [int(number) for value in values for number in _SNIPPET.findall(value)]
    found = [number for number in found if number >= 0]
    return min(found) if found else -1


def forbids_archiving(values: Iterable[str]) -> bool:
    """True where a robots header or meta says noarchive: no copy of the text is kept."""
    return any("noarchive" in value.lower() for value in values)


def _location_matches(location: object, path: str) -> bool:
    if not isinstance(location, str) or not location:
        return False
    if location.endswith("$"):
        return fnmatch.fnmatchcase(path, location[:-1])
    return fnmatch.fnmatchcase(path, location if location.endswith("*") else f"{location}*")


def _reservation(value: object, origin: str) -> Reservation:
    text = str(value).strip() if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    return Reservation({"1": "reserved", "0": "free"}.get(text, ""), origin if text in ("0", "1") else "")
