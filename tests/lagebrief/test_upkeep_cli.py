"""Keeping the law from the command line: deleting, expiring, restoring, auditing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from program import assert_one_line, run

from archive.database import Database
from archive.issues import StoredIssue, save_draft
from lagebrief.app import system_clock

LINES = (
    {"id": "x1", "outlet": "dcd", "title": "Rechenzentrum in Xinjiang gebaut", "url": "https://e.org/1"},
    {"id": "x2", "outlet": "dcd", "title": "Rechenzentrum in Ulanqab geplant"},
)
SHORT = {"LAGEBRIEF_STORE__KEEP_FULL": "1ms"}


@pytest.fixture(autouse=True)
def _filled(place: Path) -> None:
    Path("lines.jsonl").write_text("".join(json.dumps(line) + "\n" for line in LINES))
    assert run("archive", "import", "--jsonl", "lines.jsonl").returncode == 0


def quote(*ids: str) -> None:
    content = {"items": [{"sources": [], "checks": [{"source_id": id_} for id_ in ids]}]}
    database = Database("sqlite:///data/lagebrief.db")
    save_draft(database, StoredIssue("2025-W28", "approved", system_clock(), "", "extract", content, "", ""))
    database.close()


def found(query: str) -> Any:
    return json.loads(run("search", query, "--json").stdout)


def test_deleting_shows_first_and_deletes_when_told_to() -> None:
    assert found("Rechenzentrum")["total"] == 2
    quote("x1")
    answer = run("archive", "delete", "x1")
    assert answer.returncode == 0
    shown = dict(line.split("\t") for line in answer.stdout.splitlines())
    assert shown["title"] == "Rechenzentrum in Xinjiang gebaut"
    assert (shown["revisions"], shown["issues"], shown["deleted"]) == ("1", "2025-W28 (approved)", "no")
    assert "quoted in 2025-W28: the stored text of an issue is not changed" in answer.stderr
    assert "nothing was deleted" in answer.stderr
    assert found("Rechenzentrum")["total"] == 2
    done = run("archive", "delete", "x1", "--reason", "Brief", "--yes", "--json")
    assert json.loads(done.stdout)["deleted"] is True
    assert found("Rechenzentrum")["total"] == 1
    assert "2 known" in run("archive", "import", "--jsonl", "lines.jsonl").stderr
    assert_one_line(run("archive", "delete", "x1"), 2, "no article 'x1'")


def test_a_deletion_is_taken_back() -> None:
    assert_one_line(run("archive", "allow", "x1"), 2, "no deleted article", "'x1'")
    run("archive", "delete", "x1", "--reason", "Brief", "--yes")
    again = ("add-url", "https://e.org/1", "--title", "Von Hand")
    assert_one_line(
        run(*again), 2, "deleted 20", "(on request: Brief)", "lagebrief archive allow https://e.org/1"
    )
    allowed = run("archive", "allow", "https://e.org/1/?utm_source=x")
    assert (allowed.returncode, "(on request: Brief)" in allowed.stderr) == (0, True)
    assert "1 new, 0 changed, 1 known" in run("archive", "import", "--jsonl", "lines.jsonl").stderr
    assert found("Rechenzentrum")["total"] == 2


def test_what_expired_is_listed_and_goes_when_told_to() -> None:
    quote("x2")
    assert "kept for ever" in run("archive", "delete-expired", "--json").stderr
    listed = run("archive", "delete-expired", "--json", env=SHORT)
    (row,) = json.loads(listed.stdout)
    assert (row["source"], row["storage"], row["articles"], row["quoted"]) == ("import", "full", 1, 1)
    assert listed.stderr == "1 due; 1 kept: quoted in an issue; nothing was deleted, --yes deletes them\n"
    gone = run("archive", "delete-expired", "--yes", env=SHORT)
    assert gone.stderr.splitlines() == ["articles: 1 done", "1 deleted; 1 kept: quoted in an issue"]
    assert [hit["id"] for hit in found("Rechenzentrum")["hits"]] == ["x2"]
    assert "0 due" in run("archive", "delete-expired", env=SHORT).stderr
    said = run("sources", "audit").stderr
    assert "deleted and kept out: 0 on request, 1 expired" in said
    assert "evidence (WARC) is off, 0 files" in said


def test_a_time_that_is_none_is_one_line() -> None:
    Path("config.toml").write_text("[store]\nkeep_full = 730\n")
    assert_one_line(run("archive", "delete-expired"), 78, "config.toml:2", "store.keep_full", "730d")


def test_evidence_goes_with_what_is_kept_in_full() -> None:
    folder = Path("data/warc")
    folder.mkdir()
    for day in ("2020-01-01", "2099-01-01"):
        (folder / f"{day}.warc.gz").write_bytes(b"")
    Path("config.toml").write_text(
        '[collect]\nwarc = true\n[store]\nkeep_full = "900d"\n'
        '[[sources]]\nkey = "a"\nkind = "manual"\nstorage = "full"\nkeep = "30d"\n'
    )
    assert "1 files of evidence (WARC) due" in run("archive", "delete-expired").stderr
    assert "evidence (WARC) is on for a, 2 files in" in run("sources", "audit").stderr
    assert run("archive", "delete-expired", "--yes").returncode == 0
    assert [path.name for path in folder.iterdir()] == ["2099-01-01.warc.gz"]


def test_check_says_whether_evidence_can_be_kept() -> None:
    def finding() -> tuple[bool, str]:
        rows = {row["what"]: row for row in json.loads(run("check", "--json").stdout)}
        return rows["collect.warc"]["ok"], rows["collect.warc"]["message"]

    source = '[[sources]]\nkey = "a"\nkind = "manual"\nstorage = "{}"\n'
    Path("config.toml").write_text("[collect]\nwarc = true\n" + source.format("full"))
    assert finding() == (True, "a")
    Path("config.toml").write_text("[collect]\nwarc = true\n" + source.format("teaser"))
    assert finding() == (False, "no source has storage full")


def test_a_copy_is_put_back_and_found_again() -> None:
    assert run("db", "backup", "copy.db").returncode == 0
    run("archive", "delete", "x1", "--yes")
    assert found("Rechenzentrum")["total"] == 1
    assert_one_line(run("-q", "db", "restore", "copy.db"), 2, "is not empty", "--yes")
    answer = run("db", "restore", "copy.db", "--yes")
    assert answer.returncode == 0, answer.stderr
    assert "lagebrief.db.before-restore" in answer.stderr
    assert found("Rechenzentrum")["total"] == 2
    assert run("--data-dir", "neu", "db", "restore", "copy.db").returncode == 0
    stats = json.loads(run("--data-dir", "neu", "archive", "stats", "--json").stdout)
    assert stats["articles"] == 2


def test_what_cannot_be_restored_is_one_line() -> None:
    assert_one_line(run("-q", "db", "restore", "lines.jsonl", "--yes"), 2, "lines.jsonl cannot be read")
    postgres = {"LAGEBRIEF_STORE__URL": "postgresql+psycopg://u@127.0.0.1:1/d"}
    assert_one_line(run("-q", "db", "restore", "copy.db", env=postgres), 2, "pg_restore")
