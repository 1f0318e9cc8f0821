"""article show, cite, revisions, related, note, tag, untag, tags, silent-changes."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import click

from lagebrief.cli import Options
from lagebrief.console import print_json, print_rows, say
from lagebrief.errors import InputError
from lagebrief.parameters import DAY, begins

if TYPE_CHECKING:
    from archive.values import Article
    from lagebrief.app import App

_MONTH = dt.timedelta(days=30)


@click.group()
def article() -> None:
    """One article: what the archive knows of it, and what editors add."""


@article.command("show")
@click.argument("article_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.pass_obj
def article_show(options: Options, article_id: str, as_json: bool) -> None:
    """Headline, text, topics, figures, notes and tags."""
    from lagebrief.app import opened

    with opened(options.load()) as app:
        shown = _all_of(app, _found(app, article_id))
    if as_json:
        print_json(shown)
        return
    for key, value in shown.items():
        if isinstance(value, list):
            value = "; ".join(str(one["text"] if isinstance(one, dict) else one) for one in value)
        if value not in ("", None):
            click.echo(f"{key}: {value}")


@article.command("cite")
@click.argument("article_id", metavar="ID")
@click.option("--passage", default="", help="Words of the text that the link leads to.")
@click.pass_obj
def article_cite(options: Options, article_id: str, passage: str) -> None:
    """The German form of a citation, with today as the day of access."""
    from dataclasses import replace
    from zoneinfo import ZoneInfo

    from digest.citing import citation, passage_link
    from lagebrief.app import opened

    with opened(options.load()) as app:
        cited = _found(app, article_id)
        if passage and " ".join(passage.split()) not in " ".join(cited.joined.split()):
            raise InputError(f"these words do not stand in article {article_id}: {passage[:60]!r}")
        today = app.clock().astimezone(ZoneInfo(app.config.app.timezone)).date()
        outlet = app.outlet_names.get(cited.outlet, cited.outlet)
    click.echo(citation(replace(cited, url=passage_link(cited.url, passage)), outlet, today))


@article.command("revisions")
@click.argument("article_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.pass_obj
def article_revisions(options: Options, article_id: str, as_json: bool) -> None:
    """Every seen version, and what changed word by word: [-gone-] {+new+}."""
    from archive.queries import revisions
    from archive.revisions import word_diff
    from lagebrief.app import opened

    with opened(options.load()) as app:
        seen = revisions(app.database, _found(app, article_id).id)
    rows: list[dict[str, Any]] = []
    for before, after in zip([None, *seen], seen, strict=False):
        changes = {
            part: word_diff(getattr(before, part), getattr(after, part))
            for part in ("title", "teaser", "body")
            if before and getattr(before, part) != getattr(after, part)
        }
        rows.append({"number": after.number, "seen": after.seen.isoformat(), "changes": changes})
    if as_json:
        print_json(rows)
        return
    for row in rows:
        click.echo(f"{row['number']}  {row['seen'][:16]}")
        for part, diff in row["changes"].items():
            click.echo(f"   {part}: {_marked(diff)}")


@article.command("related")
@click.argument("article_id", metavar="ID")
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.pass_obj
def article_related(options: Options, article_id: str, limit: int, as_json: bool) -> None:
    """Articles like it, in either language."""
    from lagebrief.app import opened

    with opened(options.load()) as app:
        found = app.index().related(_found(app, article_id), limit)
    rows = [
        {
            "id": one.public_id,
            "published": one.published.isoformat(),
            "outlet": one.outlet,
            "title": one.title,
            "url": one.url,
        }
        for one in found
    ]
    if as_json:
        print_json(rows)
    else:
        print_rows([tuple(row.values())[:4] for row in rows], ("id", "published", "outlet", "title"))


@article.command("note")
@click.argument("article_id", metavar="ID")
@click.argument("text", required=False)
@click.option("--by", default="", help="Who writes it.")
@click.option("--remove", type=int, metavar="NUMBER", help="Remove a note instead.")
@click.pass_obj
def article_note(options: Options, article_id: str, text: str | None, by: str, remove: int | None) -> None:
    """Write a note on an article, or remove one; 'article show' has their numbers."""
    from archive import annotations
    from lagebrief.app import opened

    if (text is None) == (remove is None):
        raise InputError("give the text of a note, or --remove NUMBER")
    with opened(options.load()) as app:
        noted = _found(app, article_id)
        if remove is not None:
            if not annotations.remove_note(app.database, remove):
                raise InputError(f"there is no note {remove}")
            return
        number = annotations.add_note(app.database, noted.id, str(text), by, app.clock())
    say(f"note {number}")


@article.command("tag")
@click.argument("article_id", metavar="ID")
@click.argument("tags", nargs=-1, required=True)
@click.pass_obj
def article_tag(options: Options, article_id: str, tags: tuple[str, ...]) -> None:
    """Give an article tags; 'search schlagwort:TAG' finds it by them."""
    from archive import annotations
    from lagebrief.app import opened

    with opened(options.load()) as app:
        annotations.add_tags(app.database, _found(app, article_id).id, tags)


@article.command("untag")
@click.argument("article_id", metavar="ID")
@click.argument("tags", nargs=-1, required=True)
@click.pass_obj
def article_untag(options: Options, article_id: str, tags: tuple[str, ...]) -> None:
    """Take tags from an article."""
    from archive import annotations
    from lagebrief.app import opened

    with opened(options.load()) as app:
        say(f"{annotations.remove_tags(app.database, _found(app, article_id).id, tags)} removed")


@article.command("tags")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.pass_obj
def article_tags(options: Options, as_json: bool) -> None:
    """Every tag and how many articles have it."""
    from archive import annotations
    from lagebrief.app import opened

    with opened(options.load()) as app:
        found = annotations.all_tags(app.database)
    if as_json:
        print_json(dict(found))
    else:
        print_rows([(tag, str(count)) for tag, count in found], ("tag", "articles"))


@article.command("silent-changes")
@click.option("--since", type=DAY, help="Changes seen from this day on; without it the last 30 days.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.pass_obj
def article_silent_changes(options: Options, since: dt.date | None, as_json: bool) -> None:
    """Articles whose title or figures changed after they were published."""
    from archive.revisions import silent_changes, word_diff
    from lagebrief.app import opened

    with opened(options.load()) as app:
        now = app.clock()
        rows = [
            {
                "id": one.article.public_id,
                "outlet": one.article.outlet,
                "seen": one.after.seen.isoformat(),
                "title": _marked(word_diff(one.before.title, one.after.title)),
                "numbers_gone": list(one.numbers_gone),
                "numbers_new": list(one.numbers_new),
                "url": one.article.url,
            }
            for one in silent_changes(app.database, begins(since) or now - _MONTH, now)
        ]
    if as_json:
        print_json(rows)
        return
    print_rows(
        [
            (
                str(row["id"]),
                str(row["seen"])[:16],
                str(row["outlet"]),
                str(row["title"]),
                f"{', '.join(row['numbers_gone'])} → {', '.join(row['numbers_new'])}",
            )
            for row in rows
        ],
        ("id", "seen", "outlet", "title", "figures"),
    )


def _found(app: App, public_id: str) -> Article:
    from archive.queries import by_public_id

    found = by_public_id(app.database, public_id)
    if found is None:
        raise InputError(f"no article {public_id!r}; 'lagebrief search' shows the ids with --json")
    return found


def _all_of(app: App, shown: Article) -> dict[str, Any]:
    from archive import annotations, readings, stories, tables

    (read,) = readings.read_where(app.database, tables.article.c.id == shown.id)
    place = stories.places(app.database, [shown.id]).get(shown.id)
    return {
        "id": shown.public_id,
        "outlet": shown.outlet,
        "published": shown.published.isoformat(),
        "language": shown.language,
        "title": shown.title,
        "teaser": shown.teaser,
        "body": shown.body,
        "author": shown.author,
        "url": shown.url,
        "revision": shown.revision,
        "storage": str(shown.storage),
        "tdm": shown.tdm,
        "topics": [score.topic for score in read.topics],
        "story": place.story if place else None,
        "mark": place.mark if place else "",
        "figures": [{"text": f.text, "value": f.plain_value, "unit": f.unit} for f in read.figures],
        "milestones": list(read.milestones),
        "tags": annotations.tags_of(app.database, [shown.id]).get(shown.id, []),
        "notes": [
            {"number": note.id, "at": note.at.isoformat(), "by": note.by, "text": note.text}
            for note in annotations.notes(app.database, shown.id)
        ],
    }


def _marked(diff: list[tuple[Any, str]]) -> str:
    forms = {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}"}
    return "".join(forms[kind].format(text) for kind, text in diff)
