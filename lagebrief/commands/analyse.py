"""analyse: the archive's articles, or items given as JSON Lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

import click

from lagebrief.cli import Options
from lagebrief.console import complain, progress
from lagebrief.errors import InputError

if TYPE_CHECKING:
    from analysis.values import Item, Reading

_PARTLY = 3
_BATCH = 200


@click.command()
@click.option("--all", "everything", is_flag=True, help="Read every article anew.")
@click.option("--jsonl", type=click.File("rb"), help="Read items from a file (or -) instead.")
@click.option("--explain", metavar="ID", help="Say why an article has the topics it has, and what was read.")
@click.pass_obj
def analyse(options: Options, everything: bool, jsonl: IO[bytes] | None, explain: str | None) -> None:
    """Read articles that have no reading yet; with --jsonl write one line for each given item."""
    if explain is not None:
        _explain(options, explain)
        return
    if jsonl is not None:
        _analyse_lines(options, jsonl)
        return
    from lagebrief import jobs
    from lagebrief.app import opened

    with opened(options.load()) as app:
        with progress("articles", None, quiet=options.quiet) as advance:
            jobs.analyse(app, everything=everything, on_progress=advance)
        if lacking := jobs.without_meaning(app):
            with progress("articles, for the search by meaning", lacking, quiet=options.quiet) as advance:
                jobs.give_meaning(app, advance)


def _explain(options: Options, public_id: str) -> None:
    """Read one article now, relevant topics and others, and print the evidence of each."""
    from archive.queries import by_public_id
    from lagebrief import jobs
    from lagebrief.app import opened

    with opened(options.load()) as app:
        article = by_public_id(app.database, public_id)
        if article is None:
            raise InputError(f"no article {public_id!r}; 'lagebrief search' shows the ids with --json")
        for line in jobs.explain(app, article):
            click.echo(line)


def _analyse_lines(options: Options, stream: IO[bytes]) -> None:
    from analysis.reading import Reader
    from lagebrief.jobs import embedder

    reader = Reader(options.load().config.topics, embedder())
    problems: list[str] = []
    lines = item_lines(stream, problems)
    while batch := list(islice(lines, _BATCH)):
        for (data, _item), reading in zip(batch, reader.read([item for _, item in batch]), strict=True):
            click.echo(json.dumps(reading_json(data["id"], reading), ensure_ascii=False))
    report_problems(problems)


def reading_json(item_id: str, reading: Reading) -> dict[str, Any]:
    """A reading in the shape that others script against (docs/interface.md)."""
    return {
        "id": item_id,
        "language": reading.language,
        "topics": [{"topic": score.topic, "score": round(score.score, 3)} for score in reading.topics],
        "figures": [
            {
                "value": figure.plain_value,
                "unit": figure.unit,
                "qualifier": figure.qualifier,
                "subject": figure.subject,
                "text": figure.text,
                "start": figure.start,
                "end": figure.end,
            }
            for figure in reading.figures
        ],
        "milestones": list(reading.milestones),
        **({"doubtful": reading.doubtful} if reading.doubtful else {}),
    }


def item_lines(stream: IO[bytes], problems: list[str]) -> Iterator[tuple[dict[str, Any], Item]]:
    """(line, item) pairs. A line with only `text` is read as that text, which its spans then index."""
    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        try:
            data = _printable(json.loads(line))
            yield data, _item(data)
        except (ValueError, RecursionError, AttributeError, TypeError) as error:
            problems.append(f"line {number}: {error if isinstance(error, InputError) else 'not an item'}")
        except InputError as error:
            problems.append(f"line {number}: {error}")


def _printable(data: dict[str, Any]) -> dict[str, Any]:
    """Half a surrogate pair, which JSON can write and UTF-8 cannot, becomes one question mark."""
    return {
        key: value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
        for key, value in data.items()
    }


def _item(data: dict[str, Any]) -> Item:
    from analysis.values import Item
    from spiders.dates import parse

    text = data.get("text")
    if isinstance(data.get("id"), int):
        data["id"] = str(data["id"])
    if not isinstance(data.get("id"), str) or not (data.get("title") or text):
        raise InputError("'id' and 'title' (or 'text') are needed")
    language = str(data.get("language") or "")
    published = parse(str(data.get("published") or ""))
    if text is not None and not data.get("title"):
        return Item(str(text), language=language, published=published)
    title, lead, body = (str(data.get(name) or "") for name in ("title", "lead", "body"))
    return Item(title, lead, body, language, published)


def report_problems(problems: list[str]) -> None:
    """Name each on stderr; exit code 3 if there are any."""
    for problem in problems:
        complain(problem)
    if problems:
        raise click.exceptions.Exit(_PARTLY)
