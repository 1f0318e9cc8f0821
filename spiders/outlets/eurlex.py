"""EUR-Lex: RSS of the Official Journal and of proposals: title and link. Valid from 2026-11.

A challenge of the site's firewall (202 with an empty body) is a block, not an empty feed; see
spiders/answers.py. Titles carry trailing CELEX numbers, which are dropped from the headline.
"""

from __future__ import annotations

import dataclasses
import re

from archive.values import Entry
from spiders.values import Answer

_CELEX = re.compile(r"\s*\(?CELEX[:\s]+\d{5}[A-Z]{1,2}\d{4}\)?\s*$", re.IGNORECASE)


def refine(entry: Entry, _answer: Answer) -> Entry:
    """The headline without the CELEX number."""
    return dataclasses.replace(entry, title=_CELEX.sub("", entry.title))
