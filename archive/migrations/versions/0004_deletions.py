"""Deletions as numbered changes, tombstones by article, and a number by which an archive is known."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_COUNTER = sa.table("counter", sa.column("name", sa.String), sa.column("value", sa.Integer))


def upgrade() -> None:
    op.create_table(
        "deletion",
        sa.Column("change", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("change", name=op.f("pk_deletion")),
    )
    op.add_column("tombstone", sa.Column("article_id", sa.Integer(), server_default="0", nullable=False))
    op.create_index(op.f("ix_tombstone_article_id"), "tombstone", ["article_id"], unique=False)
    op.bulk_insert(_COUNTER, [{"name": "archive", "value": 1 + secrets.randbelow(2**31 - 1)}])


def downgrade() -> None:
    op.execute(_COUNTER.delete().where(_COUNTER.c.name == "archive"))
    op.drop_index(op.f("ix_tombstone_article_id"), table_name="tombstone")
    with op.batch_alter_table("tombstone") as table:
        table.drop_column("article_id")
    op.drop_table("deletion")
