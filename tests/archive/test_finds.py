"""Working with finds: exports, notes and tags, revisions, saved searches, related articles."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from builders import DAY, NOW, bring, entry, harvest, line, reading
from hypothesis import given
from hypothesis import strategies as st

from analysis import search_words
from archive import annotations, exports, queries, readings, revisions, saved_searches, sources
from archive.database import Database
from archive.search import SearchIndex
from archive.values import Article

NAMES = {"dcd": "DataCenterDynamics"}


def stored(database: Database, *lines: dict[str, object]) -> list[Article]:
    bring(database, *lines)
    return list(queries.each(database))


def one(database: Database, **fields: str) -> Article:
    return stored(database, line("a", published="2025-07-09", **fields))[0]


# Exports


@pytest.mark.parametrize("cell", ["=HYPERLINK(1)", "+49", "-1", "@x", "\tx"])
def test_a_cell_is_no_formula(sqlite: Database, cell: str) -> None:
    article = replace(one(sqlite), title=cell)
    rows = list(csv.reader(io.StringIO("".join(exports.as_csv([article])))))
    assert rows[1][rows[0].index("title")] == f"'{cell}"


def test_german_excel_gets_its_marks(sqlite: Database) -> None:
    article = replace(one(sqlite), title='Größe; "Straße"\nzwei', url="https://example.org/?a=1;b=2")
    text = "".join(exports.as_csv([article], german_excel=True))
    assert text.startswith("\ufeffid;published;")
    (row,) = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    assert row["title"] == 'Größe; "Straße"\nzwei'
    assert row["url"] == "https://example.org/?a=1;b=2"


def test_ris_records_are_whole(sqlite: Database) -> None:
    article = replace(one(sqlite), title="Eins\nER  - \nTY  - BOOK", author="A. Muster und B. Beispiel")
    text = "".join(exports.as_ris([article], NAMES))
    assert text.startswith("TY  - NEWS\r\n")
    assert text.endswith("ER  - \r\n")
    assert text.count("\r\nER  - ") == 1
    assert "\r\nAU  - A. Muster\r\nAU  - B. Beispiel\r\n" in text
    assert "\r\nT2  - DataCenterDynamics\r\n" in text


def test_bibtex_braces_stay_even(sqlite: Database) -> None:
    article = replace(one(sqlite), title="50 % & {mehr} \\ #1", url="https://example.org/{x}")
    (text,) = exports.as_bibtex([article], NAMES)
    assert text.replace(r"\{", "").replace(r"\}", "").count("{") == text.replace(r"\}", "").replace(
        r"\{", ""
    ).count("}")
    assert r"50 \% \& \{mehr\}" in text
    assert text.startswith("@online{dcd20250709xa,")


def test_markdown_keeps_text_text(sqlite: Database) -> None:
    article = replace(one(sqlite), title="[x](javascript:y) <b>", url="https://example.org/a_(b)")
    (text,) = exports.as_markdown([article], NAMES)
    assert r"\[x\](javascript:y) \<b\>](<https://example.org/a_(b)>) (DataCenterDynamics, 2025-07-09)" in text


# Notes and tags


def test_notes_come_back_and_go(database: Database) -> None:
    article = one(database)
    first = annotations.add_note(database, article.id, "Zahl prüfen", "R.", NOW)
    annotations.add_note(database, article.id, "geprüft", "", NOW)
    assert [(note.text, note.by) for note in annotations.notes(database, article.id)] == [
        ("Zahl prüfen", "R."),
        ("geprüft", ""),
    ]
    assert annotations.remove_note(database, first)
    assert not annotations.remove_note(database, first)
    assert [note.text for note in annotations.notes(database, article.id)] == ["geprüft"]


def test_tags_are_found_and_taken_away(database: Database, tmp_path: Path) -> None:
    articles = stored(database, line("a"), line("b"))
    index = SearchIndex(tmp_path / "index", database, search_words)
    annotations.add_tags(database, articles[0].id, ["Wichtig", " neu  denken ", "", "wichtig"])
    assert annotations.tags_of(database, [a.id for a in articles]) == {
        articles[0].id: ["neu denken", "wichtig"]
    }
    assert annotations.all_tags(database) == [("neu denken", 1), ("wichtig", 1)]
    found = index.search("schlagwort:wichtig")
    assert (found.total, [hit.article.public_id for hit in found.hits]) == (1, ["xa"])
    assert annotations.remove_tags(database, articles[0].id, ["wichtig", "nie"]) == 1
    assert index.search("schlagwort:wichtig").total == 0


# Revisions


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_diff_gives_both_texts_back(before: str, after: str) -> None:
    diff = revisions.word_diff(before, after)
    assert "".join(text for kind, text in diff if kind != "new") == before
    assert "".join(text for kind, text in diff if kind != "gone") == after


def test_a_diff_is_of_whole_words() -> None:
    assert revisions.word_diff("Es sind 39 Zentren.", "Es sind 36 Zentren.") == [
        ("same", "Es sind "),
        ("gone", "39"),
        ("new", "36"),
        ("same", " Zentren."),
    ]


def changed(database: Database, hours: float, **after: str) -> list[revisions.SilentChange]:
    before = {"title": "China plant 39 Rechenzentren in der Wüste", "teaser": "Es geht um 115.000 Chips."}
    for when, fields in ((NOW, before), (NOW + hours * DAY / 24, {**before, **after})):
        sources.store(database, harvest(entry(1, **fields), at=when))
    return list(revisions.silent_changes(database, NOW - DAY, NOW + 9 * DAY))


def test_a_changed_figure_is_a_silent_change(database: Database) -> None:
    (change,) = changed(database, 5, teaser="Es geht um 15.000 Chips.")
    assert (change.numbers_gone, change.numbers_new) == (("115.000",), ("15.000",))
    assert not change.title_changed
    assert (change.before.number, change.after.number) == (1, 2)


def test_a_changed_title_is_a_silent_change(database: Database) -> None:
    (change,) = changed(database, 5, title="China plant Rechenzentren in der Wüste von Xinjiang")
    assert change.title_changed
    assert change.numbers_gone == ("39",)


def test_a_mended_word_and_a_quick_mend_are_none(database: Database) -> None:
    assert changed(database, 5, teaser="Es geht um etwa 115.000 Chips.") == []


def test_what_is_mended_within_the_hour_is_none(database: Database) -> None:
    assert changed(database, 0.5, teaser="Es geht um 15.000 Chips.") == []


# Saved searches and related articles


def test_a_saved_search_reports_what_is_new_once_it_was_read(database: Database, tmp_path: Path) -> None:
    index = SearchIndex(tmp_path / "index", database, search_words)
    stored(database, line("alt", title="Rechenzentrum alt"))
    assert saved_searches.save(database, "rz", "Rechenzentrum", NOW)
    assert not saved_searches.save(database, "rz", "anderes", NOW)

    def news() -> list[str]:
        saved = saved_searches.load(database, "rz")
        assert saved is not None
        hits, seen = saved_searches.news(database, index, saved)
        saved_searches.remember(database, "rz", seen)
        return [hit.article.public_id for hit in hits]

    assert news() == []
    stored(database, line("neu", title="Ein neues Rechenzentrum"), line("fern", title="Etwas anderes"))
    assert news() == []  # not read yet
    readings.save(database, "v1", [(a, reading()) for a in readings.pending(database, "v1", 9)])
    assert news() == ["xneu"]
    assert news() == []
    assert [saved.name for saved in saved_searches.every(database)] == ["rz"]
    assert saved_searches.remove(database, "rz")
    assert not saved_searches.remove(database, "rz")


def test_related_articles_are_found_across_languages(sqlite: Database, tmp_path: Path) -> None:
    articles = stored(
        sqlite,
        line("de", title="Bytedance baut Rechenzentrum in Ulanqab", lead="Windstrom treibt die Anlage."),
        line("en", title="TikTok owner builds data centre in Ulanqab", lead="Wind power.", language="en"),
        line("no", title="Wetter in Bayern bleibt heiter", lead="Am Montag scheint die Sonne."),
    )
    index = SearchIndex(tmp_path / "index", sqlite, search_words)
    found = index.related(articles[0])
    assert [article.public_id for article in found][:1] == ["xen"]
    assert articles[0].public_id not in [article.public_id for article in found]
