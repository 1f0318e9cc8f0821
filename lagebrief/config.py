"""The one frozen configuration: config.toml < environment < command line.

Each room declares its own section; this module only joins them. Unknown keys are errors that name the
nearest known key and the line. Secrets come by environment (LAGEBRIEF_MAIL__PASSWORD) or from a file
(LAGEBRIEF_MAIL__PASSWORD_FILE) and are never shown.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from analysis.settings import TopicSettings
from archive.settings import StoreSettings
from digest.settings import DigestSettings, ImpressumSettings, LlmSettings, TranslateSettings
from lagebrief.config_environment import from_environment, laid_over
from lagebrief.config_text import explain, nearest
from lagebrief.errors import ConfigError
from mailing.bounce_settings import BounceSettings
from mailing.settings import MailSettings
from spiders.settings import CollectSettings, SourceSettings
from web.settings import WebSettings

PREFIX = "LAGEBRIEF_"
FILE_NAME = "config.toml"
_SECRETS = (
    ("mail", "password"),
    ("mail", "keys"),
    ("mail", "dkim_key"),
    ("bounces", "password"),
    ("llm", "api_key"),
    ("translate", "deepl_key"),
)


class AppSettings(BaseModel):
    """What concerns the whole program."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    timezone: str = Field(default="Europe/Berlin", description="Zone of the schedule; weeks are Berlin's.")
    data_dir: str = Field(default="data", description="Folder for database and index, relative to this file.")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"no such time zone: {name!r}") from error
        return name


class QueueSettings(BaseModel):
    """Sharing work between machines."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(default="", description="PostgreSQL address; empty: one machine does all the work.")


class Config(BaseModel):
    """Every setting, frozen. `load` makes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    app: AppSettings = Field(default=AppSettings(), description="What concerns the whole program.")
    store: StoreSettings = Field(default=StoreSettings(), description="Where the archive lives.")
    collect: CollectSettings = Field(default=CollectSettings(), description="Manners of the collector.")
    sources: tuple[SourceSettings, ...] = Field(default=(), description="The outlets that are watched.")
    topics: tuple[TopicSettings, ...] = Field(default=(), description="What they are watched for.")
    digest: DigestSettings = Field(default=DigestSettings(), description="The weekly issue.")
    llm: LlmSettings = Field(default=LlmSettings(), description="The language model that may write.")
    translate: TranslateSettings = Field(default=TranslateSettings(), description="Machine translation.")
    mail: MailSettings = Field(default=MailSettings(), description="How mail is sent.")
    bounces: BounceSettings = Field(
        default=BounceSettings(), description="The mailbox that mail servers report to."
    )
    web: WebSettings = Field(default=WebSettings(), description="Desk and reader pages.")
    queue: QueueSettings = Field(default=QueueSettings(), description="Sharing work between machines.")
    impressum: ImpressumSettings = Field(default=ImpressumSettings(), description="Who is responsible.")

    @model_validator(mode="after")
    def _unique_keys(self) -> Self:
        for name, keys in (
            ("sources", [source.key for source in self.sources]),
            ("topics", [topic.key for topic in self.topics]),
        ):
            twice = {key for key in keys if keys.count(key) > 1}
            if twice:
                raise ValueError(f"{name}: the key {min(twice)!r} is given twice")
        return self


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration with where it came from. All relative paths start at `base`."""

    config: Config
    path: Path | None
    base: Path
    text: str = ""
    data_dir_override: Path | None = None
    given: Mapping[str, Any] = field(default_factory=dict)

    @property
    def data_dir(self) -> Path:
        """Where everything the program writes lives."""
        return self.data_dir_override or self.base / self.config.app.data_dir

    @property
    def store_url(self) -> str:
        """The database's address; the default one lies in the data folder, wherever that is."""
        if self.config.store.url == StoreSettings().url:
            return f"sqlite:///{(self.data_dir / 'lagebrief.db').absolute()}"
        return self.config.store.url


def load(path: Path | None = None, data_dir: Path | None = None) -> Loaded:
    """Read the configuration. Without a path: $LAGEBRIEF_CONFIG, ./config.toml, the XDG folder, the defaults.

    Raises ConfigError with file, line and key.
    """
    found = path or find()
    text = _read(found) if found else ""
    given = _parse(text, found)
    for section, key in _SECRETS:
        if isinstance(rows := given.get(section), dict) and key in rows:
            name = f"{PREFIX}{section}__{key}".upper()
            raise ConfigError(f"{found}: {section}.{key}: give it as {name} or its _FILE")
    _check_environment()
    with_defaults = _with_secrets({**_default_lists(given), **given}, found)
    try:
        config = Config.model_validate(laid_over(with_defaults, from_environment(Config, PREFIX)))
    except ValidationError as error:
        raise ConfigError(explain(error, Config, text, found, PREFIX)) from None
    base = found.absolute().parent if found else Path.cwd()
    return Loaded(config, found, base, text, data_dir.absolute() if data_dir else None, given)


def load_defaults() -> Loaded:
    """The default configuration alone, whatever files and variables are about."""
    given = tomllib.loads(default_text())
    return Loaded(Config.model_validate(given), None, Path.cwd(), default_text(), given=given)


def find() -> Path | None:
    """The configuration file that applies when none is named."""
    named = os.environ.get(f"{PREFIX}CONFIG")
    if named:
        return Path(named)
    xdg = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "lagebrief" / FILE_NAME
    return next((path for path in (Path(FILE_NAME), xdg) if path.is_file()), None)


def default_text() -> str:
    """The commented default configuration, as `lagebrief init` writes it."""
    packaged = resources.files("lagebrief") / FILE_NAME
    if packaged.is_file():
        return packaged.read_text(encoding="utf-8")
    return (Path(__file__).parent.parent / FILE_NAME).read_text(encoding="utf-8")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8 text") from error


def _parse(text: str, path: Path | None) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error


def _with_secrets(given: dict[str, Any], path: Path | None) -> dict[str, Any]:
    """Put the environment's values into sources' url and headers, where they say "env:NAME"."""
    rows = given["sources"]
    if not isinstance(rows, list):
        return given
    return {**given, "sources": [_with_source_secrets(row, path) for row in rows]}


def _with_source_secrets(row: Any, path: Path | None) -> Any:
    if not isinstance(row, dict):
        return row

    def value(text: Any) -> Any:
        if not (isinstance(text, str) and text.startswith("env:")):
            return text
        name = text.removeprefix("env:")
        if name in os.environ:
            return os.environ[name]
        raise ConfigError(f"{path}: sources.{row.get('key')}: the environment has no {name}")

    headers = row.get("headers")
    filled = {**row, "url": value(row["url"])} if "url" in row else dict(row)
    if isinstance(headers, dict):
        filled["headers"] = {name: value(text) for name, text in headers.items()}
    return filled


def _default_lists(given: Mapping[str, Any]) -> dict[str, Any]:
    """Sources and topics of the default file, where the user's file has none of its own."""
    if "sources" in given and "topics" in given:
        return {}
    defaults = tomllib.loads(default_text())
    return {name: defaults.get(name, []) for name in ("sources", "topics")}


def _check_environment() -> None:
    """Put the file's content into NAME for each NAME_FILE, and refuse names that mean no setting."""
    for name in [name for name in os.environ if name.startswith(PREFIX) and "__" in name]:
        if name.endswith("_FILE"):
            path = Path(os.environ.pop(name))
            try:
                os.environ[name.removesuffix("_FILE")] = path.read_text(encoding="utf-8").strip()
            except OSError as error:
                raise ConfigError(f"{name}: {path} cannot be read: {error.strerror}") from error
            except UnicodeDecodeError as error:
                raise ConfigError(f"{name}: {path} is not UTF-8 text") from error
            name = name.removesuffix("_FILE")
        section, _, key = name.removeprefix(PREFIX).lower().partition("__")
        known = Config.model_fields.get(section)
        model = known.annotation if known else None
        if isinstance(model, type) and issubclass(model, BaseModel):
            names = {info.alias or field_name for field_name, info in model.model_fields.items()}
            if key in names:
                continue
            raise ConfigError(f"{name}: no such setting{nearest(key, names)}")
        if section not in Config.model_fields:
            raise ConfigError(f"{name}: no such section{nearest(section, Config.model_fields)}")
