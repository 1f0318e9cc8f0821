"""Item lines in and out."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from builders import DAY, NOW, bring, entry, harvest, line, try_to_bring

from archive import migrate, queries, sources, transfer
from archive.database import Database
from archive.values import Article, Stored

MIB = 2**20


def only(database: Database) -> Article:
    (article,) = queries.each(database)
    return article


def export(database: Database) -> list[dict[str, Any]]:
    stream = io.StringIO()
    transfer.export_items(database, stream)
    return [json.loads(text) for text in stream.getvalue().split("\n")[:-1]]


def without_first_seen(database: Database) -> list[dict[str, Any]]:
    return [{**row, "first_seen": ""} for row in export(database)]


def test_a_full_line_is_kept_as_it_was(database: Database) -> None:
    given = line(
        1,
        title="Größe: „42“ – 数据中心 🚀",
        lead="Vorspann\u2028mit Zeilentrenner",
        body="Text " * 1000,
        language="de",
        author="Ö. Çelik",
        published="2025-07-11T10:00:00+02:00",
        url="https://example.org/a?b=ü",
    )
    assert bring(database, given) == Stored(new=1)
    (back,) = export(database)
    assert {**back, "first_seen": None, "published": None} == {**given, "first_seen": None, "published": None}
    assert back["published"] == "2025-07-11T08:00:00+00:00"


def test_only_id_and_title_are_needed(database: Database) -> None:
    bring(database, {"id": "a", "title": "Meldung"})
    article = only(database)
    assert (article.public_id, article.outlet, article.published, article.date_mark) == (
        "a",
        "import",
        NOW,
        "unknown",
    )


def test_round_trip_into_another_archive(database: Database, tmp_path: Any) -> None:
    sources.store(database, harvest(*(entry(number, body="Volltext") for number in range(30))))
    bring(database, line(1, published="2025-07-01", url="https://example.org/x1"))
    first = without_first_seen(database)
    other = Database(f"sqlite:///{tmp_path / 'other.db'}")
    migrate.ensure(other)
    assert bring(other, *first) == Stored(new=31)
    assert [{**row, "first_seen": ""} for row in export(other)] == [
        {**row, "first_seen": ""} for row in first
    ]
    assert bring(other, *export(other)) == Stored(known=31)
    other.close()


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (b"{", "not JSON"),
        (b"kaputt", "not JSON"),
        (b'{"id": "a", "title": "\xff"}', "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"id": "a", "title": ' + b"1" * 5_000 + b"}", "not JSON"),
        (b"[1]", "not a JSON object"),
        (b"null", "not a JSON object"),
        (b'{"title": "ohne id"}', "'id' is missing"),
        (b'{"id": "a"}', "'title' is missing"),
        (b'{"id": "a", "title": "  "}', "'title' is missing"),
        (b'{"id": "\\u0000", "title": "t"}', "'id' is missing"),
        (b'{"id": ["a"], "title": "t"}', "'id' is not text"),
        (b'{"id": true, "title": "t"}', "'id' is not text"),
        (b'{"id": 1.5, "title": "t"}', "'id' is not text"),
        (b'{"id": "a", "title": {"de": "t"}}', "'title' is not text"),
        (b'{"id": "a", "title": "t", "lead": []}', "'lead' is not text"),
        (b'{"id": "a", "title": "t", "published": "gestern"}', "'published' is no ISO date"),
        (
            b'{"id": "a", "title": "t", "published": "0001-01-01T00:00:00+14:00"}',
            "'published' is no ISO date",
        ),
        (b'{"id": "a", "title": "t", "outlet": "' + b"o" * 65 + b'"}', "'outlet' is longer than 64"),
    ],
)
def test_a_broken_line_is_named_and_skipped(database: Database, broken: bytes, reason: str) -> None:
    stored, problems = try_to_bring(database, line(1), b"", broken, line(2))
    assert stored == Stored(new=2)
    (problem,) = problems
    assert problem.line == 3
    assert problem.reason.startswith(reason)


def test_a_line_of_more_than_four_mebibytes_is_skipped_and_the_next_one_read(database: Database) -> None:
    fits = line(1, body="x" * (4 * MIB - 200))
    stored, problems = try_to_bring(database, fits, b'{"x": "' + b"y" * (9 * MIB) + b'"}', line(2))
    assert (stored, [(p.line, p.reason) for p in problems]) == (
        Stored(new=2),
        [(2, "longer than 4 MiB")],
    )


def test_every_byte_is_counted_for_the_progress(database: Database) -> None:
    raw = b'{"id": "a", "title": "t"}\n\nkaputt\n' + b"z" * (5 * MIB)
    counted: list[int] = []
    list(transfer.read_items(io.BytesIO(raw), lambda _problem: None, counted.append))
    assert sum(counted) == len(raw)


def test_nul_and_half_pairs_are_taken_out(database: Database) -> None:
    bring(database, b'{"id": "a\\u0000", "title": "Ti\\u0000tel \\ud83d", "body": "\\udc00 \\ud83d\\ude80"}')
    article = only(database)
    assert (article.public_id, article.title, article.body) == ("a", "Titel ?", "? 🚀")


def test_unknown_keys_and_nulls_are_ignored(database: Database) -> None:
    bring(
        database, {"id": "a", "title": "t", "lead": None, "published": None, "mehr": {"x": [1]}, "text": "u"}
    )
    assert only(database).teaser == ""


def test_an_id_may_be_a_number(database: Database) -> None:
    assert bring(database, {"id": 7, "title": "t"}, {"id": "7", "title": "t"}) == Stored(new=1, known=1)
    assert only(database).public_id == "7"


def test_the_same_id_is_one_article_in_one_file_and_the_next(database: Database) -> None:
    assert bring(database, *[line(1)] * 3, line(2)) == Stored(new=2, known=2)
    assert bring(database, line(1), line(2)) == Stored(known=2)
    assert queries.count(database) == 2


def test_the_same_id_with_another_text_is_a_revision(database: Database) -> None:
    assert bring(database, line(1, lead="alt"), line(1, lead="neu")) == Stored(new=1, changed=1)
    assert bring(database, line(1, lead="neuer"), now=NOW + DAY) == Stored(changed=1)
    article = only(database)
    assert (article.revision, article.teaser) == (3, "neuer")
    assert [r.teaser for r in queries.revisions(database, article.id)] == ["alt", "neu", "neuer"]


def test_other_ids_are_other_articles_whatever_they_share(database: Database) -> None:
    shared = {
        "title": "Ein und derselbe lange Titel",
        "url": "https://example.org/1",
        "published": "2025-07-01",
    }
    assert bring(database, *({"id": str(n), **shared} for n in range(3))) == Stored(new=3)
    assert bring(database, *({"id": str(n), **shared} for n in range(3))) == Stored(known=3)


def test_more_lines_than_a_batch(database: Database) -> None:
    lines = [line(number, outlet=f"o{number % 7}") for number in range(2_500)]
    assert bring(database, *lines) == Stored(new=2_500)
    assert bring(database, *lines) == Stored(known=2_500)
    changes = [change for change, _ in queries.changed_after(database, 0, 5_000)]
    assert len(set(changes)) == 2_500


@pytest.mark.parametrize(
    "published", ["2025-07-11", "20250711", "2025-07-11T00:00:00Z", "2025-07-11T02:00+02:00"]
)
def test_a_date_without_a_zone_is_utc(database: Database, published: str) -> None:
    bring(database, line(1, published=published))
    assert only(database).published.isoformat() == "2025-07-11T00:00:00+00:00"


def test_a_mark_at_the_start_of_the_file_and_windows_line_ends(database: Database) -> None:
    assert bring(
        database, b'\xef\xbb\xbf{"id": "a", "title": "t"}\r', b'{"id": "b", "title": "t"}\r'
    ) == Stored(new=2)
