"""Where each value comes from, and what is said of a wrong one."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from program import assert_one_line, run
from pydantic import ValidationError

from lagebrief.config import Loaded, default_text, load, load_defaults
from lagebrief.config_view import flat, origin, shown
from lagebrief.errors import ConfigError

SOURCE = '[[sources]]\nkey = "dcd"\nkind = "rss"\nurl = "https://example.org/feed"\n'
OUTLETS = {"reuters", "dcd", "tomshardware", "tablemedia", "iw", "ec", "eurlex"}


def write(text: str, name: str = "config.toml") -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def refused(text: str | None = None) -> str:
    path = write(text) if text is not None else None
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# Where values come from


def test_without_a_file_the_defaults_apply(place: Path) -> None:
    loaded = load()
    assert (loaded.path, loaded.base) == (None, place)
    assert loaded.config == load_defaults().config


def test_the_environment_goes_over_the_file_and_arguments_over_both(monkeypatch: pytest.MonkeyPatch) -> None:
    write('[mail]\nhost = "datei"\nport = 25\n[app]\ndata_dir = "aus-datei"\n')
    assert load().config.mail.host == "datei"
    monkeypatch.setenv("LAGEBRIEF_MAIL__HOST", "umgebung")
    monkeypatch.setenv("LAGEBRIEF_APP__DATA_DIR", "aus-umgebung")
    loaded = load()
    assert (loaded.config.mail.host, loaded.config.mail.port) == ("umgebung", 25)
    assert loaded.data_dir.name == "aus-umgebung"
    assert load(data_dir=Path("argument")).data_dir == Path("argument").absolute()


def test_a_variable_may_be_named_as_in_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAGEBRIEF_MAIL__FROM", "Lagebrief <brief@example.org>")
    assert load().config.mail.from_ == "Lagebrief <brief@example.org>"


def test_which_file_is_found(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    write('[mail]\nhost = "xdg"\n', "xdg/lagebrief/config.toml")
    assert load().config.mail.host == "xdg"
    write('[mail]\nhost = "hier"\n')
    assert load().config.mail.host == "hier"
    monkeypatch.setenv("LAGEBRIEF_CONFIG", str(write('[mail]\nhost = "variable"\n', "v.toml")))
    assert load().config.mail.host == "variable"
    assert load(write('[mail]\nhost = "argument"\n', "a.toml")).config.mail.host == "argument"


def test_relative_paths_start_at_the_file(place: Path) -> None:
    loaded = load(write("", "unter/config.toml"))
    assert loaded.base == place / "unter"
    assert loaded.data_dir == place / "unter" / "data"
    assert loaded.store_url == f"sqlite:///{place / 'unter' / 'data' / 'lagebrief.db'}"


def test_the_data_dir_moves_the_default_database_and_no_other(place: Path) -> None:
    assert load(data_dir=Path("d")).store_url == f"sqlite:///{place / 'd' / 'lagebrief.db'}"
    own = write('[store]\nurl = "sqlite:///eigene.db"\n')
    assert load(own, Path("d")).store_url == "sqlite:///eigene.db"


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    monkeypatch.delenv("LAGEBRIEF_MAIL__PASSWORD", raising=False)
    monkeypatch.setenv("LAGEBRIEF_MAIL__PASSWORD_FILE", str(write(f"geheim{end}", "secret")))
    assert load().config.mail.password.get_secret_value() == "geheim"


def test_the_configuration_is_frozen() -> None:
    config = load().config
    for section, name, value in (
        (config, "mail", config.mail),
        (config.mail, "host", "x"),
        (config.sources[0], "key", "x"),
    ):
        with pytest.raises(ValidationError, match="frozen"):
            setattr(section, name, value)


def test_the_default_file_names_every_outlet_and_both_topics() -> None:
    config = load_defaults().config
    assert {source.outlet for source in config.sources} >= OUTLETS
    assert {topic.key for topic in config.topics} == {"china-ai-rechenzentren", "eu-ai-act"}
    assert all(source.reason for source in config.sources if source.state != "active")
    assert "password" not in tomllib.loads(default_text())["mail"]


def test_own_sources_replace_the_default_ones_and_topics_stay() -> None:
    config = load(write(SOURCE)).config
    assert [source.key for source in config.sources] == ["dcd"]
    assert config.topics == load_defaults().config.topics
    assert load(write("sources = []\n")).config.sources == ()


# What is said of wrong ones


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[mail]\nhots = 'x'\n", ["config.toml:2", "'mail.hots'", "did you mean 'host'?"]),
        ("[app]\n\n[mial]\nhost = 'x'\n", ["config.toml:3", "'mial'", "did you mean 'mail'?"]),
        ("[mail]\nform = 'x'\n", ["config.toml:2", "did you mean 'from'?"]),
        ("xyzzy = 1\n", ["config.toml:1", "'xyzzy'", "known are"]),
        (
            SOURCE + "intervall = '3h'\n",
            ["config.toml:5", "'sources[1].intervall'", "did you mean 'interval'?"],
        ),
        (
            SOURCE + SOURCE.replace("dcd", "b") + "ulr = 'x'\n",
            ["config.toml:9", "'sources[2].ulr'", "'url'?"],
        ),
        (SOURCE + "[sources.selectors]\nitme = 'li'\n", ["config.toml:6", "itme", "did you mean 'item'?"]),
        (SOURCE * 2, ["'dcd' is given twice"]),
        ("[mail]\nport = 'viele'\n", ["config.toml:2", "mail.port", "valid integer"]),
        ("[mail]\nport = 70000\n", ["config.toml:2", "mail.port", "65535"]),
        ("mail = 3\n", ["config.toml:1", "mail"]),
        ("sources = 'alle'\n", ["config.toml:1", "sources"]),
        ("[app]\ntimezone = 'Europa/Berlin'\n", ["config.toml:2", "no such time zone"]),
        ("[collect]\ntimeout = 'bald'\n", ["config.toml:2", "30s, 15min, 3h or 1d"]),
        ("[collect]\nmax_body = '10 GB'\n", ["config.toml:2", "500KiB or 10MiB"]),
        ("[digest]\ncompose = 'sun 02:30'\n", ["config.toml:2", "twice or never"]),
        ("[digest]\ntime = '02:00'\n", ["config.toml:2", "twice or never"]),
        ("[digest]\ncompose = 'donnerstag 12:00'\n", ["config.toml:2", "'thu 12:00'"]),
        ("[digest]\nmin_items = 9\nmax_items = 3\n", ["digest", "min_items (9)"]),
        ("[mail]\npassword = 'geheim'\n", ["LAGEBRIEF_MAIL__PASSWORD", "_FILE"]),
        ("[llm]\napi_key = 'geheim'\n", ["LAGEBRIEF_LLM__API_KEY", "_FILE"]),
        ("[translate]\ndeepl_key = 'geheim'\n", ["LAGEBRIEF_TRANSLATE__DEEPL_KEY", "_FILE"]),
        ('[mail]\nfrom = "a@b.de\\nBcc: c@d.de"\n', ["config.toml:2", "single line"]),
        (SOURCE.replace("https", "gopher"), ["sources[1]", "http:// or https://"]),
        (SOURCE.replace("rss", "fax"), ["config.toml:3", "sources[1].kind"]),
        ("[mail\n", ["config.toml", "not valid TOML", "line 1"]),
        ("[mail]\nhost = 'a'\nhost = 'b'\n", ["not valid TOML"]),
        ("a = " + "[" * 5_000, ["not valid TOML"]),
    ],
)
def test_a_wrong_file_is_named_with_line_and_key(text: str, words: list[str]) -> None:
    said = refused(text)
    for word in words:
        assert word in said
    assert "geheim" not in said


def test_a_file_that_cannot_be_read_is_named(place: Path) -> None:
    Path("latin.toml").write_bytes("[app]\n# Grüße\n".encode("latin-1"))
    for name, reason in (("fehlt.toml", "No such file"), ("latin.toml", "not UTF-8"), (".", "directory")):
        with pytest.raises(ConfigError, match=reason):
            load(Path(name))


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("LAGEBRIEF_MAIL__HOTS", "x", ["did you mean 'host'?"]),
        ("LAGEBRIEF_MIAL__HOST", "x", ["did you mean 'mail'?"]),
        ("LAGEBRIEF_MAIL__PORT", "viele", ["environment LAGEBRIEF_MAIL__PORT", "valid integer"]),
        ("LAGEBRIEF_DIGEST__TIME", "02:30", ["environment LAGEBRIEF_DIGEST__TIME", "twice or never"]),
        ("LAGEBRIEF_SOURCES", "alle", ["environment", "sources"]),
        ("LAGEBRIEF_MAIL__PASSWORD_FILE", "fehlt", ["LAGEBRIEF_MAIL__PASSWORD_FILE", "cannot be read"]),
        ("LAGEBRIEF_MAIL__PASSWORD_FILE", "binär", ["LAGEBRIEF_MAIL__PASSWORD_FILE", "not UTF-8"]),
    ],
)
def test_a_wrong_variable_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: list[str]
) -> None:
    Path("binär").write_bytes(b"\xff\xfe")
    write("[mail]\nport = 25\n")
    monkeypatch.setenv(name, value)
    said = refused()
    for word in words:
        assert word in said


def test_a_variable_may_mend_what_the_file_has_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    write("[mail]\nport = 'viele'\n")
    monkeypatch.setenv("LAGEBRIEF_MAIL__PORT", "25")
    assert load().config.mail.port == 25


# Showing


def everything_shown(loaded: Loaded) -> str:
    return "\n".join(f"{key} {shown(value)}" for key, value in flat(loaded.config))


def test_secrets_are_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAGEBRIEF_MAIL__PASSWORD", "geheim1")
    monkeypatch.setenv("LAGEBRIEF_STORE__URL", "postgresql+psycopg://nutzer:geheim2@host/db")
    monkeypatch.setenv("LAGEBRIEF_QUEUE__URL", "postgresql://nutzer:geheim3@host/db")
    url = 'url = "https://nutzer:geheim4@example.org/feed"'
    write(SOURCE.replace('url = "https://example.org/feed"', url) + 'headers = { X-Key = "geheim5" }\n')
    text = everything_shown(load())
    assert "geheim" not in text
    assert "postgresql+psycopg://nutzer:********@host/db" in text
    assert "X-Key" in text


def test_a_secret_with_strange_signs_is_masked_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    for url in ("postgresql://u:ge/heim@h/db", "postgresql://u:ge:heim@h/db", "postgresql://:geheim@h/db"):
        monkeypatch.setenv("LAGEBRIEF_STORE__URL", url)
        assert "heim" not in shown(load().config.store.url)


def test_the_origin_of_each_value(monkeypatch: pytest.MonkeyPatch) -> None:
    write("[mail]\n\nhost = 'x'\n" + SOURCE)
    monkeypatch.setenv("LAGEBRIEF_MAIL__PORT", "25")
    loaded = load()
    assert origin(loaded, "mail.host") == "config.toml:3"
    assert origin(loaded, "mail.port") == "environment LAGEBRIEF_MAIL__PORT"
    assert origin(loaded, "mail.rate") == "default"
    assert origin(loaded, "sources.dcd.kind") == "config.toml:6"
    assert origin(loaded, "sources.dcd.interval") == "default"


# Through the real command line


@pytest.mark.parametrize("text", ["[mail\n", "[mail]\nhots = 'x'\n", "[digest]\ncompose = 'sun 02:30'\n"])
def test_a_wrong_configuration_ends_the_program_with_78_and_one_line(text: str) -> None:
    write(text)
    assert_one_line(run("status"), 78, "config.toml")


def test_a_missing_file_and_a_wrong_variable_end_it_as_well() -> None:
    assert_one_line(run("--config", "fehlt.toml", "check"), 78, "fehlt.toml")
    assert_one_line(run("check", env={"LAGEBRIEF_WEB__PROT": "1"}), 78, "LAGEBRIEF_WEB__PROT", "'port'")
    wrong = {"LAGEBRIEF_STORE__URL": "postgresql://u:geheim@h:port/db"}
    answer = run("archive", "stats", env=wrong)
    assert_one_line(answer, 78, "store.url")
    assert "geheim" not in answer.stderr


def test_a_licence_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    text = """
    [[sources]]
    key = "lizenz"
    kind = "rss"
    url = "env:LIZENZ_URL"
    headers = { Authorization = "env:LIZENZ_KEY" }
    """
    path = write(text)
    with pytest.raises(ConfigError, match="LIZENZ_URL"):
        load(path)
    monkeypatch.setenv("LIZENZ_URL", "https://example.org/feed")
    monkeypatch.setenv("LIZENZ_KEY", "geheim")
    (source,) = load(path).config.sources
    assert (source.url, source.headers) == ("https://example.org/feed", {"Authorization": "geheim"})
