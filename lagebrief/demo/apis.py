"""The two example interfaces that answer in JSON: the Commission's Press Corner and the GDELT DOC API.

Press Corner   /commission/presscorner/api/search       language, pagesize, pagenumber, documentTypeCodes,
                                                        datefrom and dateto (ddmmyyyy)
               /commission/presscorner/api/documents    reference, language
GDELT          /api/v2/doc/doc                          query, mode=ArtList, format=json, maxrecords

A document that has no German version answers 200 with an empty body, as the real one does; the search lists
it with its English title and languageCode EN. Reference numbers from 9000 on are made up, so that no example
passes for a real document.
"""

from __future__ import annotations

import datetime as dt
import html
import json
from collections.abc import Sequence
from http import HTTPStatus

from lagebrief.demo.articles import BERLIN, Article
from lagebrief.demo.server import Reply, Request

JSON = "application/json; charset=utf-8"
GDELT_ITEMS = 250
PAGE_LIMIT = 100
NOTE = "Beispiel: Text von Lagebrief, nicht von der Europäischen Kommission"
TYPES = {
    "IP": ("Press release", "Pressemitteilung"),
    "MEX": ("Daily News", "Tägliche Nachrichten"),
    "QANDA": ("Questions and answers", "Fragen und Antworten"),
    "STATEMENT": ("Statement", "Erklärung"),
    "SPEECH": ("Speech", "Rede"),
}


def press_corner(request: Request, articles: Sequence[Article]) -> Reply | None:
    """Answer one of the two addresses of the Press Corner, or None."""
    if request.path == "/commission/presscorner/api/search":
        return _search(request.query, articles)
    if request.path == "/commission/presscorner/api/documents":
        return _document(request.query, articles)
    return None


def gdelt(request: Request, articles: Sequence[Article]) -> Reply | None:
    """The ArtList of the GDELT DOC API: headline, address and the time the article was seen, no teaser."""
    if request.path != "/api/v2/doc/doc":
        return None
    if not request.query.get("query"):
        # GDELT reports its errors as plain text with status 200.
        return Reply(b"Your query was empty.\n", "text/html; charset=utf-8")
    most = _number(request.query.get("maxrecords", ""), default=75)
    shown = articles[: min(most, GDELT_ITEMS)]
    return _json({"articles": [_gdelt_entry(article) for article in shown]} if shown else {}, articles)


def _gdelt_entry(article: Article) -> dict[str, str]:
    return {
        "url": article.url,
        "url_mobile": "",
        "title": article.title,
        "seendate": f"{_next_quarter(article.published):%Y%m%dT%H%M%SZ}",
        "socialimage": "",
        "domain": "reuters.com",
        "language": "English",
        "sourcecountry": "United States",
    }


def _next_quarter(moment: dt.datetime) -> dt.datetime:
    """GDELT sees an article at the next full quarter of an hour."""
    utc = moment.astimezone(dt.UTC).replace(second=0, microsecond=0)
    return utc + dt.timedelta(minutes=-utc.minute % 15)


def _search(query: dict[str, str], articles: Sequence[Article]) -> Reply:
    try:
        found = _between(articles, query.get("datefrom", ""), query.get("dateto", ""))
    except ValueError:
        return Reply(b'{"error": "Bad Request"}', JSON, status=HTTPStatus.BAD_REQUEST)
    if codes := query.get("documentTypeCodes"):
        found = [article for article in found if _code(article) in codes.split(",")]
    size = min(_number(query.get("pagesize", ""), default=10), PAGE_LIMIT)
    page = _number(query.get("pagenumber", ""), default=1)
    shown = found[(page - 1) * size : page * size]
    language = query.get("language", "en").lower()
    answer = {
        "totalNumber": len(found),
        "pageSize": size,
        "pageNumber": page,
        "docuLanguageListResources": [_search_entry(article, language) for article in shown],
    }
    return _json(answer, articles)


def _search_entry(article: Article, language: str) -> dict[str, object]:
    shown = (article.in_german() if language == "de" else None) or article
    return {
        "refCode": article.slug,
        "eventDate": f"{_day(article):%Y-%m-%d}",
        "title": shown.title,
        "leadText": shown.teaser,
        "docutype": _docutype(article, language),
        "languageCode": shown.language.upper(),
    }


def _document(query: dict[str, str], articles: Sequence[Article]) -> Reply | None:
    wanted = query.get("reference", "").upper()
    article = next((item for item in articles if item.slug == wanted), None)
    if article is None:
        return None
    language = query.get("language", "en").lower()
    versions = {article.language: article, "de": article.in_german()}
    if shown := versions.get(language):
        return _json(_document_entry(shown, language), [article])
    return Reply(b"", JSON)


def _document_entry(article: Article, language: str) -> dict[str, object]:
    return {
        "refCd": article.slug,
        "eventDate": f"{_day(article):%Y-%m-%d}",
        "publishDate": f"{article.published.astimezone(BERLIN):%Y-%m-%dT%H:%M:%S}",
        "docuLanguageResource": {
            "title": article.title,
            "subtitle": NOTE,
            "htmlContent": "".join(
                f"<p>{html.escape(part, quote=False)}</p>" for part in [article.teaser, *article.paragraphs]
            ),
            "language": article.language.upper(),
            "attachmentResources": [],
            "linkResources": [],
            "original": article.language == "en",
        },
        "docutypeResource": _docutype(article, language),
        "commissionerResource": [],
        "contactsResource": [],
        "placeResource": {"description": "Brüssel" if language == "de" else "Brussels"},
        "policiesResource": [],
        "countriesResource": [],
    }


def _docutype(article: Article, language: str) -> dict[str, str]:
    english, german = TYPES[_code(article)]
    return {"code": _code(article), "description": german if language == "de" else english}


def _between(articles: Sequence[Article], first: str, last: str) -> list[Article]:
    start = _ddmmyyyy(first) if first else dt.date.min
    end = _ddmmyyyy(last) if last else dt.date.max
    return [article for article in articles if start <= _day(article) <= end]


def _ddmmyyyy(value: str) -> dt.date:
    return dt.datetime.strptime(value, "%d%m%Y").replace(tzinfo=BERLIN).date()


def _day(article: Article) -> dt.date:
    return article.published.astimezone(BERLIN).date()


def _code(article: Article) -> str:
    return article.slug.partition("/")[0]


def _number(value: str, *, default: int) -> int:
    return int(value) if value.isdecimal() and int(value) > 0 else default


def _json(value: object, articles: Sequence[Article]) -> Reply:
    newest = max((article.modified for article in articles), default=None)
    return Reply(json.dumps(value, ensure_ascii=False).encode(), JSON, newest)
