"""The HTML of a mail, taken apart: elements, attributes, links, images, comments; styles go to `styles`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from lxml import html

from mail_lint import styles
from mail_lint.use import Use, image

_IMAGES = ("src", "background", "poster")


def uses(page: str) -> Iterator[Use]:
    """Everything the page is made of, in its order. What a conditional comment holds counts as a comment."""
    root = html.document_fromstring(page)
    if root.getroottree().docinfo.doctype:
        yield Use("document", "doctype", 1)
    for node in chain(root.itersiblings(preceding=True), root.iter(), root.itersiblings()):
        line = node.sourceline or 0
        if isinstance(node, html.HtmlComment):
            yield Use("document", "comments", line)
        elif isinstance(node.tag, str):
            yield from _element(node, line)
        else:
            yield Use("document", type(node).__name__, line)


def _element(node: html.HtmlElement, line: int) -> Iterator[Use]:
    yield Use("element", node.tag, line)
    if node.tag == "meta" and node.get("name"):
        yield Use("meta", node.get("name"), line)
    if node.tag == "style":
        yield from styles.of_sheet(node.text or "", line)
    for name, value in node.attrib.items():
        yield Use("attribute", name, line)
        yield from _value(name, value, line)


def _value(attribute: str, value: str, line: int) -> Iterator[Use]:
    if attribute == "style":
        yield from styles.of_attribute(value, line)
    elif attribute == "href":
        yield from _link(value, line)
    elif attribute == "srcset":
        yield from (image(part.split()[0], line) for part in value.split(","))
    elif attribute in _IMAGES:
        yield image(value, line)


def _link(address: str, line: int) -> Iterator[Use]:
    if address.startswith("#"):
        yield Use("link", "anchor", line)
    elif scheme := re.match(r"(?!https?:)([a-z]+):", address.lower()):
        yield Use("link", scheme[1], line)
