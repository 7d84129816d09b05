"""Kiosks as enrolled devices, and the roles of interviewers and desk staff."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OLD_ROLES = "role IN ('admin', 'par_office', 'manager', 'viewer')"
NEW_ROLES = "role IN ('admin', 'par_office', 'manager', 'viewer', 'interviewer', 'desk_staff')"
ROLE_KNOWN = "ck_account_role_known"


def _change_roles(old: str, new: str) -> None:
    """Replace the check of account.role.

    SQLite cannot alter a check, and cannot rebuild a table that others refer to inside a transaction; its manual
    names writing the stored statement as the way to change a check, which touches no row
    (https://sqlite.org/lang_altertable.html, section 7).
    """
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(op.f(ROLE_KNOWN), "account")
        op.create_check_constraint(op.f(ROLE_KNOWN), "account", new)
        return
    op.execute("PRAGMA writable_schema=ON")
    op.get_bind().execute(
        sa.text(
            "UPDATE sqlite_schema SET sql = replace(sql, :old, :new) WHERE type = 'table' AND name = 'account'"
        ),
        {"old": old, "new": new},
    )
    op.execute("PRAGMA writable_schema=RESET")


def upgrade() -> None:
    _change_roles(OLD_ROLES, NEW_ROLES)
    op.create_table(
        "device",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("point_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("profile", sa.JSON(), nullable=False),
        sa.Column("enrolment_hash", sa.LargeBinary(length=16), nullable=True),
        sa.Column("enrolment_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_on", sa.Date(), nullable=False),
        sa.Column("commissioned_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.String(length=20), nullable=True),
        sa.Column("n_missing_at_end", sa.Integer(), nullable=True),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column("message", sa.String(length=200), nullable=True),
        sa.Column("n_reloads_asked", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('awaiting', 'trial', 'active', 'replaced', 'revoked')",
            name=op.f("ck_device_state_known"),
        ),
        sa.CheckConstraint(
            "ended_on IS NULL OR ended_on >= created_on", name=op.f("ck_device_dates_in_order")
        ),
        sa.ForeignKeyConstraint(["code"], ["point_code.code"], name=op.f("fk_device_code")),
        sa.ForeignKeyConstraint(["point_id"], ["point.id"], name=op.f("fk_device_point_id")),
        sa.ForeignKeyConstraint(["replaces_id"], ["device.id"], name=op.f("fk_device_replaces_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint("code", name=op.f("uq_device_code")),
        sa.UniqueConstraint("enrolment_hash", name=op.f("uq_device_enrolment_hash")),
    )
    op.create_index("ix_device_point_id", "device", ["point_id"])
    op.create_table(
        "device_day",
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("n_opened", sa.Integer(), nullable=False),
        sa.Column("n_finished", sa.Integer(), nullable=False),
        sa.Column("n_morning", sa.Integer(), nullable=False),
        sa.Column("n_afternoon", sa.Integer(), nullable=False),
        sa.Column("n_after_hours", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_device_day_device_id")),
        sa.PrimaryKeyConstraint("device_id", "day", name=op.f("pk_device_day")),
    )
    op.create_table(
        "device_incident",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=10), nullable=False),
        sa.Column("began_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "reason IN ('power', 'network', 'storage', 'broken')",
            name=op.f("ck_device_incident_reason_known"),
        ),
        sa.CheckConstraint(
            "ended_on IS NULL OR ended_on >= began_on", name=op.f("ck_device_incident_dates_in_order")
        ),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_device_incident_device_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_incident")),
    )
    op.create_index("ix_device_incident_device_id", "device_incident", ["device_id"])
    op.create_table(
        "device_ledger",
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("block", sa.Integer(), nullable=False),
        sa.Column("ticked", sa.LargeBinary(length=128), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_device_ledger_device_id")),
        sa.PrimaryKeyConstraint("device_id", "block", name=op.f("pk_device_ledger")),
    )
    op.create_table(
        "device_state",
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("app_version", sa.String(length=40), nullable=False),
        sa.Column("n_opened", sa.Integer(), nullable=False),
        sa.Column("n_finished", sa.Integer(), nullable=False),
        sa.Column("n_sent", sa.Integer(), nullable=False),
        sa.Column("n_unsent", sa.Integer(), nullable=False),
        sa.Column("n_refused", sa.Integer(), nullable=False),
        sa.Column("oldest_unsent_days", sa.Integer(), nullable=True),
        sa.Column("battery_percent", sa.Integer(), nullable=True),
        sa.Column("is_charging", sa.Boolean(), nullable=True),
        sa.Column("clock_skew_seconds", sa.Integer(), nullable=False),
        sa.Column("storage_percent", sa.Integer(), nullable=True),
        sa.Column("is_storage_persistent", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_device_state_device_id")),
        sa.PrimaryKeyConstraint("device_id", name=op.f("pk_device_state")),
    )


def downgrade() -> None:
    op.drop_table("device_state")
    op.drop_table("device_ledger")
    op.drop_table("device_incident")
    op.drop_table("device_day")
    op.drop_table("device")
    op.execute(
        "DELETE FROM account_session WHERE account_id IN "
        "(SELECT id FROM account WHERE role IN ('interviewer', 'desk_staff'))"
    )
    op.execute(
        "UPDATE account SET role = 'viewer', is_active = false WHERE role IN ('interviewer', 'desk_staff')"
    )
    _change_roles(NEW_ROLES, OLD_ROLES)
