"""From what a source says about an article to a clean Entry; shared by every kind of source."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from archive.values import Entry
from spiders import cleaning, dates
from spiders.addresses import MAX_URL, names_private_host
from spiders.values import Answer

_MARKUP_MAX = 50_000  # of one title or teaser; hostile markup takes time that grows with its square
NO_TITLE = "(ohne Titel)"
_SAFE = "%/:=&?~#+!$,;'@()*[]-._"
# A category says it by itself; in running text the same words mean other things ("$50 billion-plus").
_PAID_CATEGORY = re.compile(r"premium|plus|abo|paywall|paid", re.I)
_PAID_TEXT = re.compile(
    r"\(€\)|\[(?:abo|plus|premium)\]|\((?:abo|plus|premium)\)|^\w+\+ [|–-] |"
    r"lesen sie weiter mit|weiterlesen mit|\bsubscribers? only\b|\bnur für abonnent",
    re.I,
)


def entry(
    answer: Answer,
    *,
    url: str,
    title: str,
    teaser: str = "",
    body: str = "",
    guid: str = "",
    author: str = "",
    language: str = "",
    published: str | dt.datetime | None = None,
    categories: tuple[str, ...] = (),
    base: str = "",
) -> Entry:
    """A clean entry: absolute web link or none, one-line title, plain teaser, trusted date, marks."""
    moment = dates.parse(published) if isinstance(published, str) else published
    date, date_mark = dates.trusted(moment, answer.now)
    teaser_text = cleaning.one_line(cleaning.text_of_html(teaser[:_MARKUP_MAX]), cleaning.TEASER_MAX)
    clean_title = cleaning.one_line(cleaning.text_of_html(title[:_MARKUP_MAX]))
    paid = any(_PAID_CATEGORY.fullmatch(name.strip()) for name in categories)
    paid = paid or any(_PAID_TEXT.search(text) for text in (clean_title, teaser_text))
    return Entry(
        url=absolute(url, base or answer.url, answer.source.url),
        title=clean_title or cleaning.one_line(teaser_text, 120) or NO_TITLE,
        teaser="" if teaser_text == clean_title else teaser_text,
        body=cleaning.paragraphs(cleaning.text_of_html(body)),
        guid=cleaning.plain(guid).strip(),
        author=cleaning.one_line(cleaning.text_of_html(author), 200),
        language=(language or answer.source.language)[:2].lower(),
        published=date,
        date_mark=date_mark,
        marks=(("paywall",) if paid else ()) + (("stale",) if date_mark == "stale" else ()),
    )


def absolute(url: str, base: str, home: str = "") -> str:
    """A link people may follow: absolute http(s), no credentials, ports 80 and 443; "" for everything else.

    home: the source's own address; its host may have any port and may be inside the house.
    """
    url = cleaning.plain(url).replace("\n", "").replace("\t", "").replace("\\", "/").strip()
    if not url:
        return ""
    try:
        parts = urlsplit(urljoin(base, url))
        port, host, user = parts.port, (parts.hostname or ""), parts.username or ""
        netloc = _ascii_netloc(host, port)
        if netloc != urlsplit(home).netloc and not _for_people(netloc, port):
            return ""
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") or not host or "." in user:
        return ""
    found = urlunsplit(
        (parts.scheme.lower(), netloc, quote(parts.path, _SAFE), quote(parts.query, _SAFE), "")
    )
    return found if len(found) <= MAX_URL else ""


def _for_people(netloc: str, port: int | None) -> bool:
    host = urlsplit(f"//{netloc}").hostname or ""
    return port in (None, 80, 443) and bool(host) and not names_private_host(host)


def _ascii_netloc(host: str, port: int | None) -> str:
    try:
        name = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
    name = unicodedata.normalize("NFKC", name)
    name = f"[{name}]" if ":" in name else name
    return name if port is None else f"{name}:{port}"
