"""How often one address and one network may ask.

Token buckets in memory: each process counts for itself, and a start begins anew.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from mailing.subscribers import network_of

NETWORK_SHARE = 8  # a network is many people behind one address, and many addresses of one person
MOST_KEPT = 20_000
_MINUTE_S = 60.0


@dataclass(slots=True)
class Limit:
    """So many requests a minute for each key, all of them at once if need be."""

    per_minute: int
    _left: OrderedDict[str, tuple[float, dt.datetime]] = field(default_factory=OrderedDict)

    def wait(self, key: str, now: dt.datetime) -> float:
        """Seconds until this key may ask again; 0 where it may now."""
        return max(0.0, (1 - self._tokens(key, now)) * _MINUTE_S / self.per_minute)

    def count(self, key: str, now: dt.datetime) -> None:
        """Take one request from the key's bucket. The keys not seen longest are forgotten."""
        self._left[key] = (self._tokens(key, now) - 1, now)
        self._left.move_to_end(key)
        if len(self._left) > MOST_KEPT:
            self._left.popitem(last=False)

    def _tokens(self, key: str, now: dt.datetime) -> float:
        left, since = self._left.get(key, (float(self.per_minute), now))
        passed = max(0.0, (now - since).total_seconds())
        return min(float(self.per_minute), left + passed * self.per_minute / _MINUTE_S)


class Limits:
    """A limit for each address and one for its network. Only what is let through counts."""

    def __init__(self, per_minute: int) -> None:
        self._address, self._network = Limit(per_minute), Limit(per_minute * NETWORK_SHARE)

    def ask(self, address: str, now: dt.datetime) -> int:
        """Whole seconds to wait, 0 for none."""
        wanted: Sequence[tuple[Limit, str]] = (
            (self._address, single(address)),
            (self._network, network_of(address)),
        )
        seconds = max(limit.wait(key, now) for limit, key in wanted)
        if seconds > 0:
            return math.ceil(seconds)
        for limit, key in wanted:
            limit.count(key, now)
        return 0


def single(address: str) -> str:
    """What stands for one connection: an IPv4 address, or the /64 that a connection gets of IPv6."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ip) if ip.version == 4 else str(ipaddress.ip_network(f"{ip}/64", strict=False))
