"""States of waves, how answers are offered in them, bridge forms, and frozen snapshots that no statement changes."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

STATES = "state IN ('draft', 'open', 'closed', 'archived')"
MESSAGE = "a snapshot of a closed wave cannot change"
FROZEN = ("wave_snapshot", "wave_tally")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def upgrade() -> None:
    # The check stands within the column: SQLite adds none to a table that is there, and drops it with its column.
    op.execute(
        f"ALTER TABLE wave ADD COLUMN state VARCHAR(10) DEFAULT 'open' NOT NULL "
        f"CONSTRAINT ck_wave_state_known CHECK ({STATES})"
    )
    op.add_column("wave", sa.Column("channels", sa.JSON(), nullable=True))
    op.add_column("wave", sa.Column("languages", sa.JSON(), nullable=True))
    op.add_column("wave", sa.Column("coarsened_on", sa.Date(), nullable=True))
    op.add_column(
        "response", sa.Column("closed_in", sa.SmallInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.create_table(
        "wave_bridge",
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.CheckConstraint("share > 0 AND share < 1", name=op.f("ck_wave_bridge_share_inside")),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_wave_bridge_wave_id")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["questionnaire_version.id"], name=op.f("fk_wave_bridge_version_id")
        ),
        sa.PrimaryKeyConstraint("wave_id", name=op.f("pk_wave_bridge")),
    )
    op.create_table(
        "wave_snapshot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.SmallInteger(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=False),
        sa.Column("received_through", sa.Date(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=True),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("n_received", sa.Integer(), nullable=False),
        sa.Column("n_counted", sa.Integer(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("method_version", sa.String(length=20), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_wave_snapshot_revision_from_one")),
        sa.CheckConstraint(
            "received_through < closed_on", name=op.f("ck_wave_snapshot_received_before_closing")
        ),
        sa.CheckConstraint("n_counted <= n_received", name=op.f("ck_wave_snapshot_counted_were_received")),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_wave_snapshot_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wave_snapshot")),
        sa.UniqueConstraint("wave_id", "revision", name=op.f("uq_wave_snapshot_wave_id_revision")),
    )
    op.create_table(
        "wave_tally",
        sa.Column("snapshot_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("is_excluded", sa.Boolean(), nullable=False),
        sa.Column("n_responses", sa.Integer(), nullable=False),
        sa.Column("n_clusters", sa.Integer(), nullable=False),
        sa.Column("counts", sa.LargeBinary(), nullable=False),
        sa.Column("moments", sa.LargeBinary(), nullable=False),
        sa.Column("item_moments", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["snapshot_id"], ["wave_snapshot.id"], name=op.f("fk_wave_tally_snapshot_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_wave_tally_unit_id")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["questionnaire_version.id"], name=op.f("fk_wave_tally_version_id")
        ),
        sa.PrimaryKeyConstraint(
            "snapshot_id", "unit_id", "version_id", "starts_on", "ends_on", "is_excluded",
            name=op.f("pk_wave_tally"),
        ),
        sqlite_with_rowid=False,
    )  # fmt: skip
    _guard()


def _guard() -> None:
    if _is_sqlite():
        for table in FROZEN:
            for change in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_{change.lower()} BEFORE {change} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
                )
        return
    op.execute(
        "CREATE FUNCTION refuse_snapshot_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{MESSAGE}'; END $$"
    )
    for table in FROZEN:
        op.execute(
            f"CREATE TRIGGER {table}_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_snapshot_change()"
        )


def downgrade() -> None:
    # The guards go with their tables. Drafts were never asked: without a state they would look open.
    op.drop_table("wave_tally")
    op.drop_table("wave_snapshot")
    if not _is_sqlite():
        op.execute("DROP FUNCTION refuse_snapshot_change")
    op.drop_table("wave_bridge")
    op.execute("DELETE FROM wave_unit WHERE wave_id IN (SELECT id FROM wave WHERE state = 'draft')")
    op.execute("DELETE FROM wave WHERE state = 'draft'")
    op.drop_column("response", "closed_in")
    for name in ("coarsened_on", "languages", "channels", "state"):
        op.drop_column("wave", name)
