"""A mistaken draw may be set aside by two people; a batch of tickets may be of one stratum of a sample."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLE = "sample_set_aside"


def _freeze() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {TABLE}_{change.lower()} BEFORE {change} ON {TABLE} "
                "BEGIN SELECT RAISE(ABORT, 'what was drawn cannot change'); END"
            )
        return
    op.execute(
        f"CREATE TRIGGER {TABLE}_frozen BEFORE UPDATE OR DELETE ON {TABLE} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_sample_change()"
    )


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("seed_source", sa.String(length=200), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("approved_by_id", sa.Integer(), nullable=False),
        sa.Column("set_aside_on", sa.Date(), nullable=False),
        sa.CheckConstraint("approved_by_id <> asked_by_id", name=op.f("ck_sample_set_aside_two_people")),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["account.id"], name=op.f("fk_sample_set_aside_approved_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["account.id"], name=op.f("fk_sample_set_aside_asked_by_id")
        ),
        sa.ForeignKeyConstraint(["draw_id"], ["sample_draw.id"], name=op.f("fk_sample_set_aside_draw_id")),
        sa.PrimaryKeyConstraint("draw_id", name=op.f("pk_sample_set_aside")),
    )
    op.create_table(
        "sample_ticket_batch",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("stratum", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["ticket_batch.id"], name=op.f("fk_sample_ticket_batch_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["draw_id", "unit_id", "stratum"],
            ["sample_stratum.draw_id", "sample_stratum.unit_id", "sample_stratum.number"],
            name=op.f("fk_sample_ticket_batch_draw_id_unit_id_stratum"),
        ),
        sa.ForeignKeyConstraint(["draw_id"], ["sample_draw.id"], name=op.f("fk_sample_ticket_batch_draw_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_sample_ticket_batch_unit_id")),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_sample_ticket_batch")),
        sqlite_with_rowid=False,
    )
    _freeze()


def downgrade() -> None:
    op.drop_table("sample_ticket_batch")
    op.drop_table(TABLE)
