"""Lists of feeds in and out; the configuration file keeps every line it had."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from program import assert_one_line, run

from lagebrief import config_writing, opml
from lagebrief.config import default_text, load
from lagebrief.errors import ConfigError, InputError
from lagebrief.opml import Feed
from spiders.settings import SourceSettings

FEEDS = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>Leseliste</title></head><body>
<outline text="Technik">
  <outline type="rss" text="heise online" xmlUrl="https://www.heise.de/rss/heise.rdf" language="de-DE"/>
  <outline type="rss" title="Größe &amp; Ärger: „KI“" text="x" xmlUrl="https://e.org/größe?a=1&amp;b=2"/>
  <outline type="rss" text="Noch einmal" xmlUrl="http://www.heise.de/rss/heise.rdf/?utm_source=x"/>
</outline>
<outline type="rss" text="DCD" xmlUrl="https://www.datacenterdynamics.com/en/rss/"/>
<outline type="rss" text="heise online" xmlUrl="https://www.heise.de/rss/heise-top.rdf"/>
<outline type="rss" text="" xmlUrl="https://ohne-titel.example/feed"/>
<outline type="rss" text="Lokal" xmlUrl="file:///etc/passwd"/>
<outline type="rss" text="Geheim" xmlUrl="https://ich:geheim@e.org/feed"/>
<outline text="Ordner ohne Adresse"/>
</body></opml>
"""
CONFIG = """# Unsere Einstellungen
[app]
timezone = "Europe/Berlin"   # bleibt

[[sources]]
key = "dcd"
kind = "rss"
url = "https://www.datacenterdynamics.com/en/rss/" # Hauptfeed
[[sources]]
key = "heise-online"
kind = "manual"

[[topics]]   # am Ende
key = "t"
name = "T"
"""


@pytest.fixture
def files(place: Path) -> Path:
    Path("feeds.opml").write_text(FEEDS, encoding="utf-8")
    Path("config.toml").write_text(CONFIG, encoding="utf-8")
    return place


def test_feeds_are_added_paused_and_every_line_stays(files: Path) -> None:
    Path("config.toml").chmod(0o640)
    answer = run("sources", "import-opml", "feeds.opml", "--json")
    assert answer.returncode == 0, answer.stderr
    rows = json.loads(answer.stdout)
    assert [row["key"] for row in rows if not row["skipped"]] == [
        "heise-online-2",
        "groesse-aerger-ki",
        "heise-online-3",
        "ohne-titel-example",
    ]
    assert {row["title"]: row["skipped"] for row in rows if row["skipped"]} == {
        "Noch einmal": "twice in the file, taken as heise-online-2",
        "DCD": "configured already as dcd",
        "Lokal": "no web address",
        "Geheim": 'its address holds a password: add it by hand with url = "env:NAME"',
    }
    text = Path("config.toml").read_text(encoding="utf-8")
    assert text.startswith(CONFIG)
    assert Path("config.toml").stat().st_mode & 0o777 == 0o640
    added = tomllib.loads(text)["sources"][2:]
    assert added[0] == {
        "key": "heise-online-2",
        "name": "heise online",
        "kind": "rss",
        "url": "https://www.heise.de/rss/heise.rdf",
        "language": "de",
        "state": "paused",
        "reason": opml.REASON,
    }
    assert added[1]["name"] == "Größe & Ärger: „KI“"
    listed = {row["source"]: row["configured"] for row in json.loads(run("sources", "list", "--json").stdout)}
    assert listed["groesse-aerger-ki"] == "paused"
    assert (
        run("sources", "import-opml", "feeds.opml").stderr.splitlines()[-1]
        == "0 added to config.toml, 8 skipped"
    )
    assert Path("config.toml").read_text(encoding="utf-8") == text
    assert sorted(path.name for path in files.iterdir()) == ["config.toml", "data", "feeds.opml"]


def test_a_dry_run_changes_nothing(files: Path) -> None:
    answer = run("sources", "import-opml", "feeds.opml", "--dry-run")
    assert (answer.returncode, answer.stderr.splitlines()[-1]) == (0, "4 would be added, 4 skipped")
    assert answer.stdout.splitlines()[0].split("\t")[:2] == ["heise-online-2", "added"]
    assert Path("config.toml").read_text(encoding="utf-8") == CONFIG


def test_active_ones_are_collected_at_once(files: Path) -> None:
    assert run("sources", "import-opml", "feeds.opml", "--active").returncode == 0
    states = {source.key: source.state for source in load(Path("config.toml")).config.sources}
    assert states["heise-online-2"] == "active"


def test_a_file_that_lives_by_the_default_sources_keeps_them(files: Path) -> None:
    Path("config.toml").write_text("[mail]\nport = 25 # alt")
    before = [source.key for source in load(Path("config.toml")).config.sources]
    assert run("sources", "import-opml", "feeds.opml").returncode == 0
    after = load(Path("config.toml"))
    assert [source.key for source in after.config.sources][: len(before)] == before
    assert len(after.config.sources) == len(before) + 4
    assert after.text.startswith("[mail]\nport = 25 # alt\n")


def test_where_nothing_can_be_added(files: Path) -> None:
    Path("config.toml").write_text('sources = [{key = "a", kind = "manual"}]\n')
    assert_one_line(run("sources", "import-opml", "feeds.opml"), 2, "[[sources]]")
    Path("config.toml").unlink()
    assert_one_line(run("sources", "import-opml", "feeds.opml"), 2, "lagebrief init")
    assert run("sources", "import-opml", "fehlt.opml").returncode == 2


def test_a_text_that_is_no_configuration_is_not_written(files: Path) -> None:
    loaded = load(Path("config.toml"))
    with pytest.raises(ConfigError, match=r"config\.toml:1: unknown key 'ap'"):
        config_writing.save(loaded, Path("config.toml"), "[ap]\n")
    assert Path("config.toml").read_text(encoding="utf-8") == CONFIG
    assert [path.name for path in files.iterdir() if path.name.startswith(".")] == []


def test_a_link_stays_a_link(files: Path) -> None:
    Path("config.toml").rename("wirklich.toml")
    Path("config.toml").symlink_to("wirklich.toml")
    assert run("sources", "import-opml", "feeds.opml").returncode == 0
    assert Path("config.toml").is_symlink()
    assert "groesse-aerger-ki" in Path("wirklich.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "not well-formed"),
        (b"kein XML", "not well-formed"),
        (b"<opml><body>", "not well-formed"),
        (b"<rss/>", "root element is 'rss'"),
        (b'<!DOCTYPE opml SYSTEM "http://127.0.0.1:1/x.dtd"><opml/>', "document type"),
        (
            b'<!DOCTYPE o [<!ENTITY a SYSTEM "file:///etc/passwd">]><opml><body>&a;</body></opml>',
            "document type",
        ),
        (
            b'<!DOCTYPE o [<!ENTITY a "aaaaaaaaaa">'
            + b"".join(b'<!ENTITY %c "%s">' % (c, b"&%c;" % (c - 1) * 10) for c in range(98, 110))
            + b']><opml><body><outline text="&m;" xmlUrl="https://e.org/"/></body></opml>',
            "document type|not well-formed",
        ),
        (b"<opml>" + b"<outline>" * 5_000 + b"</outline>" * 5_000 + b"</opml>", "not well-formed"),
        (b"<opml>" + b'<outline xmlUrl="https://e.org/"/>' * 5_001 + b"</opml>", "5001 feeds"),
        (b"<opml>" + b" " * (opml.LARGEST + 1), "larger than 8 MiB"),
        (b'<?xml version="1.0" encoding="utf-16"?><opml/>', "not well-formed"),
    ],
)
def test_hostile_lists_are_refused(raw: bytes, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        opml.read(raw)


def test_controls_in_a_title_stay_out() -> None:
    (feed,) = opml.read(b'<opml><outline text="a&#x9;b&#x202E;c" xmlUrl=" https://e.org/ "/></opml>')
    assert feed == Feed("a bc", "https://e.org/")


def test_what_was_written_reads_the_same(files: Path) -> None:
    answer = run("sources", "export-opml", "--out", "out.opml")
    assert (answer.returncode, answer.stdout) == (0, "")
    assert "left out: heise-online (manual is no feed)" in answer.stderr
    assert opml.read(Path("out.opml").read_bytes()) == [
        Feed("dcd", "https://www.datacenterdynamics.com/en/rss/")
    ]
    assert run("sources", "export-opml").stdout == Path("out.opml").read_text()
    Path("config.toml").unlink()
    feeds = opml.read(run("sources", "export-opml").stdout.encode())
    default = [
        row["url"] for row in tomllib.loads(default_text())["sources"] if row["kind"] in ("rss", "atom")
    ]
    assert {feed.url for feed in feeds} <= set(default)


def test_a_secret_address_is_not_written(files: Path) -> None:
    Path("config.toml").write_text('[[sources]]\nkey = "a"\nkind = "rss"\nurl = "env:FEED_URL"\n')
    answer = run("sources", "export-opml", env={"FEED_URL": "https://e.org/feed?token=geheim"})
    assert "geheim" not in answer.stdout
    assert "left out: a (its address is secret)" in answer.stderr
    with_password = SourceSettings.model_validate(
        {"key": "b", "kind": "rss", "url": "https://u:geheim@e.org/"}
    )
    assert b"geheim" not in opml.write([with_password], [])[0]
