import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.shortening import plain, shorten


def test_plain_is_one_visible_line() -> None:
    assert plain("  Ein\r\nTitel\x00 mit\u202e allem\u200b ") == "Ein Titel mit allem"
    assert plain("a\ud800b") == "ab"


@pytest.mark.parametrize(
    ("words", "characters", "printed"),
    [
        (None, None, "Der Kodex soll Anbietern helfen"),
        (5, None, "Der Kodex soll Anbietern helfen"),
        (3, None, "Der Kodex soll …"),
        (None, 20, "Der Kodex soll …"),
        (4, 14, "Der Kodex …"),
        (0, None, ""),
        (None, 0, ""),
        (None, 5, "Der …"),
    ],
)
def test_cuts_between_words(words: int | None, characters: int | None, printed: str) -> None:
    assert shorten("Der Kodex soll Anbietern helfen", words=words, characters=characters) == printed


def test_no_punctuation_before_the_ellipsis() -> None:
    assert shorten("Erst eins, dann zwei", words=2) == "Erst eins …"


@pytest.mark.parametrize("cluster", ["e\u0301", "👩\u200d💻", "🇩🇪", "👍🏽", "नि", "\u1112\u1161\u11ab"])
def test_never_cuts_inside_a_character_people_see(cluster: str) -> None:
    for limit in range(1, 30):
        short = shorten(cluster * 12, characters=limit)
        assert len(short) <= limit
        kept = short.removesuffix(" …")
        assert kept == cluster * (len(kept) // len(cluster))


@given(st.text(max_size=80), st.integers(0, 40), st.integers(0, 90))
def test_keeps_every_limit(text: str, words: int, characters: int) -> None:
    short = shorten(text, words=words, characters=characters)
    assert len(short) <= characters
    assert len(short.removesuffix(" …").split()) <= words
    assert short == plain(text) or short.endswith(" …") or not short
