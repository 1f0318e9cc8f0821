"""The tables. Alembic migrations (archive/migrations) make them; this is how the code sees them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)


class UtcDateTime(TypeDecorator[dt.datetime]):
    """Aware UTC in Python; timestamptz in PostgreSQL, naive UTC in SQLite. A naive value is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: the archive keeps aware UTC times only")
        value = value.astimezone(dt.UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: dt.datetime | None, _dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _text(name: str, **options: Any) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="", **options)


article = Table(
    "article",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("external_id", Text),
    Column("outlet", String(64), nullable=False),
    Column("source", String(64), nullable=False),
    _text("url"),
    _text("title"),
    _text("teaser"),
    _text("body"),
    _text("author"),
    Column("language", String(8), nullable=False, server_default=""),
    Column("published", UtcDateTime, nullable=False),
    Column("date_mark", String(16), nullable=False, server_default=""),
    Column("first_seen", UtcDateTime, nullable=False),
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("content_hash", String(32), nullable=False),
    Column("storage", String(16), nullable=False),
    Column("marks", JSON, nullable=False),
    _text("note"),
    _text("robots"),
    Column("tdm", String(16), nullable=False, server_default=""),
    Column("tdm_origin", String(32), nullable=False, server_default=""),
    _text("hints"),
    Column("max_snippet", Integer, nullable=False, server_default="-1"),
    Column("verdict_at", UtcDateTime),
    Column("change", Integer, nullable=False),
    Column("analysis_version", String(64), nullable=False, server_default=""),
    Index("ix_article_published", "published"),
    Index("ix_article_change", "change", unique=True),
    Index("ix_article_analysis_version", "analysis_version", "id"),
)

# Every key an article is known by: canonical address, guid, outlet + title + day, imported id.
alias = Table(
    "alias",
    metadata,
    Column("key", String(34), primary_key=True),
    Column("article_id", ForeignKey("article.id", ondelete="CASCADE"), nullable=False, index=True),
    _text("value"),
)

# Which sources have shown an article; the first one to bring it stands in article.source.
sighting = Table(
    "sighting",
    metadata,
    Column("article_id", ForeignKey("article.id", ondelete="CASCADE"), primary_key=True),
    Column("source", String(64), primary_key=True),
)

revision = Table(
    "revision",
    metadata,
    Column("article_id", ForeignKey("article.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("seen", UtcDateTime, nullable=False),
    _text("title"),
    _text("teaser"),
    _text("body"),
)

topic = Table(
    "article_topic",
    metadata,
    Column("article_id", ForeignKey("article.id", ondelete="CASCADE"), primary_key=True),
    Column("topic", String(64), primary_key=True),
    Column("score", Float, nullable=False),
    Column("evidence", JSON, nullable=False),
    Index("ix_article_topic_topic", "topic", "article_id"),
)

figure = Table(
    "figure",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("article_id", ForeignKey("article.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    Column("value", Float),
    Column("date", String(10)),
    Column("unit", String(32), nullable=False),
    Column("qualifier", String(16), nullable=False, server_default=""),
    _text("subject"),
    _text("text"),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Index("ix_figure_unit", "unit"),
)

milestone_link = Table(
    "article_milestone",
    metadata,
    Column("article_id", ForeignKey("article.id", ondelete="CASCADE"), primary_key=True),
    Column("milestone", String(64), primary_key=True),
)

# An article states another date for a milestone than the register did when it was read.
date_signal = Table(
    "date_signal",
    metadata,
    Column("article_id", ForeignKey("article.id", ondelete="CASCADE"), primary_key=True),
    Column("milestone", String(64), primary_key=True),
    Column("stated", String(10), primary_key=True),
    Column("registered", String(10), nullable=False),
    Column("revision", Integer, nullable=False),
    _text("text"),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
)

# What an editor decided on such a date: it is known, and is not brought up again.
settled_date = Table(
    "settled_date",
    metadata,
    Column("milestone", String(64), primary_key=True),
    Column("stated", String(10), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)

# Stories are numbered by the counter "story"; an article belongs to one at most, and stays there.
story_article = Table(
    "story_article",
    metadata,
    Column("article_id", ForeignKey("article.id", ondelete="CASCADE"), primary_key=True),
    Column("story", Integer, nullable=False, index=True),
    Column("mark", String(16), nullable=False, server_default=""),
    _text("news"),
    Column("placed", UtcDateTime, nullable=False),
)

# Meaning of an article's sentences as vectors, by which stories are told apart: half-precision rows, one
# behind the other.
article_vector = Table(
    "article_vector",
    metadata,
    Column("article_id", ForeignKey("article.id", ondelete="CASCADE"), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("model", String(64), nullable=False),
    Column("rows", LargeBinary, nullable=False),
)

# Meaning of an article as one vector for the search, in half precision.
search_vector = Table(
    "search_vector",
    metadata,
    Column("article_id", ForeignKey("article.id", ondelete="CASCADE"), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("model", String(64), nullable=False),
    Column("vector", LargeBinary, nullable=False),
)

# What editors write on articles.
note = Table(
    "note",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("article_id", ForeignKey("article.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    _text("by"),
    _text("text"),
)

tag = Table(
    "article_tag",
    metadata,
    Column("article_id", ForeignKey("article.id", ondelete="CASCADE"), primary_key=True),
    Column("tag", String(64), primary_key=True),
    Index("ix_article_tag_tag", "tag", "article_id"),
)

# Queries that are asked again and again; `seen` is the newest article that was looked at;
# `alert_to` the mail address that is told of what is new.
saved_search = Table(
    "saved_search",
    metadata,
    Column("name", String(64), primary_key=True),
    _text("query"),
    Column("created", UtcDateTime, nullable=False),
    Column("seen", Integer, nullable=False, server_default="0"),
    Column("alert_to", String(320), nullable=False, server_default=""),
)

# Keys of deleted articles (archive.deletion): what was deleted is neither collected nor imported again.
tombstone = Table(
    "tombstone",
    metadata,
    Column("key", String(34), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    _text("reason"),
    Column("article_id", Integer, nullable=False, server_default="0", index=True),
)

# Deletions are changes too: what follows the counter of changes hears of them here.
deletion = Table(
    "deletion",
    metadata,
    Column("change", Integer, primary_key=True, autoincrement=False),
    Column("article_id", Integer, nullable=False),
)

source = Table(
    "source",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("state", String(24)),
    _text("reason"),
    Column("state_since", UtcDateTime),
    Column("last_fetch", UtcDateTime),
    Column("last_success", UtcDateTime),
    Column("last_new", UtcDateTime),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("not_before", UtcDateTime),
    Column("paused", Boolean, nullable=False, default=False),
    _text("etag"),
    _text("last_modified"),
    Column("body_hash", String(32), nullable=False, server_default=""),
    Column("full_fetch", UtcDateTime),
    _text("moved_to"),
    Column("moved_times", Integer, nullable=False, server_default="0"),
)

fetch = Table(
    "fetch",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", String(64), nullable=False),
    _text("url"),
    Column("at", UtcDateTime, nullable=False),
    Column("state", String(24), nullable=False),
    _text("reason"),
    Column("http_status", Integer, nullable=False, server_default="0"),
    Column("size", Integer, nullable=False, server_default="0"),
    Column("duration_ms", Integer, nullable=False, server_default="0"),
    Column("entries", Integer, nullable=False, server_default="0"),
    Column("new", Integer, nullable=False, server_default="0"),
    Column("changed", Integer, nullable=False, server_default="0"),
    _text("robots"),
    Column("tdm", String(16), nullable=False, server_default=""),
    Index("ix_fetch_source_at", "source", "at"),
)

# What a host says to machines: robots.txt and tdmrep.json, kept at most 24 hours.
host = Table(
    "host",
    metadata,
    Column("origin", String(255), primary_key=True),
    Column("fetched", UtcDateTime, nullable=False),
    Column("robots_status", Integer, nullable=False),
    _text("robots"),
    Column("tdmrep_status", Integer, nullable=False),
    _text("tdmrep"),
)

issue = Table(
    "issue",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("week", String(8), nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    Column("created", UtcDateTime, nullable=False),
    _text("subject"),
    Column("writer", String(32), nullable=False, server_default=""),
    Column("content", JSON, nullable=False),
    _text("html"),
    _text("text"),
    Column("approved_at", UtcDateTime),
    _text("approved_by"),
)

# One row per named counter; "change" numbers every change of an article, in commit order. "archive" counts
# nothing: it is a random number by which what follows the archive knows it from another one.
counter = Table(
    "counter",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", Integer, nullable=False),
)
