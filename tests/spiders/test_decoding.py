"""From bytes to text, whatever the labels say."""

from __future__ import annotations

import codecs
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders import decoding

TEXT = "Größe „Straße“ €"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (TEXT.encode(), ""),
        (TEXT.encode(), "text/xml; charset=iso-8859-1"),
        (b"<?xml version='1.0' encoding='latin-1'?>" + TEXT.encode(), ""),
        (codecs.BOM_UTF8 + codecs.BOM_UTF8 + TEXT.encode(), ""),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "text/xml; charset=utf-8"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), ""),
        (codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"), ""),
        (TEXT.encode("windows-1252"), ""),
        (TEXT.encode("windows-1252"), "text/html; charset=iso-8859-1"),
        (TEXT.encode("windows-1252"), "text/html; charset=../../etc/passwd"),
        (TEXT.encode("windows-1252"), "text/html; charset=utf-7"),
        (TEXT.encode("windows-1252"), "text/html; charset=rot13"),
        (b"<meta charset=windows-1252>" + TEXT.encode("windows-1252"), ""),
    ],
)
def test_the_text_is_found(body: bytes, content_type: str) -> None:
    assert decoding.decode(body, content_type).endswith(TEXT)


def test_a_declared_encoding_counts_where_the_bytes_are_no_utf8() -> None:
    body = "<?xml version='1.0' encoding='koi8-r'?>Привет".encode("koi8-r")
    assert decoding.decode(body).endswith("Привет")


def test_a_cut_in_the_last_character_is_no_error() -> None:
    assert decoding.decode("Größe".encode()[:3]) == "Gr"


def test_what_xml_and_databases_refuse_is_gone() -> None:
    assert decoding.decode(b"a\x00b\x0bc\xef\xbf\xbed") == "abcd"


@given(st.binary(max_size=300), st.text(max_size=40))
def test_no_bytes_raise(body: bytes, content_type: str) -> None:
    text = decoding.decode(decoding.unpack(body), content_type)
    text.encode("utf-8")
    assert "\x00" not in text


def test_packed_bytes_are_unpacked_to_the_limit() -> None:
    assert decoding.unpack(gzip.compress(b"x" * 1_000), limit=10) == b"x" * 10
    assert decoding.unpack(b"\x1f\x8bunsinn") == b"\x1f\x8bunsinn"
    assert decoding.unpack(b"glatt") == b"glatt"


@pytest.mark.parametrize(
    ("text", "is_html"),
    [
        ("<!DOCTYPE html><p>", True),
        ("  <!-- x --><HTML>", True),
        ("<rss>", False),
        ("<?xml version='1.0'?><feed>", False),
    ],
)
def test_a_page_is_told_from_a_feed(text: str, is_html: bool) -> None:
    assert decoding.looks_like_html(text) is is_html
