"""An article that an approved issue quotes, and that its outlet changes a week later."""

from __future__ import annotations

import datetime as dt

from example_week import CHINA, Draft, Fill

from archive import issues, queries, sources
from archive.database import Database
from archive.issues import StoredIssue
from archive.values import Entry, Harvest, SourceState

URL = "https://tablemedia.example/wueste"
TITLE = "China plant 39 Rechenzentren in der Wüste"
FIRST_SEEN = dt.datetime(2025, 7, 3, 9, tzinfo=dt.UTC)


def change_and_quote(database: Database, fill: Fill) -> None:
    """The article comes in KW 27, is quoted in its issue, and says 36 instead of 39 in KW 28."""
    _bring(database, TITLE, FIRST_SEEN)
    (article,) = queries.each(database)
    content = {"items": [{"story": 9_999, "checks": [{"source_id": article.public_id}]}]}
    issues.save_draft(
        database, StoredIssue("2025-W27", "approved", FIRST_SEEN, "", "extract", content, "", "")
    )
    _bring(database, TITLE.replace("39", "36"), FIRST_SEEN + dt.timedelta(days=6))
    fill(Draft("dcd", "Alibaba opens a data centre in Ulanqab with wind power", "It is new.", topic=CHINA))


def _bring(database: Database, title: str, at: dt.datetime) -> None:
    entry = Entry(URL, title, "Ein Vorspann.", published=FIRST_SEEN)
    sources.store(database, Harvest("table", "tablemedia", URL, at, SourceState.OK, entries=(entry,)))
