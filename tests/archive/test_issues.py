"""One issue a week, and an approved one stays as it was approved."""

from __future__ import annotations

import datetime as dt
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


def approve(database: Database, draft: StoredIssue, by: str, at: dt.datetime = NOW) -> bool:
    return issues.approve(database, draft, by, at, "<p>frei</p>", "frei")


def test_a_draft_composed_anew_meanwhile_is_not_approved(database: Database) -> None:
    issues.save_draft(database, DRAFT)
    issues.save_draft(database, replace(DRAFT, created=NOW + DAY))
    assert not approve(database, DRAFT, "a")


def test_stories_told_are_those_of_approved_issues_before(database: Database) -> None:
    for week, state in (("2025-W26", "approved"), ("2025-W27", "draft"), ("2025-W28", "approved")):
        content = {"items": [{"story": 7}, {"story": int(week[-2:])}]}
        issues.save_draft(database, replace(DRAFT, week=week, state=state, content=content))
    assert issues.told(database, "2025-W28") == {7: "2025-W26", 26: "2025-W26"}
    assert issues.told(database, "2025-W29") == {7: "2025-W28", 26: "2025-W26", 28: "2025-W28"}


def test_published_are_the_newest_that_are_no_drafts(database: Database) -> None:
    states = {"2024-W52": "sent", "2025-W26": "approved", "2025-W27": "draft", "2025-W28": "sending"}
    for week, state in states.items():
        issues.save_draft(database, replace(DRAFT, week=week, state=state))
    assert [issue.week for issue in issues.published(database, 9)] == ["2025-W28", "2025-W26", "2024-W52"]
    assert [issue.week for issue in issues.published(database, 2)] == ["2025-W28", "2025-W26"]


def test_a_draft_comes_back_as_it_was(database: Database) -> None:
    assert issues.load(database, "2025-W28") is None
    assert issues.save_draft(database, DRAFT)
    assert issues.load(database, "2025-W28") == DRAFT


def test_a_draft_is_replaced_until_it_is_approved(database: Database) -> None:
    issues.save_draft(database, DRAFT)
    better = replace(DRAFT, subject="Besser")
    assert issues.save_draft(database, better)
    assert approve(database, better, "Çelik", NOW + DAY)
    assert not issues.save_draft(database, DRAFT)
    found = issues.load(database, "2025-W28")
    assert found == replace(
        better, state="approved", approved_at=NOW + DAY, approved_by="Çelik", html="<p>frei</p>", text="frei"
    )


def test_only_a_draft_can_be_approved_and_only_once(database: Database) -> None:
    assert not approve(database, DRAFT, "a")
    issues.save_draft(database, DRAFT)
    assert [approve(database, DRAFT, name) for name in "ab"] == [True, False]
    found = issues.load(database, "2025-W28")
    assert found
    assert found.approved_by == "a"


def test_of_many_approvals_at_once_one_counts(database: Database) -> None:
    issues.save_draft(database, DRAFT)
    won: list[bool] = []
    barrier = threading.Barrier(6)

    def try_it(name: str) -> None:
        barrier.wait(10)
        won.append(approve(database, DRAFT, name))

    threads = [threading.Thread(target=try_it, args=(str(n),)) for n in range(6)]
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
