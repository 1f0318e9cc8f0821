"""The `[web]` section of the configuration."""

from __future__ import annotations

import ipaddress

from pydantic import BaseModel, ConfigDict, Field, field_validator


class WebSettings(BaseModel):
    """Where people reach the desk and the reader pages."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str = Field(default="", description="Public address that links in mails begin with.")
    host: str = Field(default="127.0.0.1", description="Address the server listens on.")
    port: int = Field(default=8000, ge=1, le=65535, description="Port the server listens on.")
    trusted_proxies: tuple[str, ...] = Field(
        default=(), description="IP addresses or networks whose X-Forwarded-For is believed."
    )
    rate: int = Field(
        default=120,
        ge=1,
        description="Requests a minute from one address; from its network eight times that.",
    )
    form_rate: int = Field(
        default=10, ge=1, description="Forms a minute from one address; from its network eight times that."
    )

    @field_validator("base_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        if not value.isascii() or any(character <= " " for character in value):
            raise ValueError("must be plain ASCII: an umlaut in a domain is written xn--, see 'IDNA'")
        return value.rstrip("/")

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        """Names are refused: whoever answers for a name would be believed."""
        for value in values:
            ipaddress.ip_network(value)
        return values
