"""Two public feed corpora: nothing crashes, and the quick reading says what feedparser says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lxml.etree import XMLSyntaxError

from archive.values import Entry
from lagebrief.errors import UnreadableError
from spiders import decoding, feeds, strict_feeds
from spiders.values import Answer

MakeAnswer = Callable[..., Answer]
# The quick way is right in another manner than feedparser here.
OTHERWISE = {
    "double-encoded-html.xml": "feedparser repairs UTF-8 that was read as Latin-1",
    "bozo_linenoise.xml": "feedparser drops an empty pair of angle brackets",
    "item_category_image.xml": "an item without title, link or text is none",
    "item_content_encoded_crazy.xml": "an unclosed script: nothing after it is text",
    "item_content_encoded_script_nested_cdata.xml": "an unclosed script",
    "item_description_crazy.xml": "an unclosed script",
    "missing-self.xml": "feedparser loses an entry that holds another in its source",
    "source-entry.xml": "feedparser loses an entry that holds another in its source",
}


@pytest.fixture(scope="module")
def files(shared: Path) -> list[Path]:
    folders = [shared / "trust" / "corpus" / name for name in ("feedparser", "w3c-feedvalidator")]
    return sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())


@pytest.mark.filterwarnings("ignore::DeprecationWarning:feedparser.*")
def test_every_feed_ends_as_entries_or_as_a_reason(files: list[Path], answer: MakeAnswer) -> None:
    assert len(files) > 3_000
    for path in files:
        parsed = feeds.read(answer(path.read_bytes(), url="http://127.0.0.1:8097/feed"))
        assert parsed.state.good or parsed.reason, path
        assert len(parsed.entries) < 200, path


@pytest.mark.filterwarnings("ignore::DeprecationWarning:feedparser.*")
def test_the_quick_reading_equals_feedparsers(files: list[Path], answer: MakeAnswer) -> None:
    compared, different = 0, {}
    for path in files:
        made = answer(path.read_bytes(), url="http://127.0.0.1:8097/feed")
        for quick, xml in quick_readings(made):
            compared += 1
            if fields(quick) != fields(feeds.tolerant(made, xml).entries):
                different[path.name] = path
    assert compared > 1_000
    assert different.keys() == OTHERWISE.keys(), different


def quick_readings(made: Answer) -> Iterator[tuple[list[Entry], str]]:
    """The quick reading of a body, nothing where it declines."""
    xml = decoding.without_declaration(decoding.decode(made.body))
    if not xml.startswith("<") or decoding.looks_like_html(xml) or feeds.is_unusual(xml):
        return
    try:
        found, _ = strict_feeds.entries_of(made, xml)
    except (XMLSyntaxError, UnreadableError):
        return
    yield [entry for entry in found if feeds.says_something(entry)], xml


def fields(found: list[Entry] | tuple[Entry, ...]) -> list[tuple[object, ...]]:
    return [(e.url, e.title, e.teaser, e.guid, e.published, e.date_mark) for e in found]
