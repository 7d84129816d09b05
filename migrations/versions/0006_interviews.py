"""Interviews: assignments and call-backs; figures with interviews are counted again, an interviewer a cluster."""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

PHONE, INTERVIEW = 4, 6

moment_cell = sa.table(
    "moment_cell",
    sa.column("point_id", sa.Integer),
    sa.column("month", sa.Date),
    sa.column("channel", sa.SmallInteger),
)
rollup_dirty = sa.table(
    "rollup_dirty", sa.column("point_id", sa.Integer), sa.column("month", sa.Date), sa.column("mark", sa.Uuid)
)


def _count_interviews_again() -> None:
    """Mark the months whose cells hold interviews: they were, or will be, made with other clusters."""
    connection = op.get_bind()
    marked = set(connection.execute(sa.select(rollup_dirty.c.point_id, rollup_dirty.c.month)).all())
    cells = sa.select(moment_cell.c.point_id, moment_cell.c.month).where(
        moment_cell.c.channel.in_((PHONE, INTERVIEW))
    )
    rows = [
        {"point_id": point_id, "month": month, "mark": uuid4()}
        for point_id, month in connection.execute(cells.distinct()).all()
        if (point_id, month) not in marked
    ]
    if rows:
        connection.execute(sa.insert(rollup_dirty), rows)


def upgrade() -> None:
    op.create_table(
        "interviewer",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_interviewer_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_interviewer")),
        sa.UniqueConstraint("code", name=op.f("uq_interviewer_code")),
    )
    op.create_table(
        "interview_assignment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("label", sa.String(length=20), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("n_attempts", sa.Integer(), nullable=False),
        sa.Column("last_attempt_on", sa.Date(), nullable=True),
        sa.Column("call_back", sa.String(length=12), nullable=False),
        sa.CheckConstraint("mode IN ('phone', 'interview')", name=op.f("ck_interview_assignment_mode_known")),
        sa.CheckConstraint(
            "state IN ('open', 'not_reached', 'refused', 'replaced', 'done')",
            name=op.f("ck_interview_assignment_state_known"),
        ),
        sa.CheckConstraint(
            "call_back IN ('none', 'drawn', 'held', 'not_held', 'not_reached')",
            name=op.f("ck_interview_assignment_call_back_known"),
        ),
        sa.CheckConstraint("n_attempts >= 0", name=op.f("ck_interview_assignment_attempts_not_negative")),
        sa.CheckConstraint(
            "state <> 'done' OR last_attempt_on IS NULL",
            name=op.f("ck_interview_assignment_done_keeps_no_day"),
        ),
        sa.CheckConstraint(
            "state <> 'done' OR call_back = 'drawn' OR label IS NULL",
            name=op.f("ck_interview_assignment_done_keeps_no_label"),
        ),
        sa.CheckConstraint(
            "state = 'done' OR call_back IN ('none', 'drawn')",
            name=op.f("ck_interview_assignment_called_back_when_done"),
        ),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_interview_assignment_wave_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_interview_assignment_unit_id")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["interviewer.account_id"], name=op.f("fk_interview_assignment_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interview_assignment")),
        sa.UniqueConstraint(
            "wave_id", "unit_id", "label", name=op.f("uq_interview_assignment_wave_id_unit_id_label")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_interview_assignment_account_id_wave_id", "interview_assignment", ["account_id", "wave_id"]
    )
    op.create_table(
        "call_back_check",
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("item_code", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=True),
        sa.Column("is_alike", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["interview_assignment.id"], name=op.f("fk_call_back_check_assignment_id")
        ),
        sa.PrimaryKeyConstraint("assignment_id", "item_code", name=op.f("pk_call_back_check")),
        sqlite_with_rowid=False,
    )
    _count_interviews_again()


def downgrade() -> None:
    op.drop_table("call_back_check")
    op.drop_table("interview_assignment")
    op.drop_table("interviewer")
    _count_interviews_again()
