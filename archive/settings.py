"""The `[store]` section of the configuration."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class StoreSettings(BaseModel):
    """Where the archive lives."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(
        default="sqlite:///data/lagebrief.db",
        description="Database address: sqlite:///FILE (relative to this file) or postgresql+psycopg://...",
    )
