from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from example_week import WEEK, WEEK_OF_JULY, Fill, compose_july, store_and_read

from archive.database import Database
from digest.charts import Point, chart
from digest.issue import Issue
from digest.rows import Correction, OwnCorrection, picture


@pytest.fixture
def database(sqlite: Database) -> Database:
    return sqlite


@pytest.fixture
def fill(database: Database) -> Fill:
    return partial(store_and_read, database)


@pytest.fixture
def july(database: Database, fill: Fill) -> Issue:
    """The issue of a usual week."""
    fill(*WEEK_OF_JULY)
    return compose_july(database)


@pytest.fixture
def full(july: Issue) -> Issue:
    """The issue of a week in which everything happens: each part and each mark of the template is there."""
    first, *others = july.items
    more = tuple(replace(first.lead, source_id=str(n), title=f"Bericht {n}") for n in range(8))
    told = replace(
        first, mark="fortsetzung", told="2025-W27", sources=(replace(first.lead, dated=False), *more)
    )
    written = replace(
        others[0], writer="llm", text=("Ein Satz von uns.",), told_by=("Reuters",), teaser="", fact_line=""
    )
    row = replace(
        july.figure_rows[0], also=("Reuters",), since="4. Juli", differing=("36 Rechenzentren (Reuters)",)
    )
    moved = replace(july.deadlines[0], former="2. August 2026", doubtful=True)
    changed = Correction(
        "Table.Media", first.lead.url, "en", "2025-W27", first.headline, "China baut", ("39",), ("36",)
    )
    return replace(
        july,
        items=(told, written, *others[1:]),
        figure_rows=(row, *july.figure_rows[1:]),
        deadlines=(moved, replace(july.deadlines[1], days=None), *july.deadlines[2:]),
        corrections=(changed,),
        own_corrections=(OwnCorrection("KW\u00a027", "8. Juli 2025", "Es sind 625 Server, nicht GPUs."),),
        chart=picture(chart((Point("Reuters", WEEK.monday, 39, "39"),), title="Standorte", unit="")),
    )
