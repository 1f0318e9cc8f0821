"""The tables of delivery: who reads, what proves it, what was sent to whom."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from archive.tables import UtcDateTime, metadata

# state: pending, confirmed, unsubscribed, bounced, complained or erased. of the erased the email is
# `erased:` and the id; topics: keys that were chosen, empty for all. confirm_hash: SHA-256 of the token in
# the last confirmation mail.
subscriber = Table(
    "subscriber",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("email", String(320), nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    Column("topics", JSON, nullable=False),
    Column("text_only", Boolean, nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Column("confirmed_at", UtcDateTime),
    Column("left_at", UtcDateTime),
    Column("confirm_hash", String(64), nullable=False, server_default=""),
    Column("confirm_until", UtcDateTime),
    Column("soft_bounces", Integer, nullable=False, server_default="0"),
    Index("ix_subscriber_state", "state"),
    Index("ix_subscriber_confirm_hash", "confirm_hash"),
)

# What happened with a consent, in order, never changed but for the address it came from. kind: signup,
# asked (the confirmation mail), confirmed, imported, changed, soft (an issue that could not be delivered for
# now), unsubscribed, bounced, complained, erased.
consent = Table(
    "consent",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subscriber_id", ForeignKey("subscriber.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("network", String(64), nullable=False, server_default=""),
    Column("text", Text, nullable=False, server_default=""),
    Column("message_id", String(255), nullable=False, server_default=""),
    Index("ix_consent_kind_at", "kind", "at"),
)

# Addresses that get nothing again, as keyed hashes: they outlive the erasure of a subscriber.
suppression = Table(
    "suppression",
    metadata,
    Column("mac", String(64), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("reason", String(16), nullable=False),
)

# An issue's mail, frozen before the first one goes out; variant: html or text. body has places for what is
# personal.
issue_mail = Table(
    "issue_mail",
    metadata,
    Column("week", String(8), primary_key=True),
    Column("variant", String(32), primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("frozen_at", UtcDateTime, nullable=False),
)

# One row for each issue and subscriber. state: queued, claimed, sending, sent, retry, uncertain, bounced,
# failed or skipped. lease: until when and by whom it is claimed.
delivery = Table(
    "delivery",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("week", String(8), nullable=False),
    Column("subscriber_id", ForeignKey("subscriber.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("first_try", UtcDateTime),
    Column("not_before", UtcDateTime, nullable=False),
    Column("lease_until", UtcDateTime),
    Column("worker", String(64), nullable=False, server_default=""),
    Column("reason", Text, nullable=False, server_default=""),
    Column("changed", UtcDateTime, nullable=False),
    UniqueConstraint("week", "subscriber_id"),
    Index("ix_delivery_week_state", "week", "state", "not_before"),
)

# Single mails, kept until a server has taken them. kind: confirmation or alert.
outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("recipient", String(320), nullable=False),
    Column("kind", String(16), nullable=False, server_default="confirmation"),
    Column("message", LargeBinary, nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Column("not_before", UtcDateTime, nullable=False, index=True),
    Column("attempts", Integer, nullable=False, server_default="0"),
)
