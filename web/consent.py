"""What people agree to when they sign up. Who changes the words changes the version."""

from __future__ import annotations

VERSION = "2026-11"  # of the words below
PRIVACY_VERSION = "2026-11"  # of templates/privacy.html.j2


def wording(title: str, publisher: str) -> str:
    """The consent as the form shows it."""
    return (
        f"Mit „Anmelden“ willige ich ein, dass {publisher} mir einmal in der Woche den Brief „{title}“ an "
        "die angegebene Adresse schickt. Die Einwilligung gilt, bis ich sie widerrufe; das geht jederzeit "
        "mit einem Klick am Ende jedes Briefs."
    )


def proof(title: str, publisher: str, form: str) -> str:
    """What is kept of it: the words, their version, that of the privacy page, and where the form stood."""
    return (
        f"{wording(title, publisher)}\n"
        f"[Formular {form}, Fassung {VERSION}; Datenschutzerklärung, Fassung {PRIVACY_VERSION}]"
    )
