"""Alembic's entry: runs on the connection that archive.migrate hands over."""

from __future__ import annotations

from alembic import context

from archive import delivery_tables  # noqa: F401 - its tables belong to the metadata
from archive.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=metadata, render_as_batch=connection.dialect.name == "sqlite"
)
context.run_migrations()
