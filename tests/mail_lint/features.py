"""Can I email's data: which feature a use stands for, and which client shows it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from mail_lint.use import Use

# Ours: what is read in German offices and homes. Another client of the data is no finding.
CLIENTS = (
    "outlook.windows", "outlook.outlook-com", "outlook.macos", "gmail.desktop-webmail", "gmail.android",
    "gmail.ios", "apple-mail.macos", "apple-mail.ios", "gmx.desktop-webmail", "gmx.android", "gmx.ios",
    "web-de.desktop-webmail", "web-de.android", "web-de.ios", "thunderbird.macos", "samsung-email.android",
    "t-online-de.desktop-webmail",
)  # fmt: skip

# How the slug of a feature is made of a name of that kind.
_SLUGS = {
    "document": "html-{}", "element": "html-{}", "attribute": "html-{}", "meta": "html-meta-{}",
    "link": "html-{}-links", "image": "image-{}", "css": "css-{}", "property": "css-{}",
    "display": "css-display-{}", "unit": "css-unit-{}", "keyword": "css-unit-{}",
    "function": "css-function-{}", "selector": "css-selector-{}", "pseudo-class": "css-pseudo-class-{}",
    "pseudo-element": "css-pseudo-element-{}", "at-rule": "css-at-{}", "media": "css-at-media-{}",
}  # fmt: skip

# Names that a feature of another name covers: `kind name` as a pattern, and the slug.
_COVERED = [
    (r"element h[1-6]", "html-h1-h6"),
    (r"element (ul|ol|li|dl|dt|dd)", "html-lists"),
    (r"element (thead|tbody|tfoot|tr|th|td|caption|colgroup|col)", "html-table"),
    (r"element (article|aside|details|figcaption|figure|footer|header|main|mark|nav|section|summary|time)",
     "html-semantics"),
    (r"element (map|area)", "html-image-maps"),
    (r"element button", "html-button-submit"),
    (r"attribute sizes", "html-srcset"),
    (r"property margin-(top|right|bottom|left)", "css-margin"),
    (r"property padding-(top|right|bottom|left)", "css-padding"),
    (r"property border(-(top|right|bottom|left))?(-(width|style|color))?", "css-border"),
    (r"property border-(top|bottom)-(left|right)-radius", "css-border-radius"),
    (r"property (left|right|top|bottom)", "css-left-right-top-bottom"),
    (r"property overflow-[xy]", "css-overflow"),
    (r"property (row|column)-gap", "css-gap"),
    (r"display .+", "css-display"),
    (r"function calc", "css-unit-calc"),
    (r"function (rgba?|(linear|radial|conic)-gradient)", r"css-\1"),
    (r"function var", "css-variables"),
    (r"function (ok)?(lch|lab)", "css-modern-color"),
    (r"keyword (fit|min|max)-content", "css-intrinsic-size"),
    (r"keyword (system-ui|ui-.+)", "css-sytem-ui"),
    (r"selector nesting", "css-nesting"),
    (r"media (min-|max-)?(width|height)", "css-at-media"),
    (r"media (-webkit-)?(min-|max-)?device-pixel-ratio", "css-at-media-device-pixel-ratio"),
    (r"media any-hover", "css-at-media-hover"),
]  # fmt: skip


@dataclass(frozen=True)
class Support:
    """How the newest tested version of a client takes a feature: y, a (in part), n or u (not known)."""

    verdict: str
    notes: str


class Features:
    """The features of Can I email by slug."""

    def __init__(self, path: Path) -> None:
        rows = json.loads(path.read_text(encoding="utf-8"))["data"]
        self._rows: dict[str, dict[str, Any]] = {row["slug"]: row for row in rows}

    @property
    def clients(self) -> set[str]:
        """Every client that the data knows, such as `gmx.ios`."""
        stats = (row["stats"].items() for row in self._rows.values())
        return {f"{family}.{platform}" for row in stats for family, found in row for platform in found}

    def slug(self, use: Use) -> str:
        """The feature a use stands for, or "" where the data lists none."""
        return self._slug(use.kind, use.name)

    def support(self, slug: str, client: str) -> Support:
        """The last entry of a client is its newest. A client that was not tested is not known."""
        row = self._rows[slug]
        family, _, platform = client.partition(".")
        *_, newest = row["stats"].get(family, {}).get(platform, {"": "u"}).values()
        notes = row["notes_by_num"] or {}
        return Support(newest[0], " ".join(notes.get(n, "") for n in re.findall(r"#(\d+)", newest)))

    @cache  # noqa: B019 - lives as long as the tests
    def _slug(self, kind: str, name: str) -> str:
        own = _SLUGS[kind].format(name)
        # `html-style` is the element, `html-lang` the attribute: the title says which.
        if own in self._rows and (kind == "attribute") == self._rows[own]["title"].endswith(" attribute"):
            return own
        for pattern, slug in _COVERED:
            if match := re.fullmatch(pattern, f"{kind} {name}"):
                return match.expand(slug)
        return ""
