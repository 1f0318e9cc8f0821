"""stories: those the archive keeps, or items given as JSON Lines grouped."""

from __future__ import annotations

import datetime as dt
import json
from typing import IO, TYPE_CHECKING, Any

import click

from lagebrief.cli import Options
from lagebrief.commands.analyse import item_lines, report_problems
from lagebrief.console import print_json, print_rows, say
from lagebrief.parameters import DAY, begins

if TYPE_CHECKING:
    from archive.readings import ReadArticle
    from archive.stories import Place
    from lagebrief.app import App

_RECENT = dt.timedelta(days=14)


@click.command()
@click.option("--jsonl", type=click.File("rb"), help="Group the items of a file (or -) instead.")
@click.option("--since", type=DAY, help="Only reports from this day on; without it the last 14 days.")
@click.option("--until", type=DAY, help="Only reports before this day.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.pass_obj
def stories(
    options: Options, jsonl: IO[bytes] | None, since: dt.date | None, until: dt.date | None, as_json: bool
) -> None:
    """Stories with their lead report, follow-ups and marks, newest first.

    With --jsonl given items are grouped instead, one {"id", "story"} line each, in input order.
    """
    if jsonl is not None:
        _group_lines(options, jsonl)
        return
    from lagebrief.app import opened

    with opened(options.load()) as app:
        end = begins(until) or app.clock()
        found = _told(app, begins(since) or end - _RECENT, end)
    if as_json:
        print_json(found)
        return
    for story in found:
        say(f"Story {story['story']} · {story['topic']}")
        print_rows(
            [
                (str(story["story"]), each["published"][:16], each["mark"], each["outlet"], each["title"])
                for each in story["articles"]
            ],
            ("story", "published", "mark", "outlet", "title"),
        )
    if not found:
        say("no stories in this time; 'lagebrief analyse' reads what was collected")


def _told(app: App, since: dt.datetime, until: dt.datetime) -> list[dict[str, Any]]:
    """Stories with a report in the period, each with all its reports, the lead first."""
    from archive import stories as kept

    _, places = kept.between(app.database, since, until)
    members = kept.members(app.database, {place.story for place in places.values()})
    ids = [read.article.id for group in members.values() for read in group]
    where = kept.places(app.database, ids)
    found = [_story(app, number, group, where) for number, group in members.items()]
    return sorted(found, key=lambda story: (story["last"], story["story"]), reverse=True)


def _story(app: App, number: int, group: list[ReadArticle], where: dict[int, Place]) -> dict[str, Any]:
    from digest.leading import lead_order, topic_of

    topic = topic_of(group, {topic.key: topic.name for topic in app.config.topics})
    lead = min(group, key=lambda read: lead_order(read, topic)).article
    return {
        "story": number,
        "topic": topic,
        "lead": lead.public_id,
        "first": group[0].article.published.isoformat(),
        "last": group[-1].article.published.isoformat(),
        "articles": [
            {
                "id": read.article.public_id,
                "outlet": read.article.outlet,
                "language": read.article.language,
                "published": read.article.published.isoformat(),
                "title": read.article.title,
                "url": read.article.url,
                "mark": where[read.article.id].mark,
                "news": where[read.article.id].news,
                "lead": read.article.id == lead.id,
            }
            for read in group
        ],
    }


def _group_lines(options: Options, stream: IO[bytes]) -> None:
    from analysis.reading import Reader
    from analysis.stories import group, report, with_meaning
    from lagebrief.jobs import embedder

    meaning = embedder()
    reader = Reader(options.load().config.topics, meaning)
    problems: list[str] = []
    given = list(item_lines(stream, problems))
    readings = reader.read([item for _, item in given])
    reports = [
        report(str(number), str(data.get("outlet") or ""), item, reading)
        for number, ((data, item), reading) in enumerate(zip(given, readings, strict=True))
    ]
    numbers = group(with_meaning(reports, meaning))
    for number, (data, _) in enumerate(given):
        click.echo(json.dumps({"id": data["id"], "story": numbers[str(number)]}, ensure_ascii=False))
    report_problems(problems)
