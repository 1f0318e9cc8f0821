"""Sentences with the reports they rest on, from tests/data/writing."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from analysis import figures, language
from analysis.values import Item
from archive.readings import ReadArticle
from archive.values import Article
from digest.claims.checking import Report

DATA = Path(__file__).resolve().parents[2] / "data"
DEMO = Path(__file__).resolve().parents[3] / "lagebrief" / "demo" / "articles.toml"
_SETS = ("topics.jsonl", "topics_more.jsonl", "stories.jsonl", "stories_more.jsonl")
_UNDATED = dt.datetime(2025, 7, 9, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Case:
    """A true sentence."""

    report: Report
    sentence: str
    rests_on: tuple[str, ...]


def cases() -> Iterator[Case]:
    """Every sentence of the set."""
    for line in (DATA / "writing" / "sentences.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield Case(report_of(row["text"]), row["sentence"], tuple(row["rests_on"]))


def report(title: str, lead: str = "", body: str = "", published: dt.datetime = _UNDATED) -> Report:
    """A report as evidence, read as the analysis reads it."""
    spoken = language.detect(f"{title} {lead}")
    return _report("x", title, lead, body, spoken, published)


@cache
def report_of(key: str) -> Report:
    """The report that a set names: `demo:r-xinjiang` or `quality:s12-1`."""
    origin, _, id_ = key.partition(":")
    row = _demo()[id_] if origin == "demo" else _quality()[id_]
    published = row.get("published") or row.get("date") or _UNDATED
    if isinstance(published, str):
        published = dt.datetime.fromisoformat(published)
    lead = row.get("lead") or row.get("teaser") or ""
    return _report(key, row["title"], lead, (row.get("body") or "").strip(), row["language"], published)


def _report(id_: str, title: str, lead: str, body: str, spoken: str, published: dt.datetime) -> Report:
    joined = Item(title, lead, body).joined
    article = _article(id_, title, lead, body, spoken, published)
    assert article.joined == joined
    return Report(ReadArticle(article, (), figures.read(joined, spoken), ()))


def _article(id_: str, title: str, lead: str, body: str, spoken: str, published: dt.datetime) -> Article:
    known: dict[str, Any] = {
        "public_id": id_, "title": title, "teaser": lead, "body": body, "language": spoken,
        "published": published,
    }  # fmt: skip
    fields = Article.__dataclass_fields__
    blanks = {name: None for name in fields if name not in known}
    return Article(**known, **blanks)


@cache
def _demo() -> dict[str, Any]:
    return {row["key"]: row for row in tomllib.loads(DEMO.read_text(encoding="utf-8"))["article"]}


@cache
def _quality() -> dict[str, Any]:
    texts = [(DATA / "quality" / name).read_text(encoding="utf-8") for name in _SETS]
    return {row["id"]: row for text in texts for row in map(json.loads, text.splitlines())}
