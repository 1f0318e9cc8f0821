"""The pages for readers in a real browser: axe-core finds nothing, their own policy refuses nothing."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from axe import audit
from browser import DARK, QUIET
from readers import Reader, link_of, part_of, store_issue

import web
from mailing import tokens

pytestmark = [pytest.mark.chromium, pytest.mark.usefixtures("chromium")]
WIDTHS = (1000, 375)
INK = {"light": "rgb(27, 28, 30)", "dark": "rgb(236, 233, 226)"}
STYLE = Path(web.__file__).parent / "static" / "style.css"


@pytest.fixture
def pages(reader: Reader) -> dict[str, str]:
    """Every page there is, by name."""
    empty = reader.get("/ausgaben")
    for number in range(20, 29):
        store_issue(
            reader.site.database, f"2025-W{number}", "39 Rechenzentren in der Wüste, und was daraus wird"
        )
    reader.sign_up("a@example.org")
    link = link_of(reader.mails()[0])
    leave, choose = (tokens.token(reader.site.keys, name, 1) for name in (tokens.LEAVE, tokens.PREFERENCES))
    found = {
        "form": reader.get("/"),
        "wrong address": reader.sign_up("kein-postfach-" + "x" * 80, "eu"),
        "asked": reader.sign_up("b@example.org"),
        "confirm": reader.get(link),
        "confirmed": reader.post(link),
        "over": reader.post(link),
        "choices": reader.get(f"/einstellungen/{choose}"),
        "chosen": reader.post(f"/einstellungen/{choose}"),
        "leave": reader.get(f"/abmelden/{leave}"),
        "left": reader.post(f"/abmelden/{leave}"),
        "no issues": empty,
        "issues": reader.get("/ausgaben"),
        "impressum": reader.get("/impressum"),
        "privacy": reader.get("/datenschutz"),
        "nothing there": reader.get("/nix"),
        "refused": reader.post("/anmelden", Origin="https://evil.example"),
    }
    return {name: answer.text for name, answer in found.items()}


def local(page: str) -> str:
    """The page with its stylesheet beside it: over HTTP its policy lets no frame and no script at it."""
    assert page.count('href="/static/style.css"') == 1
    return page.replace('href="/static/style.css"', 'href="style.css"')


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(pages: dict[str, str], scheme: str, tmp_path: Path, npm: Path) -> None:
    shutil.copy(STYLE, tmp_path)
    options = [DARK] if scheme == "dark" else []
    answers = audit([local(page) for page in pages.values()], tmp_path, npm, WIDTHS, *options)
    ways = [(name, width) for name in pages for width in WIDTHS]
    for way, answer in zip(ways, answers, strict=True):
        assert (answer["width"], answer["ink"]) == (way[1], INK[scheme]), way
        assert {"color-contrast", "heading-order", "landmark-one-main", "target-size"} <= set(
            answer["passed"]
        ), way
        assert answer["violations"] + answer["undecided"] == [], way
        assert answer["overflow"] == 0, way


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_mail(reader: Reader, scheme: str, tmp_path: Path, npm: Path) -> None:
    reader.sign_up("a@example.org")
    page = part_of(reader.mails()[0], "html")
    answers = audit([page], tmp_path, npm, WIDTHS, *([DARK] if scheme == "dark" else []))
    for answer in answers:
        assert answer["ink"] == INK[scheme]
        assert answer["violations"] + answer["undecided"] == []
        assert answer["overflow"] == 0


def test_the_policy_refuses_nothing_of_ours(reader: Reader, tmp_path: Path) -> None:
    """What Chromium says on its console, over HTTP with all headers."""
    store_issue(reader.site.database, html="<style>h1{color:red}</style><h1 style='margin:0'>Brief</h1>")
    for path in ("/", "/ausgaben", "/ausgaben/2025-W28", "/nix"):
        assert console(reader, path, tmp_path) == []


def test_the_policy_refuses_what_is_not_ours(reader: Reader, tmp_path: Path) -> None:
    store_issue(reader.site.database, html="<h1>Brief</h1><script>document.title = 1</script>")
    (said,) = console(reader, "/ausgaben/2025-W28", tmp_path)
    assert "Content Security Policy" in said


def console(reader: Reader, path: str, folder: Path) -> list[str]:
    page = f"http://127.0.0.1:{reader.port}{path}"
    profile = f"--user-data-dir={folder / 'profile'}"
    done = subprocess.run(
        ["chromium", *QUIET, profile, "--enable-logging=stderr", "--dump-dom", page],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert "<h1" in done.stdout
    return [line for line in done.stderr.splitlines() if "CONSOLE" in line]
