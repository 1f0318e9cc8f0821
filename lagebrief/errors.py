"""Every error Lagebrief raises on purpose, as one tree.

LagebriefError
├── ConfigError            the configuration file or an environment value is wrong      exit 78
├── StoreError             the database cannot be opened, is locked, or is too old      exit 1
│   └── IndexDamagedError  the search index on disk cannot be read; it is rebuilt
├── SourceError            a source cannot be read; becomes a visible state, not a crash
│   ├── AddressRefusedError   a loopback or private address that no setting allows
│   └── UnreadableError       the body is not what the source promised
├── WriterError            a writer could not write an item; the next writer does
│   └── WriterOffError        it cannot write at all this time: not set up, out of reach, budget spent
├── InputError             a given file or argument cannot be used                      exit 2
├── NothingToDoError       too few items for an issue                                   exit 4
├── LostError              the connection to a mail server broke; becomes a state of the mail
└── TryAgainError          another process holds the work, or a limit rests it          exit 75
    ├── MailServerError        the mail server cannot be used now
    └── PausedError            the mail server refuses us; somebody must look
"""

from __future__ import annotations


class LagebriefError(Exception):
    """Root of the tree. The message says what happened and what to do about it."""

    exit_code = 1


class ConfigError(LagebriefError):
    """The configuration is wrong: the message names file, line and key. Mend the file."""

    exit_code = 78


class StoreError(LagebriefError):
    """The database does not answer, is locked or lacks a migration. `lagebrief check` says which."""


class IndexDamagedError(StoreError):
    """The search index cannot be read. It is a read model: it is rebuilt from the database."""


class SourceError(LagebriefError):
    """One source cannot be read. Kept as a state of the source; the other sources go on."""


class AddressRefusedError(SourceError):
    """A source or a redirect points into this machine or network. See `allow_private_hosts`."""


class UnreadableError(SourceError):
    """The body is no feed, no page or no JSON of the promised kind, or broke a limit."""


class WriterError(LagebriefError):
    """A writer failed at one item: no answer, or one that cannot be used. The next writer takes the item."""


class WriterOffError(WriterError):
    """A writer cannot work for the rest of the issue. The message says what is missing."""


class InputError(LagebriefError):
    """An argument or a given file cannot be used. The message says what was expected."""

    exit_code = 2


class NothingToDoError(LagebriefError):
    """There is too little for an issue. Nothing was written."""

    exit_code = 4


class TryAgainError(LagebriefError):
    """Somebody else is at it, or a pause is running. Nothing is lost; try again later."""

    exit_code = 75


class LostError(LagebriefError):
    """The connection to a mail server broke. after_dot: the mail may have been taken, or not."""

    def __init__(self, message: str, *, after_dot: bool) -> None:
        super().__init__(message)
        self.after_dot = after_dot


class MailServerError(TryAgainError):
    """The mail server is out of reach, or does not accept its certificate or our password. Mails wait."""


class PausedError(TryAgainError):
    """The server refuses us, not single readers. Mails wait until somebody has looked (docs/mail.md)."""
