"""The `[bounces]` section of the configuration."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from mailing.settings import OneLine

# IMAP writes other letters in an encoding of its own; quotes would need quoting.
Folder = Annotated[str, StringConstraints(pattern=r'^[^\x00-\x1f"\\\x7f-\U0010ffff]+$')]


class BounceSettings(BaseModel):
    """The mailbox that mail servers report to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: OneLine = Field(default="", description="IMAP server of the mailbox that reports go to.")
    port: int = Field(default=993, ge=1, le=65535, description="Port of the IMAP server.")
    security: Literal["tls", "starttls"] = Field(
        default="tls", description="How the connection is encrypted; the certificate is verified."
    )
    username: OneLine = Field(default="", description="Name to log in with.")
    password: SecretStr = Field(
        default=SecretStr(""), description="Password, by LAGEBRIEF_BOUNCES__PASSWORD or *_FILE only."
    )
    folder: Folder = Field(default="INBOX", description="Folder that is read.")
    done: Folder = Field(default="Lagebrief", description="Folder that what was read is moved to.")
