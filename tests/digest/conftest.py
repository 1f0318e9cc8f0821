from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from example_week import WEEK_OF_JULY, Fill, compose_july, store_and_read

from archive import migrate
from archive.database import Database
from digest.issue import Issue


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'archive.db'}")
    migrate.upgrade(opened)
    yield opened
    opened.close()


@pytest.fixture
def fill(database: Database) -> Fill:
    return partial(store_and_read, database)


@pytest.fixture
def july(database: Database, fill: Fill) -> Issue:
    """The issue of a usual week."""
    fill(*WEEK_OF_JULY)
    return compose_july(database)
