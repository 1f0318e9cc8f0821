"""Evidence: what may be kept in full is written, reads back whole, and survives a killed process."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from scrapy.http import Response
from warcio.archiveiterator import ArchiveIterator

from archive import sources
from archive.database import Database
from lagebrief.errors import ConfigError
from spiders.collector import collect
from spiders.settings import CollectSettings, SourceSettings
from spiders.warc import Evidence, files, length_of_whole_members

NOW = dt.datetime(2026, 11, 22, 12, 30, 1, 5, tzinfo=dt.UTC)
WITH = CollectSettings(per_host_delay=dt.timedelta(0), warc=True)
Source = Callable[..., SourceSettings]


def records(path: Path) -> list[tuple[str, str, bytes, dict[str, str]]]:
    """(type, address, body, record headers); digests are verified while reading."""
    found = []
    with path.open("rb") as stream:
        for record in ArchiveIterator(stream, check_digests="raise"):
            body = record.content_stream().read()
            headers = dict(record.rec_headers.headers)
            if record.http_headers:
                headers |= {f"http {name.lower()}": value for name, value in record.http_headers.headers}
            found.append((record.rec_type, headers.get("WARC-Target-URI", ""), body, headers))
    return found


def kept(folder: Path) -> dict[str, bytes]:
    return {
        url.rpartition("/")[2]: body
        for _, path in files(folder)
        for kind, url, body, _ in records(path)
        if kind == "response"
    }


def feed(base: str, name: str, **more: str) -> str:
    item = f"<title>Neues Rechenzentrum {name}</title><link>{base}/{name}.html</link>"
    return f"<rss version='2.0'><channel><item>{item}</item></channel></rss>"


def page(name: str, meta: str = "") -> str:
    text = (
        f"<p>Das Rechenzentrum {name} braucht viel Strom und steht in einer Halle am Rand der Stadt.</p>" * 5
    )
    return (
        f"<html lang=de><head>{meta}<title>{name}</title></head><body><article>{text}</article></body></html>"
    )


async def gather(
    database: Database, folder: Path, *due: SourceSettings, settings: CollectSettings = WITH
) -> None:
    await collect(database, settings, due, clock=lambda: NOW, evidence=folder)


async def test_feed_and_pages_of_a_source_kept_in_full(
    site: Any, sqlite: Database, source_at: Source, tmp_path: Path
) -> None:
    site.put("/voll.xml", gzip.compress(feed(site.base, "a").encode()), Content_Encoding="gzip", X_Eigen="ü")
    site.put("/a.html", page("a"), Content_Type="text/html; charset=utf-8")
    await gather(sqlite, tmp_path / "warc", source_at("voll", site.url("/voll.xml"), storage="full"))
    assert kept(tmp_path / "warc") == {
        "voll.xml": feed(site.base, "a").encode(),
        "a.html": page("a").encode(),
    }
    ((day, path),) = files(tmp_path / "warc")
    assert (day, path.name) == (dt.date(2026, 11, 22), "2026-11-22.warc.gz")
    info, first, _ = records(path)
    assert info[0] == "warcinfo"
    assert b"software: Lagebrief/" in info[2]
    headers = first[3]
    assert headers["WARC-Date"] == "2026-11-22T12:30:01.000005Z"
    assert headers["WARC-Payload-Digest"].startswith("sha256:")
    assert headers["http content-length"] == str(len(feed(site.base, "a")))
    assert "http content-encoding" not in headers
    assert path.read_bytes().startswith(b"\x1f\x8b")
    with gzip.open(path) as unpacked:
        assert unpacked.readline() == b"WARC/1.1\r\n"


async def test_what_may_not_be_kept_in_full_is_not_written(
    site: Any, sqlite: Database, source_at: Source, tmp_path: Path
) -> None:
    site.put("/robots.txt", "User-agent: *\nDisallow: /verboten\n")
    reserved = '<meta name="tdm-reservation" content="1">'
    no_archive = '<meta name="robots" content="noarchive">'
    for name, meta in (("reserviert", reserved), ("ohne-archiv", no_archive), ("verboten", ""), ("frei", "")):
        site.put(f"/{name}.xml", feed(site.base, name))
        site.put(f"/{name}.html", page(name, meta))
    site.put("/vorbehalt.xml", feed(site.base, "x"), tdm_reservation="1")
    site.put("/weg.xml", "weg", 404)
    names = ("reserviert", "ohne-archiv", "verboten", "frei", "vorbehalt", "weg")
    due = [source_at(name, site.url(f"/{name}.xml"), storage="full") for name in names]
    due += [source_at("anriss", site.url("/frei.xml?anriss"), storage="teaser")]
    await gather(sqlite, tmp_path / "warc", *due)
    assert set(kept(tmp_path / "warc")) == {"reserviert.xml", "ohne-archiv.xml", "frei.xml", "frei.html"}


async def test_it_is_off_unless_asked_for(
    site: Any, sqlite: Database, source_at: Source, tmp_path: Path
) -> None:
    source = source_at("voll", site.put("/voll.xml", feed(site.base, "a")), storage="full")
    await gather(sqlite, tmp_path / "warc", source, settings=WITH.model_copy(update={"warc": False}))
    assert not (tmp_path / "warc").exists()


async def test_a_full_disk_costs_the_evidence_not_the_article(
    site: Any, sqlite: Database, source_at: Source, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "warc").write_text("here is no folder")
    source = source_at("voll", site.put("/voll.xml", feed(site.base, "a")), storage="full")
    await gather(sqlite, tmp_path / "warc", source)
    assert sources.statuses(sqlite)["voll"].last_new == NOW
    assert "no evidence of" in caplog.text


def answer(name: str, body: bytes = b"Inhalt", **more: Any) -> Response:
    return Response(f"https://e.org/{name}", body=body, headers={"Content-Type": "text/plain"}, **more)


def test_days_have_their_files_and_runs_append(tmp_path: Path) -> None:
    for number in range(3):
        Evidence(tmp_path, "Lagebrief/1").keep(answer(str(number)), NOW + number * dt.timedelta(hours=8))
    assert [(str(day), len(records(path))) for day, path in files(tmp_path)] == [
        ("2026-11-22", 3),
        ("2026-11-23", 2),
    ]


def test_sources_that_answer_at_once_lose_none(tmp_path: Path) -> None:
    """The file of a new day is made by whoever comes first, and not made anew by who comes second."""
    for number in range(20):
        evidence = Evidence(tmp_path / str(number), "Lagebrief/1")
        start = threading.Barrier(8)

        def keep(name: int, evidence: Evidence = evidence, start: threading.Barrier = start) -> None:
            start.wait(timeout=10)
            evidence.keep(answer(str(name)), NOW)

        with ThreadPoolExecutor(8) as threads:
            list(threads.map(keep, range(8)))
        ((_, path),) = files(tmp_path / str(number))
        assert sorted(url[-1] for kind, url, _, _ in records(path) if kind == "response") == list("01234567")


@pytest.mark.parametrize("lost", [1, 20, 100])
def test_what_a_killed_process_left_is_cut_off(tmp_path: Path, lost: int) -> None:
    Evidence(tmp_path, "Lagebrief/1").keep(answer("1"), NOW)
    ((_, path),) = files(tmp_path)
    whole = path.stat().st_size
    Evidence(tmp_path, "Lagebrief/1").keep(answer("2", b"x" * 5_000), NOW)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - lost)
    Evidence(tmp_path, "Lagebrief/1").keep(answer("3"), NOW)
    assert [url for _, url, _, _ in records(path)][1:] == ["https://e.org/1", "https://e.org/3"]
    assert path.stat().st_size < whole + 5_000


def test_where_the_last_whole_member_ends() -> None:
    one, two = gzip.compress(b"eins"), gzip.compress(bytes(3_000_000))
    for raw, end in (
        (b"", 0),
        (one, len(one)),
        (one + two, len(one + two)),
        (one + two[:-1], len(one)),
        (one + b"Rest", len(one)),
        (one + two + one[:3], len(one + two)),
        (b"kein gzip", 0),
    ):
        assert length_of_whole_members(io.BytesIO(raw)) == end


def test_odd_statuses_and_headers(tmp_path: Path) -> None:
    odd = Response(
        "https://e.org/ü?a=1", status=299, body=b"\x00\xff", headers={"X-A": [b"1\r\nX-B: 2", "é"]}
    )
    Evidence(tmp_path, "Lagebrief/1").keep(odd, NOW)
    ((_, path),) = files(tmp_path)
    _, response = records(path)
    assert response[2] == b"\x00\xff"
    assert "http x-b" not in response[3]


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "warcio.warcwriter", None)
    with pytest.raises(ConfigError, match=r"pip install 'lagebrief\[warc\]'"):
        Evidence(tmp_path, "Lagebrief/1")


def test_other_files_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "heise.warc.gz").write_bytes(b"")
    assert files(tmp_path) == []
    assert files(tmp_path / "fehlt") == []
