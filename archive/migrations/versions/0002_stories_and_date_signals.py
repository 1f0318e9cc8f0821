"""Stories, vectors of meaning, and dates that differ from the register."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from archive.tables import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "date_signal",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("milestone", sa.String(length=64), nullable=False),
        sa.Column("stated", sa.String(length=10), nullable=False),
        sa.Column("registered", sa.String(length=10), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_date_signal_article_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", "milestone", "stated", name=op.f("pk_date_signal")),
    )
    op.create_table(
        "settled_date",
        sa.Column("milestone", sa.String(length=64), nullable=False),
        sa.Column("stated", sa.String(length=10), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("milestone", "stated", name=op.f("pk_settled_date")),
    )
    op.create_table(
        "story_article",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("story", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=16), server_default="", nullable=False),
        sa.Column("news", sa.Text(), server_default="", nullable=False),
        sa.Column("placed", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_story_article_article_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_story_article")),
    )
    op.create_index(op.f("ix_story_article_story"), "story_article", ["story"], unique=False)
    op.create_table(
        "article_vector",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_article_vector_article_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_article_vector")),
    )
    counter = sa.table("counter", sa.column("name", sa.String), sa.column("value", sa.Integer))
    op.bulk_insert(counter, [{"name": "story", "value": 0}])


def downgrade() -> None:
    counter = sa.table("counter", sa.column("name", sa.String))
    op.execute(counter.delete().where(counter.c.name == "story"))
    op.drop_table("article_vector")
    op.drop_index(op.f("ix_story_article_story"), table_name="story_article")
    op.drop_table("story_article")
    op.drop_table("settled_date")
    op.drop_table("date_signal")
