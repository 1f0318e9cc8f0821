"""The opened program: configuration, archive, search index and clock, handed to every job."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lagebrief.config import Config, Loaded

if TYPE_CHECKING:
    from archive.database import Database
    from archive.search import SearchIndex
    from archive.search_page import Ask
    from mailing.keys import Keys

Clock = Callable[[], dt.datetime]


def system_clock() -> dt.datetime:
    """Now, aware, in UTC."""
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True, slots=True)
class App:
    """What a job works with. A long job ends soon once `stopping` is set; the next run goes on."""

    loaded: Loaded
    database: Database
    clock: Clock
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def config(self) -> Config:
        return self.loaded.config

    @property
    def outlet_names(self) -> dict[str, str]:
        """The name that is printed for each outlet: that of its first source."""
        return {source.outlet: source.name for source in reversed(self.config.sources)}

    @property
    def keys(self) -> Keys:
        """What signs the links in mails."""
        from mailing.keys import keys

        return keys(self.config.mail.keys.get_secret_value(), self.loaded.data_dir)

    def meaning(self) -> Ask:
        """Finds articles by meaning; the vectors are read when it is first asked."""
        from analysis.search_meaning import SearchMeaning
        from archive.meaning import Meaning

        return Meaning(self.database, SearchMeaning()).ask

    def index(self) -> SearchIndex:
        """The search index of this machine, opened when it is needed."""
        from analysis import search_words
        from archive.search import SearchIndex

        return SearchIndex(self.loaded.data_dir / "index", self.database, search_words)


@contextmanager
def opened(loaded: Loaded, clock: Clock = system_clock) -> Iterator[App]:
    """Open the archive, making its tables if it is new, and close it at the end.

    Raises StoreError or ConfigError with what to do.
    """
    from archive import migrate
    from archive.database import Database

    loaded.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(loaded.store_url, loaded.base)
    try:
        migrate.ensure(database)
        yield App(loaded, database, clock)
    finally:
        database.close()
