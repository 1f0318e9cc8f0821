"""Fetching translation models from a folder on a web server."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from program import run

from lagebrief import models
from lagebrief.errors import InputError, TryAgainError

FILES = {"model.ende.intgemm.alphas.bin": b"m" * 200_000, "vocab.ende.spm": b"v" * 10}


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_args: object) -> None:
        """Nothing."""


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Address and folder of a mirror with two files."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    sums = [f"{hashlib.sha256(content).hexdigest()}  {name}" for name, content in FILES.items()]
    (folder / models.SUMS).write_text("\n".join(sums))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", folder
    server.shutdown()
    server.server_close()
    thread.join()


def fetch(folder: Path, address: str) -> list[tuple[str, int, int]]:
    steps: list[tuple[str, int, int]] = []
    models.fetch(folder, address, "test", lambda *step: steps.append(step))
    return steps


def test_files_are_fetched_whole_and_only_once(mirror: tuple[str, Path], tmp_path: Path) -> None:
    steps = fetch(tmp_path / "en-de", mirror[0])
    assert {name: (tmp_path / "en-de" / name).read_bytes() for name in FILES} == FILES
    assert steps[-1][1:] == (10, 10)
    assert fetch(tmp_path / "en-de", mirror[0]) == []


def test_a_damaged_file_is_not_kept(mirror: tuple[str, Path], tmp_path: Path) -> None:
    address, folder = mirror
    (folder / "vocab.ende.spm").write_bytes(b"something else")
    with pytest.raises(InputError, match="damaged"):
        fetch(tmp_path / "en-de", address)
    assert [path.name for path in (tmp_path / "en-de").iterdir()] == ["model.ende.intgemm.alphas.bin"]


@pytest.mark.parametrize("sums", ["", "no sums here", f"{'0' * 64}  ../../outside"])
def test_a_folder_that_names_no_files_is_refused(mirror: tuple[str, Path], tmp_path: Path, sums: str) -> None:
    address, folder = mirror
    (folder / models.SUMS).write_text(sums)
    with pytest.raises(InputError, match="names no model files"):
        fetch(tmp_path / "en-de", address)


def test_a_folder_that_is_not_there_can_be_tried_again(mirror: tuple[str, Path], tmp_path: Path) -> None:
    with pytest.raises(TryAgainError, match="cannot be read"):
        fetch(tmp_path / "en-de", f"{mirror[0]}/elsewhere")


def test_the_command_says_what_it_fetched(mirror: tuple[str, Path], tmp_path: Path) -> None:
    answer = run("--data-dir", "d", "models", "fetch", "--mirror", mirror[0])
    assert answer.returncode == 0, answer.stderr
    assert "2 files, 0.2 MB" in answer.stderr
    assert (tmp_path / "d" / "models" / "en-de" / "vocab.ende.spm").is_file()
