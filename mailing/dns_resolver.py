"""Questions to the DNS, by the servers that this machine uses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lagebrief.errors import ConfigError, TryAgainError

_PATIENCE = 10.0  # seconds for an answer


class DnsResolver:
    """See `domain_checks.Resolver`. servers: IP addresses, in place of those this machine uses.

    Raises ConfigError without the package.
    """

    def __init__(self, servers: Sequence[str] = (), port: int = 53) -> None:
        try:
            import dns.exception
            import dns.resolver
            import dns.reversename
        except ModuleNotFoundError as error:
            raise ConfigError("to ask the DNS install the extra, pip install 'lagebrief[dkim]'") from error
        self._dns = dns
        self._resolver = dns.resolver.Resolver(configure=not servers)
        if servers:
            self._resolver.nameservers, self._resolver.port = list(servers), port

    def txt(self, name: str) -> list[str]:
        """Texts of a name."""
        return [b"".join(row.strings).decode("utf-8", "replace") for row in self._rows(name, "TXT")]

    def mx(self, name: str) -> list[str]:
        """Mail servers of a domain, the one to be tried first in front."""
        rows = sorted(self._rows(name, "MX"), key=lambda row: row.preference)
        return [str(row.exchange).rstrip(".") for row in rows if str(row.exchange) != "."]

    def addresses(self, name: str) -> list[str]:
        """IPv4 and IPv6 addresses of a name; of an address it is that."""
        if self._dns.inet.is_address(name):
            return [name]
        return [str(row) for kind in ("A", "AAAA") for row in self._rows(name, kind)]

    def names(self, address: str) -> list[str]:
        """Names of an IP address."""
        question = self._dns.reversename.from_address(address)
        return [str(row).rstrip(".") for row in self._rows(question, "PTR")]

    def _rows(self, name: Any, kind: str) -> list[Any]:
        dns = self._dns
        try:
            return list(self._resolver.resolve(name, kind, lifetime=_PATIENCE))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except dns.exception.DNSException as error:
            raise TryAgainError(f"the DNS gave no answer on {name} ({kind}): {error}") from error
