"""Which quantity of an issue is worth a picture: told three times, the one on which outlets differ most."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from analysis.ledger import Quote, Statement, statements
from archive.readings import ReadArticle
from digest import checking, typography
from digest.charts import Chart, Point, chart
from digest.issue import Fact, Issue, IssueItem
from digest.ledger import named
from digest.weeks import BERLIN

_LEAST = 3  # different days or numbers; with fewer a line of text says as much
_MOST_NAMES = 2


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Numbers of one unit on one matter. statements: how many different ones there are."""

    points: tuple[Point, ...]
    title: str
    unit: str
    statements: int

    @property
    def worth(self) -> tuple[int, int]:
        return self.statements, len(self.points)


def figure_chart(
    issue: Issue, earlier: Mapping[int, Sequence[ReadArticle]], names: Mapping[str, str]
) -> Chart | None:
    """The picture of one figure in the issue and how it was told; None where nothing is worth drawing.

    earlier: by story, its reports of former weeks. names: outlet to its printed name. Only checked figures of
    reports with a date of their own are drawn. None, too, where the extra `charts` is not installed.
    """
    if find_spec("matplotlib") is None:
        return None
    found = [one for item in issue.items for one in _candidates(item, earlier.get(item.story, ()), names)]
    best = max(found, key=lambda one: one.worth, default=None)
    return chart(best.points, title=best.title, unit=best.unit) if best else None


def _candidates(
    item: IssueItem, before: Sequence[ReadArticle], names: Mapping[str, str]
) -> Iterator[_Candidate]:
    """What of a story could be drawn; each holds a figure that the issue has."""
    now = dict(_now(item))
    texts = {**dict(_before(before, names)), **now}
    for one in statements(list(texts)):
        points = tuple(point for told in (one, *one.differing) for point in _points(told, texts))
        if now.keys() & set(one.quotes) and len({(point.day, point.value) for point in points}) >= _LEAST:
            unit = typography.UNITS[one.first.figure.unit].plural
            yield _Candidate(points, _title(one, unit), unit, 1 + len(one.differing))


def _now(item: IssueItem) -> Iterator[tuple[Quote, str]]:
    by_id = {source.source_id: source for source in item.sources}
    for fact in item.figures:
        source = by_id[fact.source_id]
        if source.dated and (text := _quantity(fact)):
            yield Quote(fact.figure, fact.source_id, source.name, source.published, story=1), text


def _before(reports: Sequence[ReadArticle], names: Mapping[str, str]) -> Iterator[tuple[Quote, str]]:
    for read in reports:
        article = read.article
        name = names.get(article.outlet, article.outlet)
        for fact in checking.facts(read) if article.date_mark != "unknown" else ():
            if text := _quantity(fact):
                yield Quote(fact.figure, article.public_id, name, article.published, story=1), text


def _quantity(fact: Fact) -> str:
    """`mehr als 115.000 GPUs`; empty for a range, a day, and what needs the name of its matter."""
    figure = fact.figure
    if isinstance(figure.value, str) or not typography.speaks_for_itself(figure.unit):
        return ""
    quantity = typography.quantity(figure.value, figure.unit)
    text = quantity and typography.qualified(figure.qualifier, quantity)
    return text if text and fact.text.startswith(text) else ""


def _points(statement: Statement, texts: Mapping[Quote, str]) -> Iterator[Point]:
    """Each outlet where it states the number first."""
    first_of: dict[str, Quote] = {}
    for quote in statement.quotes:
        first_of.setdefault(quote.outlet, quote)
    for outlet, quote in first_of.items():
        yield Point(outlet, quote.published.astimezone(BERLIN).date(), quote.value, texts[quote])


def _title(statement: Statement, unit: str) -> str:
    """`GPUs (Nvidia): wer wann welche Zahl nannte`."""
    about = ", ".join(named(statement)[:_MOST_NAMES])
    return f"{unit}{f' ({about})' if about else ''}: wer wann welche Zahl nannte"
