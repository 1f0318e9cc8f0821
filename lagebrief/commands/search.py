"""search."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from lagebrief.cli import Options
from lagebrief.console import print_json, print_rows, say
from lagebrief.parameters import DAY, FORMATS

if TYPE_CHECKING:
    from archive.search import Found, Hit


_FACET_VALUES = 12
_FEW = 10  # articles found by words; with fewer, meaning is asked too


@click.command()
@click.argument("query", nargs=-1)
@click.option("--source", "sources", multiple=True, help="Source or outlet; may be repeated.")
@click.option("--topic", "topics", multiple=True, help="Topic; may be repeated.")
@click.option("--lang", "languages", multiple=True, help="Language, de or en.")
@click.option("--since", type=DAY, help="First day, e.g. 2025-07-01.")
@click.option("--until", type=DAY, help="Last day.")
@click.option("--sort", type=click.Choice(["relevance", "date"]), default="relevance", show_default=True)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@click.option("--as", "format_", type=click.Choice(FORMATS), help="The articles found, in another format.")
@click.option(
    "--meaning",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Also find articles by meaning; auto: if words find few.",
)
@click.option("--facets", is_flag=True, help="Also count by outlet, topic, language and month.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.pass_obj
def search(
    options: Options,
    query: tuple[str, ...],
    sources: tuple[str, ...],
    topics: tuple[str, ...],
    languages: tuple[str, ...],
    since: dt.date | None,
    until: dt.date | None,
    sort: str,
    limit: int,
    format_: str | None,
    meaning: str,
    facets: bool,
    as_json: bool,
) -> None:
    """Search the archive: words, "phrases", OR, NOT or -, prefix*, quelle: thema: sprache: seit: bis:."""
    from lagebrief.app import opened

    with opened(options.load()) as app:
        look = partial(
            app.index().search,
            " ".join(query),
            sources=sources,
            topics=topics,
            languages=languages,
            since=since,
            until=until,
            by_date=sort == "date",
            limit=limit,
            facets=facets,
        )
        found = look()
        if meaning == "always" or (meaning == "auto" and found.total < min(limit, _FEW) and sort != "date"):
            found = look(meaning=app.meaning())
        names = app.outlet_names
    if format_:
        from lagebrief.exporting import written

        title = " ".join(query) or "Lagebrief"
        for piece in written(format_, [hit.article for hit in found.hits], names, title):
            click.echo(piece, nl=False)
        return
    if as_json:
        print_json(found_json(found))
        return
    rows = [
        (f"{hit.article.published:%Y-%m-%d}", hit.article.outlet, hit.article.language, hit.article.title)
        for hit in found.hits
    ]
    print_rows(rows, ("date", "outlet", "lang", "title"))
    say(f"{found.total} found in {found.took_ms:g} ms")
    if found.suggestion:
        say(f"Meinten Sie: {found.suggestion}")
    for name, values in found.facets.items():
        say(f"{name}: {', '.join(f'{value} {count}' for value, count in values[:_FACET_VALUES])}")


def found_json(found: Found) -> dict[str, Any]:
    """Search results in the shape that others script against (docs/interface.md)."""
    return {
        "total": found.total,
        "took_ms": found.took_ms,
        "hits": [_hit_json(hit) for hit in found.hits],
        **({"suggestion": found.suggestion} if found.suggestion else {}),
        **({"facets": {name: dict(values) for name, values in found.facets.items()}} if found.facets else {}),
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
