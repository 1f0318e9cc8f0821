"""What an item of another program's file says, before it is cleaned (see lagebrief.imports)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from archive.identity import canonical_url
from spiders import cleaning, dates

_TEASER = 700  # characters; what is longer is the article's text
_DATE_NAMES = ("published", "date", "published_at", "date_published", "pub_date", "pubDate", "timestamp")


@dataclass(frozen=True, slots=True)
class Fields:
    """An item as a file gives it. site: address of the feed or the site it came from."""

    url: str
    title: str
    teaser: str = ""
    body: str = ""
    published: dt.datetime | None = None
    author: str = ""
    guid: str = ""
    language: str = ""
    site: str = ""


def scrapy_fields(row: dict[str, Any]) -> Fields:
    """An item of a Scrapy export, by the names that are usual."""
    body = _text(row, "body", "text", "content", "article")
    teaser = _text(row, "description", "summary", "teaser", "lead")
    return Fields(
        url=_text(row, "url", "link"),
        title=_text(row, "title", "headline"),
        teaser=teaser,
        body=body,
        published=_date(next((row[name] for name in _DATE_NAMES if row.get(name)), None)),
        author=_text(row, "author", "authors", "byline"),
        language=_language(_text(row, "language", "lang")),
    )


def google_fields(row: dict[str, Any]) -> Fields:
    """An item of the Google Reader API."""
    teaser, body = _texts(_inner(row, "summary"), _inner(row, "content"))
    origin = _dict(row.get("origin"))
    links = [*_hrefs(row.get("canonical")), *_hrefs(row.get("alternate"))]
    return Fields(
        url=next((link for link in links if canonical_url(link)), ""),
        title=_text(row, "title"),
        teaser=teaser,
        body=body,
        published=_date(row.get("published")),
        author=_text(row, "author"),
        guid=_text(row, "id"),
        site=_text(origin, "htmlUrl") or _text(origin, "streamId").removeprefix("feed/"),
    )


def miniflux_fields(row: dict[str, Any]) -> Fields:
    """An entry of Miniflux's API."""
    teaser, body = _texts("", _text(row, "content"))
    feed = _dict(row.get("feed"))
    return Fields(
        url=_text(row, "url"),
        title=_text(row, "title"),
        teaser=teaser,
        body=body,
        published=_date(row.get("published_at")),
        author=_text(row, "author"),
        guid=_text(row, "hash") or _text(row, "id"),
        site=_text(feed, "site_url") or _text(feed, "feed_url"),
    )


def _texts(summary: str, content: str) -> tuple[str, str]:
    """(teaser, body). Readers put either into one field: what is short is a teaser, what is long the text."""
    if summary and content and plain(summary) != plain(content):
        return summary, content
    one = content or summary
    return (one, "") if len(plain(one)) <= _TEASER else ("", one)


def plain(markup: str) -> str:
    """The text of a piece of HTML, its lines kept."""
    return cleaning.text_of_html(markup[: 4 * cleaning.BODY_MAX]).strip()


def _inner(row: dict[str, Any], name: str) -> str:
    return _text(_dict(row.get(name)), "content")


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _hrefs(links: Any) -> list[str]:
    return [_text(_dict(link), "href") for link in links] if isinstance(links, list) else []


def _text(row: dict[str, Any], *names: str) -> str:
    """The first of these fields that says something; Scrapy's loaders give lists, whose parts are joined."""
    for name in names:
        value = row.get(name)
        parts = value if isinstance(value, list) else [value]
        joined = "\n".join(
            str(part) for part in parts if isinstance(part, (str, int)) and not isinstance(part, bool)
        )
        if joined.strip():
            return joined.replace("\x00", "")
    return ""


def _date(value: Any) -> dt.datetime | None:
    """A moment from text, or from seconds or milliseconds since 1970; None for what is none."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, str) and not (value.strip().isdigit() and len(value.strip()) > 8):
        return dates.parse(value)
    try:
        seconds = float(value)
        return dt.datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, dt.UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _language(text: str) -> str:
    return text[:2].lower() if text[:2].isascii() and text[:2].isalpha() else ""
