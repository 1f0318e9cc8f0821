import re
from dataclasses import replace
from email.message import EmailMessage
from itertools import pairwise

import pytest
from example_week import WEEK_OF_JULY, Draft, Fill, compose_july
from lxml import html

from archive.database import Database
from digest.issue import Issue
from digest.rendering import ACCENTS, MAX_HTML_BYTES, Rendered, render, safe_url, wrap
from lagebrief.errors import InputError

HOSTILE = Draft(
    "dcd",
    'Nice <script>alert(1)</script> "title" & <img src=x onerror=y>\u202egnp.exe\r\nBcc: everyone',
    "A teaser with </p><iframe src='https://evil.example/'></iframe> inside.",
    "en",
    day=12,
    url='https://dcd.example/a?x="><script>&y=1',
)
FORBIDDEN = {"script", "img", "link", "iframe", "object", "form", "input", "video", "audio", "svg", "base"}


def document(rendered: Rendered) -> html.HtmlElement:
    return html.document_fromstring(rendered.html)


def hrefs(rendered: Rendered) -> list[str]:
    return [str(address) for address in document(rendered).xpath("//a/@href")]


def contrast(first: str, second: str) -> float:
    """WCAG 2.2 contrast ratio of two colours such as #1b1c1e."""

    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_structure_is_fit_for_screen_readers(july: Issue) -> None:
    page = document(render(july))
    assert page.get("lang") == "de"
    assert page.xpath("//body/div[last()]/@lang") == ["de"]
    levels = [int(heading.tag[1]) for heading in page.iter("h1", "h2", "h3", "h4")]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    layout = page.xpath("//table[not(thead)]")
    assert all(table.get("role") == "presentation" for table in layout)
    assert all(table.xpath("./thead//th[@scope='col']") for table in page.xpath("//table[thead]"))


def test_nothing_is_remote_and_nothing_tracks(july: Issue) -> None:
    rendered = render(july)
    page = document(rendered)
    assert not FORBIDDEN & {str(element.tag) for element in page.iter()}
    assert not page.xpath("//@src | //@background | //@srcset")
    assert "url(" not in rendered.html
    assert "@import" not in rendered.html


def test_the_preheader_is_one_hidden_line(july: Issue) -> None:
    (hidden,) = document(render(july)).xpath("//div[contains(@style, 'display:none')]")
    shown = re.sub(r"[\u034f\u200c]", "", hidden.text_content())
    assert 40 <= len(shown) <= 90
    assert shown == july.preheader != july.subject


def test_every_link_of_the_html_stands_in_the_text(july: Issue) -> None:
    rendered = render(july)
    lines = {line.strip() for line in rendered.text.splitlines()}
    assert len(set(hrefs(rendered))) >= 10
    assert set(hrefs(rendered)) <= lines


def test_text_lines_are_short_except_for_links(july: Issue) -> None:
    lines = render(july).text.splitlines()
    assert all(len(line) <= 78 for line in lines if not line.startswith("  https://"))


def test_foreign_text_stays_text(database: Database, fill: Fill) -> None:
    fill(*WEEK_OF_JULY)
    lead = compose_july(database).items[0]
    source = replace(lead.lead, title=HOSTILE.title, url=HOSTILE.url, name="<b>D&D</b>")
    item = replace(lead, headline=HOSTILE.title, teaser=HOSTILE.teaser, sources=(source,))
    issue = replace(compose_july(database), items=(item,), notice="<i>hint</i>")
    rendered = render(issue)
    page = document(rendered)
    assert not FORBIDDEN & {str(element.tag) for element in page.iter()}
    assert "\u202e" not in rendered.html + rendered.text
    assert "<script>alert(1)</script>" in page.xpath("string(//h3)")
    assert "\nBcc:" not in rendered.text
    assert HOSTILE.url in hrefs(rendered)


def test_hostile_titles_through_the_archive(database: Database, fill: Fill) -> None:
    fill(*WEEK_OF_JULY, replace(HOSTILE, title="Report <script>alert(1)</script> & more"))
    rendered = render(compose_july(database))
    assert "<script" not in rendered.html
    assert "Report <script>alert(1)</script> & more" in rendered.text


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "data:text/html,x", "//x.example", "ftp://x.example/", "https://", "https://[",
     "", "https://x.example/a b", "https://x.example/\nX"],
)  # fmt: skip
def test_only_web_addresses_are_linked(july: Issue, address: str) -> None:
    assert safe_url(address) == ""
    lead = july.items[0]
    item = replace(lead, sources=(replace(lead.lead, url=address),))
    rendered = render(replace(july, items=(item,), figure_rows=()))
    assert address not in hrefs(rendered)
    assert item.headline in document(rendered).xpath("string(//h3)")


def test_foreign_words_carry_their_language(july: Issue) -> None:
    page = document(render(july))
    english = page.xpath("//*[@lang='en']")
    assert any("Inner Mongolia" in element.text_content() for element in english)
    assert not any("Ausschreibungen" in element.text_content() for element in english)
    assert page.xpath("//abbr[@title='Englisch' and text()='engl.']")


def test_a_line_without_its_check_is_not_printed(july: Issue) -> None:
    item = replace(july.items[0], fact_line="40 Rechenzentren")
    row = replace(july.figure_rows[0], value="40 Rechenzentren")
    rendered = render(replace(july, items=(item,), figure_rows=(row,)))
    assert "40 Rechenzentren" not in rendered.html
    assert "40 Rechenzentren" not in rendered.text
    assert "Zahlen der Woche" not in rendered.text


def test_a_moved_deadline_shows_both_dates(july: Issue) -> None:
    moved = replace(july.deadlines[0], former="2. August 2026", doubtful=True)
    vague = replace(july.deadlines[1], days=None)
    rendered = render(replace(july, deadlines=(moved, vague)))
    assert document(rendered).xpath("//s/text()") == ["2. August 2026"]
    assert "zuvor 2. August 2026" in rendered.text.replace("\u00a0", " ")
    assert rendered.html.count("zu prüfen") == 1
    assert "noch" in rendered.text
    assert "Register" not in rendered.text


def test_an_issue_says_how_it_was_made(july: Issue) -> None:
    draft, approved = render(july), render(replace(july, state="approved"))
    for part in (draft.html, " ".join(draft.text.split())):
        assert "Maschinell zusammengestellt, nicht redaktionell geprüft." in part
        assert "Beispielverlag GmbH" in part
        assert "Beispielausgabe mit erfundenen Texten" in part
    assert "nicht redaktionell" not in approved.html
    assert "von der Redaktion freigegeben" in approved.html


def test_many_reports_on_one_story_are_counted_not_listed(july: Issue) -> None:
    lead = july.items[0]
    others = tuple(replace(lead.lead, source_id=str(n), title=f"Bericht {n}") for n in range(20))
    rendered = render(replace(july, items=(replace(lead, sources=(lead.lead, *others)),)))
    assert "und 14\u00a0weitere Berichte" in rendered.text


def test_a_full_issue_fits_and_a_bigger_one_is_refused(july: Issue) -> None:
    lead = july.items[0]
    sources = tuple(replace(lead.lead, title="Lange Überschrift " * 8) for _ in range(4))
    item = replace(lead, teaser="Wörter " * 60, sources=sources)
    full = replace(july, items=(item,) * 12, coverage=july.coverage * 4)
    assert len(_as_mail(render(full).html)) < MAX_HTML_BYTES
    with pytest.raises(InputError, match=r"digest\.max_items.*China baut"):
        render(replace(july, items=(item,) * 40))


def _as_mail(body: str) -> bytes:
    message = EmailMessage()
    message.set_content(body, subtype="html", cte="quoted-printable")
    return message.as_bytes()


def test_colours_have_contrast_in_light_and_dark() -> None:
    for light, dark in ACCENTS:
        assert contrast(light, "#ffffff") >= 4.5
        assert contrast(dark, "#1b1d1f") >= 4.5
    for ink, paper in [
        ("#1b1c1e", "#ffffff"), ("#5a5d64", "#ffffff"), ("#5a5d64", "#f6f4ee"), ("#1b1c1e", "#f7f1dd"),
        ("#ece9e2", "#1b1d1f"), ("#adb1b9", "#1b1d1f"), ("#adb1b9", "#25282b"), ("#ece9e2", "#25282b"),
    ]:  # fmt: skip
        assert contrast(ink, paper) >= 4.5, (ink, paper)


def test_rendering_is_deterministic(july: Issue) -> None:
    assert render(july) == render(july)


def test_wrap_keeps_numbers_with_their_units() -> None:
    lines = wrap("x" * 74 + " 115.000\u00a0GPUs").splitlines()
    assert lines == ["x" * 74, "115.000\u00a0GPUs"]


def test_a_report_without_a_date_of_its_own_says_when_it_was_found(july: Issue) -> None:
    lead = july.items[0]
    found = replace(lead, sources=(replace(lead.lead, dated=False),))
    rendered = render(replace(july, items=(found,)))
    assert "gefunden am 9." in rendered.html
    assert "gefunden am 9." in rendered.text
    assert "gefunden am" not in render(july).html
