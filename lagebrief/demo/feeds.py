"""The example feeds, each in the dialect of its outlet.

DCD            RSS 2.0 with an image enclosure per item, at most 20 items
Tom's Hardware RSS 2.0, CDATA padded with blanks, guid of 22 characters, full text in dc:content, and the dc
               prefix bound to https://purl.org/dc/elements/1.1/ (the outlet's own fault), at most 50 items
IW Köln        plain RSS 2.0 in German
EUR-Lex        RSS 2.0; a title as the Official Journal prints it, nearly no description
AI Act site    RSS 2.0 as WordPress writes it (dc:creator, content:encoded, guid ?p=number)
Bing News      RSS 2.0 search result; the link is a redirect address that holds the article's address
Each channel says in its title and description that it is an example.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import html
from collections.abc import Iterable, Mapping, Sequence
from email.utils import format_datetime
from urllib.parse import quote

from lxml import etree

from lagebrief.demo.articles import Article
from lagebrief.demo.server import Reply

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
DC_AT_TOMS = "https://purl.org/dc/elements/1.1/"
MEDIA = "http://search.yahoo.com/mrss/"
BING = "https://www.bing.com/news/search?q=site%3areuters.com&format=rss"

DCD_ITEMS = 20
TOMS_ITEMS = 50
BING_ITEMS = 12
NOTE = "Beispiel: Texte von Lagebrief, nicht vom genannten Medium"


def dcd(articles: Sequence[Article]) -> Reply:
    """DatacenterDynamics: the last 20 news items."""
    channel = _channel(
        "DCD News (Beispiel)",
        "https://www.datacenterdynamics.com/en/rss/",
        language="en-gb",
        nsmap={"atom": ATOM},
    )
    for article in articles[:DCD_ITEMS]:
        item = _item(channel, article)
        _add(item, "description", article.teaser)
        image = f"https://media.datacenterdynamics.com/media/images/{article.slug[:40]}.original.jpg"
        etree.SubElement(item, "enclosure", url=image, length="84211", type="image/jpeg")
        _add(item, "guid", article.url, isPermaLink="true")
    return _reply(channel, articles)


def tomshardware(articles: Sequence[Article], address: str, name: str) -> Reply:
    """Tom's Hardware: one tag feed, or all news; `name` is what the channel title calls it."""
    channel = _channel(
        f" Latest from Tom's Hardware in {name} (Beispiel) ",
        address,
        language="en",
        nsmap={"content": CONTENT, "dc": DC_AT_TOMS, "media": MEDIA, "atom": ATOM},
        cdata=True,
    )
    for article in articles[:TOMS_ITEMS]:
        _toms_item(channel, article)
    return _reply(channel, articles)


def iw(articles: Sequence[Article]) -> Reply:
    """Institut der deutschen Wirtschaft: everything it publishes, in German."""
    channel = _channel("IW Köln: Alle Beiträge (Beispiel)", "https://www.iwkoeln.de/", language="de-de")
    for article in articles:
        item = _item(channel, article)
        _add(item, "description", article.teaser)
        _add(item, "category", article.kind)
        _add(item, "guid", article.url, isPermaLink="true")
    return _reply(channel, articles)


def eurlex(articles: Sequence[Article]) -> Reply:
    """EUR-Lex: new acts and documents, titles in full, the description short or empty."""
    channel = _channel(
        "EUR-Lex: Neue Dokumente (Beispiel)", "https://eur-lex.europa.eu/oj/direct-access.html", language="de"
    )
    for article in articles:
        item = _item(channel, article)
        _add(item, "description", article.teaser)
        _add(item, "guid", f"CELEX:{article.slug}", isPermaLink="false")
    return _reply(channel, articles)


def aiact(articles: Sequence[Article]) -> Reply:
    """artificialintelligenceact.eu: the last ten posts of a WordPress site."""
    channel = _channel(
        "EU Artificial Intelligence Act (Beispiel)",
        "https://artificialintelligenceact.eu/",
        language="en-US",
        nsmap={"content": CONTENT, "dc": DC, "atom": ATOM},
    )
    for article in articles[:10]:
        item = _item(channel, article)
        _add(item, f"{{{DC}}}creator", article.author, cdata=True)
        number = int(_digest(article.key)[:4], 16)
        _add(item, "guid", f"https://artificialintelligenceact.eu/?p={number}", isPermaLink="false")
        _add(item, "description", f"<p>{html.escape(article.teaser, quote=False)} [&#8230;]</p>", cdata=True)
        _add(item, f"{{{CONTENT}}}encoded", _html(article.paragraphs), cdata=True)
    return _reply(channel, articles)


def bing(articles: Sequence[Article]) -> Reply:
    """Bing News, searched for one publisher: Reuters headlines behind redirect links."""
    channel = _channel(
        "site:reuters.com - BingNews (Beispiel)",
        "https://www.bing.com:443/news/search?q=site%3areuters.com&format=rss",
        nsmap={"News": BING},
    )
    for article in articles[:BING_ITEMS]:
        item = _item(channel, article, link=_bing_link(article), gmt=True)
        _add(item, "description", article.teaser)
        _add(item, f"{{{BING}}}Source", "Reuters")
    return _reply(channel, articles)


def _bing_link(article: Article) -> str:
    # Bing writes the percent escapes in small letters, which a comparison of raw addresses would trip over.
    target = quote(article.url, safe="").replace("%3A", "%3a").replace("%2F", "%2f")
    mark = _digest(article.key)
    return (
        f"http://www.bing.com/news/apiclick.aspx?ref=FexRss&aid=&tid={mark[:32]}&url={target}"
        f"&c={int(mark[32:48], 16)}&mkt=en-us"
    )


def _toms_item(channel: etree._Element, article: Article) -> None:
    item = etree.SubElement(channel, "item")
    _add(item, "title", f" {article.title} ", cdata=True)
    _add(item, "link", article.url)
    _add(item, "description", f" {article.teaser} ", cdata=True)
    _add(item, "guid", toms_guid(article), isPermaLink="false")
    _add(item, "pubDate", _rfc822(article.published))
    for tag in article.tags:
        _add(item, "category", f" {tag} ", cdata=True)
    _add(item, f"{{{DC_AT_TOMS}}}creator", f" {article.author} ", cdata=True)
    image = f"https://cdn.mos.cms.futurecdn.net/{toms_guid(article)}-1280-80.jpg"
    media = etree.SubElement(item, f"{{{MEDIA}}}content", type="image/jpeg", url=image)
    _add(media, f"{{{MEDIA}}}credit", " Image credit: Beispiel ", cdata=True)
    _add(item, f"{{{DC_AT_TOMS}}}content", f" {_html(article.paragraphs)} ", cdata=True)


def toms_guid(article: Article) -> str:
    """22 letters and digits, always the same for one item."""
    alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"
    number = int(_digest(article.key), 16)
    return "".join(alphabet[number // len(alphabet) ** place % len(alphabet)] for place in range(22))


def _channel(
    title: str,
    link: str,
    *,
    language: str = "",
    nsmap: Mapping[str, str] | None = None,
    cdata: bool = False,
) -> etree._Element:
    root = etree.Element("rss", version="2.0", nsmap=dict(nsmap or {}))
    channel = etree.SubElement(root, "channel")
    _add(channel, "title", title, cdata=cdata)
    _add(channel, "link", link)
    _add(channel, "description", f" {NOTE} " if cdata else NOTE, cdata=cdata)
    if language:
        _add(channel, "language", language)
    return channel


def _item(channel: etree._Element, article: Article, *, link: str = "", gmt: bool = False) -> etree._Element:
    item = etree.SubElement(channel, "item")
    _add(item, "title", article.title)
    _add(item, "link", link or article.url)
    _add(item, "pubDate", _rfc822(article.published, gmt=gmt))
    return item


def _add(parent: etree._Element, tag: str, text: str, *, cdata: bool = False, **attributes: str) -> None:
    element = etree.SubElement(parent, tag, attributes)
    if cdata:
        element.text = etree.CDATA(text)
    else:
        element.text = text


def _reply(channel: etree._Element, articles: Sequence[Article]) -> Reply:
    """The feed as bytes; its build date is the newest change, so an unchanged feed has unchanged bytes."""
    newest = max((article.modified for article in articles), default=None)
    if newest is not None:
        built = etree.Element("lastBuildDate")
        built.text = _rfc822(newest)
        channel.insert(3, built)
    body = etree.tostring(channel.getroottree(), xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return Reply(body, "application/rss+xml; charset=utf-8", newest)


def _html(paragraphs: Iterable[str]) -> str:
    return "\n".join(f"<p>{html.escape(paragraph, quote=False)}</p>" for paragraph in paragraphs)


def _rfc822(moment: dt.datetime, *, gmt: bool = False) -> str:
    return format_datetime(moment.astimezone(dt.UTC), usegmt=gmt)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
