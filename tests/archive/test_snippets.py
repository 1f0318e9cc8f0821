from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from archive.snippets import LENGTH, snippet

TEXT = "Anfang. " + "Füllwort " * 60 + "Hier steht Yiwu neben Qinghai. " + "Füllwort " * 60


def place(word: str, text: str = TEXT) -> tuple[int, int]:
    start = text.index(word)
    return start, start + len(word)


def test_the_stretch_with_the_most_words_is_shown() -> None:
    shown = snippet(TEXT, [place("Anfang"), place("Yiwu"), place("Qinghai")])
    assert "<mark>Yiwu</mark> neben <mark>Qinghai</mark>" in shown
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    assert len(shown) < LENGTH + 60


def test_without_places_the_beginning_is_shown() -> None:
    assert snippet(TEXT, []).startswith("Anfang.")
    assert snippet("", []) == ""


def test_text_stays_text() -> None:
    text = "<script>alert(1)</script> & Yiwu"
    assert (
        snippet(text, [place("Yiwu", text)])
        == "&lt;script&gt;alert(1)&lt;/script&gt; &amp; <mark>Yiwu</mark>"
    )


@given(st.text(max_size=600), st.lists(st.tuples(st.integers(0, 600), st.integers(1, 20)), max_size=8))
def test_any_places_give_balanced_marks(text: str, given_places: list[tuple[int, int]]) -> None:
    spots = sorted((start, min(start + size, len(text))) for start, size in given_places if start < len(text))
    shown = snippet(text, spots)
    assert shown.count("<mark>") == shown.count("</mark>")
