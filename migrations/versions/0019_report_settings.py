"""What an office sets up for its documents: head, signature, recipients, conversions; and batches of reports."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "letterhead_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("superior", sa.String(length=200), nullable=False),
        sa.Column("issuer", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=100), nullable=False),
        sa.Column("abbreviation", sa.String(length=40), nullable=False),
        sa.Column("signer_titles", sa.JSON(), nullable=False),
        sa.Column("signer_name", sa.String(length=100), nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("bases", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_letterhead_version_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letterhead_version")),
        sa.UniqueConstraint(
            "unit_id", "effective_from", name=op.f("uq_letterhead_version_unit_id_effective_from")
        ),
    )
    op.create_table(
        "conversion_table",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("basis", sa.String(length=20), nullable=False),
        sa.Column("legal_basis", sa.String(length=500), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("bands", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_conversion_table_dates_in_order")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_conversion_table_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversion_table")),
    )
    op.create_table(
        "document_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("root_unit_id", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(length=20), nullable=False),
        sa.Column("period_code", sa.String(length=60), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("formats", sa.JSON(), nullable=False),
        sa.Column("units", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("n_done", sa.SmallInteger(), nullable=False),
        sa.Column("n_total", sa.SmallInteger(), nullable=False),
        sa.Column("file_name", sa.String(length=100), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed')", name=op.f("ck_document_batch_known_state")
        ),
        sa.CheckConstraint(
            "n_done >= 0 AND n_done <= n_total", name=op.f("ck_document_batch_done_within_total")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_document_batch_account_id")),
        sa.ForeignKeyConstraint(["root_unit_id"], ["unit.id"], name=op.f("fk_document_batch_root_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_batch")),
    )


def downgrade() -> None:
    op.drop_table("document_batch")
    op.drop_table("conversion_table")
    op.drop_table("letterhead_version")
