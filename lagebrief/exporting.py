"""Articles out of the archive in the formats that other programs read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from archive import exports, transfer
from archive.values import Article

if TYPE_CHECKING:
    from digest.feeds import Feed


def written(
    format_: str, articles: Iterable[Article], names: Mapping[str, str], title: str = "Lagebrief"
) -> Iterator[str]:
    """Pieces of a file in one of `parameters.FORMATS`. names: outlet to its printed name; title: a feed's."""
    plain: dict[str, Callable[[], Iterator[str]]] = {
        "jsonl": lambda: (
            json.dumps(transfer.item_line(article), ensure_ascii=False) + "\n" for article in articles
        ),
        "csv": lambda: exports.as_csv(articles),
        "excel": lambda: exports.as_csv(articles, german_excel=True),
        "ris": lambda: exports.as_ris(articles, names),
        "bibtex": lambda: exports.as_bibtex(articles, names),
        "markdown": lambda: exports.as_markdown(articles, names),
    }
    if format_ in plain:
        yield from plain[format_]()
        return
    from digest.feeds import atom, json_feed

    feed = feed_of(articles, names, title)
    yield atom(feed).decode() if format_ == "atom" else json_feed(feed)


def feed_of(articles: Iterable[Article], names: Mapping[str, str], title: str) -> Feed:
    """Articles as a feed; ids last as long as the archive."""
    from digest.feeds import Feed, FeedEntry

    entries = [
        FeedEntry(
            id=article.url or f"urn:lagebrief:article:{article.public_id}",
            title=article.title,
            url=article.url,
            published=article.published,
            updated=max(article.published, article.first_seen),
            summary=article.teaser,
            author=names.get(article.outlet, article.outlet),
            language=article.language,
        )
        for article in articles
    ]
    return Feed(id=f"urn:lagebrief:search:{title}", title=title, entries=entries)
