"""Finding articles: two languages, filters, hostile text, and an index that survives whatever befalls it."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from builders import NOW, bring, line, reading
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from analysis import search_words
from archive import backup, migrate, queries, readings, sources, tables
from archive.database import Database
from archive.search import SearchIndex
from archive.values import Entry, Harvest, SourceState

ARTICLES = [
    line("xin", title="China plant 39 Rechenzentren in Xinjiang", lead="Mehr als 115.000 Prozessoren.",
         language="de", published="2025-07-09", outlet="tablemedia"),
    line("dcd", title="China plans 39 data centers in Xinjiang", lead="More than 115,000 Nvidia processors.",
         language="en", published="2025-07-08", outlet="dcd"),
    line("kom", title="Kommission verschiebt Fristen der KI-Verordnung", lead="Hochrisiko hat Zeit.",
         language="de", published="2025-07-11", outlet="ec"),
    line("str", title="Straße zum Kraftwerk", lead="Behörden prüfen die Größe.", language="de",
         published="2025-06-01", outlet="iw"),
    line("zho", title="数据中心 算力", lead="新疆", language="zh", published="2025-07-10", outlet="dcd"),
]  # fmt: skip

Find = Callable[..., list[str]]


@pytest.fixture
def index(sqlite: Database, tmp_path: Path) -> SearchIndex:
    bring(sqlite, *ARTICLES)
    return SearchIndex(tmp_path / "index", sqlite, search_words)


@pytest.fixture
def find(index: SearchIndex) -> Find:
    def ids(text: str, **options: Any) -> list[str]:
        return [hit.article.public_id for hit in index.search(text, **options).hits]

    return ids


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("Rechenzentren", {"xxin", "xdcd"}),  # data centers, by meaning
        ("Rechenzentrum", {"xxin", "xdcd"}),
        ("rechenzentren XINJIANG", {"xxin", "xdcd", "xzho"}),  # the last has the rarer word only
        ("data center", {"xxin", "xdcd"}),
        ("data centre", {"xxin", "xdcd"}),
        ("planning", {"xdcd"}),
        ("Prozessor", {"xxin", "xdcd"}),
        ("processor", {"xxin", "xdcd"}),
        ("Xinjiang", {"xxin", "xdcd", "xzho"}),  # and 新疆
        ('"39 Rechenzentren"', {"xxin"}),
        ('"Rechenzentren 39"', set()),
        ("Fristen OR centers", {"xkom", "xdcd"}),
        ("Xinjiang NOT Nvidia", {"xxin", "xzho"}),
        ("Xinjiang NOT plan*", {"xzho"}),
        ("Xinjiang -Rechenzentren", {"xdcd", "xzho"}),
        ("-Xinjiang", {"xkom", "xstr", "xzho"}),
        ("-Xinjiang OR Nvidia", {"xkom", "xstr", "xzho", "xdcd"}),
        ("NOT Xinjiang OR NOT Nvidia", {"xxin", "xkom", "xstr", "xzho"}),
        ("Fristen OR -Xinjiang", {"xkom", "xstr", "xzho"}),
        ("-Xinjiang OR plans*", {"xkom", "xstr", "xzho", "xdcd"}),
        ('Xinjiang -"39 Rechenzentren" OR Prozessor', {"xxin", "xdcd", "xzho"}),
        ("Rechenzentr*", {"xxin"}),
        ("Rechenzentren*", {"xxin"}),
        ("Behörd*", {"xstr"}),
        ("Straß*", {"xstr"}),
        ("KI-Verordn*", {"xkom"}),
        ("数据*", {"xzho"}),
        ("KI-Verordnung", {"xkom"}),
        ("grösse", {"xstr"}),
        ("Groesse", {"xstr"}),
        ("Behoerde", {"xstr"}),
        ("Strasse", {"xstr"}),
        ("新疆", {"xxin", "xdcd", "xzho"}),
        ("115.000", {"xxin", "xdcd"}),
        ("quelle:dcd", {"xdcd", "xzho"}),
        ("quelle:dcd Xinjiang", {"xdcd", "xzho"}),
        ("sprache:de Xinjiang", {"xxin"}),
        ("sprache:de sprache:en Xinjiang", {"xxin", "xdcd"}),
        ("seit:2025-07-10", {"xkom", "xzho"}),
        ("bis:2025-06-01", {"xstr"}),
        ("seit:2025-07-08 bis:2025-07-09", {"xdcd", "xxin"}),
        ("bis:9999-12-31 seit:0001-01-01 Straße", {"xstr"}),
        ("thema:eu-ai-act", set()),
        ("gibtesnicht", set()),
        ("!!!", set()),
        ("", {"xxin", "xdcd", "xkom", "xstr", "xzho"}),
    ],
)
def test_queries(find: Find, query: str, found: set[str]) -> None:
    assert set(find(query)) == found


def test_options_narrow_what_the_query_says(find: Find) -> None:
    assert find("Xinjiang", sources=["dcd"]) == ["xdcd", "xzho"]
    assert find("Xinjiang", languages=["de"]) == ["xxin"]
    assert find("Xinjiang seit:2025-07-01", since=dt.date(2025, 7, 9), languages=["de"]) == ["xxin"]
    assert find("Xinjiang bis:2025-07-31", until=dt.date(2025, 7, 8)) == ["xdcd"]


def test_topics_are_found_once_they_were_read(sqlite: Database, find: Find) -> None:
    assert find("thema:eu-ai-act") == []
    for article in queries.each(sqlite):
        if article.public_id == "xkom":
            readings.save(sqlite, "v1", [(article, reading(topics=("eu-ai-act",)))])
    assert find("thema:eu-ai-act") == find("Fristen", topics=["eu-ai-act"]) == ["xkom"]


def test_by_date_newest_first_and_page_by_page(index: SearchIndex, find: Find) -> None:
    assert find("", by_date=True) == ["xkom", "xzho", "xxin", "xdcd", "xstr"]
    assert find("", by_date=True, limit=2, offset=2) == ["xxin", "xdcd"]
    assert index.search("", limit=2).total == 5


def test_a_word_in_the_title_counts_more(sqlite: Database, find: Find) -> None:
    bring(sqlite, line("lead", title="Etwas anderes", lead="Kraftwerk " * 3, language="de"))
    assert find("Kraftwerk") == ["xstr", "xlead"]


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script> Turbine",
        "<b>Turbine</b> <mark>",
        "Turbine \" onmouseover='x' & &lt;b&gt;",
        "</mark><img src=x onerror=alert(1)> Turbine",
    ],
)
def test_a_snippet_is_safe_html(sqlite: Database, index: SearchIndex, hostile: str) -> None:
    bring(sqlite, line("böse", title=hostile, lead=hostile, language="de"))
    for query in ("Turbine", "Turb*", "quelle:dcd Turbine"):
        (hit,) = index.search(query).hits
        assert set(re.findall(r"<[^>]*>", hit.snippet)) <= {"<mark>", "</mark>"}
        assert re.search(r"[\"']|&(?!(lt|gt|amp|quot|#x27|#39);)", hit.snippet) is None
    assert "<mark>Turbine</mark>" in index.search("Turbine").hits[0].snippet


def test_a_change_is_found_at_once(sqlite: Database, index: SearchIndex, find: Find) -> None:
    assert find("Windpark") == []
    bring(sqlite, {**ARTICLES[0], "lead": "Nun mit Windpark."})
    assert find("Windpark") == ["xxin"]
    assert find('"Prozessoren"') == []
    assert index.search('"Rechenzentren"').total == 1


def test_what_another_process_brought_and_indexed_is_found(
    sqlite: Database, index: SearchIndex, find: Find, tmp_path: Path
) -> None:
    assert find("Windpark") == []
    script = """
import sys
sys.path.insert(0, sys.argv[3])
from pathlib import Path
from archive.database import Database
from archive.search import SearchIndex
from analysis import search_words
from builders import bring, line
database = Database(sys.argv[1])
bring(database, line("neu", title="Windpark eröffnet", language="de"))
assert SearchIndex(Path(sys.argv[2]), database, search_words).search("Windpark").total == 1
"""
    url = str(sqlite.engine.url)
    run = [sys.executable, "-c", script, url, str(tmp_path / "index"), str(Path(__file__).parent)]
    subprocess.run(run, check=True, timeout=60)
    assert find("Windpark") == ["xneu"]


def test_an_index_that_another_one_has_filled_takes_a_change_once(
    sqlite: Database, index: SearchIndex, find: Find, tmp_path: Path
) -> None:
    assert SearchIndex(tmp_path / "index", sqlite, search_words).follow() == 5
    bring(sqlite, {**ARTICLES[0], "lead": "Nun mit Windpark."})
    assert index.search("").total == 5
    assert find("Windpark") == ["xxin"]


def test_pages_follow_one_another_through_all_tiers(sqlite: Database, index: SearchIndex) -> None:
    bring(sqlite, *(line(f"t{n}", title=f"Windkraft {n}", language="de") for n in range(7)))
    bring(sqlite, *(line(f"c{n}", title=f"Offshorewindkraftwerk {n} China", language="de") for n in range(4)))
    bring(sqlite, line("more", title="Wind und Kraft in China", language="de"))
    for query in ("Windkraft", "Windkraft China", "Xinjiang OR Windkraft"):
        whole = index.search(query, limit=50)
        pages = [index.search(query, limit=3, offset=at) for at in range(0, whole.total, 3)]
        assert [hit for page in pages for hit in page.hits] == list(whole.hits)
        assert len(whole.hits) == whole.total == len({hit.article.id for hit in whole.hits})


def test_a_deleted_article_is_not_returned(sqlite: Database, index: SearchIndex, find: Find) -> None:
    newest = find("", by_date=True)
    (gone,) = (a.id for a in queries.each(sqlite) if a.public_id == "xzho")
    with sqlite.writing() as connection:
        connection.execute(delete(tables.article).where(tables.article.c.id == gone))
    assert find("", by_date=True) == [name for name in newest if name != "xzho"]
    index.rebuild()
    assert index.search("").total == 4


def test_following_is_done_once(sqlite: Database, index: SearchIndex) -> None:
    assert index.follow() == 5
    assert index.follow() == 0
    bring(sqlite, line("neu", title="Windpark"))
    with sqlite.writing() as connection:
        connection.execute(delete(tables.article).where(tables.article.c.external_id == "xneu"))
    assert [index.follow() for _ in range(2)] == [0, 0]
    position = json.loads(next(iter(index._folder.glob("position.json"))).read_text())
    assert position["change"] == queries.last_change(sqlite)


def damage_nothing(_folder: Path) -> None:
    """The healthy case, for comparison."""


def lose_the_position(folder: Path) -> None:
    (folder / "position.json").unlink()


def scribble_on_the_position(folder: Path) -> None:
    (folder / "position.json").write_text("null")


def lose_the_folder(folder: Path) -> None:
    shutil.rmtree(folder)


def scribble_on_the_directory(folder: Path) -> None:
    (folder / "index" / "meta.json").write_text("{kaputt")


def lose_the_directory(folder: Path) -> None:
    (folder / "index" / "meta.json").unlink()


def of_another_shape(folder: Path) -> None:
    meta = json.loads((folder / "index" / "meta.json").read_text())
    meta["schema"] = meta["schema"][:2]
    (folder / "index" / "meta.json").write_text(json.dumps(meta))


def lose_the_segments(folder: Path) -> None:
    for path in (folder / "index").glob("*.*"):
        if path.suffix in (".term", ".store", ".idx", ".pos"):
            path.unlink()


def empty_the_segments(folder: Path) -> None:
    for path in (folder / "index").glob("*.*"):
        if path.suffix in (".term", ".store", ".idx", ".pos"):
            os.truncate(path, 0)


@pytest.mark.parametrize(
    "damage",
    [
        damage_nothing,
        lose_the_position,
        scribble_on_the_position,
        lose_the_folder,
        scribble_on_the_directory,
        lose_the_directory,
        of_another_shape,
        lose_the_segments,
        empty_the_segments,
    ],
)
def test_a_damaged_index_is_built_anew(
    sqlite: Database, index: SearchIndex, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    index.follow()
    damage(index._folder)
    reopened = SearchIndex(tmp_path / "index", sqlite, search_words)
    for query, count in (("Xinjiang", 3), ("Xinj*", 2)):
        assert reopened.search(query).total == count
    assert "<mark>Xinjiang</mark>" in reopened.search("Xinjiang").hits[0].snippet


def test_a_lost_position_and_a_deleted_article_do_not_add_up(
    sqlite: Database, index: SearchIndex, tmp_path: Path
) -> None:
    index.follow()
    with sqlite.writing() as connection:
        connection.execute(delete(tables.article).where(tables.article.c.external_id == "xzho"))
    lose_the_position(index._folder)
    assert SearchIndex(tmp_path / "index", sqlite, search_words).search("").total == 4


def test_a_database_put_back_from_a_copy_is_followed(tmp_path: Path) -> None:
    live, copy = tmp_path / "archive.db", tmp_path / "copy.db"
    database = Database(f"sqlite:///{live}")
    migrate.ensure(database)
    bring(database, *ARTICLES[:2])
    backup.backup(database, copy)
    bring(database, *ARTICLES[2:])
    assert SearchIndex(tmp_path / "index", database, search_words).search("").total == 5
    database.close()
    for old in tmp_path.glob("archive.db*"):
        old.unlink()
    shutil.copy(copy, live)
    database = Database(f"sqlite:///{live}")
    index = SearchIndex(tmp_path / "index", database, search_words)
    assert index.search("").total == 2
    assert index.search("Fristen").total == 0
    database.close()


def test_two_first_searches_at_once_build_one_index(sqlite: Database, tmp_path: Path) -> None:
    bring(sqlite, *ARTICLES)
    script = """
import sys
from pathlib import Path
from archive.database import Database
from analysis import search_words
from archive.search import SearchIndex
print(SearchIndex(Path(sys.argv[2]), Database(sys.argv[1]), search_words).search("").total)
"""
    run = [sys.executable, "-c", script, str(sqlite.engine.url), str(tmp_path / "index")]
    started = [subprocess.Popen(run, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert [process.communicate(timeout=60)[0].strip() for process in started] == ["5"] * 3
    assert SearchIndex(tmp_path / "index", sqlite, search_words).search("").total == 5


@pytest.mark.parametrize("year", [1, 1600, 2300, 9999])
def test_a_date_beyond_what_the_index_counts_breaks_nothing(
    sqlite: Database, index: SearchIndex, year: int
) -> None:
    far = Entry("https://example.org/f", "Ferne Meldung", published=dt.datetime(year, 5, 5, tzinfo=dt.UTC))
    sources.store(sqlite, Harvest("dcd", "dcd", "", NOW, SourceState.OK, entries=(far,)))
    assert index.search("Ferne").total == 1
    assert index.search("", by_date=True).total == 6
    assert index.search(f"Ferne seit:{year:04}-01-01 bis:{year:04}-12-31").total == 1


def test_search_is_the_same_beside_postgresql(database: Database, tmp_path: Path) -> None:
    bring(database, *ARTICLES)
    index = SearchIndex(tmp_path / "index", database, search_words)
    found = index.search("Xinjiang Rechenzentren")
    assert [hit.article.public_id for hit in found.hits] == ["xxin", "xdcd", "xzho"]
    assert found.complete == 2


PIECES = st.sampled_from(
    ["OR", "NOT", "-", '"', "*", "Xinj*", "seit:2025-07-01", "bis:1500-01-01", "quelle:x", "a:b", "^2", "~",
     "[a TO b]", "{", "\\", "(", ")", "/.*/", "title_de:x", "id:1", "新疆", "..", "*:*", "IN", "e\u0301*"]
) | st.text(max_size=12)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PIECES, max_size=12).map(" ".join), st.booleans())
def test_any_query_has_an_answer(index: SearchIndex, text: str, by_date: bool) -> None:
    found = index.search(text, by_date=by_date)
    assert len(found.hits) <= found.total <= 5


@pytest.mark.parametrize(
    "text", ["x" * 10_000 + "*", "ä" * 299 + "*", "-" * 300, '"' * 300, "(" * 300, "a* " * 100]
)
def test_extreme_queries_have_an_answer(index: SearchIndex, text: str) -> None:
    assert index.search(text).total in (0, 5)
