"""Article pages: the outlet's own selector first, then JSON-LD, then trafilatura.

What stands behind a paywall is not kept even where the page's source holds it, and text that a reader
cannot see is no article text.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import html
from lxml.etree import LxmlError

from archive.values import Entry, SourceState
from spiders import blocks, cleaning, dates, decoding, entries, outlets, policy
from spiders.values import Answer, Ask, Parsed, Purpose

_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])", re.I)
# Comment boxes and biographies, by how their class begins in the templates seen.
_FURNITURE = ("viafoura", "author__bio", "comments-area")
_NO_TEXT = ("script", "style", "noscript", "template", "form", "iframe")
_ARTICLE_TYPES = ("NewsArticle", "Article", "ReportageNewsArticle", "AnalysisNewsArticle", "BlogPosting")
_ACCEPTED = ("html", "xml", "text/plain", "octet-stream")


def read(answer: Answer) -> Parsed:
    """The article of a page, joined with what the listing or feed already said of it."""
    known = answer.ask.entry or Entry(url=answer.url, title="")
    body = decoding.unpack(answer.body)
    if body.startswith(b"%PDF") or not _is_page(answer.content_type):
        return _instead(known, "not-html", "the page is no HTML")
    text = decoding.decode(body, answer.content_type)
    document = _parse(text)
    if document is None:
        return _instead(known, "empty", "the page holds no text")
    data = _article_data(document)
    metas = _metas(document)
    signals = _signals(metas)
    _drop_unseen(document)
    paid = _is_paid(data)
    article_text = "" if paid else _body(answer, document)
    flag = blocks.page_flag(text, article_text) or _moved_home(document, answer.url)
    if flag:
        return dataclasses.replace(_instead(known, flag, f"the page is no article: {flag}"), **signals)
    said = {
        "date": _string(data, "datePublished") or metas.get("article:published_time", ""),
        "teaser": _string(data, "description") or metas.get("description") or metas.get("og:description", ""),
    }
    entry = _joined(answer, known, data | said, document, article_text, paid)
    return Parsed(entries=(entry,), flags=("paywall",) if paid else (), **signals)


def ask(entry: Entry) -> Ask:
    """The request for an entry's page."""
    return Ask(entry.url, Purpose.PAGE, entry)


def _is_page(content_type: str) -> bool:
    kind = content_type.split(";", 1)[0].strip().lower()
    return not kind or any(word in kind for word in _ACCEPTED)


def _instead(known: Entry, flag: str, reason: str) -> Parsed:
    states = {"blocked": SourceState.BLOCKED, "not-html": SourceState.PARSE_ERROR}
    kept = () if flag == "gone" else (dataclasses.replace(known, marks=(*known.marks, flag)),)
    return Parsed(entries=kept, state=states.get(flag, SourceState.OK), reason=reason, flags=(flag,))


def _parse(text: str) -> Any:
    try:
        return html.document_fromstring(text.encode("utf-8"), parser=html.HTMLParser(encoding="utf-8"))
    except (LxmlError, ValueError):
        return None


def _article_data(document: Any) -> dict[str, Any]:
    for script in document.iterfind(".//script[@type='application/ld+json']"):
        try:
            data = json.loads(script.text or "")
        except (ValueError, RecursionError):
            continue
        for node in _nodes(data, 0):
            kinds = node.get("@type")
            if any(kind in _ARTICLE_TYPES for kind in (kinds if isinstance(kinds, list) else [kinds])):
                return node
    return {}


def _nodes(data: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > 5:
        return
    if isinstance(data, list):
        for part in data[:100]:
            yield from _nodes(part, depth + 1)
    elif isinstance(data, dict):
        yield data
        yield from _nodes(data.get("@graph"), depth + 1)


def _is_paid(data: dict[str, Any]) -> bool:
    return str(data.get("isAccessibleForFree", "")).strip().lower() == "false"


def _metas(document: Any) -> dict[str, str]:
    """The page's <meta> elements by name or property; the last of one name counts."""
    return {
        (node.get("name") or node.get("property") or "").lower(): node.get("content") or ""
        for node in document.iterfind(".//meta")
    }


def _signals(metas: dict[str, str]) -> dict[str, Any]:
    """What the <meta> elements say to machines, as fields of Parsed."""
    robots = [metas[name] for name in ("robots", "lagebrief") if name in metas]
    return {
        "tdm_meta": metas.get("tdm-reservation", ""),
        "hints": tuple(f"meta robots: {value}" for value in robots if "noai" in value.lower()),
        "max_snippet": policy.max_snippet(robots),
        "archive_allowed": not policy.forbids_archiving(robots),
    }


def _drop_unseen(document: Any) -> None:
    for node in list(document.iter()):
        if not isinstance(node.tag, str):
            continue
        hidden = node.get("hidden") is not None or _HIDDEN_STYLE.search(node.get("style") or "")
        classes = (node.get("class") or "").split()
        beside = "paywall" in classes or any(name.startswith(_FURNITURE) for name in classes)
        if (hidden or beside or node.tag in _NO_TEXT) and node.getparent() is not None:
            node.drop_tree()


def _body(answer: Answer, document: Any) -> str:
    selector = answer.source.selectors.body
    if selector:
        parts = [node.text_content() for node in document.cssselect(selector)]
        return cleaning.paragraphs("\n".join(parts))
    from trafilatura import extract  # takes 0.3 s to import; only sources of level full need it

    found = extract(document, fast=True, include_comments=False, include_tables=False)
    return cleaning.paragraphs(found or "")


def _joined(
    answer: Answer, known: Entry, data: dict[str, Any], document: Any, text: str, paid: bool
) -> Entry:
    date, mark = known.published, known.date_mark
    if date is None:
        date, mark = dates.trusted(dates.parse(data["date"]), answer.now)
    title = known.title or _string(data, "headline") or _title(document)
    page = entries.entry(
        answer,
        url=_canonical(answer, document) or answer.url,
        title=title,
        teaser=known.teaser or data["teaser"],
        author=known.author or _author(data),
        language=known.language or (document.get("lang") or ""),
        published=date,
    )
    marks = dict.fromkeys((*known.marks, *page.marks, *(("paywall",) if paid else ())))
    return dataclasses.replace(
        page,
        guid=known.guid,
        aliases=(known.url,) if known.url else (),
        body=_without_headline(text, {page.title, _string(data, "headline"), _title(document)}),
        published=date,
        date_mark=mark,
        marks=tuple(marks),
    )


def _without_headline(text: str, headlines: set[str]) -> str:
    """Extraction takes the headline above the text for its first paragraph."""
    first, _, rest = text.partition("\n")
    return rest if first in {cleaning.one_line(headline) for headline in headlines} else text


def _string(data: dict[str, Any], key: str) -> str:
    value = data.get(key)
    return cleaning.text_of_html(value) if isinstance(value, str) else ""


def _author(data: dict[str, Any]) -> str:
    people = data.get("author")
    names = [
        person.get("name") if isinstance(person, dict) else person
        for person in (people if isinstance(people, list) else [people])[:5]
    ]
    return ", ".join(name for name in names if isinstance(name, str))


def _title(document: Any) -> str:
    return str(document.findtext(".//h1") or document.findtext(".//title") or "")


def _canonical(answer: Answer, document: Any) -> str:
    """The page's own canonical address, only within the same site or a host the outlet is known by."""
    own_hosts = outlets.HOSTS.get(answer.source.outlet, ())
    for link in document.iterfind(".//link[@rel='canonical']"):
        found = entries.absolute(link.get("href") or "", answer.url, answer.source.url)
        if found and (_site(found) == _site(answer.url) or urlsplit(found).hostname in own_hosts):
            return found
    return ""


def _moved_home(document: Any, url: str) -> str:
    canonical = next((link.get("href") for link in document.iterfind(".//link[@rel='canonical']")), None)
    home = canonical and (urlsplit(urljoin(url, canonical)).path or "/") == "/"
    return "gone" if home and urlsplit(url).path not in ("", "/") else ""


def _site(url: str) -> str:
    return ".".join((urlsplit(url).hostname or "").split(".")[-2:])
