"""Invitations, second factors, sessions that are listed, inspection accounts."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

OLD_ROLES = "role IN ('admin', 'par_office', 'manager', 'viewer', 'interviewer', 'desk_staff')"
NEW_ROLES = (
    "role IN ('admin', 'par_office', 'manager', 'viewer', 'interviewer', 'desk_staff', 'inspection_team', "
    "'state_inspector')"
)
ROLE_KNOWN = "ck_account_role_known"


def _change_roles(old: str, new: str) -> None:
    """Replace the check of account.role; on SQLite in the stored statement, which touches no row.

    https://sqlite.org/lang_altertable.html, section 7.
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


ADDED = (
    ("account_session", "browser"),
    ("account", "valid_until"),
    ("account", "decision_on"),
    ("account", "decision_number"),
    ("account", "search_key"),
    ("account", "full_name"),
)


def upgrade() -> None:
    _change_roles(OLD_ROLES, NEW_ROLES)
    op.add_column("account", sa.Column("full_name", sa.String(length=120), server_default="", nullable=False))
    op.add_column(
        "account", sa.Column("search_key", sa.String(length=220), server_default="", nullable=False)
    )
    op.add_column("account", sa.Column("decision_number", sa.String(length=60), nullable=True))
    op.add_column("account", sa.Column("decision_on", sa.Date(), nullable=True))
    op.add_column("account", sa.Column("valid_until", sa.Date(), nullable=True))
    # Names of accounts are in lower case; marks are taken off them when an account is next changed.
    op.execute("UPDATE account SET search_key = name")
    op.add_column(
        "account_session", sa.Column("browser", sa.String(length=20), server_default="other", nullable=False)
    )
    op.create_table(
        "invitation",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_invitation_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
    )
    op.create_table(
        "pending_sign_in",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("challenge", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_pending_sign_in_account_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_pending_sign_in")),
    )
    op.create_index("ix_pending_sign_in_account_id", "pending_sign_in", ["account_id"])
    op.create_table(
        "second_factor",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("secret", sa.LargeBinary(length=80), nullable=True),
        sa.Column("new_secret", sa.LargeBinary(length=80), nullable=True),
        sa.Column("challenge", sa.LargeBinary(length=32), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("n_failures", sa.Integer(), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_second_factor_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id")),
        sa.PrimaryKeyConstraint("account_id", "digest", name=op.f("pk_recovery_code")),
    )
    op.create_table(
        "security_key",
        sa.Column("credential_id", sa.LargeBinary(length=1023), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=1024), nullable=False),
        sa.Column("n_signed", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("added_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_security_key_account_id")),
        sa.PrimaryKeyConstraint("credential_id", name=op.f("pk_security_key")),
    )
    op.create_index("ix_security_key_account_id", "security_key", ["account_id"])


def downgrade() -> None:
    for table in ("security_key", "recovery_code", "second_factor", "pending_sign_in", "invitation"):
        op.drop_table(table)
    op.execute(
        "DELETE FROM account_session WHERE account_id IN "
        "(SELECT id FROM account WHERE role IN ('inspection_team', 'state_inspector'))"
    )
    op.execute(
        "UPDATE account SET role = 'viewer', is_active = false "
        "WHERE role IN ('inspection_team', 'state_inspector')"
    )
    for table, column in ADDED:
        op.drop_column(table, column)
    _change_roles(NEW_ROLES, OLD_ROLES)
