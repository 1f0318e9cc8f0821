"""IW Köln: RSS of studies and of everything else. Valid from 2026-11.

The two feeds share articles; teasers sometimes begin with the kind of text ("IW-Kurzbericht: ...").
"""

from __future__ import annotations

import dataclasses
import re

from archive.values import Entry
from spiders.values import Answer

_KIND = re.compile(
    r"^(?:IW-(?:Studie|Kurzbericht|Report|Nachricht|Trends|Policy Paper)|Pressemitteilung):\s+"
)


def refine(entry: Entry, _answer: Answer) -> Entry:
    """The headline without the kind of text."""
    return dataclasses.replace(entry, title=_KIND.sub("", entry.title))
