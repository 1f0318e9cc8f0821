"""Notes, tags, saved searches, and what was deleted on request."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from archive.tables import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.Text(), server_default="", nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_note_article_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    op.create_index(op.f("ix_note_article_id"), "note", ["article_id"], unique=False)
    op.create_table(
        "article_tag",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("tag", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_article_tag_article_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", "tag", name=op.f("pk_article_tag")),
    )
    op.create_index("ix_article_tag_tag", "article_tag", ["tag", "article_id"], unique=False)
    op.create_table(
        "saved_search",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("query", sa.Text(), server_default="", nullable=False),
        sa.Column("created", UtcDateTime(), nullable=False),
        sa.Column("seen", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_saved_search")),
    )
    op.create_table(
        "tombstone",
        sa.Column("key", sa.String(length=34), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_tombstone")),
    )


def downgrade() -> None:
    op.drop_table("tombstone")
    op.drop_table("saved_search")
    op.drop_index("ix_article_tag_tag", table_name="article_tag")
    op.drop_table("article_tag")
    op.drop_index(op.f("ix_note_article_id"), table_name="note")
    op.drop_table("note")
