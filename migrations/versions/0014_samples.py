"""Plans, frames and draws of samples; an interviewer's case knows its stratum."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

MESSAGE = "what was drawn cannot change"
# Drawn cases may be deleted when their time is over; the digest in the draw still tells what they were.
FROZEN = {
    "sample_draw": ("UPDATE", "DELETE"),
    "sample_stratum": ("UPDATE", "DELETE"),
    "sample_case": ("UPDATE",),
    "sample_replacement": ("UPDATE", "DELETE"),
}


def _freeze() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table, changes in FROZEN.items():
            for change in changes:
                op.execute(
                    f"CREATE TRIGGER {table}_{change.lower()} BEFORE {change} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
                )
        return
    op.execute(
        f"""
        CREATE FUNCTION refuse_sample_change() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '{MESSAGE}'; END $$
        """
    )
    for table, changes in FROZEN.items():
        op.execute(
            f"CREATE TRIGGER {table}_frozen BEFORE {' OR '.join(changes)} ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_sample_change()"
        )


def _thaw() -> None:
    for table, changes in FROZEN.items():
        if op.get_bind().dialect.name == "sqlite":
            for change in changes:
                op.execute(f"DROP TRIGGER {table}_{change.lower()}")
        else:
            op.execute(f"DROP TRIGGER {table}_frozen ON {table}")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION refuse_sample_change")


def upgrade() -> None:
    op.create_table(
        "sample_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("saved_on", sa.Date(), nullable=False),
        sa.Column("is_simulated", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_sample_plan_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample_plan")),
    )
    op.create_index("ix_sample_plan_unit_id", "sample_plan", ["unit_id"], unique=False)
    op.create_table(
        "sample_frame",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("n_entries", sa.Integer(), nullable=False),
        sa.Column("n_people", sa.Integer(), nullable=False),
        sa.Column("is_keyed", sa.Boolean(), nullable=False),
        sa.Column("is_accepted", sa.Boolean(), nullable=False),
        sa.Column("loaded_on", sa.Date(), nullable=False),
        sa.Column("is_simulated", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind IN ('transactions', 'residents')", name=op.f("ck_sample_frame_kind_known")),
        sa.CheckConstraint(
            "n_entries > 0 AND n_people >= n_entries", name=op.f("ck_sample_frame_counts_positive")
        ),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_sample_frame_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample_frame")),
    )
    op.create_index("ix_sample_frame_wave_id", "sample_frame", ["wave_id"], unique=False)
    op.create_table(
        "sample_draw",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("frame_id", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(length=12), nullable=False),
        sa.Column("seed", sa.String(length=40), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("frame_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("cases_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("n_cases", sa.Integer(), nullable=False),
        sa.Column("n_reserves", sa.Integer(), nullable=False),
        sa.Column("drawn_on", sa.Date(), nullable=False),
        sa.Column("drawn_by_id", sa.Integer(), nullable=True),
        sa.Column("is_simulated", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "method IN ('simple', 'systematic', 'two_stage')", name=op.f("ck_sample_draw_method_known")
        ),
        sa.CheckConstraint("n_cases > 0 AND n_reserves >= 0", name=op.f("ck_sample_draw_counts_positive")),
        sa.ForeignKeyConstraint(["drawn_by_id"], ["account.id"], name=op.f("fk_sample_draw_drawn_by_id")),
        sa.ForeignKeyConstraint(["frame_id"], ["sample_frame.id"], name=op.f("fk_sample_draw_frame_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample_draw")),
    )
    op.create_index("ix_sample_draw_frame_id", "sample_draw", ["frame_id"], unique=False)
    op.create_table(
        "sample_frame_entry",
        sa.Column("frame_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=20), nullable=False),
        sa.Column("stratum", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("handled_on", sa.Date(), nullable=True),
        sa.CheckConstraint("size > 0", name=op.f("ck_sample_frame_entry_size_positive")),
        sa.ForeignKeyConstraint(
            ["frame_id"], ["sample_frame.id"], name=op.f("fk_sample_frame_entry_frame_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_sample_frame_entry_unit_id")),
        sa.PrimaryKeyConstraint("frame_id", "unit_id", "label", name=op.f("pk_sample_frame_entry")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sample_replacement",
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("replacement", sa.String(length=20), nullable=False),
        sa.Column("replaced_on", sa.Date(), nullable=False),
        sa.Column("replaced_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "reason IN ('refused', 'not_reached', 'moved', 'not_found', 'not_eligible')",
            name=op.f("ck_sample_replacement_reason_known"),
        ),
        sa.ForeignKeyConstraint(["draw_id"], ["sample_draw.id"], name=op.f("fk_sample_replacement_draw_id")),
        sa.ForeignKeyConstraint(
            ["replaced_by_id"], ["account.id"], name=op.f("fk_sample_replacement_replaced_by_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_sample_replacement_unit_id")),
        sa.PrimaryKeyConstraint("draw_id", "unit_id", "label", name=op.f("pk_sample_replacement")),
    )
    op.create_table(
        "sample_stratum",
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("n_cases", sa.Integer(), nullable=False),
        sa.Column("n_reserves", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "population > 0 AND n_cases >= 0 AND n_reserves >= 0",
            name=op.f("ck_sample_stratum_counts_positive"),
        ),
        sa.ForeignKeyConstraint(["draw_id"], ["sample_draw.id"], name=op.f("fk_sample_stratum_draw_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_sample_stratum_unit_id")),
        sa.PrimaryKeyConstraint("draw_id", "unit_id", "number", name=op.f("pk_sample_stratum")),
    )
    op.create_table(
        "sample_handout",
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("how", sa.String(length=12), nullable=False),
        sa.Column("n_cases", sa.Integer(), nullable=False),
        sa.Column("handed_on", sa.Date(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("how IN ('interviewers', 'tickets')", name=op.f("ck_sample_handout_how_known")),
        sa.ForeignKeyConstraint(["batch_id"], ["ticket_batch.id"], name=op.f("fk_sample_handout_batch_id")),
        sa.ForeignKeyConstraint(["draw_id"], ["sample_draw.id"], name=op.f("fk_sample_handout_draw_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_sample_handout_unit_id")),
        sa.PrimaryKeyConstraint("draw_id", "unit_id", name=op.f("pk_sample_handout")),
    )
    op.create_table(
        "sample_case",
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=20), nullable=False),
        sa.Column("stratum", sa.SmallInteger(), nullable=False),
        sa.Column("cluster", sa.String(length=20), nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.CheckConstraint("role IN ('main', 'reserve')", name=op.f("ck_sample_case_role_known")),
        sa.CheckConstraint(
            "probability > 0 AND probability <= 1", name=op.f("ck_sample_case_probability_is_a_proportion")
        ),
        sa.CheckConstraint("weight >= 1", name=op.f("ck_sample_case_weight_at_least_one")),
        sa.ForeignKeyConstraint(
            ["draw_id", "unit_id", "stratum"],
            ["sample_stratum.draw_id", "sample_stratum.unit_id", "sample_stratum.number"],
            name=op.f("fk_sample_case_draw_id_unit_id_stratum"),
        ),
        sa.ForeignKeyConstraint(["draw_id"], ["sample_draw.id"], name=op.f("fk_sample_case_draw_id")),
        sa.PrimaryKeyConstraint("draw_id", "unit_id", "label", name=op.f("pk_sample_case")),
        sqlite_with_rowid=False,
    )
    op.add_column(
        "interview_assignment", sa.Column("stratum", sa.SmallInteger(), server_default="0", nullable=False)
    )
    op.add_column("interview_assignment", sa.Column("weight", sa.Double(), nullable=True))
    _freeze()


def downgrade() -> None:
    _thaw()
    op.drop_column("interview_assignment", "weight")
    op.drop_column("interview_assignment", "stratum")
    for table in (
        "sample_case", "sample_handout", "sample_stratum", "sample_replacement", "sample_frame_entry",
        "sample_draw", "sample_frame", "sample_plan",
    ):  # fmt: skip
        op.drop_table(table)
