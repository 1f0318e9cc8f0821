"""search."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import click

from lagebrief.cli import Options
from lagebrief.console import print_json, print_rows, say
from lagebrief.errors import InputError

if TYPE_CHECKING:
    from archive.search import Found, Hit


@click.command()
@click.argument("query", nargs=-1)
@click.option("--source", "sources", multiple=True, help="Source or outlet; may be repeated.")
@click.option("--topic", "topics", multiple=True, help="Topic; may be repeated.")
@click.option("--lang", "languages", multiple=True, help="Language, de or en.")
@click.option("--since", help="First day, e.g. 2025-07-01.")
@click.option("--until", help="Last day.")
@click.option("--sort", type=click.Choice(["relevance", "date"]), default="relevance", show_default=True)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.pass_obj
def search(
    options: Options,
    query: tuple[str, ...],
    sources: tuple[str, ...],
    topics: tuple[str, ...],
    languages: tuple[str, ...],
    since: str | None,
    until: str | None,
    sort: str,
    limit: int,
    as_json: bool,
) -> None:
    """Search the archive: words, "phrases", OR, NOT or -, prefix*, quelle: thema: sprache: seit: bis:."""
    from lagebrief.app import opened

    with opened(options.load()) as app:
        found = app.index().search(
            " ".join(query),
            sources=sources,
            topics=topics,
            languages=languages,
            since=_day(since, "--since"),
            until=_day(until, "--until"),
            by_date=sort == "date",
            limit=limit,
        )
    if as_json:
        print_json(found_json(found))
        return
    rows = [
        (f"{hit.article.published:%Y-%m-%d}", hit.article.outlet, hit.article.language, hit.article.title)
        for hit in found.hits
    ]
    print_rows(rows, ("date", "outlet", "lang", "title"))
    say(f"{found.total} found in {found.took_ms:g} ms")


def found_json(found: Found) -> dict[str, Any]:
    """Search results in the shape that others script against (docs/interface.md)."""
    return {
        "total": found.total,
        "took_ms": found.took_ms,
        "hits": [_hit_json(hit) for hit in found.hits],
    }


def _hit_json(hit: Hit) -> dict[str, Any]:
    article = hit.article
    return {
        "id": article.public_id,
        "title": article.title,
        "outlet": article.outlet,
        "language": article.language,
        "published": article.published.isoformat(),
        "url": article.url,
        "score": hit.score,
        "snippet": hit.snippet,
    }


def _day(text: str | None, option: str) -> dt.date | None:
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"{option}: not a day: {text!r}; expected e.g. 2025-07-01") from error
