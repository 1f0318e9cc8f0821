from __future__ import annotations

import pytest

from analysis.language import detect


@pytest.mark.parametrize(
    ("text", "hint", "language"),
    [
        ("Die Behörde berät Betriebe, die mit dem neuen Gesetz nichts anfangen können.", "", "de"),
        ("The agency advises companies that do not know what to make of the new law.", "", "en"),
        ("Alibaba, Tencent, Baidu", "de", "de"),
        ("Cluster Ulanqab", "en-GB", "en"),
        ("The agency advises small companies that do not know what to make of the law.", "de", "en"),
        ("The agency advises companies", "de", "de"),
        ("Une autorité conseille les entreprises.", "fr", "fr"),
        ("", "", "en"),
        ("12 %", "de", "de"),
    ],
)
def test_language(text: str, hint: str, language: str) -> None:
    assert detect(text, hint) == language
