"""What `lagebrief check` looks at: nothing is changed, everything wrong is named with its remedy."""

from __future__ import annotations

from dataclasses import dataclass

from lagebrief.config import Loaded
from lagebrief.errors import LagebriefError


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    what: str
    ok: bool
    message: str


def run_checks(loaded: Loaded) -> list[Finding]:
    """Every check, in the order in which people should mend things."""
    where = str(loaded.path) if loaded.path else "no config.toml found: the defaults apply"
    return [
        Finding("configuration", True, where),
        _contact(loaded),
        _sources(loaded),
        *_evidence(loaded),
        _topics(loaded),
        _database(loaded),
        _templates(),
        _register(),
        _impressum(loaded),
        _mail(loaded),
    ]


def _contact(loaded: Loaded) -> Finding:
    contact = loaded.config.collect.contact
    if "example.org" in contact or not contact:
        return Finding("collect.contact", False, "put your own page or mailbox: webmasters will read it")
    return Finding("collect.contact", True, contact)


def _sources(loaded: Loaded) -> Finding:
    active = [source.key for source in loaded.config.sources if source.state == "active"]
    return Finding("sources", bool(active), f"{len(active)} active of {len(loaded.config.sources)}")


def _evidence(loaded: Loaded) -> list[Finding]:
    """Only where evidence is asked for."""
    from importlib.util import find_spec

    if not loaded.config.collect.warc:
        return []
    if find_spec("warcio") is None:
        return [Finding("collect.warc", False, "install the extra: pip install 'lagebrief[warc]'")]
    full = [source.key for source in loaded.config.sources if source.storage == "full"]
    return [Finding("collect.warc", bool(full), ", ".join(full) or "no source has storage full")]


def _topics(loaded: Loaded) -> Finding:
    keys = [topic.key for topic in loaded.config.topics]
    return Finding("topics", bool(keys), ", ".join(keys) or "none: nothing would ever be relevant")


def _database(loaded: Loaded) -> Finding:
    from archive import migrate
    from archive.database import Database

    url = loaded.store_url
    if url.startswith("sqlite:///"):
        path = loaded.base / url.removeprefix("sqlite:///")
        if not path.exists():
            return Finding("database", True, f"{path} is made at the first start")
    try:
        database = Database(url, loaded.base)
        try:
            found = migrate.current(database)
        finally:
            database.close()
    except LagebriefError as error:
        return Finding("database", False, str(error))
    if found not in (None, migrate.newest()):
        return Finding("database", False, f"revision {found}: run 'lagebrief db upgrade'")
    return Finding("database", True, f"revision {found or 'none yet'}")


def _templates() -> Finding:
    from jinja2 import TemplateError

    from digest.rendering import load_templates

    try:
        load_templates()
    except TemplateError as error:
        return Finding("templates", False, f"{error.message} ({getattr(error, 'name', '')})")
    return Finding("templates", True, "readable")


def _register() -> Finding:
    from analysis.milestones import as_of, load_register

    try:
        milestones = load_register()
    except LagebriefError as error:
        return Finding("AI Act register", False, str(error))
    return Finding("AI Act register", True, f"{len(milestones)} milestones, as of {as_of()}")


def _impressum(loaded: Loaded) -> Finding:
    fields = loaded.config.impressum.model_dump()
    missing = [name for name, value in fields.items() if not value]
    if missing:
        return Finding("impressum", False, f"empty: {', '.join(missing)} (§ 5 DDG, § 18 MStV)")
    return Finding("impressum", True, "complete")


def _mail(loaded: Loaded) -> Finding:
    mail = loaded.config.mail
    missing = [name for name, value in (("host", mail.host), ("from", mail.from_)) if not value]
    if missing:
        return Finding("mail", False, f"empty: {', '.join(missing)}; issues can be exported, not sent")
    return Finding("mail", True, f"{mail.host}:{mail.port} ({mail.security})")
