"""Every error Lagebrief raises on purpose, as one tree.

LagebriefError
├── ConfigError            the configuration file or an environment value is wrong      exit 78
├── StoreError             the database cannot be opened, is locked, or is too old      exit 1
│   └── IndexDamagedError  the search index on disk cannot be read; it is rebuilt
├── SourceError            a source cannot be read; becomes a visible state, not a crash
│   ├── AddressRefusedError   a loopback or private address that no setting allows
│   └── UnreadableError       the body is not what the source promised
├── InputError             a given file or argument cannot be used                      exit 2
├── NothingToDoError       too few items for an issue                                   exit 4
└── TryAgainError          another process holds the work, or a limit rests it          exit 75
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


class InputError(LagebriefError):
    """An argument or a given file cannot be used. The message says what was expected."""

    exit_code = 2


class NothingToDoError(LagebriefError):
    """There is too little for an issue. Nothing was written."""

    exit_code = 4


class TryAgainError(LagebriefError):
    """Somebody else is at it, or a pause is running. Nothing is lost; try again later."""

    exit_code = 75
