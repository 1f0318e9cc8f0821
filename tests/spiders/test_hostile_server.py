"""The real collector against a server that misbehaves in over a hundred ways, one for each path."""

from __future__ import annotations

import datetime as dt
import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from archive import queries, sources
from archive.database import Database
from archive.values import SourceState
from spiders.collector import FULL_FETCH_EVERY
from spiders.runs import SourceReport
from spiders.settings import CollectSettings, SourceSettings

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
OK, BAD, GONE, LATE = SourceState.OK, SourceState.PARSE_ERROR, SourceState.UNREACHABLE, SourceState.TIMEOUT
BLOCKED, PAUSE = SourceState.BLOCKED, SourceState.RATE_LIMITED
HOSTS = 24
Source = Callable[..., SourceSettings]
Gather = Callable[..., Any]
Servers = Callable[..., Any]

# path: the state, how many entries are kept, and a piece of the reason an operator reads
EXPECTED: dict[str, tuple[SourceState, int, str]] = {
    "/_ok": (OK, 3, ""),
    "/page/1": (BAD, 0, "HTML instead of a feed"),
    "/slowloris": (LATE, 0, "no whole answer in time"),
    "/slow-headers": (LATE, 0, "no whole answer in time"),
    "/accept-silence": (LATE, 0, "no whole answer in time"),
    "/slow-ok": (OK, 3, ""),
    "/endless": (BAD, 0, "larger than allowed"),
    "/endless-headers": (GONE, 0, "Too many headers"),
    "/one-huge-header": (GONE, 0, "Got more than"),
    "/cl-too-long": (BAD, 3, "cut off; its whole entries were kept"),
    "/cl-huge": (BAD, 0, "larger than allowed"),
    "/cl-negative": (GONE, 0, "Content-Length"),
    "/cl-twice": (GONE, 0, "Content-Length"),
    "/reset-midbody": (BAD, 1, "cut off; its whole entries were kept"),
    "/reset-at-once": (GONE, 0, "broken answer"),
    "/close-at-once": (GONE, 0, "disconnected"),
    "/reset-then-ok": (OK, 3, ""),
    "/garbage": (GONE, 0, "Bad status line"),
    "/http09": (GONE, 0, "Bad status line"),
    "/http10": (OK, 3, ""),
    "/http2-line": (GONE, 0, "Bad status line"),
    "/status-404": (GONE, 0, "the site answered 404"),
    "/status-418": (GONE, 0, "the site answered 418"),
    "/status-500": (GONE, 0, "the site answered 500"),
    "/status-403": (BLOCKED, 0, "the site refuses us"),
    "/status-999999": (GONE, 0, "Bad status line"),
    "/chunked-ok": (OK, 3, ""),
    "/chunked-huge-size": (BAD, 3, "cut off"),
    "/chunked-no-end": (BAD, 3, "cut off"),
    "/chunked-and-length": (GONE, 0, "Transfer-Encoding"),
    "/chunked-trailer": (OK, 3, ""),
    "/gzip-ok": (OK, 3, ""),
    "/gzip-bomb?n=64": (BAD, 0, "larger than allowed"),
    "/gzip-lie": (BAD, 0, "not packed as its Content-Encoding says"),
    "/gzip-truncated": (BAD, 3, "its whole entries were kept"),
    "/gzip-unasked": (OK, 3, ""),
    "/gzip-twice": (OK, 3, ""),
    "/gzip-100-layers": (BAD, 0, "packed 100 times over"),
    "/deflate-raw": (OK, 3, ""),
    "/encoding-unknown": (BAD, 0, "unknown Content-Encoding 'x-quantum'"),
    "/ct-html": (OK, 3, ""),
    "/ct-none": (OK, 3, ""),
    "/ct-octet": (OK, 3, ""),
    "/ct-latin1-lie": (OK, 3, ""),
    "/ct-charset-bogus": (OK, 3, ""),
    "/html-as-feed": (BAD, 0, "HTML instead of a feed"),
    "/feed-as-attachment": (OK, 3, ""),
    "/binary": (BAD, 0, "not a feed"),
    "/empty": (SourceState.EMPTY, 0, "the answer is empty"),
    "/no-content": (SourceState.NOT_MODIFIED, 0, "204"),
    "/loop301": (GONE, 0, "redirects lead in a circle"),
    "/loop-a": (GONE, 0, "redirects lead in a circle"),
    "/chain": (OK, 3, ""),
    "/chain?n=9": (GONE, 0, "redirects lead in a circle or too far"),
    "/endless-chain": (GONE, 0, "redirects lead in a circle or too far"),
    "/moved-301": (OK, 3, ""),
    "/moved-308": (OK, 3, ""),
    "/redirect-no-location": (GONE, 0, "a redirect that leads nowhere"),
    "/redirect-crlf": (OK, 3, ""),
    "/redirect-non-ascii": (BAD, 0, "HTML instead of a feed"),
    "/meta-refresh-loop": (BAD, 0, "HTML instead of a feed"),
    "/refresh-header": (OK, 3, ""),
    "/429-seconds": (PAUSE, 0, "429"),
    "/429-date": (PAUSE, 0, "429"),
    "/429-absurd": (PAUSE, 0, "429"),
    "/429-negative": (PAUSE, 0, "429"),
    "/429-past-date": (PAUSE, 0, "429"),
    "/429-then-ok": (OK, 3, ""),
    "/503-then-ok": (OK, 3, ""),
    "/503-always": (GONE, 0, "the site answered 503"),
    "/410": (GONE, 0, "gone for good"),
    "/etag-hostile": (OK, 3, ""),
    "/304-unasked": (BAD, 0, "unexpected 304"),
    "/last-modified-future": (OK, 3, ""),
    "/cache-control": (OK, 3, ""),
    "/date-skew": (OK, 3, ""),
    "/cookie-flood": (OK, 3, ""),
    "/cookie-wall": (GONE, 0, "redirects lead in a circle"),
    "/header-latin1": (OK, 3, ""),
    "/header-obs-fold": (OK, 3, ""),
    "/header-lf-only": (OK, 3, ""),
    "/auth": (BLOCKED, 0, "login needed"),
    "/tdm-header": (SourceState.TDM_RESERVED, 3, "mining reserved (header)"),
    "/tdm-header-broken": (OK, 3, ""),
    "/content-usage": (OK, 3, ""),
    "/x-robots": (OK, 3, ""),
    "/soft404": (BAD, 0, "HTML instead of a feed"),
    "/flaky": (OK, 3, ""),
    "/user-agent": (OK, 3, ""),
}
# Where the HTTP library may notice the fault before or only at the end of the time.
EITHER = {
    "/chunked-garbage": {GONE, LATE, BAD},
    "/cl-too-short": {GONE, BAD},
    "/304-with-body": {GONE, BAD},
}
IN_SEVERAL_RUNS = {
    "/etag-honest",
    "/etag-lies",
    "/etag-lies-304",
    "/etag-changes",
    "/shrinking",
    "/reordering",
}
IN_SEVERAL_RUNS |= {"/burst", "/concurrency", "/robots.txt", "/.well-known/tdmrep.json"}
PARTNERS = {
    "/loop-b": "/loop-a",
    "/gzip-bomb": "/gzip-bomb?n=64",
    "/page/*": "/page/1",
    "/status-*": "/status-418",
}


@pytest.fixture
def servers(hostile: ModuleType) -> Iterator[Servers]:
    with ExitStack() as stack:
        yield lambda **how: stack.enter_context(hostile.HostileServer(max_seconds=12, **how))


@pytest.fixture
def server(servers: Servers) -> Any:
    return servers()


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Every address a socket of this process was told to connect to."""
    seen: list[tuple[str, int]] = []
    real = socket.socket.connect

    def noted(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            seen.append((str(address[0]), int(address[1])))
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", noted)
    return seen


def key_of(path: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-")


def test_every_route_that_concerns_a_collector_has_an_expectation(hostile: ModuleType) -> None:
    named = set(EXPECTED) | set(EITHER) | IN_SEVERAL_RUNS | set(PARTNERS)
    for route in hostile.table():
        if route["kind"] not in ("ssrf", "corpus"):
            assert route["path"] in named, f"{route['path']}: {route['expected']}"


async def test_all_routes_in_one_run_end_as_a_visible_state(
    servers: Servers, gather: Gather, source_at: Source, sqlite: Database
) -> None:
    hosts = [servers() for _ in range(HOSTS)]
    paths = [*EXPECTED, *EITHER]
    due = [source_at(key_of(path), hosts[n % HOSTS].url(path)) for n, path in enumerate(paths)]
    good = [source_at(f"good-{n}", host.url("/_ok")) for n, host in enumerate(hosts)]
    begun = time.monotonic()
    reports = await gather(*due, *good)
    assert time.monotonic() - begun < 45
    for path, (state, entries, reason) in EXPECTED.items():
        report = reports[key_of(path)]
        assert (path, report.state, report.entries) == (path, state, entries), report.reason
        assert reason in report.reason, path
    for path, states in EITHER.items():
        assert reports[key_of(path)].state in states
    assert {(reports[s.key].state, reports[s.key].entries) for s in good} == {(OK, 3)}
    _no_validator_of_a_bad_answer(sqlite, reports)
    _agents_are_honest(hosts)


def test_memory_stays_flat_over_the_greedy_routes(servers: Servers, tmp_path: Path) -> None:
    greedy = [
        "/endless",
        "/endless-headers",
        "/one-huge-header",
        "/cl-huge",
        "/gzip-bomb?n=256",
        "/cookie-flood",
    ]
    urls = [servers().url(path) for path in greedy * 3]
    measured = subprocess.run(
        [sys.executable, Path(__file__).with_name("measure_memory.py"), tmp_path / "m.db", *urls],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert float(measured.stdout) < 150, f"{measured.stdout} MiB"


def _no_validator_of_a_bad_answer(database: Database, reports: dict[str, SourceReport]) -> None:
    for key, status in sources.statuses(database, list(reports)).items():
        if not reports[key].state.good:
            assert status.validators.etag == status.validators.body_hash == "", key
    assert sources.statuses(database, ["etag-hostile"])["etag-hostile"].validators.etag == ""


def _agents_are_honest(hosts: list[Any]) -> None:
    agents = {entry["headers"].get("user-agent", "") for host in hosts for entry in host.log}
    assert len(agents) == 1
    assert re.match(r"Lagebrief/\d\S* \(\+http", agents.pop())
    assert not [entry for host in hosts for entry in host.log if "cookie" in entry["headers"]]


async def test_no_forbidden_address_is_connected_to(
    servers: Servers,
    hostile: ModuleType,
    gather: Gather,
    source_at: Source,
    connected: list[tuple[str, int]],
) -> None:
    server = servers(allow_nonloopback=True)
    due = [source_at(f"ssrf-{name}", server.url(f"/ssrf/{name}")) for name in hostile.SSRF]
    reports = await gather(*due)
    for report in reports.values():
        assert report.state is SourceState.UNREACHABLE, report
        assert report.reason.startswith("address not allowed"), report
    assert {port for _, port in connected} == {server.port}
    assert {entry["path"].split("/")[1] for entry in server.log} <= {"ssrf", "robots.txt", ".well-known"}


async def test_a_name_that_resolves_to_this_machine_is_refused_after_resolution(
    server: Any, gather: Gather, source_at: Source, connected: list[tuple[str, int]]
) -> None:
    plain = source_at("name", "http://localhost/feed", allow_private_hosts=())
    number = source_at("number", "http://127.0.0.1/feed", allow_private_hosts=())
    other = source_at("port", server.url("/_ok"), allow_private_hosts=())
    reports = await gather(plain, number, other)
    assert "127.0.0.1 is inside" in reports["name"].reason or "::1 is inside" in reports["name"].reason
    assert reports["number"].reason == "address not allowed: 127.0.0.1 is inside this machine or network"
    assert "only 80 and 443 are" in reports["port"].reason
    assert connected == []
    assert server.log == []


async def test_a_refused_source_does_not_spoil_the_host_for_one_that_may_reach_it(
    server: Any, gather: Gather, source_at: Source
) -> None:
    refused = source_at("refused", server.url("/_ok"), allow_private_hosts=())
    allowed = source_at("allowed", server.url("/_ok"))
    reports = await gather(refused, allowed)
    assert reports["refused"].state is SourceState.UNREACHABLE
    assert reports["allowed"].state is OK


async def test_an_unchanged_answer_costs_a_304_and_brings_nothing(
    server: Any, gather: Gather, source_at: Source
) -> None:
    honest, changes = (
        source_at("honest", server.url("/etag-honest")),
        source_at("c", server.url("/etag-changes")),
    )
    first = await gather(honest, changes)
    assert sum(report.stored.new for report in first.values()) == 3  # both show the same three articles
    again = await gather(honest, changes, now=NOW + DAY)
    assert {report.state for report in again.values()} == {SourceState.NOT_MODIFIED}
    assert sum(report.stored.new + report.stored.changed for report in again.values()) == 0
    assert [e["headers"].get("if-none-match") for e in server.log if e["path"] == "/etag-honest"] == [
        None,
        '"v1"',
    ]


async def test_a_lying_etag_hides_nothing_in_a_200_and_nothing_for_ever_in_a_304(
    servers: Servers, gather: Gather, source_at: Source
) -> None:
    grows, stuck = (
        source_at("grows", servers().url("/etag-lies")),
        source_at("stuck", servers().url("/etag-lies-304")),
    )
    first = await gather(grows, stuck)
    assert [first[key].stored.new for key in ("grows", "stuck")] == [3, 3]
    second = await gather(grows, stuck, now=NOW + DAY)
    assert (second["grows"].state, second["grows"].entries, second["grows"].stored.new) == (OK, 4, 1)
    assert second["stuck"].state is SourceState.NOT_MODIFIED
    third = await gather(stuck, now=NOW + FULL_FETCH_EVERY + 2 * DAY)
    assert (third["stuck"].state, third["stuck"].stored.new) == (OK, 2)


async def test_what_a_feed_no_longer_shows_stays_and_what_it_shows_again_is_known(
    servers: Servers, gather: Gather, source_at: Source, sqlite: Database
) -> None:
    due = [
        source_at(name, servers().url(f"/{name}"), outlet=name)
        for name in ("shrinking", "reordering", "burst")
    ]
    first = await gather(*due)
    assert {key: report.stored.new for key, report in first.items()} == {
        "shrinking": 7,
        "reordering": 9,
        "burst": 3,
    }
    second = await gather(*due, now=NOW + DAY)
    assert {key: r.stored.new for key, r in second.items()} == {"shrinking": 0, "reordering": 0, "burst": 196}
    assert queries.per_outlet(sqlite) == {"shrinking": 7, "reordering": 9, "burst": 199}


@pytest.mark.parametrize(
    ("path", "pause"),
    [
        ("/429-seconds", dt.timedelta(seconds=120)),
        ("/429-absurd", DAY),
        ("/429-negative", sources.back_off(1)),
        ("/429-past-date", sources.back_off(1)),
    ],
)
async def test_a_wish_for_a_pause_is_kept_over_restarts(
    server: Any, gather: Gather, source_at: Source, tmp_path: Path, path: str, pause: dt.timedelta
) -> None:
    settings = CollectSettings(per_host_delay=dt.timedelta(0), timeout=dt.timedelta(seconds=4), retries=0)
    await gather(source_at("s", server.url(path)), settings=settings)
    reopened = Database(f"sqlite:///{tmp_path / 'archive.db'}")
    assert sources.statuses(reopened, ["s"])["s"].not_before == NOW + pause
    reopened.close()
    assert server.hits(path) == 1


async def test_a_date_to_wait_for_is_kept(
    server: Any, gather: Gather, source_at: Source, sqlite: Database
) -> None:
    now = dt.datetime.now(dt.UTC)
    await gather(source_at("s", server.url("/429-date")), now=now)
    until = sources.statuses(sqlite, ["s"])["s"].not_before
    assert until is not None
    assert abs(until - now - dt.timedelta(minutes=10)) < dt.timedelta(seconds=10)


async def test_repeats_are_few_and_their_pauses_grow(server: Any, gather: Gather, source_at: Source) -> None:
    await gather(source_at("s", server.url("/503-always")))
    times = [entry["t"] for entry in server.log if entry["path"] == "/503-always"]
    assert len(times) == 3
    assert times[1] - times[0] >= 1.0
    assert times[2] - times[1] >= 2.0


async def test_a_failure_backs_off_and_takes_nothing_from_the_archive(
    server: Any, gather: Gather, source_at: Source, sqlite: Database
) -> None:
    settings = CollectSettings(per_host_delay=dt.timedelta(0), retries=0)
    for run in range(4):
        source = source_at("s", server.url("/flaky"))
        report = (await gather(source, now=NOW + run * DAY, settings=settings))["s"]
        assert report.state is (GONE if run % 2 == 0 else OK) or report.state is SourceState.NOT_MODIFIED
    assert queries.count(sqlite) == 3


async def test_a_moved_feed_is_followed_and_told_to_the_operator_after_three_runs(
    server: Any, gather: Gather, source_at: Source, sqlite: Database
) -> None:
    for run in range(3):
        status = sources.statuses(sqlite, ["s"])["s"]
        assert not sources.moved_for_good(status)
        await gather(source_at("s", server.url("/moved-301")), now=NOW + run * DAY)
    status = sources.statuses(sqlite, ["s"])["s"]
    assert sources.moved_for_good(status)
    assert status.moved_to == server.url("/_ok")


async def test_one_host_is_asked_one_thing_at_a_time(server: Any, gather: Gather, source_at: Source) -> None:
    due = [source_at(f"s{n}", server.url(f"/concurrency?id={n}&s=0.2")) for n in range(5)]
    # The pause is for the server, which counts a request until a moment after its last byte.
    settings = CollectSettings(per_host_delay=dt.timedelta(seconds=0.1), retries=0)
    reports = await gather(*due, settings=settings)
    assert {report.state for report in reports.values()} == {OK}
    assert server.hits("/robots.txt") == 1


async def test_a_host_whose_robots_txt_hangs_delays_nobody_else(
    servers: Servers, gather: Gather, source_at: Source
) -> None:
    dead, alive = servers(), servers()
    dead.mode["robots"] = "timeout"
    due = [source_at(f"dead-{n}", dead.url(f"/_ok?id={n}")) for n in range(40)]
    begun = time.time()
    reports = await gather(*due, source_at("alive", alive.url("/_ok")))
    assert reports["alive"].state is OK
    assert max(entry["t"] for entry in alive.log) - begun < 2.5
    assert {reports[source.key].state for source in due} == {SourceState.ROBOTS_REFUSED}
    assert dead.hits("/_ok") == 0
    assert dead.hits("/robots.txt") == 1


@pytest.mark.parametrize(
    ("mode", "state"),
    [
        ("allow", OK),
        ("disallow", SourceState.ROBOTS_REFUSED),
        ("404", OK),
        ("403", OK),
        ("401", OK),
        ("500", SourceState.ROBOTS_REFUSED),
        ("503", SourceState.ROBOTS_REFUSED),
        ("huge", OK),
        ("redirect-loop", SourceState.ROBOTS_REFUSED),
        ("html", OK),
        ("slow", SourceState.ROBOTS_REFUSED),
        ("utf16", SourceState.ROBOTS_REFUSED),
    ],
)
async def test_robots_txt_is_obeyed_and_out_of_reach_means_no(
    server: Any, gather: Gather, source_at: Source, mode: str, state: SourceState
) -> None:
    server.mode["robots"] = mode
    report = (await gather(source_at("s", server.url("/_ok"))))["s"]
    assert report.state is state, report.reason
    assert server.hits("/_ok") == (1 if state is OK else 0)


async def test_a_huge_robots_txt_is_read_to_its_first_500_kib(
    server: Any, gather: Gather, source_at: Source
) -> None:
    server.mode["robots"] = "huge"
    due = [source_at(name, server.url(f"/{name}/_ok")) for name in ("frueh", "spaet")]
    reports = await gather(*due)
    assert reports["frueh"].state is SourceState.ROBOTS_REFUSED
    assert "robots.txt disallows /frueh" in reports["frueh"].reason
    assert reports["spaet"].reason == "the site answered 404"


async def test_the_last_good_robots_txt_stands_in_for_one_out_of_reach_but_not_for_ever(
    server: Any, gather: Gather, source_at: Source
) -> None:
    server.mode["tdmrep"] = "reserved"
    first = (await gather(source_at("s", server.url("/_ok"))))["s"]
    assert (first.state, first.reason) == (
        SourceState.TDM_RESERVED,
        "mining reserved (tdmrep.json): headlines only",
    )
    server.mode["robots"] = "500"
    later = (await gather(source_at("t", server.url("/_ok")), now=NOW + 2 * DAY))["t"]
    assert later.state is SourceState.TDM_RESERVED, "the reservation holds while its file is out of reach"
    too_late = (await gather(source_at("u", server.url("/_ok")), now=NOW + 40 * DAY))["u"]
    assert too_late.state is SourceState.ROBOTS_REFUSED


async def test_robots_txt_is_asked_once_a_day(server: Any, gather: Gather, source_at: Source) -> None:
    for hours in (0, 3, 23, 25):
        await gather(source_at("s", server.url("/_ok")), now=NOW + dt.timedelta(hours=hours))
    assert server.hits("/robots.txt") == 2


async def test_reservations_and_snippet_limits_are_kept_with_the_articles(
    servers: Servers, gather: Gather, source_at: Source, sqlite: Database
) -> None:
    due = [source_at(name, servers().url(f"/{name}"), outlet=name) for name in ("tdm-header", "x-robots")]
    await gather(*due, source_at("broken", servers().url("/tdm-header-broken"), outlet="broken"))
    kept = {article.outlet: article for article in queries.each(sqlite)}
    assert (kept["tdm-header"].tdm, kept["tdm-header"].teaser) == ("reserved", "")
    assert (kept["x-robots"].tdm, kept["x-robots"].max_snippet) == ("", 20)
    assert kept["broken"].tdm == ""
    (logged,) = [
        row for row in sources.fetches(sqlite, NOW - DAY, NOW + DAY) if row["source"] == "tdm-header"
    ]
    assert (logged["tdm"], logged["robots"]) == ("reserved", "allowed by robots.txt")


def test_the_routes_file_names_the_same_routes(shared: Path, hostile: ModuleType) -> None:
    listed = {route["path"] for route in json.loads((shared / "trust" / "routes.json").read_text())}
    assert listed == {route["path"] for route in hostile.table()}
