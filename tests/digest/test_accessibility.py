"""axe-core finds nothing wrong with the page of an issue: light and dark, on a desk and on a telephone."""

from pathlib import Path

import pytest
from axe import audit
from browser import DARK

from digest.issue import Issue
from digest.rendering import render

pytestmark = [pytest.mark.chromium, pytest.mark.usefixtures("chromium")]
WIDTHS = (600, 375)
INK = {"light": "rgb(27, 28, 30)", "dark": "rgb(236, 233, 226)"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("week", ["july", "full"])
def test_axe_finds_nothing(
    week: str, scheme: str, request: pytest.FixtureRequest, tmp_path: Path, npm: Path
) -> None:
    issue: Issue = request.getfixturevalue(week)
    answers = audit([render(issue).html], tmp_path, npm, WIDTHS, *([DARK] if scheme == "dark" else []))
    assert [(answer["width"], answer["ink"]) for answer in answers] == [(w, INK[scheme]) for w in WIDTHS]
    for answer in answers:
        assert {"color-contrast", "heading-order", "valid-lang", "target-size"} <= set(answer["passed"])
        assert answer["violations"] + answer["undecided"] == []


def test_the_audit_itself_sees_a_fault(july: Issue, tmp_path: Path, npm: Path) -> None:
    pale = render(july).html.replace("color:#1b1c1e", "color:#d0d0d0")
    (wide, _) = audit([pale], tmp_path, npm, WIDTHS)
    assert any(found.startswith("color-contrast") for found in wide["violations"])
