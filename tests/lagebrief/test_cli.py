"""The command line as others script against it: data on stdout, one line on stderr, promised exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from example_lines import LINES
from program import COMMAND, assert_one_line, environment, json_lines, lines_file, run, write_config

from archive import migrate, queries
from archive.database import Database
from archive.locks import alone
from lagebrief.cli import COMMANDS, lagebrief
from lagebrief.demo.world import ExampleWeb

# Setting up


def test_init_writes_a_file_that_loads_and_refuses_to_overwrite(place: Path) -> None:
    assert run("init", "neu").returncode == 0
    before = Path("neu/config.toml").read_bytes()
    assert_one_line(run("init", "neu"), 2, "neu/config.toml", "exists already")
    assert Path("neu/config.toml").read_bytes() == before
    assert run("--config", "neu/config.toml", "config", "show").returncode == 0


def test_check_names_what_is_wrong_and_changes_nothing(place: Path) -> None:
    run("init")
    answer = run("check", "--json")
    assert answer.returncode == 1
    findings = {row["what"]: row["ok"] for row in json.loads(answer.stdout)}
    assert findings["configuration"]
    assert findings["database"]
    assert not findings["collect.contact"]
    assert not findings["impressum"]
    assert [path.name for path in place.iterdir()] == ["config.toml"]


def test_check_is_content_with_a_complete_configuration(place: Path) -> None:
    Path("config.toml").write_text(
        '[collect]\ncontact = "https://haus.example/kontakt"\n'
        '[mail]\nhost = "mail.haus.example"\nfrom = "Lagebrief <brief@haus.example>"\n'
        '[impressum]\npublisher = "Haus"\naddress = "Weg 1"\n'
        'responsible = "Ö. Çelik"\nemail = "r@haus.example"\n'
    )
    answer = run("check")
    assert (answer.returncode, "!!" in answer.stdout) == (0, False)


def test_check_names_a_database_that_does_not_answer() -> None:
    answer = run(
        "check", "--json", env={"LAGEBRIEF_STORE__URL": "postgresql+psycopg://u:geheim@127.0.0.1:1/d"}
    )
    finding = next(row for row in json.loads(answer.stdout) if row["what"] == "database")
    assert not finding["ok"]
    assert "geheim" not in answer.stdout + answer.stderr


def test_config_show_masks_and_names_origins() -> None:
    Path("config.toml").write_text("[mail]\nport = 25\n")
    env = {"LAGEBRIEF_MAIL__PASSWORD": "geheim"}
    rows = {
        row["key"]: row for row in json.loads(run("config", "show", "--json", "--origin", env=env).stdout)
    }
    assert (rows["mail.port"]["value"], rows["mail.port"]["origin"]) == ("25", "config.toml:2")
    assert rows["mail.password"]["value"] == "********"
    assert rows["mail.password"]["origin"] == "environment LAGEBRIEF_MAIL__PASSWORD"


def test_version_and_help() -> None:
    assert run("version").stdout.count(".") == 2
    answer = run("--help")
    assert answer.returncode == 0
    assert all(name in answer.stdout for name, _, _ in COMMANDS)


@pytest.mark.parametrize("name", [name for name, _, _ in COMMANDS])
def test_every_command_has_help(name: str) -> None:
    answer = CliRunner().invoke(lagebrief, [name, "--help"])
    assert (answer.exit_code, answer.stderr) == (0, "")


# Sources


def test_pausing_and_resuming_a_source() -> None:
    def configured() -> str:
        rows = json.loads(run("sources", "list", "--json").stdout)
        return next(str(row["configured"]) for row in rows if row["source"] == "dcd")

    assert configured() == "active"
    assert run("sources", "pause", "dcd").returncode == 0
    assert configured() == "paused"
    assert run("sources", "resume", "dcd").returncode == 0
    assert configured() == "active"
    assert_one_line(run("sources", "resume", "fehlt"), 2, "no source 'fehlt'", "dcd")
    assert_one_line(run("collect", "--source", "fehlt"), 2, "no source 'fehlt'")


def test_testing_a_source_leaves_the_archive_as_it_is(web: ExampleWeb, place: Path) -> None:
    url = f"sqlite:///{place / 'eigene.db'}"
    config = write_config(place, web, store_url=url)
    database = Database(url)
    migrate.ensure(database)
    answer = run("--config", config, "sources", "test", "dcd", "--json")
    assert answer.returncode == 0, answer.stderr
    (row,) = json.loads(answer.stdout)
    assert (row["source"], row["state"], row["status"]) == ("dcd", "ok", 200)
    assert row["entries"] >= row["new"] > 5
    assert queries.count(database) == 0
    database.close()


def test_doctor_asks_nobody_unless_told_to(place: Path) -> None:
    answer = run("doctor")
    assert answer.returncode == 0
    assert "--live" in answer.stderr


def test_collecting_reports_each_source(web: ExampleWeb, place: Path) -> None:
    config = write_config(place, web)
    answer = run("--config", config, "collect", "--source", "dcd", "--source", "iw", "--json")
    assert answer.returncode == 0, answer.stderr
    rows = json.loads(answer.stdout)
    assert [(row["source"], row["state"]) for row in rows] == [("dcd", "ok"), ("iw", "ok")]
    assert all(set(row) == {"source", "state", "reason", "entries", "new", "changed"} for row in rows)
    assert json.loads(run("--config", config, "collect", "--source", "dcd", "--json").stdout) == []
    assert len(json.loads(run("--config", config, "sources", "audit", "--json").stdout)) >= 2
    assert run("--config", config, "healthcheck").returncode == 0


def test_a_source_that_fails_is_exit_3_and_then_a_trouble(place: Path) -> None:
    Path("config.toml").write_text(
        '[collect]\nretries = 0\nper_host_delay = "0s"\n[[sources]]\nkey = "tot"\nkind = "rss"\n'
        'url = "http://127.0.0.1:1/feed"\nallow_private_hosts = ["127.0.0.1"]\n'
    )
    assert run("healthcheck").returncode == 0
    for _ in range(3):
        answer = run("collect", "--force", "--json")
        assert answer.returncode == 3
        assert json.loads(answer.stdout)[0]["state"] == "robots_refused"  # nobody can say it is allowed
    health = run("healthcheck")
    assert health.returncode == 1
    assert "tot: 3 failures in a row" in health.stderr
    assert "tot: 3 failures" in json.loads(run("status", "--json").stdout)["troubles"][0]


def test_a_second_collector_is_told_to_come_back(place: Path) -> None:
    assert run("archive", "stats").returncode == 0
    with alone(Database(f"sqlite:///{place / 'data' / 'lagebrief.db'}"), "collect"):
        assert_one_line(run("-q", "collect", "--source", "dcd"), 75, "already running")


def test_an_article_added_by_hand() -> None:
    given = (
        "add-url",
        "https://example.org/a?utm_source=x",
        "--title",
        "Von Hand",
        "--published",
        "2025-07-11",
    )
    assert run(*given, "--language", "de").stderr == "added\n"
    assert run(*given).stderr == "known already\n"
    (hit,) = json.loads(run("search", "Hand", "--json").stdout)["hits"]
    assert (hit["title"], hit["published"]) == ("Von Hand", "2025-07-11T00:00:00+00:00")
    assert_one_line(run("add-url", "ftp://x", "--title", "t"), 2, "not a web address")
    assert_one_line(run("add-url", "https://example.org/b"), 2, "--title is needed")
    bad = run("add-url", "https://example.org/c", "--title", "t", "--published", "gestern")
    assert_one_line(bad, 2, "--published", "2025-07-11")


# Archive and search


def test_import_names_broken_lines_and_ends_with_3(place: Path) -> None:
    answer = run("archive", "import", "--jsonl", lines_file(LINES[0], b"kaputt", b'{"id": 1}', LINES[1]))
    assert answer.returncode == 3
    said = answer.stderr.splitlines()
    assert said[0] == "line 2: not JSON"
    assert said[1].startswith("line 3: 'title' is missing")
    assert said[-1] == "2 new, 0 changed, 0 known, 2 lines skipped"
    stats = json.loads(run("archive", "stats", "--json").stdout)
    assert stats == {"articles": 2, "outlets": {"dcd": 1, "import": 1}}


def test_export_can_be_imported_again(filled: Path, place: Path) -> None:
    answer = run("--data-dir", "d", "archive", "export", "--jsonl", "-")
    assert [row["id"] for row in json_lines(answer.stdout)] == ["x1", "2"]
    again = run("--data-dir", "e", "archive", "import", "--jsonl", "-", input=answer.stdout)
    assert (again.returncode, "2 new" in again.stderr) == (0, True)
    assert run("--data-dir", "e", "archive", "export", "--jsonl", "out.jsonl").returncode == 0
    assert [row["title"] for row in json_lines(Path("out.jsonl").read_text())] == [
        LINES[0]["title"],
        LINES[1]["title"],
    ]


def test_search_has_the_promised_shape(filled: Path) -> None:
    found = json.loads(run("--data-dir", "d", "search", "Xinjiang", "--json").stdout)
    assert set(found) == {"total", "took_ms", "hits"}
    (hit,) = found["hits"]
    assert {**hit, "score": 1, "snippet": ""} == {
        "id": "x1",
        "title": LINES[0]["title"],
        "outlet": "dcd",
        "language": "en",
        "published": "2025-07-08T00:00:00+00:00",
        "url": "https://example.org/x1",
        "score": 1,
        "snippet": "",
    }
    assert hit["score"] > 0
    assert "<mark>Xinjiang</mark>" in hit["snippet"]
    assert found["total"] == 1


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        (["Fristen"], 1),
        (["--", "-Xinjiang"], 1),
        (["--source", "dcd", "Fristen"], 0),
        (["--lang", "en"], 1),
        (["--since", "2025-07-01", "--until", "2025-07-31"], 1),
        (["--sort", "date", "--limit", "1"], 2),
        (["\udcff ("], 0),
        ([""], 2),
    ],
)
def test_searching_with_options(filled: Path, arguments: list[str], count: int) -> None:
    answer = run("--data-dir", "d", "search", "--json", *arguments)
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["total"] == count


def test_reindexing(filled: Path) -> None:
    assert run("--data-dir", "d", "archive", "reindex").returncode == 0
    assert json.loads(run("--data-dir", "d", "search", "Xinjiang", "--json").stdout)["total"] == 1


def test_rows_for_programs_hold_no_tabs_line_ends_or_terminal_commands(place: Path) -> None:
    run("archive", "import", "--jsonl", lines_file({"id": "a", "title": "rot\t\x1b[31m\nTurbine"}))
    answer = run("search", "Turbine")
    (row,) = answer.stdout.split("\n")[:-1]
    assert "\x1b" not in row
    assert len(row.split("\t")) == 4


# Issues and upkeep


@pytest.mark.parametrize("command", ["show", "preview", "approve", "export"])
def test_an_issue_that_was_never_composed(command: str) -> None:
    more = ["--out", "o"] if command == "export" else []
    assert_one_line(run("digest", command, "2025-W28", *more), 2, "no issue of 2025-W28", "digest compose")


@pytest.mark.parametrize("week", ["2025-W53", "KW28", ""])
def test_a_week_that_no_calendar_has(week: str) -> None:
    assert_one_line(run("digest", "show", week), 2, "week")


def test_too_little_for_an_issue_is_exit_4() -> None:
    assert_one_line(run("digest", "compose", "--week", "2025-W28"), 4)


def test_backup_is_whole_and_overwrites_nothing(filled: Path, place: Path) -> None:
    assert run("--data-dir", "d", "db", "backup", "b/kopie.db").returncode == 0
    database = Database(f"sqlite:///{place / 'b' / 'kopie.db'}")
    assert queries.count(database) == 2
    database.close()
    assert_one_line(run("--data-dir", "d", "db", "backup", "b/kopie.db"), 2, "exists already")
    assert_one_line(run("--data-dir", "d", "db", "backup", "b/kopie.db/x.db"), 1, "kopie.db")


def test_the_tables_are_named_and_upgraded() -> None:
    assert run("db", "current").stdout == "empty\n"
    assert run("db", "upgrade").returncode == 0
    assert run("db", "current").stdout == f"{migrate.newest()}\n"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--data-dir", "lines.jsonl", "archive", "stats"], 1),
        (["--data-dir", "/dev/null/x", "status"], 1),
    ],
)
def test_a_folder_that_cannot_be_made_is_one_line(arguments: list[str], code: int) -> None:
    lines_file(LINES[0])
    assert_one_line(run(*arguments), code)


@pytest.mark.parametrize("url", ["sqlite:////dev/null/x.db", "postgresql+psycopg://u@127.0.0.1:1/d"])
def test_a_store_that_does_not_answer_is_one_line(url: str) -> None:
    assert_one_line(run("status", env={"LAGEBRIEF_STORE__URL": url}), 1)


@pytest.mark.parametrize(
    "arguments",
    [
        ["gibtesnicht"],
        ["search", "--limit", "0"],
        ["archive", "import", "--jsonl", "fehlt"],
        ["--gibtesnicht"],
    ],
)
def test_wrong_usage_is_exit_2(arguments: list[str]) -> None:
    answer = run(*arguments)
    assert answer.returncode == 2
    assert "Error: " in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize(
    "arguments", [["milestones", "list"], ["config", "show"], ["archive", "export", "--jsonl", "-"]]
)
def test_a_reader_that_has_gone_is_no_error(place: Path, arguments: list[str]) -> None:
    many = [{"id": str(n), "title": f"Meldung {n}", "body": "x" * 200} for n in range(2_000)]
    run("archive", "import", "--jsonl", lines_file(*many))
    command = [*COMMAND, *arguments]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "env": environment()}
    with subprocess.Popen(command, **pipes) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read().decode()
    assert "Traceback" not in said
    assert "BrokenPipe" not in said


# Start-up


def test_help_is_quick() -> None:
    """As a ratio to an empty Python of the same minute, so that it holds on any machine."""
    times = {"empty": [], "help": []}  # type: dict[str, list[float]]
    commands = {"empty": [sys.executable, "-c", "pass"], "help": [*COMMAND, "--help"]}
    for _, name in product(range(7), commands):
        started = time.perf_counter()
        subprocess.run(commands[name], check=True, capture_output=True, env=environment())
        times[name].append(time.perf_counter() - started)
    assert min(times["help"]) / min(times["empty"]) < 12


@pytest.mark.parametrize("arguments", [["--help"], ["version"], ["search", "--help"], ["collect", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    script = (
        "import sys\nfrom lagebrief.cli import lagebrief\nlagebrief(sys.argv[1:], standalone_mode=False)\n"
        "heavy = {'scrapy', 'sqlalchemy', 'numpy', 'tantivy', 'feedparser', 'pydantic', 'rich'}\n"
        "found = heavy & set(sys.modules)\n"
        "sys.exit(f'imported {found}' if found else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
