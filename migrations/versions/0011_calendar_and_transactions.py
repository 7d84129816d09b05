"""Opening hours, closures, working days, and counts of handled files."""

from calendar import monthrange
from collections import defaultdict
from datetime import UTC, date, datetime

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "opening_hours",
        sa.Column("point_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("week", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["point_id"], ["point.id"], name=op.f("fk_opening_hours_point_id")),
        sa.PrimaryKeyConstraint("point_id", "valid_from", name=op.f("pk_opening_hours")),
    )
    op.create_table(
        "calendar_day",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("title_vi", sa.String(length=120), nullable=False),
        sa.Column("title_en", sa.String(length=120), nullable=False),
        sa.Column("legal_basis", sa.String(length=300), nullable=False),
        sa.Column("is_to_check", sa.Boolean(), nullable=False),
        sa.Column("entered_on", sa.Date(), nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.CheckConstraint("kind IN ('holiday', 'working_day')", name=op.f("ck_calendar_day_kind_known")),
        sa.CheckConstraint(
            "withdrawn_on IS NULL OR withdrawn_on >= entered_on", name=op.f("ck_calendar_day_dates_in_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_day")),
    )
    op.create_index("ix_calendar_day_day", "calendar_day", ["day"])
    op.create_table(
        "closure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=10), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("is_simulated", sa.Boolean(), nullable=False),
        sa.Column("entered_on", sa.Date(), nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_closure_dates_in_order")),
        sa.CheckConstraint(
            "reason IN ('storm', 'flood', 'power', 'network', 'tet', 'repair', 'other')",
            name=op.f("ck_closure_reason_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closure")),
    )
    op.create_index("ix_closure_starts_on", "closure", ["starts_on"])
    op.create_table(
        "closure_unit",
        sa.Column("closure_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["closure_id"], ["closure.id"], name=op.f("fk_closure_unit_closure_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_closure_unit_unit_id")),
        sa.PrimaryKeyConstraint("closure_id", "unit_id", name=op.f("pk_closure_unit")),
    )
    op.create_index("ix_closure_unit_unit_id", "closure_unit", ["unit_id"])
    op.create_table(
        "procedure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("field_id", sa.Integer(), nullable=True),
        sa.Column("agency", sa.String(length=200), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_procedure_dates_in_order")
        ),
        sa.CheckConstraint("level IN ('province', 'commune', 'both')", name=op.f("ck_procedure_level_known")),
        sa.ForeignKeyConstraint(["field_id"], ["service_field.id"], name=op.f("fk_procedure_field_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procedure")),
        sa.UniqueConstraint("code", name=op.f("uq_procedure_code")),
    )
    op.create_index("ix_procedure_field_id", "procedure", ["field_id"])
    _create_transactions()
    _move_up()
    op.drop_table("unit_transactions")


def _create_transactions() -> None:
    op.create_table(
        "transaction_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("n_rows", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "source IN ('file', 'hand', 'api', 'earlier')", name=op.f("ck_transaction_batch_source_known")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_transaction_batch_account_id")),
        sa.ForeignKeyConstraint(
            ["client_id"], ["api_client.id"], name=op.f("fk_transaction_batch_client_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transaction_batch")),
    )
    op.create_table(
        "transaction_count",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("desk_id", sa.Integer(), nullable=True),
        sa.Column("field_id", sa.Integer(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("mode", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Integer(), nullable=False),
        sa.Column("n_files", sa.Integer(), nullable=False),
        sa.Column("is_simulated", sa.Boolean(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("n_files >= 0", name=op.f("ck_transaction_count_not_negative")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_transaction_count_dates_in_order")),
        sa.CheckConstraint("mode BETWEEN 0 AND 3", name=op.f("ck_transaction_count_mode_known")),
        sa.CheckConstraint("outcome BETWEEN 0 AND 3", name=op.f("ck_transaction_count_outcome_known")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_transaction_count_unit_id")),
        sa.ForeignKeyConstraint(["desk_id"], ["desk.id"], name=op.f("fk_transaction_count_desk_id")),
        sa.ForeignKeyConstraint(
            ["field_id"], ["service_field.id"], name=op.f("fk_transaction_count_field_id")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["transaction_batch.id"], name=op.f("fk_transaction_count_batch_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transaction_count")),
        sa.UniqueConstraint("key", name=op.f("uq_transaction_count_key")),
    )
    op.create_index("ix_transaction_count_unit_id_starts_on", "transaction_count", ["unit_id", "starts_on"])
    op.create_index("ix_transaction_count_batch_id", "transaction_count", ["batch_id"])


def _tables() -> tuple[sa.TableClause, sa.TableClause, sa.TableClause]:
    old = sa.table(
        "unit_transactions",
        sa.column("unit_id", sa.Integer),
        sa.column("month", sa.Date),
        sa.column("n_transactions", sa.Integer),
        sa.column("is_simulated", sa.Boolean),
    )
    batch = sa.table(
        "transaction_batch",
        sa.column("id", sa.Integer),
        sa.column("source", sa.String),
        sa.column("title", sa.String),
        sa.column("loaded_at", sa.DateTime(timezone=True)),
        sa.column("n_rows", sa.Integer),
    )
    new = sa.table(
        "transaction_count",
        *(sa.column(name, sa.Integer) for name in ("unit_id", "mode", "outcome", "n_files", "batch_id")),
        sa.column("key", sa.String),
        sa.column("starts_on", sa.Date),
        sa.column("ends_on", sa.Date),
        sa.column("is_simulated", sa.Boolean),
    )
    return old, batch, new


def _move_up() -> None:
    """A unit's month becomes a count of the whole month, without desk, field, way of filing and outcome."""
    old, batch, new = _tables()
    rows = op.get_bind().execute(sa.select(*old.c)).all()
    if not rows:
        return
    moved = sa.insert(batch).values(source="earlier", title="", loaded_at=datetime.now(UTC), n_rows=len(rows))
    batch_id = op.get_bind().execute(moved.returning(batch.c.id)).scalar_one()
    op.bulk_insert(new, [_count(*row) | {"batch_id": batch_id} for row in rows])


def _count(unit_id: int, month: date, n: int, is_simulated: bool) -> dict[str, object]:
    last = month.replace(day=monthrange(month.year, month.month)[1])
    return {
        "key": f"{unit_id}|{month:%Y%m%d}|{last:%Y%m%d}|0|0|0|0", "unit_id": unit_id, "starts_on": month,
        "ends_on": last, "mode": 0, "outcome": 0, "n_files": n, "is_simulated": is_simulated,
    }  # fmt: skip


def downgrade() -> None:
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
    _move_down()
    for table in ("transaction_count", "transaction_batch", "procedure", "closure_unit", "closure",
                  "calendar_day", "opening_hours"):  # fmt: skip
        op.drop_table(table)


def _move_down() -> None:
    """Sums by unit and month; what does not lie within one month counts in the month in which it begins."""
    old, _batch, new = _tables()
    sums: dict[tuple[int, date], list[int]] = defaultdict(lambda: [0, 1])
    rows = op.get_bind().execute(sa.select(new.c.unit_id, new.c.starts_on, new.c.n_files, new.c.is_simulated))
    for unit_id, starts_on, n, is_simulated in rows:
        kept = sums[unit_id, starts_on.replace(day=1)]
        kept[0] += n
        kept[1] = min(kept[1], int(is_simulated))
    op.bulk_insert(
        old,
        [
            {"unit_id": unit_id, "month": month, "n_transactions": n, "is_simulated": bool(simulated)}
            for (unit_id, month), (n, simulated) in sums.items()
        ],
    )
