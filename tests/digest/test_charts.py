"""Pictures of a figure over time: what is drawn, what they say, and that they are the same each time."""

from __future__ import annotations

import datetime as dt
import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import matplotlib
import pytest
from example_week import CHINA, TOPICS, WEEK, Draft, Fill, compose_july
from PIL import Image

from archive import stories
from archive.database import Database
from archive.readings import ReadArticle
from digest.charts import MOST_ROWS, WIDTH, Chart, Point, chart
from digest.figure_charts import figure_chart
from digest.issue import Issue, thaw
from digest.rendering import render
from lagebrief.errors import InputError

LARGEST = 25_000
TITLE = "GPUs (Nvidia): wer wann welche Zahl nannte"
PAPER, TEAL, RED = (0xF6, 0xF4, 0xEE), (0x0B, 0x5D, 0x63), (0x8C, 0x2F, 0x39)


def point(outlet: str, day: int, number: float, qualifier: str = "", unit: str = "GPUs") -> Point:
    text = f"{qualifier} {number:,.0f}".replace(",", ".").strip()
    return Point(outlet, dt.date(2025, 7, day), number, f"{text}\u00a0{unit}")


SAME = (point("Bloomberg", 8, 115_000), point("DataCenterDynamics", 11, 115_000, "mehr als"))
DIFFERING = (*SAME, point("Reuters", 9, 105_000, "rund"))
LONG = (
    point("artificialintelligenceact.eu – das Informationsportal zur Verordnung", 1, 59e9, "mindestens"),
    point("Frankfurter Allgemeine Zeitung für Deutschland", 8, 60e9, "bis zu", "Hongkong-Dollar"),
    replace(point("Süddeutsche Zeitung", 9, 61_234_567_890, "weniger als"), day=dt.date(2024, 12, 30)),
)
SIZES = tuple(point(f"Medium {n}", n, size) for n, size in enumerate((39, 41, 2_500, 300, 39, 1_000_000), 1))
CASES = pytest.mark.parametrize(
    "points", [SAME, DIFFERING, LONG, SIZES], ids=["same", "differ", "long", "sizes"]
)


def dots(drawn: Chart) -> Image.Image:
    image = Image.open(io.BytesIO(drawn.png))
    assert image.format == "PNG"
    return image.convert("RGB")


def count(image: Image.Image, colour: tuple[int, int, int]) -> int:
    """Dots of a colour, or so near that nobody sees the difference."""
    found = image.getcolors(maxcolors=image.width * image.height)
    assert found is not None
    return sum(n for n, seen in found if max(abs(a - b) for a, b in zip(seen, colour, strict=True)) < 6)


@CASES
def test_size_weight_and_margins(points: tuple[Point, ...]) -> None:
    drawn = chart(points, title=TITLE, unit="GPUs")
    image = dots(drawn)
    assert image.size == (2 * WIDTH, 2 * drawn.height)
    assert 120 <= drawn.height <= 300
    assert len(drawn.png) < LARGEST
    inner = (40, 40, image.width - 40, image.height - 20)
    edge = image.copy()
    edge.paste(PAPER, inner)
    assert count(edge, PAPER) == image.width * image.height, "something sticks out"
    assert count(image, PAPER) < 0.97 * image.width * image.height, "blank"


@CASES
def test_the_same_points_give_the_same_bytes(points: tuple[Point, ...]) -> None:
    assert chart(points, title=TITLE, unit="GPUs") == chart(points[::-1], title=TITLE, unit="GPUs")


def test_the_settings_of_a_user_do_not_matter() -> None:
    plain = chart(DIFFERING, title=TITLE, unit="GPUs")
    with matplotlib.rc_context({"lines.antialiased": False, "text.usetex": True, "axes.xmargin": 0.3}):
        assert chart(DIFFERING, title=TITLE, unit="GPUs") == plain


def test_another_number_has_another_colour() -> None:
    same, differing = (dots(chart(points, title=TITLE, unit="GPUs")) for points in (SAME, DIFFERING))
    assert count(same, RED) == 0
    assert count(differing, RED) > 300
    rounded = (SAME[0], point("Reuters", 9, 115_100))
    assert count(dots(chart(rounded, title=TITLE, unit="GPUs")), RED) == 0


def dot_places(values: tuple[float, ...]) -> list[int]:
    """The left edge of each dot, for one number in each row with the same words behind it."""
    points = [Point("Reuters", dt.date(2025, 7, n), value, "Zahl") for n, value in enumerate(values, 1)]
    image = dots(chart(points, title="", unit="GPUs"))
    found = []
    for row in range(len(values)):
        colour = RED if row else TEAL
        strip = image.crop((0, 2 * (72 + 30 * row) - 1, image.width, 2 * (72 + 30 * row)))
        near = [
            max(abs(a - b) for a, b in zip(strip.getpixel((x, 0)), colour, strict=True))
            for x in range(strip.width)
        ]
        found.append(next(x for x, distance in enumerate(near) if distance < 6))
    return found


def test_dots_stand_where_their_numbers_do() -> None:
    first, second, third = dot_places((100, 110, 120))
    assert second - first == pytest.approx(third - second, abs=2)
    low, middle, high = dot_places((10, 20, 100))
    assert (middle - low) * 8 == pytest.approx(high - middle, abs=9)
    assert low > first, "numbers of different sizes are seen from nought"


def test_odd_words_do_not_hurt() -> None:
    odd = (Point("", dt.date(2025, 7, 8), 1, ""), Point("$x^2$ & <b>", dt.date(2025, 7, 9), -1, "$1$"))
    assert dots(chart(odd, title="%d $", unit="")).width == 2 * WIDTH


def test_the_words_say_what_the_picture_shows() -> None:
    assert chart(DIFFERING, title=TITLE, unit="GPUs").alt.replace("\u00a0", " ") == (
        "GPUs (Nvidia): wer wann welche Zahl nannte. 8. Juli 2025, Bloomberg: 115.000 GPUs; "
        "9. Juli 2025, Reuters: rund 105.000 GPUs; 11. Juli 2025, DataCenterDynamics: mehr als 115.000 GPUs."
    )


def test_of_too_many_those_that_only_repeat_are_counted() -> None:
    many = [
        *(point(f"Medium {n}", n, 39) for n in range(1, 9)),
        point("Reuters", 12, 36),
        point("dpa", 13, 41),
    ]
    drawn = chart(many, title=TITLE, unit="GPUs")
    alt = drawn.alt.replace("\u00a0", " ")
    assert alt.count("GPUs") == MOST_ROWS + 1
    assert "Reuters: 36" in alt
    assert "dpa: 41" in alt
    assert "Medium 4: 39" in alt
    assert "Medium 5" not in alt
    assert alt.endswith(". Dazu 4 weitere Meldungen.")


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(InputError, match=r"pip install 'lagebrief\[charts\]'"):
        chart(SAME, title=TITLE, unit="GPUs")


# What is worth drawing


def told(source: str, day: int, number: str, value: float, qualifier: str = "", **changes: str) -> Draft:
    """A report on one event that states how many GPUs; in July 2025."""
    return Draft(
        source,
        f"China plans 39 AI data centers in Xinjiang, {source} reports",
        f"Documents list {number} Nvidia GPUs for sites in Yiwu county.",
        "en",
        topic=CHINA,
        figures=((value, "gpu", qualifier, "Nvidia GPUs", f"{number} Nvidia GPUs"),),
        day=day,
        **changes,  # type: ignore[arg-type]
    )


BEFORE = told("reuters", 4, "115,000", 115_000)
LOWER = told("dcd", 8, "about 105,000", 105_000, "ca.")
AGAIN = told("table", 10, "115,000", 115_000)


def earlier(database: Database, issue: Issue) -> dict[int, list[ReadArticle]]:
    members = stories.members(database, [item.story for item in issue.items])
    return {
        story: [read for read in reports if read.article.published < WEEK.start]
        for story, reports in members.items()
    }


def picture(database: Database, fill: Fill, *drafts: Draft) -> Chart | None:
    fill(*drafts)
    issue = compose_july(database, min_items=1)
    return figure_chart(issue, earlier(database, issue), {"reuters": "Reuters"})


def test_a_figure_on_which_outlets_differ_is_drawn(database: Database, fill: Fill) -> None:
    drawn = picture(database, fill, BEFORE, LOWER, AGAIN)
    assert drawn is not None
    assert drawn.alt.replace("\u00a0", " ") == (
        "GPUs (Nvidia): wer wann welche Zahl nannte. 4. Juli 2025, Reuters: 115.000 GPUs; "
        "8. Juli 2025, DataCenterDynamics: rund 105.000 GPUs; 10. Juli 2025, Table.Media: 115.000 GPUs."
    )


@pytest.mark.parametrize(
    "drafts",
    [
        (),
        (LOWER, AGAIN),
        (LOWER, AGAIN, told("toms", 10, "115,000", 115_000)),  # the same again on the same day
        (BEFORE, LOWER, replace(AGAIN, date_mark="unknown")),
        (BEFORE, LOWER, told("table", 10, "115,000", 116_000)),  # a figure its source does not hold
        (BEFORE, told("dcd", 8, "500,000", 500_000), AGAIN),  # of another order, so another thing
    ],
    ids=["nothing", "two", "no third day", "without a date", "unchecked", "another order"],
)
def test_otherwise_nothing_is_drawn(database: Database, fill: Fill, drafts: tuple[Draft, ...]) -> None:
    other = Draft("iw", "Was der AI Act den Mittelstand kostet", topic=list(TOPICS)[1], day=11)
    assert picture(database, fill, other, *drafts) is None


def test_without_the_package_an_issue_has_no_picture(
    database: Database, fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert picture(database, fill, BEFORE, LOWER, AGAIN) is None


def test_an_issue_carries_it_as_a_picture_with_words(database: Database, fill: Fill) -> None:
    fill(BEFORE, LOWER, AGAIN)
    issue = compose_july(database, min_items=1)
    assert issue.chart is not None
    rendered = render(issue)
    assert f'src="{issue.chart.address}"' in rendered.html
    assert f'alt="{issue.chart.alt}"' in rendered.html
    assert issue.chart.alt.replace("\u00a0", " ") in rendered.text.replace("\u00a0", " ").replace("\n", " ")
    assert thaw(json.loads(json.dumps(issue.frozen()))) == issue


def test_importing_draws_in_nothing_heavy() -> None:
    script = "import sys, digest.figure_charts; sys.exit('matplotlib' in sys.modules or 'PIL' in sys.modules)"
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", script], cwd=root, check=False).returncode == 0
