"""Units, questionnaires, waves, responses, rollups, accounts: the first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "indicator_set",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("legal_basis", sa.String(length=400), nullable=False),
        sa.Column("provenance", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator_set")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_indicator_set_code_version")),
    )
    op.create_table(
        "point",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point")),
        sa.UniqueConstraint("code", name=op.f("uq_point_code")),
    )
    op.create_table(
        "policy",
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("legal_basis", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("effective_from", name=op.f("pk_policy")),
    )
    op.create_table(
        "questionnaire_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("n_slots", sa.Integer(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("legal_basis", sa.String(length=400), nullable=False),
        sa.Column("provenance", sa.String(length=400), nullable=False),
        sa.CheckConstraint(
            "n_slots BETWEEN 1 AND 255", name=op.f("ck_questionnaire_version_slots_fit_a_row")
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_questionnaire_version_version_from_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire_version")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_questionnaire_version_code_version")),
    )
    op.create_table(
        "service_field",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name_vi", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("icon", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_field")),
        sa.UniqueConstraint("code", name=op.f("uq_service_field_code")),
    )
    op.create_table(
        "ticket",
        sa.Column("hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("batch", sa.Uuid(), nullable=False),
        sa.Column("is_spent", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_ticket")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("gso_code", sa.String(length=10), nullable=True),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("search_key", sa.String(length=200), nullable=False),
        sa.Column("sort_key", sa.String(length=400), nullable=False),
        sa.CheckConstraint(
            "population IS NULL OR population >= 0", name=op.f("ck_unit_population_not_negative")
        ),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_unit_dates_in_order")),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("code", name=op.f("uq_unit_code")),
    )
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.create_index("ix_unit_gso_code", ["gso_code"], unique=False)
        batch_op.create_index("ix_unit_parent_id", ["parent_id"], unique=False)

    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("n_failures", sa.Integer(), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("language IN ('vi', 'en')", name=op.f("ck_account_language_known")),
        sa.CheckConstraint(
            "role IN ('admin', 'par_office', 'manager', 'viewer')", name=op.f("ck_account_role_known")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_account_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("name", name=op.f("uq_account_name")),
    )
    op.create_table(
        "comment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("polarity", sa.String(length=8), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("text", sa.String(length=4000), nullable=False),
        sa.Column("released_on", sa.Date(), nullable=True),
        sa.CheckConstraint("polarity IN ('good', 'bad', 'neutral')", name=op.f("ck_comment_polarity_known")),
        sa.CheckConstraint("length(text) BETWEEN 1 AND 4000", name=op.f("ck_comment_text_length")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_comment_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("comment", schema=None) as batch_op:
        batch_op.create_index("ix_comment_unit_id_month", ["unit_id", "month"], unique=False)

    op.create_table(
        "desk",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("point_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("is_single_officer", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["point_id"], ["point.id"], name=op.f("fk_desk_point_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk")),
        sa.UniqueConstraint("code", name=op.f("uq_desk_code")),
    )
    with op.batch_alter_table("desk", schema=None) as batch_op:
        batch_op.create_index("ix_desk_point_id", ["point_id"], unique=False)

    op.create_table(
        "exclusion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("point_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.SmallInteger(), nullable=True),
        sa.Column("collector", sa.String(length=40), nullable=True),
        sa.Column("batch", sa.Uuid(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("to_on >= from_on", name=op.f("ck_exclusion_dates_in_order")),
        sa.ForeignKeyConstraint(["point_id"], ["point.id"], name=op.f("fk_exclusion_point_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exclusion")),
    )
    op.create_table(
        "period",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("root_unit_id", sa.Integer(), nullable=False),
        sa.Column("title_vi", sa.String(length=120), nullable=False),
        sa.Column("title_en", sa.String(length=120), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_period_dates_in_order")),
        sa.ForeignKeyConstraint(["root_unit_id"], ["unit.id"], name=op.f("fk_period_root_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period")),
        sa.UniqueConstraint("code", name=op.f("uq_period_code")),
    )
    op.create_table(
        "point_code",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("point_id", sa.Integer(), nullable=False),
        sa.Column("created_on", sa.Date(), nullable=False),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["point_id"], ["point.id"], name=op.f("fk_point_code_point_id")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_point_code")),
    )
    with op.batch_alter_table("point_code", schema=None) as batch_op:
        batch_op.create_index("ix_point_code_point_id", ["point_id"], unique=False)

    op.create_table(
        "point_unit",
        sa.Column("point_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_point_unit_dates_in_order")
        ),
        sa.ForeignKeyConstraint(["point_id"], ["point.id"], name=op.f("fk_point_unit_point_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_point_unit_unit_id")),
        sa.PrimaryKeyConstraint("point_id", "valid_from", name=op.f("pk_point_unit")),
    )
    with op.batch_alter_table("point_unit", schema=None) as batch_op:
        batch_op.create_index("ix_point_unit_unit_id", ["unit_id"], unique=False)

    op.create_table(
        "questionnaire_slot",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_code", sa.String(length=40), nullable=False),
        sa.Column("option_code", sa.String(length=40), nullable=False),
        sa.Column("factor_code", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["questionnaire_version.id"], name=op.f("fk_questionnaire_slot_version_id")
        ),
        sa.PrimaryKeyConstraint("version_id", "position", name=op.f("pk_questionnaire_slot")),
        sa.UniqueConstraint(
            "version_id",
            "item_code",
            "option_code",
            name=op.f("uq_questionnaire_slot_version_id_item_code_option_code"),
        ),
    )
    op.create_table(
        "rollup_dirty",
        sa.Column("point_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("mark", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["point_id"], ["point.id"], name=op.f("fk_rollup_dirty_point_id")),
        sa.PrimaryKeyConstraint("point_id", "month", name=op.f("pk_rollup_dirty")),
    )
    op.create_table(
        "rollup_month",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("point_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["point_id"], ["point.id"], name=op.f("fk_rollup_month_point_id")),
        sa.PrimaryKeyConstraint("month", "point_id", name=op.f("pk_rollup_month")),
    )
    op.create_table(
        "unit_lineage",
        sa.Column("predecessor_id", sa.Integer(), nullable=False),
        sa.Column("successor_id", sa.Integer(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("population_share", sa.Double(), nullable=False),
        sa.CheckConstraint(
            "population_share > 0 AND population_share <= 1",
            name=op.f("ck_unit_lineage_share_is_a_proportion"),
        ),
        sa.CheckConstraint("predecessor_id <> successor_id", name=op.f("ck_unit_lineage_not_itself")),
        sa.ForeignKeyConstraint(["predecessor_id"], ["unit.id"], name=op.f("fk_unit_lineage_predecessor_id")),
        sa.ForeignKeyConstraint(["successor_id"], ["unit.id"], name=op.f("fk_unit_lineage_successor_id")),
        sa.PrimaryKeyConstraint("predecessor_id", "successor_id", name=op.f("pk_unit_lineage")),
    )
    with op.batch_alter_table("unit_lineage", schema=None) as batch_op:
        batch_op.create_index("ix_unit_lineage_successor_id", ["successor_id"], unique=False)

    op.create_table(
        "unit_transactions",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("n_transactions", sa.Integer(), nullable=False),
        sa.Column("is_simulated", sa.Boolean(), nullable=False),
        sa.CheckConstraint("n_transactions >= 0", name=op.f("ck_unit_transactions_not_negative")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_transactions_unit_id")),
        sa.PrimaryKeyConstraint("unit_id", "month", name=op.f("pk_unit_transactions")),
    )
    op.create_table(
        "wave",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("title_vi", sa.String(length=200), nullable=False),
        sa.Column("title_en", sa.String(length=200), nullable=False),
        sa.Column("basis", sa.String(length=10), nullable=False),
        sa.Column("root_unit_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=True),
        sa.Column("grace_days", sa.Integer(), nullable=False),
        sa.Column("is_simulated", sa.Boolean(), nullable=False),
        sa.CheckConstraint("basis IN ('continuous', 'sample')", name=op.f("ck_wave_basis_known")),
        sa.CheckConstraint("closes_on IS NULL OR closes_on >= opens_on", name=op.f("ck_wave_dates_in_order")),
        sa.CheckConstraint("grace_days >= 0", name=op.f("ck_wave_grace_not_negative")),
        sa.ForeignKeyConstraint(["root_unit_id"], ["unit.id"], name=op.f("fk_wave_root_unit_id")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["questionnaire_version.id"], name=op.f("fk_wave_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wave")),
        sa.UniqueConstraint("code", name=op.f("uq_wave_code")),
    )
    op.create_table(
        "account_session",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_session_account_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_account_session")),
    )
    with op.batch_alter_table("account_session", schema=None) as batch_op:
        batch_op.create_index("ix_account_session_account_id", ["account_id"], unique=False)

    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("target", sa.String(length=200), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_audit_entry_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index("ix_audit_entry_at", ["at"], unique=False)

    op.create_table(
        "count_cell",
        sa.Column("point_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("field_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.SmallInteger(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("channel", sa.SmallInteger(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("stratum", sa.SmallInteger(), nullable=False),
        sa.Column("is_excluded", sa.Boolean(), nullable=False),
        sa.Column("n_responses", sa.Integer(), nullable=False),
        sa.Column("counts", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["point_id"], ["point.id"], name=op.f("fk_count_cell_point_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_count_cell_unit_id")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["questionnaire_version.id"], name=op.f("fk_count_cell_version_id")
        ),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_count_cell_wave_id")),
        sa.PrimaryKeyConstraint(
            "point_id",
            "unit_id",
            "agency_id",
            "field_id",
            "stage",
            "month",
            "channel",
            "wave_id",
            "version_id",
            "stratum",
            "is_excluded",
            name=op.f("pk_count_cell"),
        ),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("count_cell", schema=None) as batch_op:
        batch_op.create_index("ix_count_cell_point_id_month", ["point_id", "month"], unique=False)
        batch_op.create_index("ix_count_cell_unit_id_month", ["unit_id", "month"], unique=False)

    op.create_table(
        "moment_cell",
        sa.Column("point_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("channel", sa.SmallInteger(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("stratum", sa.SmallInteger(), nullable=False),
        sa.Column("is_excluded", sa.Boolean(), nullable=False),
        sa.Column("n_responses", sa.Integer(), nullable=False),
        sa.Column("n_clusters", sa.Integer(), nullable=False),
        sa.Column("moments", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["point_id"], ["point.id"], name=op.f("fk_moment_cell_point_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_moment_cell_unit_id")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["questionnaire_version.id"], name=op.f("fk_moment_cell_version_id")
        ),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_moment_cell_wave_id")),
        sa.PrimaryKeyConstraint(
            "point_id",
            "unit_id",
            "month",
            "channel",
            "wave_id",
            "version_id",
            "stratum",
            "is_excluded",
            name=op.f("pk_moment_cell"),
        ),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("moment_cell", schema=None) as batch_op:
        batch_op.create_index("ix_moment_cell_point_id_month", ["point_id", "month"], unique=False)
        batch_op.create_index("ix_moment_cell_unit_id_month", ["unit_id", "month"], unique=False)

    op.create_table(
        "response",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("point_id", sa.Integer(), nullable=False),
        sa.Column("desk_id", sa.Integer(), nullable=True),
        sa.Column("agency_id", sa.Integer(), nullable=True),
        sa.Column("field_id", sa.Integer(), nullable=True),
        sa.Column("stratum", sa.SmallInteger(), nullable=False),
        sa.Column("channel", sa.SmallInteger(), nullable=False),
        sa.Column("stage", sa.SmallInteger(), nullable=False),
        sa.Column("capacity", sa.SmallInteger(), nullable=False),
        sa.Column("assisted_by", sa.SmallInteger(), nullable=False),
        sa.Column("residence", sa.SmallInteger(), nullable=False),
        sa.Column("is_proxy", sa.SmallInteger(), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("collector", sa.String(length=40), nullable=True),
        sa.Column("weight", sa.Double(), nullable=True),
        sa.Column("batch", sa.Uuid(), nullable=True),
        sa.Column("is_test", sa.Boolean(), nullable=False),
        sa.Column("is_ticketed", sa.Boolean(), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("flags", sa.SmallInteger(), nullable=False),
        sa.Column("duration_bucket", sa.SmallInteger(), nullable=False),
        sa.Column("gap_bucket", sa.SmallInteger(), nullable=False),
        sa.Column("collected_on", sa.Date(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("supplement_digest", sa.LargeBinary(length=16), nullable=True),
        sa.CheckConstraint("assisted_by BETWEEN 0 AND 5", name=op.f("ck_response_assisted_by_known")),
        sa.CheckConstraint("capacity BETWEEN 0 AND 3", name=op.f("ck_response_capacity_known")),
        sa.CheckConstraint("channel BETWEEN 1 AND 6", name=op.f("ck_response_channel_known")),
        sa.CheckConstraint("is_proxy IN (0, 1) OR is_proxy IS NULL", name=op.f("ck_response_is_proxy_known")),
        sa.CheckConstraint("length(answers) BETWEEN 1 AND 255", name=op.f("ck_response_answers_present")),
        sa.CheckConstraint("residence BETWEEN 0 AND 3", name=op.f("ck_response_residence_known")),
        sa.CheckConstraint("stage BETWEEN 0 AND 5", name=op.f("ck_response_stage_known")),
        sa.CheckConstraint("weight IS NULL OR weight > 0", name=op.f("ck_response_weight_positive")),
        sa.ForeignKeyConstraint(["agency_id"], ["unit.id"], name=op.f("fk_response_agency_id")),
        sa.ForeignKeyConstraint(["desk_id"], ["desk.id"], name=op.f("fk_response_desk_id")),
        sa.ForeignKeyConstraint(["field_id"], ["service_field.id"], name=op.f("fk_response_field_id")),
        sa.ForeignKeyConstraint(["point_id"], ["point.id"], name=op.f("fk_response_point_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_response_unit_id")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["questionnaire_version.id"], name=op.f("fk_response_version_id")
        ),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_response_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("response", schema=None) as batch_op:
        batch_op.create_index("ix_response_point_id_collected_on", ["point_id", "collected_on"], unique=False)
        batch_op.create_index("ix_response_received_on", ["received_on"], unique=False)
        batch_op.create_index("ix_response_unit_id_collected_on", ["unit_id", "collected_on"], unique=False)

    op.create_table(
        "score_release",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("released_through", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_score_release_unit_id")),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_score_release_wave_id")),
        sa.PrimaryKeyConstraint("unit_id", "wave_id", name=op.f("pk_score_release")),
    )
    op.create_table(
        "wave_unit",
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("stratum", sa.Integer(), nullable=False),
        sa.Column("target", sa.Integer(), nullable=True),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "population IS NULL OR population >= 0", name=op.f("ck_wave_unit_population_not_negative")
        ),
        sa.CheckConstraint("target IS NULL OR target >= 0", name=op.f("ck_wave_unit_target_not_negative")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_wave_unit_unit_id")),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_wave_unit_wave_id")),
        sa.PrimaryKeyConstraint("wave_id", "unit_id", "stratum", name=op.f("pk_wave_unit")),
    )


def downgrade() -> None:
    op.drop_table("wave_unit")
    op.drop_table("score_release")
    with op.batch_alter_table("response", schema=None) as batch_op:
        batch_op.drop_index("ix_response_unit_id_collected_on")
        batch_op.drop_index("ix_response_received_on")
        batch_op.drop_index("ix_response_point_id_collected_on")

    op.drop_table("response")
    with op.batch_alter_table("moment_cell", schema=None) as batch_op:
        batch_op.drop_index("ix_moment_cell_unit_id_month")
        batch_op.drop_index("ix_moment_cell_point_id_month")

    op.drop_table("moment_cell")
    with op.batch_alter_table("count_cell", schema=None) as batch_op:
        batch_op.drop_index("ix_count_cell_unit_id_month")
        batch_op.drop_index("ix_count_cell_point_id_month")

    op.drop_table("count_cell")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_entry_at")

    op.drop_table("audit_entry")
    with op.batch_alter_table("account_session", schema=None) as batch_op:
        batch_op.drop_index("ix_account_session_account_id")

    op.drop_table("account_session")
    op.drop_table("wave")
    op.drop_table("unit_transactions")
    with op.batch_alter_table("unit_lineage", schema=None) as batch_op:
        batch_op.drop_index("ix_unit_lineage_successor_id")

    op.drop_table("unit_lineage")
    op.drop_table("rollup_month")
    op.drop_table("rollup_dirty")
    op.drop_table("questionnaire_slot")
    with op.batch_alter_table("point_unit", schema=None) as batch_op:
        batch_op.drop_index("ix_point_unit_unit_id")

    op.drop_table("point_unit")
    with op.batch_alter_table("point_code", schema=None) as batch_op:
        batch_op.drop_index("ix_point_code_point_id")

    op.drop_table("point_code")
    op.drop_table("period")
    op.drop_table("exclusion")
    with op.batch_alter_table("desk", schema=None) as batch_op:
        batch_op.drop_index("ix_desk_point_id")

    op.drop_table("desk")
    with op.batch_alter_table("comment", schema=None) as batch_op:
        batch_op.drop_index("ix_comment_unit_id_month")

    op.drop_table("comment")
    op.drop_table("account")
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.drop_index("ix_unit_parent_id")
        batch_op.drop_index("ix_unit_gso_code")

    op.drop_table("unit")
    op.drop_table("ticket")
    op.drop_table("service_field")
    op.drop_table("questionnaire_version")
    op.drop_table("policy")
    op.drop_table("point")
    op.drop_table("indicator_set")
