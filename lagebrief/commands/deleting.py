"""archive delete, allow, delete-expired."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import click

from lagebrief.cli import Options
from lagebrief.console import print_json, print_rows, progress, say
from lagebrief.errors import InputError

if TYPE_CHECKING:
    from archive.deletion import Extent
    from archive.retention import Due, Terms
    from archive.values import Article
    from lagebrief.app import App
    from lagebrief.config import Config


@click.command("delete")
@click.argument("article_id", metavar="ID")
@click.option("--reason", default="", help="Why; kept with the keys that keep the article out.")
@click.option("--yes", is_flag=True, help="Really delete; without it only what would go is shown.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.pass_obj
def archive_delete(options: Options, article_id: str, reason: str, yes: bool, as_json: bool) -> None:
    """Delete one article everywhere, so that it is neither collected nor imported again."""
    from archive import deletion
    from archive.queries import by_public_id
    from lagebrief.app import opened

    with opened(options.load()) as app:
        article = by_public_id(app.database, article_id)
        if article is None:
            raise InputError(f"no article {article_id!r}; 'lagebrief search' shows the ids with --json")
        extent = deletion.extent(app.database, article)
        deleted = yes and deletion.delete_article(app.database, article, reason, app.clock())
        if deleted:
            app.index().follow()
    told = _told(article, extent, deleted=deleted)
    if as_json:
        print_json(told)
    else:
        print_rows([(name, _words(value)) for name, value in told.items()], ("what", "value"))
    _comment(article, extent, asked=yes, deleted=deleted)


def _told(article: Article, extent: Extent, *, deleted: bool) -> dict[str, Any]:
    return {
        "id": article.public_id,
        "title": article.title,
        "outlet": article.outlet,
        "url": article.url,
        "published": article.published.isoformat(),
        "revisions": extent.revisions,
        "figures": extent.figures,
        "notes": extent.notes,
        "tags": extent.tags,
        "stories": list(extent.stories),
        "issues": [{"week": week, "state": state} for week, state in extent.issues],
        "deleted": deleted,
    }


def _words(value: Any) -> str:
    if isinstance(value, list):
        parts = (
            f"{part['week']} ({part['state']})" if isinstance(part, dict) else str(part) for part in value
        )
        return ", ".join(parts) or "none"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _comment(article: Article, extent: Extent, *, asked: bool, deleted: bool) -> None:
    if extent.issues:
        weeks = ", ".join(week for week, _ in extent.issues)
        say(f"quoted in {weeks}: the stored text of an issue is not changed, it still quotes the article")
    for week in [week for week, state in extent.issues if state == "draft"]:
        say(f"{week} is a draft: 'lagebrief digest compose --week {week}' writes it anew without the article")
    if asked and not deleted:
        say("somebody else deleted it meanwhile")
    elif deleted:
        say(f"deleted; 'lagebrief archive allow {article.public_id}' lets it be collected again")
        say("copies made before (backups, exports, evidence in WARC files, mails) still hold it")
    else:
        say(
            "nothing was deleted; run it with --yes to delete all this, and the article from the search index"
        )


@click.command("allow")
@click.argument("name", metavar="ID-OR-URL")
@click.pass_obj
def archive_allow(options: Options, name: str) -> None:
    """Let a deleted article be collected and imported again."""
    from archive.deletion import allow
    from lagebrief.app import opened

    with opened(options.load()) as app:
        allowed = allow(app.database, name)
    if allowed is None:
        raise InputError(f"no deleted article is kept out under {name!r}; give its id, number or address")
    say(f"deleted {allowed.at:%Y-%m-%d} ({allowed.reason}); it may come back when a source shows it again")


@click.command("delete-expired")
@click.option("--yes", is_flag=True, help="Really delete; without it only what is due is listed.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.pass_obj
def archive_delete_expired(options: Options, yes: bool, as_json: bool) -> None:
    """List the articles whose time is over (store.keep_*, sources.keep); with --yes delete them."""
    from archive import retention
    from lagebrief.app import opened

    with opened(options.load()) as app:
        terms, now = terms_of(app.config), app.clock()
        due = retention.due(app.database, terms, now)
        total = sum(row.articles for row in due)
        deleted = 0
        if yes and total:
            with progress("articles", total, quiet=options.quiet) as advance:
                deleted = retention.delete_expired(app.database, terms, now, advance)
            app.index().follow()
    _expire_evidence(app, now, yes=yes)
    rows = [_due_json(row, now) for row in due]
    if as_json:
        print_json(rows)
    else:
        header = (
            "source",
            "storage",
            "articles",
            "kept: quoted in an issue",
            "oldest_days",
            "oldest",
            "newest",
        )
        print_rows([[str(cell) for cell in row.values()] for row in rows], header)
    _say_expired(terms, total, sum(row.quoted for row in due), deleted, yes=yes)


def _expire_evidence(app: App, now: dt.datetime, *, yes: bool) -> None:
    """Files of evidence hold what several sources answered on one day: the shortest time of these counts."""
    from spiders import warc

    terms = [app.config.store.keep_full]
    terms += [source.keep for source in app.config.sources if source.keep and source.storage == "full"]
    limits = [term for term in terms if term]
    if not limits or min(limits) > now - dt.datetime.min.replace(tzinfo=dt.UTC):
        return
    last = (now - min(limits)).date()
    due = [path for day, path in warc.files(app.loaded.data_dir / warc.FOLDER) if day < last]
    for path in due if yes else ():
        path.unlink(missing_ok=True)
    if due:
        say(f"{len(due)} files of evidence (WARC) {'deleted' if yes else 'due'}")


def _due_json(row: Due, now: dt.datetime) -> dict[str, Any]:
    return {
        "source": row.source,
        "storage": str(row.storage),
        "articles": row.articles,
        "quoted": row.quoted,
        "oldest_days": (now - row.oldest).days,
        "oldest": row.oldest.isoformat(timespec="seconds"),
        "newest": row.newest.isoformat(timespec="seconds"),
    }


def _say_expired(terms: Terms, total: int, quoted: int, deleted: int, *, yes: bool) -> None:
    kept = f"; {quoted} kept: quoted in an issue" if quoted else ""
    if not any([*terms.levels.values(), *terms.sources.values()]):
        say("everything is kept for ever: set store.keep_full, keep_teaser, keep_headline or a source's keep")
    elif yes:
        say(f"{deleted} deleted{kept}")
    else:
        say(f"{total} due{kept}" + ("; nothing was deleted, --yes deletes them" if total else ""))


def terms_of(config: Config) -> Terms:
    """How long what is kept, as the configuration says."""
    from archive.retention import Terms
    from archive.values import Storage

    store = config.store
    levels = {
        Storage.FULL: store.keep_full,
        Storage.TEASER: store.keep_teaser,
        Storage.HEADLINE: store.keep_headline,
    }
    return Terms(levels, {source.key: source.keep for source in config.sources if source.keep is not None})
