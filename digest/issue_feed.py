"""The issues as a feed: what stands in each, and where to read it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import urlsplit

from archive.issues import StoredIssue
from digest.feeds import Feed, FeedEntry
from digest.issue import MARKS
from digest.shortening import plain

_IN_BRACKETS = re.compile(r"<([^<>]+)>")


def issue_feed(
    published: Sequence[StoredIssue], title: str, author: str, *, base: str = "", list_id: str = ""
) -> Feed:
    """A feed of issues that were approved, in the order given.

    base: public address below which `ausgaben/WEEK` shows an issue, "" where none does. Ids are made of the
    list's identifier, else of the base's host, and of the week: they last as long as that stays.
    """
    name = _name(base, list_id)
    entries = [_entry(issue, base, name) for issue in published]
    return Feed(":".join(("urn:lagebrief:issues", *name)), plain(title), entries, home=base, author=author)


def _name(base: str, list_id: str) -> tuple[str, ...]:
    """What tells this newsletter from others, as one part of a URN; none where nothing is configured."""
    bracketed = _IN_BRACKETS.search(list_id)
    told = (bracketed[1] if bracketed else list_id) or urlsplit(base).hostname or ""
    clean = re.sub(r"[^a-z0-9.-]", "-", told.strip().lower())
    return (clean,) if clean else ()


def _entry(issue: StoredIssue, base: str, name: tuple[str, ...]) -> FeedEntry:
    url = f"{base}/ausgaben/{issue.week}" if base else ""
    when = issue.approved_at or issue.created
    return FeedEntry(
        id=":".join(("urn:lagebrief:issue", *name, issue.week)),
        title=plain(issue.subject),
        url=url,
        published=when,
        updated=when,
        content=_content(issue.content.get("items", ()), url),
        language="de",
    )


def _content(items: Sequence[Mapping[str, Any]], url: str) -> str:
    """The headlines as an HTML list, each with its mark where the story is not new."""
    lines = "".join(f"<li{_language(item)}>{_mark(item)}{_text(item['headline'])}</li>" for item in items)
    link = f'<p><a href="{escape(url)}">Ausgabe lesen</a></p>' if url else ""
    return f"<ul>{lines}</ul>{link}"


def _mark(item: Mapping[str, Any]) -> str:
    told = item.get("mark", "neu")
    return f'<strong lang="de">{MARKS[told]}:</strong> ' if told in MARKS and told != "neu" else ""


def _language(item: Mapping[str, Any]) -> str:
    """Headlines are the words of the first source."""
    code = next((source.get("language", "") for source in item.get("sources", ())), "")
    return f' lang="{escape(code)}"' if code not in ("de", "") else ""


def _text(words: str) -> str:
    return escape(plain(words))
