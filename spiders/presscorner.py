"""The EU Commission's Press Corner: a JSON search and one JSON document each.

German first; a document that has no German version yet is asked for in English. A page that failed is never
taken for the last one: it is a state of the source.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from archive.values import Entry, SourceState
from spiders import cleaning, decoding, entries
from spiders.settings import SourceSettings
from spiders.values import Answer, Ask, Parsed, Purpose

_TYPES = "IP,QANDA,MEX,STATEMENT,SPEECH"
_PAGE_SIZE = 100
_WINDOW = dt.timedelta(days=14)
_PEOPLE = "https://ec.europa.eu/commission/presscorner/detail/de"
_REFERENCE = re.compile(r"^[A-Z]+/\d{2}/\d+$")
_LANGUAGES = ("de", "en")


def start(source: SourceSettings, now: dt.datetime) -> list[Ask]:
    """The first page of the search over the last fortnight."""
    return [Ask(_search(source, 1, now))]


def read(answer: Answer) -> Parsed:
    """Entries of a search page with their documents to be read, or one document."""
    text = decoding.decode(decoding.unpack(answer.body), answer.content_type).strip()
    is_document = answer.ask.purpose is Purpose.PAGE
    if not text:
        if is_document:
            return _in_another_language(answer)
        return Parsed(state=SourceState.EMPTY, reason="the answer is empty", incomplete=True)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return _refused("the answer is no JSON")
    if not isinstance(data, dict):
        return _refused("the answer is no JSON object")
    return _document(answer, data) if is_document else _page(answer, data)


def _page(answer: Answer, data: dict[str, Any]) -> Parsed:
    rows = data.get("docuLanguageListResources")
    if not isinstance(rows, list):
        return _refused("the answer has no docuLanguageListResources")
    found = [_entry(answer, row) for row in rows if isinstance(row, dict)]
    kept = tuple(entry for entry in found if entry.guid)
    number = int(parse_qs(urlsplit(answer.ask.url).query).get("pagenumber", ["1"])[0])
    total = data.get("totalNumber")
    more = isinstance(total, int) and number * _PAGE_SIZE < total and number < answer.source.pages
    return Parsed(
        entries=kept,
        more=(Ask(_search(answer.source, number + 1, answer.now)),) if more else (),
        details=tuple(Ask(_document_url(answer.source, e.guid, "de"), Purpose.PAGE, e) for e in kept),
        incomplete=len(kept) < len(rows),
    )


def _entry(answer: Answer, row: dict[str, Any]) -> Entry:
    reference = row.get("refCode") if isinstance(row.get("refCode"), str) else ""
    known = bool(_REFERENCE.match(str(reference)))
    return entries.entry(
        answer,
        url=_people_url(str(reference)) if known else "",
        title=str(row.get("title") or ""),
        teaser=str(row.get("leadText") or ""),
        guid=str(reference) if known else "",
        language=str(row.get("languageCode") or ""),
        published=str(row.get("eventDate") or ""),
    )


def _document(answer: Answer, data: dict[str, Any]) -> Parsed:
    part = data.get("docuLanguageResource")
    known = answer.ask.entry
    if not isinstance(part, dict) or not part.get("htmlContent") or known is None:
        return _in_another_language(answer)
    full = entries.entry(
        answer,
        url=known.url,
        title=known.title,
        teaser=known.teaser or str(part.get("subtitle") or ""),
        body=str(part.get("htmlContent")),
        guid=known.guid,
        language=str(part.get("language") or ""),
        published=str(data.get("publishDate") or data.get("eventDate") or ""),
    )
    lead = full.teaser or cleaning.shorten(full.body.partition("\n")[0], 400)
    date = known.published or full.published
    return Parsed(
        entries=(dataclasses.replace(full, teaser=lead, published=date, date_mark=known.date_mark),)
    )


def _in_another_language(answer: Answer) -> Parsed:
    asked = parse_qs(urlsplit(answer.ask.url).query)
    language = asked.get("language", [""])[0]
    reference = asked.get("reference", [""])[0]
    following = _LANGUAGES[_LANGUAGES.index(language) + 1 :] if language in _LANGUAGES else ()
    if not following:
        return Parsed(state=SourceState.EMPTY, reason=f"{reference} has no text in German or English")
    return Parsed(
        details=(Ask(_document_url(answer.source, reference, following[0]), Purpose.PAGE, answer.ask.entry),)
    )


def _search(source: SourceSettings, number: int, now: dt.datetime) -> str:
    query = {
        "language": "de",
        "pagesize": _PAGE_SIZE,
        "pagenumber": number,
        "datefrom": f"{now - _WINDOW:%d%m%Y}",
        "dateto": f"{now:%d%m%Y}",
        "documentTypeCodes": _TYPES,
    }
    return f"{source.url}?{urlencode(query, safe=',')}"


def _document_url(source: SourceSettings, reference: str, language: str) -> str:
    base = source.url.rsplit("/", 1)[0]
    return f"{base}/documents?{urlencode({'reference': reference, 'language': language}, safe='/')}"


def _people_url(reference: str) -> str:
    """The page for people, which is the article's identity in every language."""
    return f"{_PEOPLE}/{reference.lower().replace('/', '_')}"


def _refused(reason: str) -> Parsed:
    return Parsed(state=SourceState.PARSE_ERROR, reason=reason, incomplete=True)
