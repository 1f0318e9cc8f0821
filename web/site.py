"""What every page is made of: the archive, the settings and the look. Handed to each group of pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from archive.database import Database
from digest.settings import ImpressumSettings
from lagebrief.errors import ConfigError
from mailing.keys import Keys
from mailing.settings import MailSettings
from web.settings import WebSettings

PUBLIC = "public, max-age=300"  # what is the same for everybody may be kept a while
_PROBLEMS = {
    400: ("Nicht verstanden", "Die Anfrage war unvollständig oder fehlerhaft."),
    403: (
        "Nicht angenommen",
        "Das Formular kam von einer fremden Seite. Bitte füllen Sie es hier noch einmal aus.",
    ),
    404: ("Nicht gefunden", "Unter dieser Adresse ist nichts, oder nichts mehr."),
    405: ("So geht es nicht", "Diese Adresse nimmt solche Anfragen nicht an."),
    408: ("Zu langsam", "Ihre Anfrage kam nicht rechtzeitig vollständig an."),
    413: ("Zu groß", "So viel nimmt diese Seite nicht an."),
    421: ("Falsche Adresse", "Unter diesem Namen gibt es hier keine Seite."),
    422: ("Nicht verstanden", "Das Formular war unvollständig oder fehlerhaft."),
    429: (
        "Zu viele Anfragen",
        "Von Ihrem Anschluss kamen zu viele Anfragen. Bitte warten Sie einen Augenblick.",
    ),
    500: ("Fehler bei uns", "Das hätte nicht geschehen dürfen. Bitte versuchen Sie es später noch einmal."),
    503: ("Gerade nicht erreichbar", "Bitte versuchen Sie es in einigen Minuten noch einmal."),
}


@dataclass(frozen=True, slots=True)
class Site:
    """The opened site. title: the newsletter's name; topics: their names by key; clock: now, aware.

    Raises ConfigError where a setting is missing without which nobody may be asked for an address.
    """

    database: Database
    keys: Keys
    web: WebSettings
    mail: MailSettings
    impressum: ImpressumSettings
    title: str
    topics: Mapping[str, str]
    clock: Callable[[], dt.datetime]

    def __post_init__(self) -> None:
        told = {"web.base_url": self.web.base_url, "mail.from": self.mail.from_}
        told |= {f"impressum.{name}": value for name, value in self.impressum.model_dump().items()}
        missing = [name for name, value in told.items() if not value]
        if missing:
            raise ConfigError(f"empty: {', '.join(missing)}; the pages for readers need them")

    @property
    def root(self) -> str:
        """What every path on this site begins with, as people see it."""
        return urlsplit(self.web.base_url).path

    @property
    def imprint(self) -> list[str]:
        """Who publishes, in lines."""
        told = self.impressum
        return [
            told.publisher,
            told.address,
            f"Verantwortlich: {told.responsible}",
            f"E-Mail: {told.email}",
        ]

    def page(self, name: str, status: int = 200, *, keep: str = "no-store", **values: Any) -> HTMLResponse:
        """A page from the template of this name. keep: its Cache-Control."""
        html = _environment().get_template(f"{name}.html.j2").render(site=self, **values)
        return HTMLResponse(html, status, headers={"Cache-Control": keep})

    def problem(self, status: int) -> HTMLResponse:
        """The page of an error; it tells nothing of the request."""
        heading, words = _PROBLEMS.get(status, (HTTPStatus(status).phrase, ""))
        return self.page("problem", status, heading=heading, words=words)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
