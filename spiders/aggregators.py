"""Other people's indexes of an outlet's headlines: Bing News (RSS) and GDELT (JSON).

They give headline, address and time of articles we do not fetch ourselves.
"""

from __future__ import annotations

import dataclasses
import json
import re
from urllib.parse import parse_qs, quote_plus, urlsplit

from archive.values import Entry, SourceState
from spiders import decoding, entries, feeds
from spiders.settings import SourceSettings
from spiders.values import Answer, Ask, Parsed

_LIMIT_NOTICE = re.compile(r"limit requests to one every", re.IGNORECASE)
_LOOSE_PUNCTUATION = re.compile(r"\s+([,.:;!?%’'])")
_LANGUAGES = {"english": "en", "german": "de"}


def start(source: SourceSettings) -> list[Ask]:
    """The search address, with the query put in for {query}."""
    return [Ask(source.url.replace("{query}", quote_plus(source.query)))]


def read_bing(answer: Answer) -> Parsed:
    """Entries of Bing's RSS with the articles' own addresses."""
    parsed = feeds.read(answer)
    return dataclasses.replace(parsed, entries=tuple(_unwrapped(answer, entry) for entry in parsed.entries))


def unwrap(url: str) -> str:
    """The address inside a Bing News link: the parameter `url`, decoded once; other links unchanged."""
    parts = urlsplit(url)
    if f".{parts.hostname}".endswith(".bing.com") and parts.path.endswith("/apiclick.aspx"):
        return parse_qs(parts.query).get("url", [""])[0]
    return url


def read_gdelt(answer: Answer) -> Parsed:
    """Entries of GDELT's article list. Its `seendate` is when GDELT saw the article."""
    text = decoding.decode(answer.body, answer.content_type).strip()
    if not text:
        return Parsed(state=SourceState.EMPTY, reason="the answer is empty", incomplete=True)
    if _LIMIT_NOTICE.search(text[:500]):
        reason = "GDELT asks for fewer requests"
        return Parsed(state=SourceState.RATE_LIMITED, reason=reason, incomplete=True)
    try:
        data = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return Parsed(state=SourceState.PARSE_ERROR, reason="the answer is no JSON", incomplete=True)
    rows = data.get("articles", []) if isinstance(data, dict) else None
    if not isinstance(rows, list):
        return Parsed(state=SourceState.PARSE_ERROR, reason="the answer has no articles", incomplete=True)
    return Parsed(entries=tuple(_gdelt_entry(answer, row) for row in rows if isinstance(row, dict)))


def _unwrapped(answer: Answer, entry: Entry) -> Entry:
    url = unwrap(entry.url)
    return dataclasses.replace(
        entry, url=entries.absolute(url, answer.url, answer.source.url), guid="", teaser=""
    )


def _gdelt_entry(answer: Answer, row: dict[str, object]) -> Entry:
    return entries.entry(
        answer,
        url=str(row.get("url") or ""),
        title=_LOOSE_PUNCTUATION.sub(r"\1", str(row.get("title") or "")),
        language=_LANGUAGES.get(str(row.get("language") or "").lower(), ""),
        published=str(row.get("seendate") or ""),
    )
