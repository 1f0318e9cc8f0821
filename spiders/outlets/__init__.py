"""One small file for each outlet that needs its own reading. How to add one: docs/adding-an-outlet.md.

Each module has `refine(entry, answer) -> Entry | None`: the entry as it should be kept, or None for what is
no article of this outlet.
"""

from __future__ import annotations

from collections.abc import Callable

from archive.values import Entry
from spiders.outlets import dcd, eu_commission, eurlex, iw, reuters, table_media, tomshardware
from spiders.values import Answer

Refine = Callable[[Entry, Answer], Entry | None]

REFINERS: dict[str, Refine] = {
    "reuters": reuters.refine,
    "dcd": dcd.refine,
    "tomshardware": tomshardware.refine,
    "tablemedia": table_media.refine,
    "iw": iw.refine,
    "ec": eu_commission.refine,
    "eurlex": eurlex.refine,
}


def refine(entry: Entry, answer: Answer) -> Entry | None:
    """The outlet's own reading of an entry; outlets without a file keep it as it is."""
    refiner = REFINERS.get(answer.source.outlet)
    return refiner(entry, answer) if refiner else entry


# Hosts under which an outlet publishes, where its pages are also reached by another name.
HOSTS: dict[str, tuple[str, ...]] = {"tablemedia": table_media.HOSTS}
