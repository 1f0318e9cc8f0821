"""What the lint finds in a page: gaps in our clients, and names that Can I email does not list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from mail_lint import markup
from mail_lint.features import CLIENTS, Features, Support


@dataclass(frozen=True)
class Gap:
    """A feature that a client shows in part ("a") or not at all ("n"); line: where the page first uses it."""

    feature: str
    client: str
    support: Support
    line: int


@dataclass
class Findings:
    """lines: where each feature is used first; unlisted: where each name is that no feature stands for."""

    lines: dict[str, int] = field(default_factory=dict)
    unlisted: dict[str, int] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)


def find(pages: Iterable[str], features: Features) -> Findings:
    """Everything the pages together use, held against CLIENTS."""
    found = Findings()
    for use in (use for page in pages for use in markup.uses(page)):
        if slug := features.slug(use):
            found.lines.setdefault(slug, use.line)
        else:
            found.unlisted.setdefault(f"{use.kind} {use.name}", use.line)
    for slug, line in sorted(found.lines.items()):
        for client in CLIENTS:
            support = features.support(slug, client)
            if support.verdict not in "yu":
                found.gaps.append(Gap(slug, client, support, line))
    return found
