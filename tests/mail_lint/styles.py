"""CSS, taken apart: properties, units, functions, selectors, at-rules, in style attributes and in <style>."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import tinycss2

from mail_lint.use import Use, image

# Keywords that a client may not know although it knows their property. Others are not looked at.
KEYWORDS = {
    "initial", "inherit", "unset", "revert", "revert-layer", "fit-content", "min-content", "max-content",
    "system-ui", "ui-serif", "ui-sans-serif", "ui-rounded", "ui-monospace",
}  # fmt: skip
# A selector read from left to right; what none of these matches is reported as it stands.
_SELECTOR = re.compile(
    r"""\s*,\s*(?P<grouping>) | \s*>\s*(?P<child>) | \s*\+\s*(?P<adjacent_sibling>)
    | \s*~\s*(?P<general_sibling>) | \s+(?P<descendant>) | \[[^]]*\](?P<attribute>)
    | ::(?P<pseudo_element>[\w-]+) | :(?P<pseudo_class>[\w-]+)(?:(?<=lang)\([^)]*\)|\([-+\dn\s]*\))?
    | \#[\w-]+(?P<id>) | (?:\.[\w-]+){2,}(?P<chaining>) | \.[\w-]+(?P<class>) | \*(?P<universal>)
    | &(?P<nesting>) | [()] | [\w-]+(?P<type>) | (?P<unknown>.)""",
    re.VERBOSE,
)


def of_attribute(css: str, line: int) -> Iterator[Use]:
    """What the declarations of a style attribute are made of; all of it stands in one line of the page."""
    for use in _nodes(tinycss2.parse_blocks_contents(css), 0):
        yield use._replace(line=line)


def of_sheet(css: str, line: int) -> Iterator[Use]:
    """What the rules of a <style> element are made of, which begins in that line of the page."""
    yield from _nodes(tinycss2.parse_stylesheet(css), line - 1)


def _nodes(nodes: list[Any], above: int) -> Iterator[Use]:
    """Uses of parsed CSS; above: how many lines of the page come before its first."""
    for node in nodes:
        line = above + node.source_line
        if node.type == "declaration":
            yield from _declaration(node, line)
        elif node.type == "qualified-rule":
            yield from _selectors(tinycss2.serialize(node.prelude).strip(), line)
        elif node.type == "at-rule":
            yield from _at_rule(node, line)
        elif node.type == "comment":
            yield Use("css", "comments", line)
        elif node.type == "error":
            yield Use("css", f"error: {node.message}", line)
        if node.type in ("qualified-rule", "at-rule"):
            yield from _nodes(tinycss2.parse_blocks_contents(node.content or []), above)


def _declaration(node: Any, line: int) -> Iterator[Use]:
    if node.name.startswith("--"):
        yield Use("css", "variables", line)
    elif node.lower_name == "display":
        yield Use("display", tinycss2.serialize(node.value).strip().lower(), line)
    else:
        yield Use("property", node.lower_name, line)
    if node.important:
        yield Use("css", "important", line)
    yield from _values(node.value, line)


def _values(tokens: list[Any], line: int) -> Iterator[Use]:
    for token in tokens:
        if token.type == "dimension":
            yield Use("unit", token.lower_unit, line)
        elif token.type == "percentage":
            yield Use("unit", "percent", line)
        elif token.type == "ident" and token.lower_value in KEYWORDS:
            yield Use("keyword", token.lower_value, line)
        elif token.type == "url":
            yield image(token.value, line)
        elif token.type == "function":
            yield from _function(token, line)
        elif token.type == "() block":
            yield from _values(token.content, line)


def _function(token: Any, line: int) -> Iterator[Use]:
    if token.lower_name == "url":
        yield image("".join(part.value for part in token.arguments if part.type == "string"), line)
        return
    yield Use("function", token.lower_name, line)
    yield from _values(token.arguments, line)


def _at_rule(node: Any, line: int) -> Iterator[Use]:
    yield Use("at-rule", node.lower_at_keyword, line)
    for block in node.prelude:
        if node.lower_at_keyword == "media" and block.type == "() block":
            yield Use("media", next(t.lower_value for t in block.content if t.type == "ident"), line)
    yield from _values(node.prelude, line)


def _selectors(text: str, line: int) -> Iterator[Use]:
    for part in _SELECTOR.finditer(text):
        if not (group := part.lastgroup):
            continue  # a bracket
        if group.startswith("pseudo"):
            yield Use(group.replace("_", "-"), part[group].lower(), line)
        else:
            yield Use("selector", part[0] if group == "unknown" else group.replace("_", "-"), line)
