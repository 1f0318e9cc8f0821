from __future__ import annotations

import time

import pytest
from hypothesis import given, strategies

from analysis.names import Register, find, register
from lagebrief.errors import ConfigError


def ids(text: str) -> list[str]:
    return [name.id for name in find(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Der Eigentümer von Tiktok und die Tiktok-Mutter", ["bytedance", "bytedance"]),
        ("TikTok owner ByteDance's plan", ["bytedance", "bytedance"]),
        ("Alibabas Rechenzentrum, Xinjiangs Wüste", ["alibaba", "xinjiang"]),
        ("Nvidia-Chips vom Typ H20, H200s und 910C", ["nvidia", "h20", "h200", "ascend-910c"]),
        ("Bonner Behörde, Netzagentur, Bundesnetzagentur", ["bundesnetzagentur"] * 3),
        ("Brüssel und die EU-Kommission", ["kommission", "kommission"]),
        ("阿里巴巴在乌兰察布建设数据中心", ["alibaba", "ulanqab"]),
        ("Ali\u00adbaba", ["alibaba"]),
        ("chinesischen Betreibern in der Inneren Mongolei", ["china", "innere-mongolei"]),
        ("A meta study of us, sap and intel", []),
        ("alibaba xinjiang", ["alibaba", "xinjiang"]),  # a search, all in small letters
        ("", []),
    ],
)
def test_names_are_found(text: str, expected: list[str]) -> None:
    assert ids(text) == expected


def test_spans_index_the_text_as_it_was_given() -> None:
    text = "Was Ali\u00adbaba\u2019s Rivale Tencent in Guian baut"
    assert [text[name.start : name.end] for name in find(text)] == ["Ali\u00adbaba", "Tencent", "Guian"]


def test_parts_know_their_wholes_and_printed_forms() -> None:
    assert register().wholes("yiwu") == ("hami", "xinjiang", "china")
    assert register().printed("kommission") == "EU-Kommission"


@given(strategies.text())
def test_any_text_will_do(text: str) -> None:
    end = 0
    for name in find(text):
        assert end <= name.start < name.end <= len(text)
        end = name.end


def test_time_grows_with_the_text_only() -> None:
    text = "Eigentümer von von von Tiktok Innere Mongolei Inner " * 20_000
    begun = time.thread_time()
    assert len(find(text)) == 40_000
    assert time.thread_time() - begun < 10


@pytest.mark.parametrize(
    ("toml", "complaint"),
    [
        ("[company", "names.toml"),
        ('[planet]\nmars = { de = ["Mars"] }', "planet"),
        ("[company]\na = { de = [] }", "company"),
        ('[company]\na = { de = ["A1"], color = "red" }', "color"),
        ('[company]\na = { de = ["Alpha"], part_of = "b" }', "unknown"),
        ('[place]\na = { de = ["Alpha"], part_of = "b" }\nb = { de = ["Beta"], part_of = "a" }', "own part"),
        ('[place]\na = { de = ["Alpha"] }\n[company]\na = { de = ["Beta"] }', "twice"),
        ('[place]\na = { de = ["Alpha"] }\nb = { de = ["alpha"] }', "stands for"),
        ('[place]\na = { de = ["..."] }', "empty"),
    ],
)
def test_a_broken_register_is_refused(toml: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        Register.parse(toml)
