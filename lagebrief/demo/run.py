"""The main job on the example weeks: the real pipeline, over real HTTP, with the clock of July 2025.

The example's web is visited at the end of each week, so that the archive grows as it would have: articles
are first seen when they appeared, and silent corrections become revisions.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive import queries
from archive.issues import StoredIssue
from archive.locks import file_lock
from archive.values import Stored
from digest.weeks import Week
from lagebrief import jobs, loop
from lagebrief.app import opened
from lagebrief.config import Loaded, load_defaults
from lagebrief.demo.world import ExampleWeb

if TYPE_CHECKING:
    from spiders.runs import SourceReport

WEEKS = tuple(Week.parse(text) for text in ("2025-W26", "2025-W27", "2025-W28", "2025-W29"))
ISSUES = WEEKS[-2:]  # the second has stories that the first one told
NOTICE = "Beispielausgabe: Alle Meldungen sind für diese Vorführung geschrieben, keine stammt von den Medien."
_READER = "leser@example.org"
_KEYS = {"eurlex-oj": "eurlex"}  # the configuration's key where it is not the example web's


@dataclass(frozen=True, slots=True)
class DemoResult:
    """What came out: the subjects and files of the issues, and what each source gave over the weeks."""

    subjects: tuple[str, ...]
    files: tuple[Path, ...]
    reports: tuple[SourceReport, ...]
    articles: int


def run(out: Path, on_step: Callable[[str], None] = lambda _text: None) -> DemoResult:
    """Collect the example weeks, read them, compose and approve KW 28 and KW 29 and write them into `out`."""
    data_dir = out / "data"
    data_dir.mkdir(parents=True, exist_ok=True)
    with file_lock(data_dir / "demo.lock", "the demo"), ExampleWeb() as web:
        loaded = _configuration(web, out)
        moment = [WEEKS[0].end]
        with opened(loaded, clock=lambda: moment[0]) as app:
            totals: dict[str, SourceReport] = {}
            composed: list[StoredIssue] = []
            for week in WEEKS:
                moment[0] = web.as_of = week.end - dt.timedelta(seconds=1)
                on_step(f"{week.label}: collecting")
                for report in loop.run(jobs.collect(app, force=True)):
                    totals[report.key] = _sum(totals.get(report.key), report)
                on_step(f"{week.label}: reading")
                jobs.analyse(app)
                jobs.give_meaning(app)
                if week in ISSUES:
                    moment[0] = week.end + dt.timedelta(hours=6)
                    on_step(f"{week.label}: composing")
                    jobs.compose(app, week)
                    composed.append(jobs.approve(app, week, "Beispielredaktion"))
            files = [path for issue in composed for path in jobs.export(app, issue, out, to=_READER)]
            return DemoResult(
                tuple(issue.subject for issue in composed),
                tuple(files),
                tuple(totals.values()),
                queries.count(app.database),
            )


def _sum(before: SourceReport | None, report: SourceReport) -> SourceReport:
    stored = (before.stored if before else Stored()) + report.stored
    return replace(report, entries=report.entries + (before.entries if before else 0), stored=stored)


def _configuration(web: ExampleWeb, out: Path) -> Loaded:
    """The default configuration, its sources pointed at the example web."""
    loaded = load_defaults()
    config = loaded.config
    urls = web.urls()
    changed: dict[str, Any] = {
        "collect": config.collect.model_copy(
            update={"per_host_delay": dt.timedelta(0), "contact": "https://example.org/lagebrief-demo"}
        ),
        "sources": tuple(
            source.model_copy(update={"url": urls[name], "allow_private_hosts": ("127.0.0.1",)})
            if name in urls
            else source
            for source in config.sources
            if (name := _KEYS.get(source.key, source.key)) in urls or source.state == "not_collectable"
        ),
        "digest": config.digest.model_copy(update={"notice": NOTICE}),
        "mail": config.mail.model_copy(
            update={"from_": "Lagebrief <brief@example.org>", "list_id": "Lagebrief <lagebrief.example.org>"}
        ),
        "impressum": config.impressum.model_copy(
            update={
                "publisher": "Beispielverlag",
                "address": "Musterstraße 1, 10115 Berlin",
                "responsible": "Beispielredaktion",
                "email": "redaktion@example.org",
            }
        ),
    }
    data_dir = out / "data"
    for old in (*data_dir.glob("lagebrief.db*"), *data_dir.glob("index/*/position.json")):
        old.unlink()
    return replace(loaded, config=config.model_copy(update=changed), data_dir_override=data_dir.absolute())
