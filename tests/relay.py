"""A real Postfix on loopback as relay, and behind it Postfix's own smtp-sink, which keeps every mail."""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = relay.example.org
mydestination =
mynetworks = 127.0.0.0/8
relayhost = [127.0.0.1]:{sink}
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_tls_cert_file = {folder}/cert.pem
smtpd_tls_key_file = {folder}/key.pem
smtpd_tls_security_level = may
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
alias_maps =
smtpd_recipient_restrictions =
    check_recipient_access inline:{{ {{{greylisted} = 450 4.2.0 greylisted}} }}, permit_mynetworks, reject
"""
GREYLISTED = "spaeter@example.net"
_SERVICES = (
    "cleanup unix n - n - 0 cleanup", "qmgr unix n - n 300 1 qmgr", "tlsmgr unix - - n 1000? 1 tlsmgr",
    "rewrite unix - - n - - trivial-rewrite", "bounce unix - - n - 0 bounce", "defer unix - - n - 0 bounce",
    "trace unix - - n - 0 bounce", "verify unix - - n - 1 verify", "flush unix n - n 1000? 0 flush",
    "proxymap unix - - n - - proxymap", "smtp unix - - n - - smtp", "relay unix - - n - - smtp",
    "showq unix n - n - - showq", "error unix - - n - - error", "retry unix - - n - - error",
    "discard unix - - n - - discard", "anvil unix - - n - 1 anvil", "scache unix - - n - 1 scache",
    "postlog unix-dgram n - n - 1 postlogd", "pickup unix n - n 60 1 pickup",
)  # fmt: skip
_PATIENCE = 20


@dataclass
class Relay:
    """The relay: its port, the certificate to trust, and where mails arrive."""

    port: int
    certificate: Path
    folder: Path

    def arrived(self, count: int) -> list[bytes]:
        """The mails behind the relay, once so many are there: whole, for Postfix counts them as sent."""
        until, log = time.monotonic() + _PATIENCE, self.folder.parent / "log"
        while (sent := log.read_text(encoding="utf-8").count("status=sent")) < count:
            assert time.monotonic() < until, f"{sent} of {count} mails arrived"
            time.sleep(0.05)
        return [path.read_bytes() for path in sorted(self.folder.glob("mail.*"))]


@contextmanager
def postfix(folder: Path) -> Iterator[Relay]:
    """Start both on loopback, as root, and end them."""
    port, sink = _free_port(), _free_port()
    _configure(folder, port, sink)
    sunk = folder / "sunk"
    sunk.mkdir()
    shutil.chown(sunk, "nobody")
    given = ["-u", "nobody", "-d", f"{sunk}/mail.%M.", f"127.0.0.1:{sink}", "100"]
    sinking = subprocess.Popen(["/usr/sbin/smtp-sink", *given])
    try:
        _postfix(folder, "start")
        _wait_for(port)
        _wait_for(sink)
        try:
            yield Relay(port, folder / "cert.pem", sunk)
        finally:
            _postfix(folder, "stop")
    finally:
        sinking.terminate()
        sinking.wait(10)


def _configure(folder: Path, port: int, sink: int) -> None:
    for name in ("queue", "data"):
        (folder / name).mkdir(parents=True)
    shutil.chown(folder / "data", "postfix")
    (folder / "main.cf").write_text(_MAIN.format(folder=folder, sink=sink, greylisted=GREYLISTED))
    rows = [f"127.0.0.1:{port} inet n - n - - smtpd", *_SERVICES]
    (folder / "master.cf").write_text("".join(f"{row}\n" for row in rows))
    for above in (folder, *folder.parents):
        if above.owner() == "root" and above not in (Path("/"), Path("/tmp")):  # noqa: S108
            above.chmod(above.stat().st_mode | 0o011)
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    named = ["-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run([*command.split(), *named, *files], check=True, capture_output=True)


def _postfix(folder: Path, what: str) -> None:
    environment = {**os.environ, "PATH": f"/usr/sbin:{os.environ['PATH']}"}
    done = subprocess.run(
        ["/usr/sbin/postfix", "-c", str(folder), what],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    log = folder / "log"
    assert done.returncode == 0, done.stderr + (log.read_text() if log.is_file() else "")


def _free_port() -> int:
    """Below the ports that connections get, so that none takes it before the server does."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _wait_for(port: int) -> None:
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < until, f"nobody listens on port {port}"
            time.sleep(0.05)
        else:
            return
