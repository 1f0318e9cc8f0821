"""The issue in a real browser: no sideways scrolling on a telephone, in light and in dark."""

from dataclasses import replace
from pathlib import Path

import pytest
from browser import DARK, title_of

from digest.issue import Issue
from digest.rendering import render
from digest.rows import Check

COVERING = (Check("number", "99 Mrd.", "x", 0, 7),)
pytestmark = [
    pytest.mark.chromium,
    pytest.mark.usefixtures("chromium"),
]
# A frame has the width of a telephone; a browser window cannot be made that narrow.
PAGE = """<!DOCTYPE html><title>measuring</title>
<iframe id="mail" src="mail.html" style="width:{width}px;height:3000px;border:0"></iframe>
<script>
onload = () => {{
  const page = document.getElementById("mail").contentDocument;
  const wide = [...page.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > {width} + 0.5);
  const ink = page.defaultView.getComputedStyle(page.querySelector("h1")).color;
  document.title = [page.documentElement.scrollWidth, wide.map(e => e.tagName).join(), ink].join("|");
}};
</script>"""


def measure(folder: Path, width: int, *options: str) -> list[str]:
    (folder / "page.html").write_text(PAGE.format(width=width))
    return title_of(folder / "page.html", *options).split("|")


@pytest.mark.parametrize("width", [320, 375, 700])
def test_nothing_sticks_out(july: Issue, tmp_path: Path, width: int) -> None:
    endless = replace(july.items[0], headline="Rechenzentrum" * 12, teaser="https://example.org/" + "x" * 200)
    row = replace(july.figure_rows[0], value="99 Mrd. Hongkong-Dollar (Zusammenschaltung)", checks=COVERING)
    issue = replace(july, items=(endless, *july.items), figure_rows=(row, *july.figure_rows))
    (tmp_path / "mail.html").write_text(render(issue).html)
    scroll_width, wide, ink = measure(tmp_path, width)
    assert (int(scroll_width), wide) == (width, "")
    assert ink == "rgb(27, 28, 30)"


def test_dark_mode_takes_the_dark_palette(july: Issue, tmp_path: Path) -> None:
    (tmp_path / "mail.html").write_text(render(july).html)
    *_, ink = measure(tmp_path, 375, DARK)
    assert ink == "rgb(236, 233, 226)"
