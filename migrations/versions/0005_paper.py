"""Paper forms: pads, openings of the box, entry batches."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "paper_pad",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("point_id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("first_sheet", sa.Integer(), nullable=False),
        sa.Column("last_sheet", sa.Integer(), nullable=False),
        sa.Column("n_handed_out", sa.Integer(), nullable=False),
        sa.Column("n_spoiled", sa.Integer(), nullable=False),
        sa.Column("created_on", sa.Date(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_paper_pad_number_from_one")),
        sa.CheckConstraint(
            "first_sheet >= 1 AND last_sheet >= first_sheet", name=op.f("ck_paper_pad_sheets_in_order")
        ),
        sa.CheckConstraint("language IN ('vi', 'en')", name=op.f("ck_paper_pad_language_known")),
        sa.CheckConstraint(
            "n_handed_out >= 0 AND n_spoiled >= 0 AND n_handed_out + n_spoiled <= last_sheet - first_sheet + 1",
            name=op.f("ck_paper_pad_counts_within_pad"),
        ),
        sa.ForeignKeyConstraint(["point_id"], ["point.id"], name=op.f("fk_paper_pad_point_id")),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_paper_pad_wave_id")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["questionnaire_version.id"], name=op.f("fk_paper_pad_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_pad")),
        sa.UniqueConstraint("point_id", "number", name=op.f("uq_paper_pad_point_id_number")),
    )
    op.create_table(
        "paper_opening",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("point_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("first_opener", sa.String(length=120), nullable=False),
        sa.Column("second_opener", sa.String(length=120), nullable=False),
        sa.CheckConstraint("first_opener <> second_opener", name=op.f("ck_paper_opening_two_persons")),
        sa.ForeignKeyConstraint(["point_id"], ["point.id"], name=op.f("fk_paper_opening_point_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_paper_opening_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_opening")),
        sa.UniqueConstraint("point_id", "opened_on", name=op.f("uq_paper_opening_point_id_opened_on")),
    )
    op.create_table(
        "paper_count",
        sa.Column("opening_id", sa.Integer(), nullable=False),
        sa.Column("pad_id", sa.Integer(), nullable=False),
        sa.Column("n_collected", sa.Integer(), nullable=False),
        sa.Column("n_blank", sa.Integer(), nullable=False),
        sa.Column("n_spoiled", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "n_blank >= 0 AND n_spoiled >= 0 AND n_blank + n_spoiled <= n_collected",
            name=op.f("ck_paper_count_parts_within_whole"),
        ),
        sa.ForeignKeyConstraint(["opening_id"], ["paper_opening.id"], name=op.f("fk_paper_count_opening_id")),
        sa.ForeignKeyConstraint(["pad_id"], ["paper_pad.id"], name=op.f("fk_paper_count_pad_id")),
        sa.PrimaryKeyConstraint("opening_id", "pad_id", name=op.f("pk_paper_count")),
    )
    op.create_table(
        "paper_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("opening_id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("n_to_key", sa.Integer(), nullable=False),
        sa.Column("check_result", sa.JSON(), nullable=True),
        sa.Column("difference_reason", sa.String(length=400), nullable=True),
        sa.Column("n_booked", sa.Integer(), nullable=False),
        sa.Column("n_own_staff", sa.Integer(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "state IN ('keying', 'checking', 'compared', 'booked')", name=op.f("ck_paper_batch_state_known")
        ),
        sa.CheckConstraint(
            "n_to_key >= 0 AND n_own_staff <= n_booked", name=op.f("ck_paper_batch_counts_in_range")
        ),
        sa.ForeignKeyConstraint(["opening_id"], ["paper_opening.id"], name=op.f("fk_paper_batch_opening_id")),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_paper_batch_wave_id")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["questionnaire_version.id"], name=op.f("fk_paper_batch_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_batch")),
        sa.UniqueConstraint("key", name=op.f("uq_paper_batch_key")),
        sa.UniqueConstraint(
            "opening_id",
            "wave_id",
            "version_id",
            "language",
            name=op.f("uq_paper_batch_opening_id_wave_id_version_id_language"),
        ),
    )
    op.create_table(
        "paper_row",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("is_finished", sa.Boolean(), nullable=False),
        sa.Column("is_sampled", sa.Boolean(), nullable=False),
        sa.Column("is_own_staff", sa.Boolean(), nullable=False),
        sa.Column("keyed_by", sa.Integer(), nullable=False),
        sa.CheckConstraint("round IN (1, 2)", name=op.f("ck_paper_row_round_known")),
        sa.CheckConstraint("position >= 1", name=op.f("ck_paper_row_position_from_one")),
        sa.ForeignKeyConstraint(["batch_id"], ["paper_batch.id"], name=op.f("fk_paper_row_batch_id")),
        sa.ForeignKeyConstraint(["keyed_by"], ["account.id"], name=op.f("fk_paper_row_keyed_by")),
        sa.PrimaryKeyConstraint("batch_id", "round", "position", name=op.f("pk_paper_row")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    for table in ("paper_row", "paper_batch", "paper_count", "paper_opening", "paper_pad"):
        op.drop_table(table)
