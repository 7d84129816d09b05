"""Recordings of the texts that are read aloud."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recording",
        sa.Column("text_key", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("source", sa.String(length=9), nullable=False),
        sa.Column("media_type", sa.String(length=10), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("uploaded_on", sa.Date(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("source IN ('office', 'generated')", name=op.f("ck_recording_source_known")),
        sa.CheckConstraint(
            "media_type IN ('audio/mpeg', 'audio/ogg')", name=op.f("ck_recording_media_type_known")
        ),
        sa.CheckConstraint("duration_ms > 0", name=op.f("ck_recording_duration_positive")),
        sa.PrimaryKeyConstraint("text_key", "language", "source", name=op.f("pk_recording")),
    )
    op.create_index("ix_recording_digest", "recording", ["digest"])


def downgrade() -> None:
    op.drop_index("ix_recording_digest", table_name="recording")
    op.drop_table("recording")
