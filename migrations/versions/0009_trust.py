"""The audit chain, what waits for a second person, roots over received batches."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

REFUSAL = "entries of the audit log cannot change"
SQLITE_GUARDS = tuple(
    f"""
    CREATE TRIGGER audit_entry_{change.lower()} BEFORE {change} ON audit_entry
    BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END
    """
    for change in ("UPDATE", "DELETE")
)
POSTGRESQL_GUARDS = (
    f"""
    CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$
    """,
    """
    CREATE TRIGGER audit_entry_kept BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()
    """,
    """
    CREATE TRIGGER audit_entry_not_emptied BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()
    """,
)


def upgrade() -> None:
    op.create_table(
        "approval",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.String(length=1000), nullable=False),
        sa.CheckConstraint(
            "state IN ('pending', 'approved', 'rejected', 'withdrawn')", name=op.f("ck_approval_state_known")
        ),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> proposed_by_id OR state = 'withdrawn'",
            name=op.f("ck_approval_decided_by_another"),
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_approval_unit_id")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["account.id"], name=op.f("fk_approval_proposed_by_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["account.id"], name=op.f("fk_approval_decided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
    )
    op.create_index("ix_approval_state", "approval", ["state"])
    _create_chain()
    _create_roots()


def _create_chain() -> None:
    """Entries of before have no place in the chain; the first one that has seals them all."""
    op.add_column("audit_entry", sa.Column("sequence", sa.Integer(), nullable=True))
    op.add_column("audit_entry", sa.Column("previous", sa.LargeBinary(length=32), nullable=True))
    op.add_column("audit_entry", sa.Column("seal", sa.LargeBinary(length=32), nullable=True))
    op.create_index("ix_audit_entry_sequence", "audit_entry", ["sequence"], unique=True)
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("seal", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    for guard in SQLITE_GUARDS if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_GUARDS:
        op.execute(guard)


def _create_roots() -> None:
    op.create_table(
        "received_root",
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("n_open", sa.Integer(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sealed_on", sa.Date(), nullable=False),
        sa.CheckConstraint("n >= n_open AND n_open >= 0", name=op.f("ck_received_root_counts_possible")),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_received_root_wave_id")),
        sa.PrimaryKeyConstraint(
            "wave_id", "received_on", "generation", "revision", name=op.f("pk_received_root")
        ),
    )
    op.create_table(
        "root_reopened",
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("mark", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_root_reopened_wave_id")),
        sa.PrimaryKeyConstraint("wave_id", "received_on", name=op.f("pk_root_reopened")),
    )


def downgrade() -> None:
    op.drop_table("root_reopened")
    op.drop_table("received_root")
    if op.get_bind().dialect.name == "sqlite":
        for change in ("update", "delete"):
            op.execute(f"DROP TRIGGER audit_entry_{change}")
    else:
        for trigger in ("audit_entry_kept", "audit_entry_not_emptied"):
            op.execute(f"DROP TRIGGER {trigger} ON audit_entry")
        op.execute("DROP FUNCTION refuse_audit_change")
    op.drop_table("audit_head")
    op.drop_index("ix_audit_entry_sequence", table_name="audit_entry")
    for column in ("seal", "previous", "sequence"):
        op.drop_column("audit_entry", column)
    op.drop_index("ix_approval_state", table_name="approval")
    op.drop_table("approval")
