from __future__ import annotations

from collections.abc import Iterator

import pytest
from readers import Clock, Reader, make_site, serving

from archive.database import Database


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def reader(sqlite: Database, clock: Clock) -> Iterator[Reader]:
    """A reader of the running pages, whom no limit hinders."""
    with serving(make_site(sqlite, clock)) as made:
        yield made
