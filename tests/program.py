"""Running the program as people do: in a process of its own, with a configuration file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from lagebrief.demo.world import ExampleWeb

COMMAND = (sys.executable, "-m", "lagebrief.cli")
_KINDS = {
    "reuters-bing": "bing_news",
    "reuters-gdelt": "gdelt",
    "tablemedia": "html_list",
    "ec": "json_api",
}
_HEAD = """
[collect]
contact = "https://example.net/kontakt"
per_host_delay = "0s"
{store}
"""
_SOURCE = """
[[sources]]
key = "{key}"
outlet = "{outlet}"
kind = "{kind}"
url = "{url}"
language = "{language}"
allow_private_hosts = ["127.0.0.1"]
storage = "full"
"""


def write_config(folder: Path, web: ExampleWeb, store_url: str = "") -> Path:
    """A config.toml whose sources are those of the example web. `as_of` of the web must be set."""
    folder.mkdir(parents=True, exist_ok=True)
    text = _HEAD.format(store=f'[store]\nurl = "{store_url}"\n' if store_url else "")
    for key, url in web.urls().items():
        text += _SOURCE.format(
            key=key,
            outlet=key.split("-")[0],
            kind=_KINDS.get(key, "rss"),
            url=url,
            language="de" if key in ("tablemedia", "iw", "ec", "eurlex") else "en",
        )
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def environment(**more: str) -> dict[str, str]:
    """This process's environment without what would configure the program."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LAGEBRIEF_")}
    return {**kept, "PYTHONIOENCODING": "utf-8", **more}


def run(*arguments: str | Path, env: dict[str, str] | None = None, **options: Any) -> Any:
    """Run the command line and return what it printed and its exit code."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=environment(**(env or {})),
        **options,
    )


def start(*arguments: str | Path, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
    """Start the command line and leave it running; it can be broken off wherever the tests run."""
    return subprocess.Popen(
        ["env", "--default-signal=INT", *COMMAND, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(**(env or {})),
    )


def marked(mark: str) -> list[int]:
    """Numbers of the living processes that carry MARK=<mark> in their environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"MARK={mark}\0".encode() in (folder / "environ").read_bytes():
                found.append(int(folder.name))
        except OSError:  # it ended while we looked
            continue
    return found


def lines_file(*lines: dict[str, Any] | bytes, name: str = "lines.jsonl") -> Path:
    """A file of these lines in the working folder; bytes stand there as they are."""
    raw = [row if isinstance(row, bytes) else json.dumps(row, ensure_ascii=False).encode() for row in lines]
    Path(name).write_bytes(b"\n".join(raw) + b"\n")
    return Path(name)


def json_lines(text: str) -> list[dict[str, Any]]:
    """What a command printed as JSON Lines."""
    return [json.loads(line) for line in text.splitlines()]


def assert_one_line(answer: Any, exit_code: int, *words: str) -> None:
    """The program ended with this code and said why in one line, without a traceback."""
    assert answer.returncode == exit_code, answer.stderr
    assert "Traceback" not in answer.stderr
    (said,) = answer.stderr.strip().splitlines()
    assert said.startswith("lagebrief: ")
    for word in words:
        assert word in said
