"""What is amiss in the DNS of the sender's domain is said, and what to do."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from test_signature import issue, pem

from lagebrief.errors import ConfigError, TryAgainError
from mailing.domain_checks import _public, check_domain
from mailing.settings import MailSettings


@dataclass
class Zone:
    """A DNS of our own."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    mail: list[str] = field(default_factory=lambda: ["mx.example.org"])
    hosts: dict[str, list[str]] = field(default_factory=lambda: {"smtp.example.org": ["192.0.2.1"]})
    reverse: dict[str, list[str]] = field(default_factory=lambda: {"192.0.2.1": ["smtp.example.org"]})
    silent: bool = False

    def txt(self, name: str) -> list[str]:
        if self.silent:
            raise TryAgainError("the DNS gave no answer")
        return self.texts.get(name, [])

    def mx(self, name: str) -> list[str]:
        return self.mail if name == "example.org" else []

    def addresses(self, name: str) -> list[str]:
        return self.hosts.get(name, [])

    def names(self, address: str) -> list[str]:
        return self.reverse.get(address, [])


SPF = {"example.org": ["google-site=x", "v=spf1 include:relay.example -all"]}
DMARC = {"_dmarc.example.org": ["v=DMARC1; p=quarantine; rua=mailto:d@example.org"]}


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def found(
    zone: Zone, sample: bytes | None = None, key: rsa.RSAPrivateKey | None = None, sender: str = "example.org"
) -> dict[str, tuple[bool, str]]:
    given: dict[str, object] = {"host": "smtp.example.org", "from": f"brief@{sender}"}
    if key:
        given |= {"dkim_selector": "brief", "dkim_key": pem(key)}
    findings = check_domain(MailSettings.model_validate(given), zone, sample)
    return {one.what: (one.ok, one.message) for one in findings}


def published(key: rsa.RSAPrivateKey) -> dict[str, list[str]]:
    return {"brief._domainkey.example.org": [f"v=DKIM1; k=rsa; p={_public(pem(key))}"]}


def test_all_is_well(key: rsa.RSAPrivateKey) -> None:
    said = found(Zone(SPF | DMARC | published(key)), issue(key), key)
    assert set(said) == {"SPF", "DKIM key", "DMARC", "MX", "PTR", "sample"}
    assert all(ok for ok, _ in said.values()), said
    assert said["sample"][1] == "signed by d=example.org, 2048 bits"


def test_nothing_is_there(key: rsa.RSAPrivateKey) -> None:
    said = found(Zone(mail=[], hosts={}), key=key)
    assert not any(ok for ok, _ in said.values())
    assert "v=spf1 include" in said["SPF"][1]
    assert _public(pem(key)) in said["DKIM key"][1]
    assert "_dmarc.example.org" in said["DMARC"][1]


@pytest.mark.parametrize(
    ("records", "message"),
    [
        (["v=spf1 -all", "v=spf1 ~all"], "2 records"),
        (["v=spf1 include:a ?all"], "must end with -all"),
        (["v=spf10 -all"], "no record"),
    ],
)
def test_spf_records_nobody_can_use(records: list[str], message: str) -> None:
    ok, said = found(Zone({"example.org": records}))["SPF"]
    assert (ok, message in said) == (False, True)


def test_dmarc_is_looked_for_up_the_tree() -> None:
    zone = Zone({"_dmarc.example.org": ["v=DMARC1; p=reject; sp=none"]})
    assert found(zone, sender="brief.news.example.org")["DMARC"] == (True, "p=none at _dmarc.example.org")
    twice = Zone({"_dmarc.example.org": ["v=DMARC1; p=none", "v=DMARC1; p=none"]})
    assert found(twice)["DMARC"][0] is False


def test_a_key_that_is_not_ours_is_noticed(key: rsa.RSAPrivateKey) -> None:
    other = rsa.generate_private_key(65537, 2048)
    assert "not that of mail.dkim_key" in found(Zone(published(other)), key=key)["DKIM key"][1]


def test_samples_that_would_be_refused(key: rsa.RSAPrivateKey) -> None:
    zone, message = Zone(published(key)), issue(key)
    assert found(zone, message.replace(b"Ausgabe", b"Abgabe", 1))["sample"] == (
        False,
        "d=example.org: body hash mismatch",
    )
    unsigned = message[message.index(b"List-Unsubscribe: ") :]
    assert found(zone, unsigned)["sample"] == (False, "no DKIM-Signature")
    assert found(zone, message, sender="example.com")["sample"][1].startswith("the mail is from example.org")
    assert found(Zone(), message)["sample"][0] is False
    assert found(zone, b"\xff\xff")["sample"][0] is False
    ok, said = found(zone, message.replace(b":list-unsubscribe-post", b":x-none", 1))["sample"]
    assert not ok, said


def test_a_relay_without_a_way_back() -> None:
    zone = Zone(reverse={"192.0.2.1": ["pool-1.example.com"]})
    assert found(zone)["PTR"] == (False, "192.0.2.1 of smtp.example.org has no name that leads back to it")


def test_a_relay_on_this_machine_is_no_matter_of_the_dns() -> None:
    assert found(Zone(hosts={"smtp.example.org": ["127.0.0.1"]}))["PTR"][0]


def test_a_dns_that_is_silent_is_no_verdict() -> None:
    assert found(Zone(silent=True))["DNS"] == (False, "the DNS gave no answer")


def test_without_a_sender_there_is_nothing_to_ask() -> None:
    with pytest.raises(ConfigError, match=r"mail\.from is empty"):
        check_domain(MailSettings(), Zone())
