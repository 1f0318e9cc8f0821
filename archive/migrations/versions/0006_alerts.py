"""Whom a kept search tells of what is new."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "saved_search", sa.Column("alert_to", sa.String(length=320), server_default="", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("saved_search", "alert_to")
