"""Which office a draft belongs to, later mappings between published versions, and official methods in the making."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

MESSAGE = "what was published with a questionnaire cannot change"
OWNER = "fk_questionnaire_draft_unit_id"


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def upgrade() -> None:
    op.add_column("questionnaire_draft", sa.Column("unit_id", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE questionnaire_draft SET unit_id = "
        "(SELECT unit_id FROM account WHERE account.id = questionnaire_draft.created_by_id)"
    )
    _with_notes_apart(_require_owner)
    op.create_table(
        "mapping_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("old_id", sa.Integer(), nullable=False),
        sa.Column("new_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.Column("basis", sa.String(length=400), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.CheckConstraint("number >= 2", name=op.f("ck_mapping_revision_number_from_two")),
        sa.ForeignKeyConstraint(
            ["old_id", "new_id"], ["version_mapping.old_id", "version_mapping.new_id"],
            name=op.f("fk_mapping_revision_old_id_new_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mapping_revision")),
        sa.UniqueConstraint("old_id", "new_id", "number", name=op.f("uq_mapping_revision_old_id_new_id_number")),
    )  # fmt: skip
    op.create_table(
        "method_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approval_id", sa.Integer(), nullable=True),
        sa.Column("published_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_method_draft_revision_from_one")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_method_draft_unit_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["account.id"], name=op.f("fk_method_draft_created_by_id")),
        sa.ForeignKeyConstraint(["changed_by_id"], ["account.id"], name=op.f("fk_method_draft_changed_by_id")),
        sa.ForeignKeyConstraint(["approval_id"], ["approval.id"], name=op.f("fk_method_draft_approval_id")),
        sa.ForeignKeyConstraint(
            ["published_id"], ["official_method.id"], name=op.f("fk_method_draft_published_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_method_draft")),
    )  # fmt: skip
    if _is_sqlite():
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER mapping_revision_{change.lower()} BEFORE {change} ON mapping_revision "
                f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
            )
    else:
        op.execute(
            "CREATE TRIGGER mapping_revision_published BEFORE UPDATE OR DELETE ON mapping_revision "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change_of_published()"
        )


def _require_owner() -> None:
    with op.batch_alter_table("questionnaire_draft") as batch:
        batch.alter_column("unit_id", existing_type=sa.Integer(), nullable=False)
        batch.create_foreign_key(op.f(OWNER), "unit", ["unit_id"], ["id"])


def _forget_owner() -> None:
    with op.batch_alter_table("questionnaire_draft") as batch:
        batch.drop_constraint(op.f(OWNER), type_="foreignkey")
        batch.drop_column("unit_id")


def _with_notes_apart(change) -> None:  # type: ignore[no-untyped-def]
    """SQLite builds the table of drafts anew, and may drop the old one only while no note points to it."""
    if not _is_sqlite():
        change()
        return
    op.execute("CREATE TABLE draft_note_kept AS SELECT * FROM draft_note")
    op.execute("DELETE FROM draft_note")
    change()
    op.execute("INSERT INTO draft_note SELECT * FROM draft_note_kept")
    op.execute("DROP TABLE draft_note_kept")


def downgrade() -> None:
    # Its triggers go with a table.
    op.drop_table("method_draft")
    op.drop_table("mapping_revision")
    _with_notes_apart(_forget_owner)
