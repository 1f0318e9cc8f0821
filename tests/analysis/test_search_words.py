"""The words by which texts are found: the same from a text and from a query, however either is written."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import compounds, search_lists
from analysis.search_words import index_text, places, query_words


def found_by(text: str, query: str, language: str = "de") -> bool:
    """Does every word of the query, in any of its ways, stand among the words of the text?"""
    kept = index_text(text, language)
    there = {*kept.plain.split(), *kept.stems.split(), *kept.more.split()}
    words, spans = query_words(query)
    return all(
        there & {word.plain, *word.stems, *word.more}
        or any(there & set(span.more) for span in spans if span.first <= place < span.last)
        for place, word in enumerate(words)
    )


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Rechenzentren in der Wüste", "Rechenzentrum"),
        ("Ein Großrechenzentrum entsteht", "Rechenzentren"),
        ("Rechenzentrumsbetreiber klagen", "Rechenzentrum"),
        ("Rechenzentrumsbetreiber klagen", "Betreiber"),
        ("Kriterien und Gremien", "Kriterium Gremium"),
        ("Vorschläge der Behörden", "Vorschlag Behörde"),
        ("Vorschläge der Behörden", "Vorschlaege Behoerden"),
        ("Die Straße ist groß", "strasse gross"),
        ("Das KI-Gesetz kommt", "KI Gesetz"),
        ("Das KI-Gesetz kommt", "KIGesetz"),
        ("115.000 Chips", "115,000 chip"),
        ("1,4 Gigawatt", "1.4"),
        ("Data centres for AI", "Rechenzentrum KI"),
        ("Neue Rechenzentren", "data center"),
        ("字节跳动 baut", "Bytedance"),
        ("Bytedance baut", "字节跳动"),
        ("Die Tiktok-Mutter baut", "ByteDance"),
        ("Kühlwasserverbrauch steigt", "Wasser"),
        ("Unicom zieht nach Xiong'an", "Xiongan"),
        ("Deepseek sucht Planer", "Deep Seek"),
        ("Harbin wirbt", "Charbin"),
        ("Customs officers seize chips", "Zoll"),
        ("Unsichtbar: Rechen\u00adzen\u200btrum", "Rechenzentrum"),
    ],
)
def test_texts_are_found_however_they_are_written(text: str, query: str) -> None:
    assert found_by(text, query)


def test_pieces_of_a_text_come_to_the_words_of_the_whole() -> None:
    text = "„Künstliche Intelligenz“,\tKI-Verordnung: 115\u00a0000 Chips – 1,4GW (Rechen\u00adzentren); 新疆"
    kept = index_text(text, "de")
    words = "kuenstliche intelligenz ki verordnung 115000 chips 1.4 gw rechenzentren 新 疆"
    assert kept.plain.split() == words.split()
    assert {"~ki", "kiverordnung", "~rechenzentrum", "@xinjiang"} <= set(kept.more.split())
    parted = index_text(text.replace("\u00a0", "."), "de")
    assert (parted.plain.split(), parted.more) == (kept.plain.split(), kept.more)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Raum für alle", "Rahmen"),
        ("Ein Zentrum", "Zentner"),
        ("Wachstum", "Wacht"),
        ("H100", "100"),
    ],
)
def test_other_words_stay_apart(text: str, query: str) -> None:
    assert not found_by(text, query)


def test_a_word_that_stands_for_a_meaning_just_as_it_is() -> None:
    for text, language, meant in (
        ("Customs duties", "en", True),
        ("A custom chip", "en", False),
        ("Die Verbraucher", "de", True),
        ("Der Verbrauch", "de", False),
    ):
        more = set(index_text(text, language).more.split())
        assert bool(more & {"~zoll", "~verbraucher"}) is meant, text


def test_stems_that_a_meaning_covers() -> None:
    (word,), _ = query_words("Rechenzentrum")
    assert word.covered == ("rechenzentr",)
    assert "~rechenzentrum" in index_text("Neue Rechenzentren", "de").more.split()
    (word,), _ = query_words("Chip")
    assert word.covered == ("chip",)  # the stem in both languages, with the meaning in both
    for text in ("Gift", "customs"):  # the latter means something, the other words of its stem do not
        (word,), _ = query_words(text)
        assert word.covered == ()


def test_the_head_of_a_compound() -> None:
    assert compounds.head("scheinrechenzentren") == "rechenzentren"
    assert compounds.head("xylophon") == ""
    (word,), _ = query_words("Scheinrechenzentren")
    assert (word.parts, "~rechenzentrum" in word.head) == ((), True)


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("großrechenzentrum", ("groß", "rechenzentrum")),
        ("exportkontrollen", ("export", "kontrollen")),
        ("marktüberwachungsbehörde", ("marktüberwachungs", "behörde")),
        ("unternehmen", ()),
        ("ki", ()),
    ],
)
def test_compounds_fall_into_known_words(word: str, parts: tuple[str, ...]) -> None:
    assert compounds.split(word) == parts


def test_words_inside_words() -> None:
    assert set(compounds.inner_words("kühlwasserverbrauch")) == {"kühlwasser", "verbrauch", "kühl", "wasser"}


def test_a_long_row_of_letters_takes_no_time() -> None:
    started = time.process_time()
    compounds.inner_words("rechenzentrum" * 4)
    index_text("ab" * 5_000 + " " + "daten" * 2_000, "de")
    assert time.process_time() - started < 2


def test_the_kept_lists_are_those_of_the_two_files() -> None:
    kept = json.loads(search_lists._data("search_lists.json"))
    assert {**kept, "stemmer": ""} == {**search_lists.made(), "stemmer": ""}, (
        "names.toml or twins.toml has changed: python -m analysis.search_lists"
    )


def test_lists_of_other_files_are_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_lists, "stemmer_version", lambda: "another")
    search_lists.lists.cache_clear()
    try:
        branch = search_lists.lists().names.get("bytedance")
    finally:
        search_lists.lists.cache_clear()
    assert branch is not None
    assert branch.ends == ("@bytedance",)


def test_places_are_those_of_the_text() -> None:
    text = "China: ÄRGER um KI-Rechenzentren; die TikTok-Mutter mietet 115.000 Chips."
    words, spans = query_words("Rechenzentrum Bytedance 115,000")
    wanted = frozenset(token for one in words for token in (one.plain, *one.stems, *one.more)) | frozenset(
        token for span in spans for token in span.more
    )
    marked = [text[start:end] for start, end in places(text, "de", wanted)]
    assert marked == ["Rechenzentren", "TikTok-Mutter", "115.000"]


def test_a_beginning_marks_every_word_that_begins_so() -> None:
    text = "Rechenzentren und Rechenleistung"
    assert [text[a:b] for a, b in places(text, "de", frozenset({"rechen*"}))] == text.split(" und ")


@given(st.text(max_size=200), st.sampled_from(["de", "en", "zh", ""]))
def test_any_text_has_words_and_places_within(text: str, language: str) -> None:
    kept = index_text(text, language)
    assert len(kept.plain.split()) == len(kept.stems.split())
    wanted = frozenset((*kept.stems.split()[:5], "a*"))
    spots = places(text, language, wanted)
    assert all(0 <= start < end <= len(text) for start, end in spots)
    assert spots == sorted(spots)


@given(st.text(max_size=300))
def test_any_query_can_be_read(text: str) -> None:
    words, spans = query_words(text)
    assert all(0 <= span.first < span.last <= len(words) for span in spans)
