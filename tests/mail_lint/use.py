from __future__ import annotations

from pathlib import PurePosixPath
from typing import NamedTuple
from urllib.parse import urlsplit


class Use(NamedTuple):
    """One thing a mail is made of: kind is "element", "property", "unit" and so on, name what it is."""

    kind: str
    name: str
    line: int


def image(address: str, line: int) -> Use:
    """An image by the end of its address: `png`, `jpg`; `base64` for one that stands in the page itself.

    `in the mail` is one that is a part of its own (RFC 2387).
    """
    if address.startswith("cid:"):
        return Use("image", "in the mail", line)
    if address.startswith("data:"):
        return Use("image", "base64", line)
    ending = PurePosixPath(urlsplit(address).path).suffix.lower().lstrip(".")
    return Use("image", {"jpeg": "jpg", "tif": "tiff"}.get(ending, ending or "without an ending"), line)
