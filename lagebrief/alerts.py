"""Tells people by mail what is new to the searches they keep."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from archive import saved_searches
from archive.saved_searches import SavedSearch
from lagebrief.app import App

if TYPE_CHECKING:
    from archive.search import Hit

_MOST_NAMED = 50


def send_alerts(app: App) -> int:
    """Put a mail into the outbox for each search with an address that found something new; returns how many.

    Found is what was read since the last time. What was put counts as reported, in the same transaction.
    """
    from mailing import outbox

    asked = [saved for saved in saved_searches.every(app.database) if saved.alert_to]
    if not asked or not (app.config.mail.host and app.config.mail.from_):
        return 0
    index, count = app.index(), 0
    for saved in asked:
        hits, seen = saved_searches.news(app.database, index, saved)
        with app.database.writing() as connection:
            if saved_searches.advance(connection, saved, seen) and hits:
                outbox.add(connection, saved.alert_to, _mail(app, saved, hits), app.clock())
                count += 1
    return count


def _mail(app: App, saved: SavedSearch, hits: Sequence[Hit]) -> bytes:
    from mailing.message import build

    settings, now = app.config.mail, app.clock()
    newest = max(hit.article.id for hit in hits)
    id_ = hashlib.sha256(f"{saved.name}\n{saved.alert_to}\n{newest}".encode()).hexdigest()[:40]
    reports = "1 neue Meldung" if len(hits) == 1 else f"{len(hits)} neue Meldungen"
    return build(
        f"{saved.name}: {reports}",
        _text(app, saved, hits, reports),
        None,
        settings,
        to=saved.alert_to,
        date=now,
        message_id=f"<suche.{id_}@{settings.domain}>",
    )


def _text(app: App, saved: SavedSearch, hits: Sequence[Hit], reports: str) -> str:
    from digest.typography import date

    parts = [f"{reports} zur Suche „{saved.name}“ ({saved.query})"]
    for hit in hits[:_MOST_NAMED]:
        article = hit.article
        outlet = app.outlet_names.get(article.outlet, article.outlet)
        parts.append(f"{article.title}\n{outlet} · {date(article.published.date())}\n  {article.url}")
    if len(hits) > _MOST_NAMED:
        parts.append(f"… und {len(hits) - _MOST_NAMED} weitere.")
    parts.append("Diese Mails enden mit „lagebrief searches remove“ und dem Namen der Suche.")
    return "\n\n".join(parts) + "\n"
