"""An issue on paper: the page that was kept, laid out as A4. The same issue gives the same bytes.

The bytes depend on the fonts of the machine; where they are the same, so is the file.
"""

from __future__ import annotations

import datetime as dt
import io
from contextlib import redirect_stdout
from importlib.resources import files
from typing import Any

from archive.issues import StoredIssue
from digest.weeks import Week
from lagebrief.errors import InputError

_SCALE = 0.85  # digest/templates/print.css makes the page bigger by as much
_PANGO = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-liberation"


def pdf(issue: StoredIssue) -> bytes:
    """The issue as a tagged PDF with working links; nothing is fetched.

    Raises InputError where WeasyPrint, or Pango below it, is missing.
    """
    weasyprint = _weasyprint()
    nowhere = weasyprint.urls.URLFetcher(allowed_protocols=("data",))
    page = weasyprint.HTML(string=issue.html, url_fetcher=nowhere)
    sheets = [weasyprint.CSS(string=sheet, url_fetcher=nowhere) for sheet in (_print_sheet(), _foot(issue))]
    document = page.render(stylesheets=sheets, presentational_hints=True)
    document.metadata.authors = [author] if (author := _publisher(issue)) else []
    document.metadata.created = _moment(issue.created)
    document.metadata.modified = _moment(issue.approved_at or issue.created)
    written: bytes = document.write_pdf(zoom=_SCALE, pdf_tags=True)
    return written


def _weasyprint() -> Any:
    try:
        with redirect_stdout(io.StringIO()):  # what it says of missing libraries would mix with our data
            import weasyprint
    except ModuleNotFoundError as error:
        raise InputError("a PDF needs WeasyPrint: pip install 'lagebrief[pdf]'") from error
    except OSError as error:
        raise InputError(f"a PDF needs the library Pango; on Debian: apt install {_PANGO}") from error
    return weasyprint


def _print_sheet() -> str:
    return files("digest").joinpath("templates/print.css").read_text(encoding="utf-8")


def _foot(issue: StoredIssue) -> str:
    """`Lagebrief · KW 28 · 2025` at the foot of each page; the name is that of the page."""
    week = Week.parse(issue.week)
    return f'@page {{ @bottom-left {{ content: string(name) " · {week.label} · {week.year}" }} }}'


def _publisher(issue: StoredIssue) -> str:
    """From the frozen issue; empty for one of a version that did not keep it."""
    return str(issue.content.get("frozen", {}).get("impressum", {}).get("publisher", ""))


def _moment(moment: dt.datetime) -> str:
    return f"{moment.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
