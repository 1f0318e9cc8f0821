"""A real IMAP server for a test: Debian's Dovecot on this machine, with a certificate of its own."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from mailbox import Maildir
from pathlib import Path

NAME, PASSWORD = "berichte", "geheim"
_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
mail_location = maildir:{folder}/mail
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
first_valid_gid = 1
{capability}
passdb {{
  driver = static
  args = password={password} allow_nets=127.0.0.0/8
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/home
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {starttls}
  }}
  inet_listener imaps {{
    port = {tls}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass(frozen=True, slots=True)
class ImapServer:
    """certificate: what a client must trust. folder: of everything the server writes."""

    tls: int
    starttls: int
    certificate: Path
    folder: Path

    def box(self, name: str = "INBOX") -> Maildir:
        """A folder of the mailbox, straight from the disk."""
        return Maildir(self.folder / "mail" / ("" if name == "INBOX" else f".{name}"), create=False)

    def put(self, *messages: bytes) -> None:
        """Put a new mailbox with these messages and no other folder in the place of the old one.

        It is made ready aside: the server, still at the end of an earlier visit, writes in its own.
        """
        fresh = Path(tempfile.mkdtemp(dir=self.folder))
        box = Maildir(fresh / "mail")
        for message in messages:
            box.add(message)
        _hand_to_owner(fresh)
        with suppress(FileNotFoundError):  # the first mailbox
            (self.folder / "mail").rename(fresh / "before")
        (fresh / "mail").rename(self.folder / "mail")


def installed() -> bool:
    """Can a server be started here?"""
    return all(shutil.which(name, path=_path()) for name in ("dovecot", "openssl"))


@contextmanager
def running(capability: str = "") -> Iterator[ImapServer]:
    """A server with an empty mailbox. capability: what it claims to be able to do, "" for all it can."""
    with tempfile.TemporaryDirectory(prefix="imap") as name:  # a short path: sockets lie below it
        folder = Path(name)
        server = ImapServer(free_port(), free_port(), folder / "cert.pem", folder)
        _prepare(server, capability)
        call = [*_as_owner(), str(shutil.which("dovecot", path=_path())), "-c", str(folder / "dovecot.conf")]
        # Returns when it listens. It goes on in the background and would hold a pipe open.
        subprocess.run(call, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=30)
        try:
            yield server
        finally:
            subprocess.run([*call, "stop"], check=True, capture_output=True, timeout=30)


def _prepare(server: ImapServer, capability: str) -> None:
    folder = server.folder
    for name in ("run", "home"):
        (folder / name).mkdir()
    key = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1"]
    files = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run([*key, *files], cwd=folder, check=True, capture_output=True)
    text = _CONFIG.format(
        folder=folder,
        user=_owner()[0],
        group=_owner()[1],
        password=PASSWORD,
        tls=server.tls,
        starttls=server.starttls,
        capability=f"imap_capability = {capability}" if capability else "",
    )
    (folder / "dovecot.conf").write_text(text, encoding="utf-8")
    _hand_to_owner(folder)


def _path() -> str:
    return os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"


def _owner() -> tuple[str, str]:
    """Nobody's mail is root's: root lends the server to another user."""
    import grp

    name = "nobody" if os.geteuid() == 0 else getpass.getuser()
    return name, "nogroup" if os.geteuid() == 0 else grp.getgrgid(os.getegid()).gr_name


def _as_owner() -> list[str]:
    return ["runuser", "-u", _owner()[0], "--"] if os.geteuid() == 0 else []


def _hand_to_owner(folder: Path) -> None:
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, *_owner())


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
