"""What the environment gives for the configuration: LAGEBRIEF_SECTION__KEY, read by pydantic-settings.

That package is imported only where such a variable is set: it takes as long to import as a search to run.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, create_model

from lagebrief.errors import ConfigError


def from_environment(model: type[BaseModel], prefix: str) -> dict[str, Any]:
    """The values that variables give, by section. Raises ConfigError for a section that is not JSON."""
    named = {name.upper().removeprefix(prefix) for name in os.environ if name.upper().startswith(prefix)}
    if not {name.partition("__")[0].lower() for name in named} & model.model_fields.keys():
        return {}
    from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsError

    fields: dict[str, Any] = {name: (info.annotation, info) for name, info in model.model_fields.items()}
    settings = create_model("Environment", __base__=BaseSettings, **fields)
    source = EnvSettingsSource(settings, env_prefix=prefix, env_nested_delimiter="__", case_sensitive=False)
    try:
        return source()
    except SettingsError as error:
        raise ConfigError(f"environment: {error}") from error


def laid_over(given: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """The values of both; where both have a table, key by key, and else the upper one."""
    return {
        **given,
        **{
            key: laid_over(given[key], value) if isinstance(value, dict) and isinstance(given.get(key), dict)
            else value
            for key, value in above.items()
        },
    }  # fmt: skip
