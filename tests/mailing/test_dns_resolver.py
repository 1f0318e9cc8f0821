"""Questions to a real DNS server on this machine."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator

import dns.message
import dns.rcode
import dns.rrset
import pytest

from lagebrief.errors import TryAgainError
from mailing.dns_resolver import DnsResolver

ZONE = {
    ("example.org.", "TXT"): ['"v=spf1 " "-all"', '"other"'],
    ("example.org.", "MX"): ["20 b.example.org.", "10 a.example.org."],
    ("null.example.org.", "MX"): ["0 ."],
    ("smtp.example.org.", "A"): ["192.0.2.1"],
    ("smtp.example.org.", "AAAA"): ["2001:db8::1"],
    ("1.2.0.192.in-addr.arpa.", "PTR"): ["smtp.example.org."],
}


class Answers(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        raw, socket = self.request
        asked = dns.message.from_wire(raw)
        question = asked.question[0]
        name, kind = str(question.name), dns.rdatatype.to_text(question.rdtype)
        answer = dns.message.make_response(asked)
        if name == "broken.example.org.":
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif (name, kind) in ZONE:
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *ZONE[name, kind]))
        elif name not in {known for known, _ in ZONE}:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        socket.sendto(answer.to_wire(), self.client_address)


@pytest.fixture(scope="module")
def resolver() -> Iterator[DnsResolver]:
    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield DnsResolver(["127.0.0.1"], server.server_address[1])
        server.shutdown()


def test_what_is_asked_is_answered(resolver: DnsResolver) -> None:
    assert sorted(resolver.txt("example.org")) == ["other", "v=spf1 -all"]
    assert resolver.mx("example.org") == ["a.example.org", "b.example.org"]
    assert resolver.mx("null.example.org") == []
    assert resolver.addresses("smtp.example.org") == ["192.0.2.1", "2001:db8::1"]
    assert resolver.addresses("192.0.2.7") == ["192.0.2.7"]
    assert resolver.names("192.0.2.1") == ["smtp.example.org"]


def test_what_is_not_there_is_empty(resolver: DnsResolver) -> None:
    assert resolver.txt("smtp.example.org") == []
    assert resolver.txt("nowhere.example.org") == []
    assert resolver.names("192.0.2.9") == []


def test_a_server_in_trouble_is_no_answer(resolver: DnsResolver) -> None:
    with pytest.raises(TryAgainError, match=r"no answer on broken\.example\.org"):
        resolver.txt("broken.example.org")
