"""The `[mail]` section of the configuration."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from lagebrief.errors import ConfigError

_ASCII_CONTROLS = 32
# Stricter than RFC 5322 on purpose: ASCII addresses without quoting, which every server takes.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = rf"{_ATOM}(?:\.{_ATOM})*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*"
_NAME = r"""(?:"[^"\\]*"|[^"\\<>()\[\]@,;:]*)"""
_MAILBOX = re.compile(rf"{_ADDRESS}|{_NAME} *<{_ADDRESS}>")


def one_line(text: str) -> str:
    """Refuse what would begin a new header line."""
    if any(ord(character) < _ASCII_CONTROLS or ord(character) == 127 for character in text):
        raise ValueError("must be a single line without control characters")
    return text


def mailbox(text: str) -> str:
    """Refuse anything but one mail address, with or without a name before it; empty is allowed."""
    if one_line(text) and not _MAILBOX.fullmatch(text):
        raise ValueError(f"expected one plain address such as 'Lagebrief <brief@example.org>', not {text!r}")
    return text


def server(text: str) -> str:
    """Refuse what no look-up of names takes, such as two dots in a row; empty is allowed."""
    try:
        one_line(text).encode("idna")
    except UnicodeError as error:
        raise ValueError(f"expected the name or address of a server, not {text!r}") from error
    return text


OneLine = Annotated[str, AfterValidator(one_line)]
Mailbox = Annotated[str, AfterValidator(mailbox)]
Server = Annotated[str, AfterValidator(server)]


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class MailSettings(BaseModel):
    """Whom the mail comes from and which server takes it."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    host: Server = Field(default="", description="SMTP server that takes the mail.")
    port: int = Field(default=587, ge=1, le=65535, description="Port of the SMTP server.")
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="How the connection is encrypted."
    )
    username: OneLine = Field(default="", description="Name to log in with, empty for none.")
    password: SecretStr = Field(
        default=SecretStr(""), description="Password, by LAGEBRIEF_MAIL__PASSWORD or *_FILE only."
    )
    keys: SecretStr = Field(
        default=SecretStr(""),
        description="Keys that sign links, one a line, newest first, by LAGEBRIEF_MAIL__KEYS or *_FILE only; "
        "empty: made in the data folder.",
    )
    from_: Mailbox = Field(default="", alias="from", description="Sender, 'Name <address>'.")
    reply_to: Mailbox = Field(default="", description="Address that people's answers go to.")
    list_id: OneLine = Field(
        default="", description="Identifier of the list (RFC 2919), 'Name <list.example.org>'."
    )
    dkim_selector: OneLine = Field(
        default="", description="Selector of the DKIM key, where we sign and not the relay."
    )
    dkim_key: SecretStr = Field(
        default=SecretStr(""),
        description="RSA key in PEM that signs mails, by LAGEBRIEF_MAIL__DKIM_KEY or *_FILE only.",
    )
    rate: float = Field(default=5.0, gt=0, description="Messages a second at most.")
    destination_rate: float = Field(
        default=0.0, ge=0, description="Messages a second at most to one domain; 0: no limit of its own."
    )
    connections: int = Field(default=2, ge=1, le=20, description="Connections to the server at once.")
    lease: float = Field(
        default=300.0, ge=1, description="Seconds a claimed mail stays with a sender that does not answer."
    )
    first_pause: float = Field(
        default=300.0,
        gt=0,
        description="Seconds before a mail that was put off is tried again; later pauses grow.",
    )
    give_up_after: float = Field(
        default=48.0, gt=0, description="Hours after which a mail that is put off again and again has failed."
    )

    @model_validator(mode="after")
    def _password_is_encrypted(self) -> Self:
        if self.username and self.security == "none" and not _is_loopback(self.host):
            raise ValueError("a password is not sent unencrypted: security must be starttls or tls")
        return self

    @model_validator(mode="after")
    def _key_has_a_name(self) -> Self:
        if bool(self.dkim_selector) != bool(self.dkim_key.get_secret_value()):
            raise ValueError("dkim_selector and the key it names belong together: set both or none")
        return self

    @property
    def domain(self) -> str:
        """The sender's domain, which ids and return addresses are in. Raises ConfigError without a sender."""
        if not self.from_:
            raise ConfigError("mail.from is empty: set the sender, such as 'Lagebrief <brief@example.org>'")
        return self.from_.rpartition("@")[2].rstrip(">")
