"""Two collectors on one archive: one works, the other is told so, and nothing is stored twice."""

from __future__ import annotations

from pathlib import Path

from program import start, write_config

from archive import queries
from archive.database import Database
from lagebrief.demo.world import ExampleWeb


def test_two_collectors_at_once(web: ExampleWeb, store_url: str, tmp_path: Path) -> None:
    configs = [write_config(tmp_path / name, web, store_url) for name in ("eins", "zwei")]
    for _ in range(2):
        processes = [start("--config", config, "collect", "--force") for config in configs]
        said = [process.communicate(timeout=100)[1] for process in processes]
        codes = sorted(process.returncode for process in processes)
        assert codes in ([0, 75], [0, 0]), said
        assert not any("Traceback" in log for log in said)
    database = Database(store_url)
    found = list(queries.each(database))
    changes = [change for change, _ in queries.changed_after(database, 0, 1_000)]
    database.close()
    assert len(found) > 40
    assert len({article.url for article in found}) == len(found) == len(set(changes))
    assert {article.revision for article in found} == {1}
