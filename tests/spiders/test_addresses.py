"""Which addresses may be asked, and which may stand in a link."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import identity
from lagebrief.errors import AddressRefusedError
from spiders import addresses, entries


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_is_public(address: str, public: bool) -> None:
    assert addresses.is_public(address) is public


@pytest.mark.parametrize(
    ("url", "allowed", "home", "expected"),
    [
        ("http://127.0.0.1:8081/feed", ["127.0.0.1"], "http://127.0.0.1:8081/feed", True),
        ("http://127.0.0.1:8082/feed", ["127.0.0.1"], "http://127.0.0.1:8081/feed", False),
        ("http://127.0.0.1:8082/feed", ["127.0.0.1:8082"], "http://127.0.0.1:8081/feed", True),
        ("http://Intranet:8080/x", ["intranet:8080"], "https://quelle.example/", True),
        ("http://intranet/x", ["intranet:8080"], "https://quelle.example/", False),
        ("https://intranet/x", ["intranet:443"], "https://quelle.example/", True),
        ("http://[::1]:8081/x", ["::1"], "http://[::1]:8081/x", True),
        ("http://127.0.0.1.evil.example/", ["127.0.0.1"], "http://127.0.0.1/", False),
        ("http://127.0.0.1/", [], "http://127.0.0.1/", False),
    ],
)
def test_a_setting_opens_one_private_host(url: str, allowed: list[str], home: str, expected: bool) -> None:
    assert addresses.allowed_private(url, allowed, home) is expected


@pytest.mark.parametrize(
    "url",
    [
        "ftp://quelle.example/",
        "file:///etc/passwd",
        "http://user@quelle.example/",
        "http://user:pw@quelle.example/",
        "http://quelle.example:22/",
        "http://quelle.example:99999/",
        "https://quelle.example/" + "a" * 2_048,
    ],
)
def test_an_address_is_refused_before_its_name_is_resolved(url: str) -> None:
    with pytest.raises(AddressRefusedError):
        addresses.check_url(url, private_allowed=False)


def test_an_ordinary_address_passes_and_a_port_of_the_house_with_permission() -> None:
    addresses.check_url("https://quelle.example/feed?x=1", private_allowed=False)
    addresses.check_url("http://127.0.0.1:8081/feed", private_allowed=True)


@pytest.mark.parametrize(
    ("host", "private"),
    [
        ("127.0.0.1", True),
        ("127.1", True),
        ("2130706433", True),
        ("0x7f000001", True),
        ("0177.0.0.1", True),
        ("[::1]", True),
        ("localhost", True),
        ("a.localhost", True),
        ("drucker.local", True),
        ("intern", True),
        ("quelle.example", False),
        ("8.8.8.8", False),
    ],
)
def test_private_hosts_in_every_notation(host: str, private: bool) -> None:
    assert addresses.names_private_host(host) is private


BASE = "https://quelle.example/ressort/feed.xml"


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("a.html", "https://quelle.example/ressort/a.html"),
        ("//andere.example/a", "https://andere.example/a"),
        ("HTTPS://Quelle.Example/A?b=ü#c", "https://quelle.example/A?b=%C3%BC"),
        ("https://münchen.example/", "https://xn--mnchen-3ya.example/"),
        ("https://quelle.example/mit leer", "https://quelle.example/mit%20leer"),
        ("https://quelle.example/%0d%0aX", "https://quelle.example/%0d%0aX"),
        ("https://nutzer:pw@quelle.example/a", "https://quelle.example/a"),
        ("https://evil.example@127.0.0.1/", ""),
        ("https://quelle.example:8443/", ""),
        ("https://quelle.example:0/", ""),
        ("https://127.0.0.1/", ""),
        ("javascript:alert(1)", ""),
        ("", ""),
        ("https://[::1/", ""),
        ("https://" + "a" * 70 + ".example/", "https://" + "a" * 70 + ".example/"),
    ],
)
def test_links_people_may_follow(link: str, expected: str) -> None:
    assert entries.absolute(link, BASE, BASE) == expected


@given(st.text(max_size=80) | st.from_regex(r"https?://[^\x00-\x20]{0,40}", fullmatch=True))
def test_no_link_raises_and_every_result_is_its_own_canonical_form(link: str) -> None:
    found = entries.absolute(link, BASE, BASE)
    assert found == "" or found.startswith(("http://", "https://"))
    canonical = identity.canonical_url(found or link)
    assert identity.canonical_url(canonical) == canonical
