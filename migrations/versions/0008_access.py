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


def upgrade() -> None:
    _change_roles(OLD_ROLES, NEW_ROLES)


def downgrade() -> None:
    _change_roles(NEW_ROLES, OLD_ROLES)
