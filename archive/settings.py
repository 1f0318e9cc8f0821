"""The `[store]` section of the configuration."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from archive.durations import FOR_EVER, Keep


class StoreSettings(BaseModel):
    """Where the archive lives, and how long it keeps what."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(
        default="sqlite:///data/lagebrief.db",
        description="Database address: sqlite:///FILE (relative to this file) or postgresql+psycopg://...",
    )
    keep_full: Keep = Field(
        default=FOR_EVER,
        description='How long articles kept in full stay, e.g. 730d; "" or "0": for ever.',
    )
    keep_teaser: Keep = Field(
        default=FOR_EVER,
        description='How long articles kept with their teaser stay; "" or "0": for ever.',
    )
    keep_headline: Keep = Field(
        default=FOR_EVER,
        description='How long articles kept as headlines stay; "" or "0": for ever.',
    )
