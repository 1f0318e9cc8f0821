"""searches add, list, remove, run and feed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lagebrief.cli import Options
from lagebrief.console import hand_over, print_json, print_rows, say
from lagebrief.errors import InputError

if TYPE_CHECKING:
    from archive.saved_searches import SavedSearch
    from lagebrief.app import App

_FEED_ENTRIES = 50


@click.group()
def searches() -> None:
    """Searches that are kept under a name."""


@searches.command("add")
@click.argument("name")
@click.argument("query", nargs=-1, required=True)
@click.option("--mail", "alert_to", default="", help="Address that 'lagebrief serve' tells of what is new.")
@click.pass_obj
def searches_add(options: Options, name: str, query: tuple[str, ...], alert_to: str) -> None:
    """Keep a search. What the archive holds already counts as seen."""
    from archive import saved_searches
    from lagebrief.app import opened
    from mailing.subscribers import normal

    with opened(options.load()) as app:
        address = normal(alert_to) if alert_to else ""
        if not saved_searches.save(app.database, name, " ".join(query), app.clock(), address):
            raise InputError(
                f"there is a search {name!r} already; 'lagebrief searches remove {name}' drops it"
            )


@searches.command("list")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.pass_obj
def searches_list(options: Options, as_json: bool) -> None:
    """Every kept search."""
    from archive import saved_searches
    from lagebrief.app import opened

    with opened(options.load()) as app:
        found = saved_searches.every(app.database)
    if as_json:
        print_json(
            [
                {
                    "name": one.name,
                    "query": one.query,
                    "created": one.created.isoformat(),
                    "mail": one.alert_to,
                }
                for one in found
            ]
        )
    else:
        print_rows([(one.name, one.query, one.alert_to) for one in found], ("name", "query", "mail"))


@searches.command("remove")
@click.argument("name")
@click.pass_obj
def searches_remove(options: Options, name: str) -> None:
    """Drop a kept search; the articles stay."""
    from archive import saved_searches
    from lagebrief.app import opened

    with opened(options.load()) as app:
        if not saved_searches.remove(app.database, name):
            raise InputError(_unknown(name))


@searches.command("run")
@click.argument("name", required=False)
@click.option("--peek", is_flag=True, help="Only look: the same articles are new again next time.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.pass_obj
def searches_run(options: Options, name: str | None, peek: bool, as_json: bool) -> None:
    """New articles of one or all kept searches since the last time. Exit code 4: nothing new."""
    from archive import saved_searches
    from lagebrief.app import opened

    rows: list[dict[str, Any]] = []
    with opened(options.load()) as app:
        for saved in _chosen(app, name):
            hits, seen = saved_searches.news(app.database, app.index(), saved)
            rows += [
                {
                    "search": saved.name,
                    "id": hit.article.public_id,
                    "published": hit.article.published.isoformat(),
                    "outlet": hit.article.outlet,
                    "title": hit.article.title,
                    "url": hit.article.url,
                }
                for hit in hits
            ]
            if not peek:
                saved_searches.remember(app.database, saved.name, seen)
    if as_json:
        print_json(rows)
    else:
        print_rows(
            [tuple(row.values())[:5] for row in rows], ("search", "id", "published", "outlet", "title")
        )
    if not rows:
        say("nothing new")
        raise click.exceptions.Exit(4)


@searches.command("feed")
@click.argument("name")
@click.option("--out", type=click.Path(path_type=Path), help="File to write; without it to stdout.")
@click.option("--as", "format_", type=click.Choice(["atom", "jsonfeed"]), default="atom", show_default=True)
@click.pass_obj
def searches_feed(options: Options, name: str, out: Path | None, format_: str) -> None:
    """The newest articles of a kept search as a feed."""
    from lagebrief.app import opened
    from lagebrief.exporting import written

    with opened(options.load()) as app:
        (saved,) = _chosen(app, name)
        found = app.index().search(saved.query, by_date=True, limit=_FEED_ENTRIES)
        text = "".join(written(format_, [hit.article for hit in found.hits], app.outlet_names, saved.name))
    hand_over(text, out)


def _chosen(app: App, name: str | None) -> list[SavedSearch]:
    from archive import saved_searches

    if name is None:
        return saved_searches.every(app.database)
    found = saved_searches.load(app.database, name)
    if found is None:
        raise InputError(_unknown(name))
    return [found]


def _unknown(name: str) -> str:
    return f"there is no search {name!r}; 'lagebrief searches list' shows them"
