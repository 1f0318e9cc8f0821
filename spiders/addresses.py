"""Which addresses may be asked: the open internet, and inside the house only what a setting names."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from lagebrief.errors import AddressRefusedError

_WEB_PORTS = (80, 443)
MAX_URL = 2_048
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """True for an address of the open internet; false for loopback, private, link-local, shared, multicast,
    and for what is wrapped in IPv6 (mapped, NAT64, 6to4)."""
    ip = ipaddress.ip_address(address.split("%", 1)[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


def allowed_private(url: str, allowed: Iterable[str], home: str) -> bool:
    """True where a setting lets this source reach a private host.

    An entry is a host (then only on the port of the source's own address, `home`) or host:port.
    """
    host, port = _host_port(url)
    for entry in allowed:
        name, _, number = entry.rpartition(":") if entry.count(":") == 1 else (entry, "", "")
        if number.isdigit() and (name.lower(), int(number)) == (host, port):
            return True
        home_host, home_port = _host_port(home)
        if not number and entry.strip("[]").lower() == host and (host != home_host or port == home_port):
            return True
    return False


def check_url(url: str, *, private_allowed: bool) -> None:
    """Refuse an address before a name is even resolved. Raises AddressRefusedError saying why."""
    if len(url) > MAX_URL:
        raise AddressRefusedError(f"address longer than {MAX_URL} characters")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise AddressRefusedError(f"address not allowed: scheme {parts.scheme!r}")
    if parts.username or parts.password:
        raise AddressRefusedError("address not allowed: it carries a user name")
    if not private_allowed and _host_port(url)[1] not in _WEB_PORTS:
        raise AddressRefusedError(f"address not allowed: port {parts.port}, only 80 and 443 are")


def _host_port(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError as error:
        raise AddressRefusedError(f"address not allowed: {error}") from error
    return (parts.hostname or "").lower(), port or (443 if parts.scheme == "https" else 80)


def names_private_host(host: str) -> bool:
    """True where a link's host is, in any notation, an address inside this machine or network."""
    if host.startswith("[") or ":" in host:
        return not is_public(host.strip("[]"))
    try:
        return not is_public(socket.inet_ntoa(socket.inet_aton(host)))
    except OSError:  # a name: only those without a dot, or made for the house, are private
        return "." not in host.rstrip(".") or host.endswith((".localhost", ".local", ".internal"))
