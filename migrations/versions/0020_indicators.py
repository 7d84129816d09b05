"""Numbers that are not the survey's: points of the nine indicators, and figures that others publish."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "indicator_choice",
        sa.Column("root_unit_id", sa.Integer(), nullable=False),
        sa.Column("set_id", sa.Integer(), nullable=False),
        sa.Column("legal_basis", sa.String(length=400), nullable=False),
        sa.Column("chosen_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["root_unit_id"], ["unit.id"], name=op.f("fk_indicator_choice_root_unit_id")),
        sa.ForeignKeyConstraint(["set_id"], ["indicator_set.id"], name=op.f("fk_indicator_choice_set_id")),
        sa.PrimaryKeyConstraint("root_unit_id", name=op.f("pk_indicator_choice")),
    )
    op.create_table(
        "indicator_count",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("period_id", sa.Integer(), nullable=False),
        sa.Column("officer", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("n_two", sa.Integer(), nullable=False),
        sa.Column("n_one", sa.Integer(), nullable=False),
        sa.Column("n_zero", sa.Integer(), nullable=False),
        sa.Column("is_simulated", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "n_two >= 0 AND n_one >= 0 AND n_zero >= 0", name=op.f("ck_indicator_count_no_count_below_zero")
        ),
        sa.CheckConstraint("n_two + n_one + n_zero > 0", name=op.f("ck_indicator_count_something_counted")),
        sa.CheckConstraint("number BETWEEN 1 AND 99", name=op.f("ck_indicator_count_number_in_range")),
        sa.ForeignKeyConstraint(["period_id"], ["period.id"], name=op.f("fk_indicator_count_period_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_indicator_count_unit_id")),
        sa.PrimaryKeyConstraint("unit_id", "period_id", "officer", "number", name=op.f("pk_indicator_count")),
    )
    op.create_table(
        "official_figure",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("period_title", sa.String(length=60), nullable=False),
        sa.Column("value", sa.Numeric(precision=7, scale=2), nullable=False),
        sa.Column("out_of", sa.Numeric(precision=7, scale=2), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("is_simulated", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('sipas', 'service_quality')", name=op.f("ck_official_figure_kind_known")
        ),
        sa.CheckConstraint("value >= 0 AND value <= out_of", name=op.f("ck_official_figure_value_in_range")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_official_figure_unit_id")),
        sa.PrimaryKeyConstraint("unit_id", "kind", "period_title", name=op.f("pk_official_figure")),
    )


def downgrade() -> None:
    op.drop_table("official_figure")
    op.drop_table("indicator_count")
    op.drop_table("indicator_choice")
