from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mail_lint import budget, markup, styles
from mail_lint.features import Features
from mail_lint.findings import Findings, find
from mail_lint.use import Use

PAGE = """<!DOCTYPE html><html><head><style>
.box { border-radius: 2px }
</style></head><body>
<p align="left" style="border-radius:3px">x</p><blink>y</blink>
</body></html>"""
BUDGET = """
[gap.css-border-radius]
clients = ["outlook.*"]
reason = "square corners"
[unlisted]
"element blink" = "stands still"
"""


def feature(slug: str, title: str, **stats: dict[str, str]) -> dict[str, Any]:
    """A row of the data. A keyword is a family, its value the verdict by version on the platform windows."""
    platforms = {family: {"windows": found} for family, found in stats.items()}
    return {"slug": slug, "title": title, "stats": platforms, "notes_by_num": {"1": "Only round ones."}}


@pytest.fixture
def features(tmp_path: Path) -> Features:
    rows = [
        feature("css-border-radius", "border-radius", outlook={"2007": "y", "2019": "n #1"}),
        feature("css-selector-class", "Class selector", outlook={"2019": "u"}),
        feature("css-unit-px", "px unit", outlook={"2019": "y"}),
        feature("css-border", "border"),
        feature("css-variables", "CSS Variables (Custom Properties)"),
        feature("html-style", "<style> element", outlook={"2007": "n", "2019": "a"}),
        feature("html-align", "align attribute"),
        feature("html-table", "<table> element"),
        *(feature(f"html-{name}", f"<{name}> element") for name in ("body", "p", "h1-h6")),
        feature("html-doctype", "HTML5 doctype"),
    ]
    path = tmp_path / "caniemail.json"
    path.write_text(json.dumps({"data": rows}), encoding="utf-8")
    return Features(path)


def names(uses: Any) -> set[str]:
    return {f"{use.kind} {use.name}" for use in uses}


def complaints(tmp_path: Path, found: Findings, text: str) -> list[str]:
    path = tmp_path / "budget.toml"
    path.write_text(text, encoding="utf-8")
    return budget.read(path).complaints(found)


@pytest.mark.parametrize(
    ("css", "found"),
    [
        ("padding-left: 1.5EM !important", {"property padding-left", "unit em", "css important"}),
        ("width: calc(100% - 2rem)", {"property width", "function calc", "unit percent", "unit rem"}),
        ("display: none; --x: 1vh", {"display none", "css variables", "unit vh"}),
        ("background: url(a/b.WebP?c#d)", {"property background", "image webp"}),
        ("background: url('x.jpeg')", {"property background", "image jpg"}),
        ("font-family: system-ui", {"property font-family", "keyword system-ui"}),
        ("margin: 0; /* why */ color", {"property margin", "css comments"}),
        ("color:", {"property color"}),
    ],
)
def test_a_style_attribute_is_taken_apart(css: str, found: set[str]) -> None:
    assert names(styles.of_attribute(css, 7)) >= found
    assert {use.line for use in styles.of_attribute(css, 7)} == {7}


def test_broken_styles_are_named() -> None:
    assert any(name.startswith("css error") for name in names(styles.of_attribute("margin 0", 1)))
    assert any(name.startswith("css error") for name in names(styles.of_sheet("a {} b", 1)))


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ("a:hover", {"selector type", "pseudo-class hover"}),
        ("*, .a.b", {"selector universal", "selector grouping", "selector chaining"}),
        ("div > p + p ~ p .x", {f"selector {kind}" for kind in (
            "type", "child", "adjacent-sibling", "general-sibling", "descendant", "class")}),
        ("#a[href='x y']::before", {"selector id", "selector attribute", "pseudo-element before"}),
        ("li:nth-child(2n + 1)", {"selector type", "pseudo-class nth-child"}),
        (":not(.x):lang(de)", {"pseudo-class not", "selector class", "pseudo-class lang"}),
        ("a|b", {"selector type", "selector |"}),
    ],
)  # fmt: skip
def test_a_selector_is_taken_apart(selector: str, found: set[str]) -> None:
    assert names(styles.of_sheet(selector + "{}", 1)) == found


def test_rules_inside_rules_keep_their_lines() -> None:
    sheet = "@media screen and (max-width: 600px) {\n .a {\n  color: red;\n  & b { margin: 0 } } }"
    uses = list(styles.of_sheet(sheet, 10))
    assert uses[:3] == [Use("at-rule", "media", 10), Use("media", "max-width", 10), Use("unit", "px", 10)]
    assert Use("property", "color", 12) in uses
    assert Use("selector", "nesting", 13) in uses


def test_markup_is_taken_apart() -> None:
    page = """<!DOCTYPE html><!--[if mso]><table><![endif]--><meta name="viewport" content="x">
        <a href="#top">a</a><a href="mailto:a@b.example">b</a><a href="https://x.example/">c</a>
        <img src="cid:1" srcset="a.avif 1x, b.png 2x"><img src="data:image/png;base64,xx">"""
    found = names(markup.uses(page))
    assert {"document doctype", "document comments", "meta viewport", "link anchor", "link mailto"} <= found
    assert {"image avif", "image png", "image base64", "image in the mail"} <= found
    assert not {"link https", "element table"} & found


@pytest.mark.parametrize(
    ("use", "slug"),
    [
        ("element style", "html-style"),
        ("attribute style", ""),
        ("attribute align", "html-align"),
        ("element align", ""),
        ("element h3", "html-h1-h6"),
        ("element th", "html-table"),
        ("property border-top-color", "css-border"),
        ("property border-top-left-radius", "css-border-radius"),
        ("function var", "css-variables"),
        ("unit furlong", ""),
    ],
)
def test_a_use_stands_for_a_feature(features: Features, use: str, slug: str) -> None:
    assert features.slug(Use(*use.split(" "), 1)) == slug


def test_the_newest_version_counts_and_what_was_not_tested_is_no_finding(features: Features) -> None:
    found = find([PAGE], features)
    gaps = [(gap.feature, gap.client, gap.support.verdict, gap.line) for gap in found.gaps]
    assert gaps == [
        ("css-border-radius", "outlook.windows", "n", 2),
        ("html-style", "outlook.windows", "a", 1),
    ]
    assert found.gaps[0].support.notes == "Only round ones."
    assert found.unlisted["element blink"] == 4
    assert features.clients == {"outlook.windows"}


def test_what_the_budget_does_not_accept_is_named(features: Features, tmp_path: Path) -> None:
    found = find([PAGE], features)
    found.unlisted = {"element blink": 5, "element marquee": 6}
    assert complaints(tmp_path, found, BUDGET) == [
        "html-style (line 1): in part in outlook.windows.",
        "element marquee (line 6): not listed by Can I email",
    ]


def test_what_the_budget_accepts_for_nothing_is_named(features: Features, tmp_path: Path) -> None:
    found = find(["<!DOCTYPE html><body><p style='border-radius:3px'>x</p>"], features)
    found.unlisted = {}
    text = BUDGET.replace('"outlook.*"', '"outlook.*", "gmx.ios"')
    assert complaints(tmp_path, found, text) == [
        "budget: css-border-radius is accepted for gmx.ios, but nothing is found there",
        "budget: element blink is explained, but not used",
    ]


def test_an_entry_for_all_clients(features: Features, tmp_path: Path) -> None:
    found = find([PAGE], features)
    found.unlisted = {"element blink": 5}
    text = BUDGET.replace('["outlook.*"]', '"all"') + '[gap.html-style]\nclients = "all"\nreason = "plain"'
    assert complaints(tmp_path, found, text) == []


def test_an_entry_needs_a_reason(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="css-border-radius"):
        complaints(tmp_path, Findings(), BUDGET.replace("square corners", " "))
