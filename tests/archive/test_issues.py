"""One issue a week, and an approved one stays as it was approved."""

from __future__ import annotations

import threading
from dataclasses import replace

from builders import DAY, NOW

from archive import issues
from archive.database import Database
from archive.issues import StoredIssue

DRAFT = StoredIssue(
    week="2025-W28",
    state="draft",
    created=NOW,
    subject="Lagebrief KW 28: „Größe“",
    writer="extract",
    content={"items": [{"höhe": 1.5}]},
    html="<p>ü</p>",
    text="ü",
)


def test_a_draft_comes_back_as_it_was(database: Database) -> None:
    assert issues.load(database, "2025-W28") is None
    assert issues.save_draft(database, DRAFT)
    assert issues.load(database, "2025-W28") == DRAFT


def test_a_draft_is_replaced_until_it_is_approved(database: Database) -> None:
    issues.save_draft(database, DRAFT)
    better = replace(DRAFT, subject="Besser")
    assert issues.save_draft(database, better)
    assert issues.approve(database, "2025-W28", "Çelik", NOW + DAY)
    assert not issues.save_draft(database, DRAFT)
    found = issues.load(database, "2025-W28")
    assert found == replace(better, state="approved", approved_at=NOW + DAY, approved_by="Çelik")


def test_only_a_draft_can_be_approved_and_only_once(database: Database) -> None:
    assert not issues.approve(database, "2025-W28", "a", NOW)
    issues.save_draft(database, DRAFT)
    assert [issues.approve(database, "2025-W28", name, NOW) for name in "ab"] == [True, False]
    found = issues.load(database, "2025-W28")
    assert found
    assert found.approved_by == "a"


def test_of_many_approvals_at_once_one_counts(database: Database) -> None:
    issues.save_draft(database, DRAFT)
    won: list[bool] = []
    barrier = threading.Barrier(6)

    def approve(name: str) -> None:
        barrier.wait(10)
        won.append(issues.approve(database, "2025-W28", name, NOW))

    threads = [threading.Thread(target=approve, args=(str(n),)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False] * 5 + [True]


def test_issues_are_listed_newest_week_first(database: Database) -> None:
    for week in ("2025-W28", "2026-W01", "2025-W52", "2025-W09"):
        issues.save_draft(database, replace(DRAFT, week=week))
    assert [issue.week for issue in issues.all_issues(database)] == [
        "2026-W01",
        "2025-W52",
        "2025-W28",
        "2025-W09",
    ]
