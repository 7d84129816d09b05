"""Identities of single sign-on, and keys of programs that end by themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("api_client", sa.Column("expires_on", sa.Date(), nullable=True))
    op.create_table(
        "sign_on_identity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sign_on_identity_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_on_identity")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_sign_on_identity_issuer_subject")),
    )


def downgrade() -> None:
    op.drop_table("sign_on_identity")
    op.drop_column("api_client", "expires_on")
