"""The reading process: its limits hold, it ends with its parent, it can be ended while it reads."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from archive.values import SourceState
from spiders.parsing import Parser
from spiders.settings import SelectorSettings
from spiders.values import Answer

MakeAnswer = Callable[..., Answer]
GOOD = "<rss version='2.0'><channel><item><title>Meldung</title></item></channel></rss>"
# Not well-formed, so that the slow reader has to take it.
MANY_ATTRIBUTES = "<rss><channel><item " + " ".join(f"a{n}='1'" for n in range(200_000)) + "><title>x</title>"


async def test_a_body_that_takes_too_long_costs_its_own_source_only(answer: MakeAnswer) -> None:
    parser = Parser(time_limit=1.0)
    try:
        assert (await parser.read(answer(GOOD))).entries
        slow = await parser.read(answer(MANY_ATTRIBUTES))
        assert slow.reason == "reading the answer took longer than 1 s"
        assert (await parser.read(answer(GOOD))).entries[0].title == "Meldung"
    finally:
        parser.close()


async def test_a_body_that_takes_too_much_memory_costs_its_own_source_only(answer: MakeAnswer) -> None:
    parser = Parser(memory_limit=400 * 2**20)
    try:
        assert (await parser.read(answer(GOOD))).entries
        large = "<rss><channel>" + "<item><title>x</title></item>" * 330_000  # 9 MB, unclosed
        parsed = await parser.read(answer(large))
        assert parsed.state is SourceState.OK or "memory" in parsed.reason
        greedy = await parser.read(answer("<rss><channel><item " + "b='' " * 1_900_000))
        assert greedy.state is SourceState.PARSE_ERROR
        assert greedy.reason
        assert (await parser.read(answer(GOOD))).entries[0].title == "Meldung"
    finally:
        parser.close()


async def test_bodies_read_side_by_side_wait_for_each_other(answer: MakeAnswer) -> None:
    parser = Parser(time_limit=2.0)
    try:
        both = await asyncio.gather(parser.read(answer(MANY_ATTRIBUTES)), parser.read(answer(GOOD)))
        assert [parsed.state for parsed in both] == [SourceState.PARSE_ERROR, SourceState.OK]
    finally:
        parser.close()


async def test_a_wrong_selector_is_named(answer: MakeAnswer) -> None:
    parser = Parser()
    try:
        wrong = answer(
            "<article><a href='/1'>x</a></article>", kind="html_list", selectors=SelectorSettings(item="p[[")
        )
        parsed = await parser.read(wrong)
        assert parsed.state is SourceState.PARSE_ERROR
        assert "sources.quelle.selectors" in parsed.reason
    finally:
        parser.close()


async def test_closing_does_not_wait_for_a_slow_body(answer: MakeAnswer) -> None:
    parser = Parser(time_limit=60)
    await parser.read(answer(GOOD))
    reading = asyncio.ensure_future(parser.read(answer(MANY_ATTRIBUTES)))
    await asyncio.sleep(0.3)
    begun = time.monotonic()
    await asyncio.to_thread(parser.close)
    assert time.monotonic() - begun < 3
    assert not _readers()
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)


def test_closing_twice_or_unopened_is_fine() -> None:
    parser = Parser()
    parser.close()
    parser.close()


PARENT = """
import asyncio, datetime as dt, sys
from spiders.parsing import Parser
from spiders.settings import SourceSettings
from spiders.values import Answer, Ask

def main():
    source = SourceSettings(key="q", kind="rss", url="https://quelle.example/")
    answer = Answer(source, Ask(source.url), source.url, b"<rss/>", "", dt.datetime.now(dt.UTC))
    parser = Parser()
    asyncio.run(parser.read(answer))
    print("ready", flush=True)
    sys.stdin.read()

if __name__ == "__main__":
    main()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a closed pipe ends the process, later")
def test_the_reading_process_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    with subprocess.Popen([sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        assert parent.stdout.readline() == b"ready\n"
        children = psutil.Process(parent.pid).children(recursive=True)
        assert children
        parent.send_signal(signal.SIGKILL)
        _, alive = psutil.wait_procs(children, timeout=5)
    assert not alive


def _readers() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if _reads(child)]


def _reads(child: psutil.Process) -> bool:
    try:
        return "spawn_main" in " ".join(child.cmdline())
    except psutil.NoSuchProcess:  # it ended while we looked
        return False
