"""EU-Kommission: Press Corner (spiders/presscorner.py) and the digital strategy's feed. Valid from 2026-07.

Documents are free to use with attribution (Decision 2011/833/EU), so the full text may be kept.
"""

from __future__ import annotations

import dataclasses
import re

from archive.values import Entry
from spiders.values import Answer

_SUFFIX = re.compile(r"\s+\|\s+Shaping Europe.s digital future\s*$", re.IGNORECASE)


def refine(entry: Entry, _answer: Answer) -> Entry:
    """The headline without the site's name."""
    return dataclasses.replace(entry, title=_SUFFIX.sub("", entry.title))
