"""What the DNS and a received mail say of the sender's domain: SPF, DKIM, DMARC, MX, PTR.

Rules: RFC 7208, 6376, 9989 (DMARC since May 2026) and what the large German providers ask of senders.
"""

from __future__ import annotations

import base64
import email
import ipaddress
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Protocol

from lagebrief.errors import ConfigError, TryAgainError
from mailing.settings import MailSettings
from mailing.signature import LEAST_BITS, private_key

MUST_BE_COVERED = (
    "from", "to", "subject", "date", "message-id", "mime-version", "content-type",
    "list-unsubscribe", "list-unsubscribe-post",
)  # fmt: skip


class Resolver(Protocol):
    """Answers questions to the DNS: empty where there is nothing. Raises TryAgainError where none comes."""

    def txt(self, name: str) -> list[str]:
        """Texts of a name, each in one piece."""

    def mx(self, name: str) -> list[str]:
        """Mail servers of a domain."""

    def addresses(self, name: str) -> list[str]:
        """IPv4 and IPv6 addresses of a name."""

    def names(self, address: str) -> list[str]:
        """Names of an IP address."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at, and what to do about it where it is not ok."""

    what: str
    ok: bool
    message: str


def check_domain(settings: MailSettings, resolver: Resolver, sample: bytes | None = None) -> list[Finding]:
    """Every check of the domain in `mail.from`. sample: a mail of ours as a mailbox got it.

    Raises ConfigError without a sender.
    """
    domain = settings.domain
    checks: list[Callable[[], Finding]] = [
        lambda: _spf(domain, resolver),
        lambda: _dkim_key(settings, resolver, has_sample=sample is not None),
        lambda: _dmarc(domain, resolver),
        lambda: _mx(domain, resolver),
        lambda: _ptr(settings.host, resolver),
    ]
    if sample is not None:
        checks.append(lambda: _sample(sample, domain, resolver))
    return [_answered(check) for check in checks]


def _answered(check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except TryAgainError as error:
        return Finding("DNS", False, str(error))


def _spf(domain: str, resolver: Resolver) -> Finding:
    found = [text for text in resolver.txt(domain) if re.match(r"v=spf1(?:\s|$)", text, re.I)]
    if len(found) != 1:
        said = f"{len(found)} records, where receivers want one" if found else "no record"
        return Finding("SPF", False, f"{said}: a TXT of {domain} names the relay, 'v=spf1 include:… -all'")
    ends = re.search(r"(?:[-~]all|redirect=\S+)\s*$", found[0], re.I)
    if not ends:
        return Finding("SPF", False, f"must end with -all or ~all: {found[0]}")
    return Finding("SPF", True, found[0])


def _dkim_key(settings: MailSettings, resolver: Resolver, *, has_sample: bool) -> Finding:
    pem = settings.dkim_key.get_secret_value()
    if not pem:
        where = "see the sample" if has_sample else "send yourself a test mail, and look with --sample FILE"
        return Finding("DKIM key", has_sample, f"we do not sign, the relay must: {where}")
    name = f"{settings.dkim_selector}._domainkey.{settings.domain}"
    published = [_tags(text).get("p", "") for text in resolver.txt(name)]
    ours = _public(pem)
    if not any(published):
        return Finding("DKIM key", False, f"no key at {name}: put there 'v=DKIM1; k=rsa; p={ours}'")
    if published != [ours]:
        return Finding("DKIM key", False, f"the key at {name} is not that of mail.dkim_key")
    return Finding("DKIM key", True, f"{name} fits mail.dkim_key")


def _public(pem: str) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public = private_key(pem).public_key()
    return base64.b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def _dmarc(domain: str, resolver: Resolver) -> Finding:
    for parent in _upwards(domain):
        found = [_tags(text) for text in resolver.txt(f"_dmarc.{parent}") if text.startswith("v=DMARC1")]
        if len(found) > 1:
            return Finding("DMARC", False, f"{len(found)} records at _dmarc.{parent}: receivers use none")
        if found:
            policy = found[0].get("sp" if parent != domain and "sp" in found[0] else "p", "none")
            ok = policy in ("none", "quarantine", "reject")
            return Finding("DMARC", ok, f"p={policy} at _dmarc.{parent}")
    return Finding("DMARC", False, f"no record: put 'v=DMARC1; p=none; rua=mailto:…' at _dmarc.{domain}")


def _upwards(domain: str) -> Iterator[str]:
    """The domain and those above it, not the top-level one (RFC 9989: a walk up the tree)."""
    labels = domain.split(".")
    return (".".join(labels[start:]) for start in range(max(len(labels) - 1, 1)))


def _mx(domain: str, resolver: Resolver) -> Finding:
    found = resolver.mx(domain) or resolver.addresses(domain)
    if found:
        return Finding("MX", True, ", ".join(found))
    return Finding("MX", False, f"{domain} takes no mail: bounces and wishes to leave would be lost")


def _ptr(host: str, resolver: Resolver) -> Finding:
    """Of the server that takes our mail; by which address it passes it on cannot be seen from here."""
    addresses = resolver.addresses(host) if host else []
    if not addresses:
        return Finding("PTR", False, f"mail.host has no address: {host!r}")
    if all(ipaddress.ip_address(address).is_loopback for address in addresses):
        return Finding("PTR", True, f"{host} is this machine: look at the address it sends from yourself")
    for address in addresses:
        if not any(address in resolver.addresses(name) for name in resolver.names(address)):
            return Finding("PTR", False, f"{address} of {host} has no name that leads back to it")
    return Finding("PTR", True, f"{host}: {', '.join(addresses)}")


def _sample(raw: bytes, domain: str, resolver: Resolver) -> Finding:
    """A signature of the sender's domain that holds, with a long key, over all that must be covered."""
    try:
        import dkim
    except ModuleNotFoundError as error:
        raise ConfigError("to look at a mail install the extra, pip install 'lagebrief[dkim]'") from error
    message = email.message_from_bytes(raw)
    sender = parseaddr(str(message["From"]))[1].rpartition("@")[2].lower()
    if sender != domain:
        return Finding("sample", False, f"the mail is from {sender}, not from {domain}")
    lookup = lambda name, timeout=5: _key(name, resolver)  # noqa: ARG005, E731 - dkimpy's form
    reasons = ["no DKIM-Signature"]
    for number, header in enumerate(message.get_all("DKIM-Signature", [])):
        tags = _tags(str(header))
        verifier = dkim.DKIM(raw)
        try:
            holds = verifier.verify(idx=number, dnsfunc=lookup)
        except dkim.DKIMException as error:
            reasons.append(f"d={tags.get('d')}: {str(error).partition(' (')[0]}")
            continue
        reasons.append(_why_not(tags, domain, verifier.keysize, holds=holds))
        if not reasons[-1]:
            return Finding("sample", True, f"signed by d={tags['d']}, {verifier.keysize} bits")
    return Finding("sample", False, "; ".join(reasons[1:] or reasons))


def _why_not(tags: dict[str, str], domain: str, bits: int, *, holds: bool) -> str:
    """What is wrong with a signature, "" for nothing."""
    signer = tags.get("d", "").lower()
    covered = {name.strip().lower() for name in tags.get("h", "").split(":")}
    missing = [name for name in MUST_BE_COVERED if name not in covered]
    if not holds:
        return f"d={signer}: the signature does not hold"
    if "." not in signer or not (f".{domain}".endswith(f".{signer}") or f".{signer}".endswith(f".{domain}")):
        return f"d={signer} is not the domain of the sender"
    if bits < LEAST_BITS:
        return f"d={signer}: {bits} bits, {LEAST_BITS} are asked for"
    return f"d={signer}: h= lacks {', '.join(missing)}" if missing else ""


def _key(name: bytes, resolver: Resolver) -> bytes | None:
    found = resolver.txt(name.decode("ascii", "replace").rstrip("."))
    return found[0].encode() if found else None


def _tags(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split(";") if "=" in part)
    return {name.strip(): re.sub(r"\s+", "", value) for name, _, value in pairs}
