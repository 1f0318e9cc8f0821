"""Fixtures every room uses: where the shared material is, a database of each kind, no foreign network."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any, NoReturn

import pytest
from relay import Relay, postfix

from archive import migrate
from archive.database import Database

ROOT = Path(__file__).resolve().parent.parent


def need(part: str, reason: str) -> NoReturn:
    """Skip for want of a part of this machine, or fail where LAGEBRIEF_REQUIRE names it (as CI does).

    part: chromium, dovecot, llm, npm, pdf, postfix, postgres or shared; LAGEBRIEF_REQUIRE lists them with
    commas.
    """
    if part in os.environ.get("LAGEBRIEF_REQUIRE", "").split(","):
        pytest.fail(f"LAGEBRIEF_REQUIRE asks for {part}: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session", name="need")
def _need() -> Callable[[str, str], NoReturn]:
    return need


@pytest.fixture(autouse=True)
def _no_foreign_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection to anything but this machine fails the test."""
    real = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = str(address[0])
            assert host in ("127.0.0.1", "::1", "localhost"), f"a test reached out to {host}"
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def relay() -> Iterator[Relay]:
    """A real Postfix, with a server behind it that keeps every mail."""
    if not Path("/usr/sbin/smtp-sink").exists() or os.geteuid() != 0:
        need("postfix", "needs Postfix, and root to start it: install the package postfix")
    with folder_for_servers() as folder, postfix(folder / "postfix") as running:
        yield running


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of facts, samples and hostile inputs that is not part of the project."""
    folder = Path(os.environ.get("LAGEBRIEF_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        need("shared", "needs the shared material: set LAGEBRIEF_SHARED")
    return folder


@contextmanager
def folder_for_servers() -> Iterator[Path]:
    """For servers with a user of their own. pytest shuts its folders to others each time that it starts."""
    with TemporaryDirectory(prefix="lagebrief-") as made:
        Path(made).chmod(0o711)
        yield Path(made)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server of our own on a Unix socket, started for this run and ended after it."""
    binaries = _postgres_binaries()
    if binaries is None:
        need("postgres", "needs PostgreSQL: install the Debian package postgresql")
    with folder_for_servers() as folder:
        as_owner = _as_postgres_user(folder)
        data, sockets = folder / "data", folder / "sockets"
        sockets.mkdir()
        shutil.chown(sockets, _owner()) if as_owner else None
        run = [
            *as_owner,
            str(binaries / "initdb"),
            "-D",
            str(data),
            "-U",
            "lagebrief",
            "-A",
            "trust",
            "-E",
            "UTF8",
        ]
        subprocess.run(run, check=True, capture_output=True)
        options = f"-c listen_addresses='' -c unix_socket_directories={sockets} -c fsync=off"
        start = [*as_owner, str(binaries / "pg_ctl"), "-D", str(data), "-o", options, "-w", "-l"]
        subprocess.run([*start, str(folder / "log"), "start"], check=True, capture_output=True)
        try:
            yield f"postgresql+psycopg://lagebrief@/postgres?host={sockets}"
        finally:
            stop = [*as_owner, str(binaries / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop"]
            subprocess.run(stop, check=False, capture_output=True)


def _postgres_binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


def _owner() -> str:
    return "postgres"


def _as_postgres_user(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root; root lends it the folder and runs it as its own user."""
    if os.geteuid() != 0:
        return []
    for path in (folder, *folder.parents):
        if path.owner() == "root" and path not in (Path("/"), Path("/tmp")):  # noqa: S108
            path.chmod(path.stat().st_mode | 0o011)
    shutil.chown(folder, _owner())
    return ["runuser", "-u", _owner(), "--"]


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser that measures pages."""
    return shutil.which("chromium") or need("chromium", "needs Chromium: install the package chromium")


@pytest.fixture(scope="session")
def npm() -> Path:
    """Folder of the npm packages that check a mail: nothing of them runs but axe-core, in Chromium."""
    folder = ROOT / "tests" / "node_modules"
    wanted = json.loads((ROOT / "tests" / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    for name, version in wanted.items():
        package = folder / name / "package.json"
        if not package.is_file() or json.loads(package.read_text(encoding="utf-8"))["version"] != version:
            need("npm", f"needs the npm package {name} {version}: run make npm")
    return folder


@pytest.fixture(scope="session")
def weasyprint() -> ModuleType:
    """What lays out a PDF, with the libraries below it."""
    try:
        return importlib.import_module("weasyprint")
    except OSError:
        need("pdf", "needs Pango: install the packages libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0")


@pytest.fixture
def empty_postgres(postgres_url: str) -> str:
    """Address of a PostgreSQL database without a table."""
    opened = Database(postgres_url)
    with opened.writing() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    opened.close()
    return postgres_url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty database, once on SQLite and once on PostgreSQL."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("empty_postgres"))
    return f"sqlite:///{tmp_path / 'archive.db'}"


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """File of an empty archive, from which each test on SQLite gets a copy."""
    path = tmp_path_factory.mktemp("migrated") / "archive.db"
    opened = Database(f"sqlite:///{path}")
    migrate.ensure(opened)
    opened.close()
    return path


@pytest.fixture
def database(store_url: str, tmp_path: Path, migrated: Path) -> Iterator[Database]:
    """An empty archive, once on SQLite and once on PostgreSQL."""
    if store_url.startswith("sqlite"):
        shutil.copy(migrated, tmp_path / "archive.db")
    opened = Database(store_url)
    migrate.ensure(opened)
    yield opened
    opened.close()


@pytest.fixture
def sqlite(tmp_path: Path, migrated: Path) -> Iterator[Database]:
    """An empty archive on SQLite, where the kind of database does not matter."""
    shutil.copy(migrated, tmp_path / "archive.db")
    opened = Database(f"sqlite:///{tmp_path / 'archive.db'}")
    yield opened
    opened.close()
