"""Lines as they come from other programs."""

from __future__ import annotations

from typing import Any

NVIDIA = "more than 115,000 Nvidia H100 and H200 processors"
LINES: list[dict[str, Any]] = [
    {
        "id": "x1",
        "outlet": "dcd",
        "title": "China plans 39 AI data centers in Xinjiang",
        "lead": f"The sites are to run {NVIDIA}.",
        "published": "2025-07-08",
        "url": "https://example.org/x1",
        "language": "en",
        "fremd": True,
    },
    {"id": 2, "title": "Kommission verschiebt Fristen der KI-Verordnung", "body": "Bußgeld: 35 Mio. Euro."},
    {"id": "x3", "text": "China baut in Xinjiang 39 KI-Rechenzentren mit 115.000 Nvidia-Prozessoren."},
]
