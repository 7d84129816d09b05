"""Drafts of questionnaires, what a new version means for the old one, and official methods."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

FROZEN = ("version_mapping", "official_method")
MESSAGE = "what was published with a questionnaire cannot change"
CHANGES = ("UPDATE", "DELETE")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def upgrade() -> None:
    op.create_table(
        "questionnaire_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("based_on_id", sa.Integer(), nullable=True),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approval_id", sa.Integer(), nullable=True),
        sa.Column("published_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_questionnaire_draft_revision_from_one")),
        sa.ForeignKeyConstraint(
            ["based_on_id"], ["questionnaire_version.id"], name=op.f("fk_questionnaire_draft_based_on_id")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["account.id"], name=op.f("fk_questionnaire_draft_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["account.id"], name=op.f("fk_questionnaire_draft_changed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["approval_id"], ["approval.id"], name=op.f("fk_questionnaire_draft_approval_id")
        ),
        sa.ForeignKeyConstraint(
            ["published_id"], ["questionnaire_version.id"], name=op.f("fk_questionnaire_draft_published_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire_draft")),
    )
    op.create_index("ix_questionnaire_draft_approval_id", "questionnaire_draft", ["approval_id"])
    op.create_table(
        "draft_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=40), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["questionnaire_draft.id"], name=op.f("fk_draft_note_draft_id")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_draft_note_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_note")),
    )
    op.create_index("ix_draft_note_draft_id", "draft_note", ["draft_id"])
    op.create_table(
        "version_mapping",
        sa.Column("old_id", sa.Integer(), nullable=False),
        sa.Column("new_id", sa.Integer(), nullable=False),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.Column("basis", sa.String(length=400), nullable=False),
        sa.CheckConstraint("old_id <> new_id", name=op.f("ck_version_mapping_two_versions")),
        sa.ForeignKeyConstraint(
            ["old_id"], ["questionnaire_version.id"], name=op.f("fk_version_mapping_old_id")
        ),
        sa.ForeignKeyConstraint(
            ["new_id"], ["questionnaire_version.id"], name=op.f("fk_version_mapping_new_id")
        ),
        sa.PrimaryKeyConstraint("old_id", "new_id", name=op.f("pk_version_mapping")),
    )
    op.create_table(
        "official_method",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("legal_basis", sa.String(length=400), nullable=False),
        sa.Column("provenance", sa.String(length=400), nullable=False),
        sa.Column("is_example", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_official_method")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_official_method_code_version")),
    )
    _guard()


def _guard() -> None:
    """What was published with a version stays as it was; corrections are a new version."""
    if _is_sqlite():
        for table in FROZEN:
            for change in CHANGES:
                op.execute(
                    f"CREATE TRIGGER {table}_{change.lower()} BEFORE {change} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
                )
        return
    op.execute(
        "CREATE FUNCTION refuse_change_of_published() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{MESSAGE}'; END $$"
    )
    for table in FROZEN:
        op.execute(
            f"CREATE TRIGGER {table}_published BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change_of_published()"
        )


def downgrade() -> None:
    # Its triggers go with a table.
    for table in ("official_method", "version_mapping", "draft_note", "questionnaire_draft"):
        op.drop_table(table)
    if not _is_sqlite():
        op.execute("DROP FUNCTION refuse_change_of_published")
