"""The sources' configuration: what is accepted, and what is an error that says why."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from pydantic import ValidationError

from archive.values import Storage
from spiders.crawl_settings import scrapy_settings, user_agent
from spiders.settings import CollectSettings, SourceSettings

FEED = {"key": "dcd", "kind": "rss", "url": "https://quelle.example/rss"}


def test_defaults_are_filled_in() -> None:
    source = SourceSettings.model_validate(FEED)
    assert (source.outlet, source.name, source.storage) == ("dcd", "dcd", Storage.TEASER)
    assert source.interval == dt.timedelta(hours=3)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"key": "Groß"}, "key"),
        ({"key": ""}, "key"),
        ({"kind": "telepathie"}, "kind"),
        ({"url": ""}, "an active source needs a url"),
        ({"url": "ftp://quelle.example/"}, "url must start with http"),
        ({"state": "not_collectable"}, "needs a reason"),
        ({"interval": "bald"}, "a duration such as"),
        ({"pages": 0}, "pages"),
        ({"unbekannt": 1}, "unbekannt"),
    ],
)
def test_a_wrong_source_is_an_error_that_says_why(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        SourceSettings.model_validate(FEED | changes)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("500ms", 0.5), ("30s", 30), ("15min", 900), ("2m", 120), ("3h", 10_800), ("1d", 86_400)],
)
def test_durations(text: str, seconds: float) -> None:
    assert CollectSettings.model_validate({"timeout": text}).timeout.total_seconds() == seconds


@pytest.mark.parametrize(("text", "size"), [("2048", 2_048), ("500KiB", 512_000), ("10 MiB", 10_485_760)])
def test_sizes(text: str, size: int) -> None:
    assert CollectSettings.model_validate({"max_body": text}).max_body == size


def test_a_size_without_sense_is_an_error() -> None:
    with pytest.raises(ValidationError, match="a size such as"):
        CollectSettings.model_validate({"max_body": "viel"})


def test_we_name_ourselves_and_our_contact() -> None:
    agent = user_agent(CollectSettings(contact="redaktion@zeitung.example"))
    assert agent.startswith("Lagebrief/")
    assert agent.endswith("(+redaktion@zeitung.example)")


def test_the_crawl_opens_no_door_into_this_process() -> None:
    made = scrapy_settings(CollectSettings())
    assert made["REMOTE_CONTROL_ENABLED"] is made["TELNETCONSOLE_ENABLED"] is False
    assert made["HTTPPROXY_ENABLED"] is made["COOKIES_ENABLED"] is False


def test_no_setting_makes_us_faster_than_a_host_allows() -> None:
    made = scrapy_settings(CollectSettings(per_host_delay=dt.timedelta(seconds=0.1)))
    assert made["DOWNLOAD_SLOTS"]["api.gdeltproject.org"]["delay"] == 5.0
    slower = scrapy_settings(CollectSettings(per_host_delay=dt.timedelta(seconds=9)))
    assert slower["DOWNLOAD_SLOTS"]["api.gdeltproject.org"]["delay"] == 9.0
