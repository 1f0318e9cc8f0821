"""What hosts said to machines, kept word by word."""

from __future__ import annotations

from builders import DAY, NOW

from archive import hosts
from archive.database import Database
from archive.hosts import HostRules

ROBOTS = "# Ümläute und 漢字\nUser-agent: *\nDisallow: /straße/\n"


def test_an_unknown_host_has_no_rules(database: Database) -> None:
    assert hosts.load(database, "https://example.org") is None


def test_rules_come_back_as_they_were(database: Database) -> None:
    rules = HostRules("https://example.org", NOW, 200, ROBOTS, 404, "")
    hosts.save(database, rules)
    assert hosts.load(database, "https://example.org") == rules


def test_the_newest_answer_counts_and_hosts_stay_apart(database: Database) -> None:
    hosts.save(database, HostRules("https://example.org", NOW, 200, ROBOTS))
    unreachable = HostRules("https://example.org:8443", NOW, 0, "")
    hosts.save(database, unreachable)
    newer = HostRules("https://example.org", NOW + DAY, 503, "", 200, '[{"location": "/"}]')
    hosts.save(database, newer)
    assert hosts.load(database, "https://example.org") == newer
    assert hosts.load(database, "https://example.org:8443") == unreachable
