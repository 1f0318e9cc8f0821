"""The demo's issue, made once, and the example web."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from demo_files import Demo
from program import run

from lagebrief.demo.world import ExampleWeb


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    out = tmp_path_factory.mktemp("demo") / "out"
    answer = run("demo", "--out", out, cwd=out.parent)
    assert answer.returncode == 0, answer.stderr
    return Demo(out, answer.stderr, answer.stdout)


@pytest.fixture
def web() -> Iterator[ExampleWeb]:
    with ExampleWeb() as running:
        yield running
