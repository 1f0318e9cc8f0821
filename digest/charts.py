"""A picture of one quantity: who stated which number when. One row a statement, the oldest on top.

Rows instead of a curve: reports cluster on two or three days, and names of outlets are long; in rows neither
ever stands on the other. The words of a picture are those of its alternative text.
"""

from __future__ import annotations

import datetime as dt
import io
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from math import isclose
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digest import typography
from digest.typography import NBSP
from lagebrief.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH = 600  # of the picture as it is shown; it has twice the dots
MOST_ROWS = 6
_DOTS_PER_INCH = 200  # at 100 of our pixels an inch
_POINTS = 0.72  # a pixel of ours in points
_EDGE, _TITLE_AT, _FIRST_ROW, _ROW, _FOOT = 24.0, 34.0, 72.0, 30.0, 26.0
_GAP = 16.0
_DOTS_LEAST = 110.0  # width left for the dots, however long the names
_SIZE, _TITLE_SIZE, _DOT = 13.0, 15.0, 11.0
_FIRST_COLOUR, _OTHER_COLOUR = "#0b5d63", "#8c2f39"
_PAPER, _INK, _MUTED, _RULE = "#f6f4ee", "#1b1c1e", "#5a5d64", "#dedad1"
_ROUNDED = 0.01  # apart by less, two numbers are one
_COLOURS = 48  # enough for smooth letters, and a third of the bytes


@dataclass(frozen=True, slots=True)
class Point:
    """A number as one outlet stated it. text: the quantity in German, as `mehr als 115.000 GPUs`."""

    outlet: str
    day: dt.date
    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture as PNG, what it says in German words, and how high it is shown; it has twice the dots."""

    png: bytes
    alt: str
    height: int


def chart(points: Sequence[Point], *, title: str, unit: str) -> Chart:
    """Draw at least one point; of more than `MOST_ROWS` the first of each value go before repetitions.

    unit: German name that is left off the numbers, since the title says it.
    The same points give the same bytes. Raises InputError where matplotlib is missing.
    """
    ordered = sorted(set(points), key=lambda point: (point.day, point.outlet, point.value, point.text))
    shown = _shown(ordered)
    left_out = len(ordered) - len(shown)
    drawing = _Drawing(shown, title, unit, left_out)
    return Chart(drawing.png(), _alt(shown, title, left_out), round(drawing.height))


def _shown(points: Sequence[Point]) -> list[Point]:
    first_of = {point.value: point for point in reversed(points)}
    urgent = sorted(points, key=lambda point: point is not first_of[point.value])  # stable: by day within
    kept = set(urgent[:MOST_ROWS])
    return [point for point in points if point in kept]


def _alt(points: Sequence[Point], title: str, left_out: int) -> str:
    """`GPUs: … 8. Juli 2025, Bloomberg: 105.000 GPUs; …`: the title and what each row says, uncut."""
    told = "; ".join(f"{typography.date(point.day)}, {point.outlet}: {point.text}" for point in points)
    return f"{title}. {told}.{f' {_more(left_out)}.' if left_out else ''}"


def _more(left_out: int) -> str:
    return f"Dazu {typography.count(left_out, 'weitere Meldung', 'weitere Meldungen')}"


class _Drawing:
    """Lays out and draws; lengths are pixels of the shown picture, from its upper left corner."""

    def __init__(self, points: Sequence[Point], title: str, unit: str, left_out: int) -> None:
        self._points, self._left_out = points, left_out
        self._plain, self._bold = _fonts()
        self._title = self._fit(title, WIDTH - 2 * _EDGE, size=_TITLE_SIZE, bold=True)
        self._days = [_day(point, points) for point in points]
        self._labels = [point.text.removesuffix(f"{NBSP}{unit}") for point in points]
        self._names_at = _EDGE + max(map(self._width, self._days)) + _GAP
        labels = max(self._width(label, bold=True) for label in self._labels)
        self._dots_to = WIDTH - _EDGE - labels - _GAP
        most = self._dots_to - _DOTS_LEAST - 2 * _GAP - self._names_at
        self._names = [self._fit(point.outlet, most) for point in points]
        foot = _FOOT if left_out else 0.0
        self.height = _FIRST_ROW + _ROW * (len(points) - 1) + foot + _EDGE

    def png(self) -> bytes:
        from matplotlib import style
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from PIL import Image

        with style.context("default"):  # whatever the user of this machine likes
            figure = Figure((WIDTH / 100, self.height / 100), dpi=_DOTS_PER_INCH, facecolor=_PAPER)
            canvas = FigureCanvasAgg(figure)
            axes = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(self.height, 0))
            axes.set_axis_off()
            self._draw(axes)
            canvas.draw()  # type: ignore[no-untyped-call]
            dots = bytes(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
        image = Image.frombytes("RGBA", canvas.get_width_height(), dots)
        written = io.BytesIO()
        few_colours = image.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
        few_colours.save(written, "PNG", optimize=True)
        return written.getvalue()

    def _draw(self, axes: Axes) -> None:
        self._text(axes, _EDGE, _TITLE_AT, self._title, size=_TITLE_SIZE, bold=True)
        dots_from = self._names_at + max(map(self._width, self._names)) + 2 * _GAP
        places = _places([point.value for point in self._points], dots_from, self._dots_to)
        last = _FIRST_ROW + _ROW * (len(places) - 1)
        axes.plot([places[0]] * 2, [_FIRST_ROW, last], color=_FIRST_COLOUR, lw=0.7, ls=(0, (2, 3)))
        for number, place in enumerate(places):
            self._row(axes, number, place)
        if self._left_out:
            self._text(axes, _EDGE, last + (_ROW + _FOOT) / 2, f"{_more(self._left_out)}.", colour=_MUTED)

    def _row(self, axes: Axes, number: int, place: float) -> None:
        """Day, outlet, dot and number; numbers like the first have its colour."""
        y = _FIRST_ROW + _ROW * number
        alike = isclose(self._points[number].value, self._points[0].value, rel_tol=_ROUNDED)
        colour = _FIRST_COLOUR if alike else _OTHER_COLOUR
        axes.plot([_EDGE, WIDTH - _EDGE], [y - _ROW / 2] * 2, color=_RULE, lw=0.7, zorder=0)
        axes.plot([place], [y], "o", color=colour, ms=_DOT * _POINTS, mew=0)
        self._text(axes, _EDGE, y, self._days[number], colour=_MUTED)
        self._text(axes, self._names_at, y, self._names[number])
        self._text(axes, place + _DOT + 2, y, self._labels[number], colour=colour, bold=True)

    def _text(
        self,
        axes: Axes,
        x: float,
        y: float,
        text: str,
        *,
        size: float = _SIZE,
        colour: str = _INK,
        bold: bool = False,
    ) -> None:
        font = self._bold if bold else self._plain
        drawn = axes.text(x, y, text, fontproperties=font, fontsize=size * _POINTS, color=colour)
        drawn.set(verticalalignment="center_baseline", parse_math=False)
        drawn.set_bbox({"facecolor": _PAPER, "edgecolor": "none", "pad": 1})  # the guide passes behind

    def _width(self, text: str, size: float = _SIZE, *, bold: bool = False) -> float:
        from matplotlib.textpath import TextPath

        if not text.strip():
            return 0.0
        font = self._bold if bold else self._plain
        return float(TextPath((0, 0), text, size=size, prop=font).get_extents().x1)

    def _fit(self, text: str, most: float, *, size: float = _SIZE, bold: bool = False) -> str:
        """The text, cut with an ellipsis where it is wider than it may be."""
        if self._width(text, size, bold=bold) <= most:
            return text
        fits = bisect(range(len(text)), most, key=lambda end: self._width(f"{text[:end]}…", size, bold=bold))
        return f"{text[: max(fits - 1, 0)].rstrip()}…"


def _fonts() -> tuple[Any, Any]:
    """DejaVu Sans as it comes with matplotlib, whatever the machine has."""
    try:
        import matplotlib
        from matplotlib.font_manager import FontProperties
    except ModuleNotFoundError as error:
        raise InputError("a chart needs matplotlib: pip install 'lagebrief[charts]'") from error
    folder = Path(matplotlib.get_data_path(), "fonts", "ttf")
    plain, bold = (folder / f"DejaVuSans{style}.ttf" for style in ("", "-Bold"))
    return FontProperties(fname=plain), FontProperties(fname=bold)


def _places(values: Sequence[float], start: float, end: float) -> list[float]:
    """Where the dots stand. The scale begins at nought where the numbers are of different sizes."""
    low, high = min(values), max(values)
    if low > 0 and high / low > 3:
        low = 0.0
    span = (high - low) or 1.0
    return [start + (end - start) * (value - low) / span for value in values]


def _day(point: Point, points: Sequence[Point]) -> str:
    """`8. Juli`; where the points are of several years `08.07.2025`."""
    if len({each.day.year for each in points}) > 1:
        return f"{point.day:%d.%m.%Y}"
    return typography.date(point.day).rpartition(" ")[0]
