"""An issue as HTML and as text. The same issue gives the same bytes on every machine."""

from __future__ import annotations

import datetime as dt
import quopri
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined

from digest import typography
from digest.checking import uncovered
from digest.issue import Issue, IssueItem
from digest.shortening import plain
from digest.weeks import BERLIN
from lagebrief.errors import InputError

MAX_HTML_BYTES = 90_000  # Gmail cuts a message off at about 102,000
WIDTH = 78
SHOWN_SOURCES = (6, 3, 1)  # further reports of a story that are listed; fewer when the mail grows too big
_HEAVIEST = 3
_PICTURE = re.compile(r"data:image/png;base64,[A-Za-z0-9+/=]+")

# One accent a topic, in the order of printing: on white and on the dark card, each at least 4.5:1.
ACCENTS = (("#0b5d63", "#7fc8cd"), ("#8c2f39", "#f0a3a8"), ("#6f4e00", "#e2b866"), ("#55408a", "#c3b2ec"))

_METHODS = {
    "draft": "Maschinell zusammengestellt, nicht redaktionell geprüft.",
    "approved": "Maschinell zusammengestellt, von der Redaktion freigegeben.",
}
_WRITERS = {
    "llm": "So gekennzeichnete Meldungen hat ein Sprachmodell geschrieben.",
    "translate": "So gekennzeichnete Meldungen sind maschinell übersetzt.",
    "extract": "Überschriften und Anrisse sind die Worte der genannten Quellen; "
    "kein Satz stammt von einem Sprachmodell.",
}
_OTHERS_EXTRACTED = "Alle anderen sind die Worte der genannten Quellen."
_CHECKED = (
    "Jede Zahl, jedes Datum und jeder Name in unseren eigenen Sätzen ist gegen die Fundstelle im Quelltext "
    "geprüft; "
    "was die Prüfung nicht besteht, erscheint nicht."
)
_NO_TRACKING = "Dieser Brief enthält keine Zählpixel und keine Umleitungen."


@dataclass(frozen=True, slots=True)
class Rendered:
    """A subject line and both bodies of a mail."""

    subject: str
    html: str
    text: str


def render(issue: Issue) -> Rendered:
    """Render an issue; a line of ours with a number that no check covers is not printed.

    Raises InputError when the HTML would be cut off by mail clients.
    """
    issue = _checked_only(issue)
    for shown_sources in SHOWN_SOURCES:
        values = _values(issue) | {"shown_sources": shown_sources}
        html = _environment(escape=True).get_template("issue.html.j2").render(values)
        size = len(quopri.encodestring(_PICTURE.sub("", html).encode()))  # a part of its own in the mail
        if size <= MAX_HTML_BYTES:
            text = _environment(escape=False).get_template("issue.txt.j2").render(values)
            return Rendered(plain(issue.subject), html, text)
    raise InputError(_too_big(issue, size))


def load_templates() -> None:
    """Compile both templates. Raises jinja2.TemplateError where one cannot be read."""
    for name in ("issue.html.j2", "issue.txt.j2"):
        _environment(escape=True).get_template(name)


def safe_url(url: str) -> str:
    """The address if it is a web address, else nothing: no other scheme is ever linked."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return ""
    return url if usable and not any(c.isspace() or ord(c) < 32 for c in url) else ""


def wrap(text: str, indent: str = "", hang: str = "") -> str:
    """Lines of at most 78 characters; no-break spaces hold."""
    return "\n".join(
        textwrap.wrap(
            plain_keeping_spaces(text),
            WIDTH,
            initial_indent=indent,
            subsequent_indent=indent + hang,
            break_on_hyphens=False,
        )
    )


def plain_keeping_spaces(text: str) -> str:
    """`plain`, but a no-break space stays one."""
    return typography.NBSP.join(plain(part) if part.strip() else "" for part in text.split(typography.NBSP))


def _checked_only(issue: Issue) -> Issue:
    items = tuple(_checked_item(item) for item in issue.items)
    rows = tuple(row for row in issue.figure_rows if not uncovered(row.value, row.checks))
    return replace(issue, items=items, figure_rows=rows)


def _checked_item(item: IssueItem) -> IssueItem:
    """Without lines of ours that have digits no check stands for; if no line is left, the lead's headline."""
    fact_line = "" if uncovered(item.fact_line, item.checks) else item.fact_line
    text = tuple(sentence for sentence in item.text if not uncovered(sentence, item.checks))
    if item.text and (not text or uncovered(item.headline, item.checks)):
        item = replace(item, headline=item.lead.title, writer="extract", told_by=())
        text = ()
    return replace(item, fact_line=fact_line, text=text)


def _values(issue: Issue) -> dict[str, Any]:
    return {
        "issue": issue,
        "period": typography.period(issue.week.monday, issue.week.sunday),
        "sections": [
            (name, number % len(ACCENTS), [item for item in issue.items if item.topic == key])
            for number, (key, name) in enumerate(issue.topics)
        ],
        "outlets": len({source.outlet for item in issue.items for source in item.sources}),
        "method": " ".join((_method(issue), *_written(issue), _CHECKED)),
        "no_tracking": _NO_TRACKING,
        "counted_from": typography.date(issue.week.end.date()),
        "as_of": typography.date(issue.deadlines_as_of),
        "composed": _local_date(issue.composed),
        "imprint": [
            line
            for line in (
                issue.impressum.publisher,
                issue.impressum.address,
                issue.impressum.responsible and f"Verantwortlich: {issue.impressum.responsible}",
                issue.impressum.email and f"E-Mail: {issue.impressum.email}",
            )
            if line
        ],
    }


def _written(issue: Issue) -> Iterator[str]:
    """Who wrote what, in sentences."""
    writers = dict.fromkeys(item.writer for item in issue.items)
    if list(writers) in ([], ["extract"]):
        yield _WRITERS["extract"]
        return
    yield from (_WRITERS[name] for name in ("llm", "translate") if name in writers)
    if "extract" in writers:
        yield _OTHERS_EXTRACTED


def _method(issue: Issue) -> str:
    """Art. 50 (4) of the AI Act: machine-made text is named, unless a person answers for it."""
    if issue.state == "draft":
        return _METHODS["draft"]
    responsible = issue.impressum.responsible
    who = f" (verantwortlich: {responsible})" if responsible else ""
    return _METHODS["approved"].removesuffix(".") + f"{who}."


@cache
def _environment(*, escape: bool) -> Environment:
    environment = Environment(
        loader=PackageLoader("digest"),
        autoescape=escape,  # noqa: S701 - off for the text part alone, where there is nothing to escape
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "url": safe_url,
        "plain": plain_keeping_spaces,
        "wrap": wrap,
        "day": _local_date,
        "mark": typography.language_mark,
        "language": typography.language_name,
        "days_left": typography.days_left,
    }
    environment.globals |= {
        "accents": ACCENTS,
        "count": typography.count,
    }
    return environment


def _local_date(moment: dt.datetime) -> str:
    return typography.date(moment.astimezone(BERLIN).date())


def _too_big(issue: Issue, size: int) -> str:
    def weight(item: IssueItem) -> int:
        return sum(len(text) for source in item.sources for text in (source.title, source.url)) + len(
            item.summary
        )

    heaviest = sorted(issue.items, key=weight, reverse=True)[:_HEAVIEST]
    named = ", ".join(f"{item.headline[:40]!r} ({weight(item)})" for item in heaviest)
    return (
        f"the HTML of {issue.week} takes {size} bytes, mail clients cut it off beyond {MAX_HTML_BYTES}: "
        f"lower digest.max_items; heaviest items: {named}"
    )
