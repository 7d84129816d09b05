"""Batches of tickets, and the programs that may call the API."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_client",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("scopes", sa.String(length=200), nullable=False),
        sa.Column("is_trial", sa.Boolean(), nullable=False),
        sa.Column("created_on", sa.Date(), nullable=False),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_api_client_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_client")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_api_client_key_hash")),
        sa.UniqueConstraint("name", name=op.f("uq_api_client_name")),
    )
    op.create_table(
        "ticket_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("point_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=True),
        sa.Column("stage", sa.SmallInteger(), nullable=False),
        sa.Column("field_id", sa.Integer(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("n_spent", sa.Integer(), nullable=False),
        sa.Column("created_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.Column("origin", sa.String(length=5), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("size BETWEEN 1 AND 5000", name=op.f("ck_ticket_batch_size_known")),
        sa.CheckConstraint("n_spent BETWEEN 0 AND size", name=op.f("ck_ticket_batch_spent_within_size")),
        sa.CheckConstraint("stage BETWEEN 0 AND 5", name=op.f("ck_ticket_batch_stage_known")),
        sa.CheckConstraint("expires_on >= created_on", name=op.f("ck_ticket_batch_dates_in_order")),
        sa.CheckConstraint(
            "(origin = 'api' AND client_id IS NOT NULL) OR (origin = 'staff' AND client_id IS NULL)",
            name=op.f("ck_ticket_batch_origin_known"),
        ),
        sa.ForeignKeyConstraint(["client_id"], ["api_client.id"], name=op.f("fk_ticket_batch_client_id")),
        sa.ForeignKeyConstraint(["code"], ["point_code.code"], name=op.f("fk_ticket_batch_code")),
        sa.ForeignKeyConstraint(["field_id"], ["service_field.id"], name=op.f("fk_ticket_batch_field_id")),
        sa.ForeignKeyConstraint(["point_id"], ["point.id"], name=op.f("fk_ticket_batch_point_id")),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_ticket_batch_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_batch")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_ticket_batch_point_id", "ticket_batch", ["point_id"])
    # Nothing issued tickets before this revision; one without a batch says neither where nor until when it counts.
    op.drop_table("ticket")
    op.create_table(
        "ticket",
        sa.Column("hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("batch", sa.Uuid(), nullable=False),
        sa.Column("is_spent", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["batch"], ["ticket_batch.id"], name=op.f("fk_ticket_batch")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_ticket")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_ticket_batch", "ticket", ["batch"])


def downgrade() -> None:
    op.drop_table("ticket")
    op.create_table(
        "ticket",
        sa.Column("hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("batch", sa.Uuid(), nullable=False),
        sa.Column("is_spent", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_ticket")),
        sqlite_with_rowid=False,
    )
    op.drop_table("ticket_batch")
    op.drop_table("api_client")
