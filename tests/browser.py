"""Chromium without a window: it opens a page of ours, and what the page puts into its title is the answer."""

from __future__ import annotations

import html
import subprocess
from pathlib import Path

DARK = "--blink-settings=preferredColorScheme=0"
# The clock of the page jumps to its next timer while nothing runs or loads, so nobody waits for this minute.
PATIENT = "--virtual-time-budget=60000"
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--hide-scrollbars", "--no-first-run",
    "--disable-sync", "--disable-background-networking", "--disable-component-update",
    "--allow-file-access-from-files",
)  # fmt: skip


def title_of(page: Path, *options: str) -> str:
    """The title after the page has loaded; after its timers and promises too, with PATIENT."""
    profile = f"--user-data-dir={page.parent / 'profile'}"
    done = subprocess.run(
        ["chromium", *QUIET, profile, *options, "--dump-dom", page.as_uri()],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return html.unescape(done.stdout.partition("<title>")[2].partition("</title>")[0])
