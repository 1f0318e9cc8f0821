"""The items of the example weeks and what of them was visible at a given moment.

The texts in articles.toml are examples written for this project. They rest on facts that were public at the
time, but no outlet ever published them in this form, and the addresses under the outlets' real hosts need not
exist.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True, slots=True)
class Revision:
    """A silent correction: from `at` on, the outlet shows these words instead of its first ones."""

    at: dt.datetime
    title: str | None = None
    teaser: str | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """The same document in German: the Commission writes English first, German often later or never."""

    title: str
    teaser: str
    body: str


@dataclass(frozen=True, slots=True)
class Article:
    """One example item. `body` holds paragraphs, separated by an empty line.

    section: the folder of the address, or for tablemedia the briefing ("china", "europe").
    slug: the last part of the address; for ec the reference ("IP/25/1787"), for eurlex the CELEX number.
    topics, story: what our own tests expect; no page or feed shows them.
    """

    key: str
    outlet: str
    language: str
    title: str
    teaser: str
    body: str
    author: str
    published: dt.datetime
    slug: str
    section: str = ""
    kind: str = ""
    tags: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    story: str = ""
    revised: Revision | None = None
    german: Version | None = None
    changed: dt.datetime | None = None

    @property
    def url(self) -> str:
        """The address in the shape the outlet gives its pages, on its real host."""
        return _ADDRESSES[self.outlet].format(
            slug=self.slug,
            section=self.section,
            day=f"{self.published.astimezone(dt.UTC):%Y-%m-%d}",
            reference=self.slug.lower().replace("/", "_"),
        )

    @property
    def modified(self) -> dt.datetime:
        """When the shown state came into being."""
        return self.changed or self.published

    @property
    def paragraphs(self) -> list[str]:
        """The body, paragraph by paragraph, each on one line."""
        return [" ".join(part.split()) for part in self.body.split("\n\n") if part.strip()]

    def at(self, moment: dt.datetime) -> Article | None:
        """The item as it stood at `moment`, or None if it was not out yet."""
        if self.published > moment:
            return None
        if self.revised is None or self.revised.at > moment:
            return self
        return replace(
            self,
            title=self.revised.title or self.title,
            teaser=self.revised.teaser or self.teaser,
            changed=self.revised.at,
        )

    def in_german(self) -> Article | None:
        """The German version of a document, or None if there is none."""
        if self.german is None:
            return self if self.language == "de" else None
        german = self.german
        return replace(self, language="de", title=german.title, teaser=german.teaser, body=german.body)


_ADDRESSES: Mapping[str, str] = {
    "reuters": "https://www.reuters.com/{section}/{slug}-{day}/",
    "dcd": "https://www.datacenterdynamics.com/en/news/{slug}/",
    "tomshardware": "https://www.tomshardware.com/{section}/{slug}",
    "tablemedia": "https://table.media/{section}/news/{slug}",
    "iw": "https://www.iwkoeln.de/{section}/{slug}.html",
    "ec": "https://ec.europa.eu/commission/presscorner/detail/de/{reference}",
    "eurlex": "https://eur-lex.europa.eu/legal-content/DE/TXT/?uri=CELEX:{slug}",
    "aiact": "https://artificialintelligenceact.eu/{slug}/",
}


@cache
def load_articles() -> tuple[Article, ...]:
    """All example items in the order of their publication."""
    raw = tomllib.loads(files("lagebrief.demo").joinpath("articles.toml").read_text(encoding="utf-8"))
    return tuple(sorted(map(_article, raw["article"]), key=lambda article: article.published))


def visible(articles: Iterable[Article], outlet: str, moment: dt.datetime) -> list[Article]:
    """The outlet's items as they stood at `moment`, newest first."""
    shown = (article.at(moment) for article in articles if article.outlet == outlet)
    return sorted((item for item in shown if item), key=lambda item: item.published, reverse=True)


def _article(raw: dict[str, Any]) -> Article:
    fields: dict[str, Any] = raw | {name: tuple(raw.get(name, ())) for name in ("tags", "topics")}
    if "revised" in raw:
        fields["revised"] = Revision(**raw["revised"])
    if "german" in raw:
        fields["german"] = Version(**raw["german"])
    return Article(**fields)
