"""Other names of units, what they were called by date, when a desk closed, and the guided changes of the registry."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("desk", sa.Column("closed_on", sa.Date(), nullable=True))
    op.create_table(
        "unit_period",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("search_key", sa.String(length=200), nullable=False),
        sa.Column("sort_key", sa.String(length=400), nullable=False),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_unit_period_dates_in_order")
        ),
        sa.CheckConstraint(
            "population IS NULL OR population >= 0", name=op.f("ck_unit_period_population_not_negative")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_period_unit_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_period_parent_id")),
        sa.PrimaryKeyConstraint("unit_id", "valid_from", name=op.f("pk_unit_period")),
    )
    op.create_table(
        "unit_alias",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("search_key", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_alias_unit_id")),
        sa.PrimaryKeyConstraint("unit_id", "search_key", name=op.f("pk_unit_alias")),
    )
    op.create_table(
        "registry_operation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("later", sa.JSON(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("carried_out_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("carried_out_by_id", sa.Integer(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('merge', 'split', 'rename', 'move', 'population')",
            name=op.f("ck_registry_operation_kind_known"),
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_registry_operation_unit_id")),
        sa.ForeignKeyConstraint(
            ["carried_out_by_id"], ["account.id"], name=op.f("fk_registry_operation_carried_out_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["undone_by_id"], ["account.id"], name=op.f("fk_registry_operation_undone_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_operation")),
    )
    op.create_index("ix_registry_operation_effective_on", "registry_operation", ["effective_on"])


def downgrade() -> None:
    op.drop_index("ix_registry_operation_effective_on", table_name="registry_operation")
    op.drop_table("registry_operation")
    op.drop_table("unit_alias")
    op.drop_table("unit_period")
    op.drop_column("desk", "closed_on")
