"""Results under review, heard by the units, and published once and for all."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

STATES = "('draft', 'review', 'hearing', 'approved', 'published', 'superseded', 'withdrawn')"
MESSAGE = "what was published cannot change"
# After the release a publication may only come to its end.
FREE = {"state", "ended_on", "end_reason"}
IS_PUBLISHED = "EXISTS (SELECT 1 FROM publication WHERE published_on IS NOT NULL AND id = {id})"
PARTS = ("publication_part", "published_score")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def upgrade() -> None:
    op.create_table(
        "publication",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("root_unit_id", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(length=20), nullable=False),
        sa.Column("period_code", sa.String(length=40), nullable=False),
        sa.Column("revision", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("is_simulated", sa.Boolean(), nullable=False),
        sa.Column("method_version", sa.String(length=20), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("verification_code", sa.String(length=14), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("started_by_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approval_id", sa.Integer(), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.String(length=1000), nullable=False),
        sa.CheckConstraint(f"state IN {STATES}", name=op.f("ck_publication_state_known")),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_publication_revision_from_one")),
        sa.CheckConstraint(
            "revision = 1 OR reason <> ''", name=op.f("ck_publication_later_revision_has_reason")
        ),
        sa.CheckConstraint(
            "state <> 'published' OR published_on IS NOT NULL", name=op.f("ck_publication_published_has_day")
        ),
        *_keys("publication", root_unit_id="unit", started_by_id="account", approval_id="approval",
               approved_by_id="account", published_by_id="account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
        sa.UniqueConstraint(
            "root_unit_id", "basis", "period_code", "revision",
            name=op.f("uq_publication_root_unit_id_basis_period_code_revision"),
        ),
    )  # fmt: skip
    op.create_index(
        "uq_publication_in_force", "publication", ["root_unit_id", "basis", "period_code"], unique=True,
        sqlite_where=sa.text("state = 'published'"), postgresql_where=sa.text("state = 'published'"),
    )  # fmt: skip
    op.create_table(
        "publication_part",
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("name", sa.String(length=24), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        *_keys("publication_part", publication_id="publication"),
        sa.PrimaryKeyConstraint("publication_id", "language", "name", name=op.f("pk_publication_part")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "published_score",
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("showing", sa.String(length=12), nullable=False),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("ci_low", sa.Double(), nullable=True),
        sa.Column("ci_high", sa.Double(), nullable=True),
        sa.CheckConstraint(
            "showing IN ('shown', 'insufficient', 'withheld')", name=op.f("ck_published_score_showing_known")
        ),
        sa.CheckConstraint(
            "showing <> 'withheld' OR (n IS NULL AND value IS NULL)",
            name=op.f("ck_published_score_withheld_is_empty"),
        ),
        *_keys("published_score", publication_id="publication", unit_id="unit"),
        sa.PrimaryKeyConstraint("publication_id", "unit_id", "code", name=op.f("pk_published_score")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "hearing_notice",
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("notified_on", sa.Date(), nullable=False),
        sa.Column("reply_by", sa.Date(), nullable=False),
        sa.CheckConstraint("reply_by >= notified_on", name=op.f("ck_hearing_notice_reply_after_notice")),
        *_keys("hearing_notice", publication_id="publication", unit_id="unit"),
        sa.PrimaryKeyConstraint("publication_id", "unit_id", name=op.f("pk_hearing_notice")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "unit_reply",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("stance", sa.String(length=8), nullable=False),
        sa.Column("text", sa.String(length=4000), nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=True),
        sa.Column("file_type", sa.String(length=100), nullable=True),
        sa.Column("file", sa.LargeBinary(), nullable=True),
        sa.Column("replied_by_id", sa.Integer(), nullable=False),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(length=8), nullable=False),
        sa.Column("answer_reason", sa.String(length=2000), nullable=False),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("stance IN ('agrees', 'objects')", name=op.f("ck_unit_reply_stance_known")),
        sa.CheckConstraint(
            "answer IN ('', 'accepted', 'declined')", name=op.f("ck_unit_reply_answer_known")
        ),
        sa.CheckConstraint("answer = '' OR answer_reason <> ''", name=op.f("ck_unit_reply_answer_has_reason")),
        *_keys("unit_reply", publication_id="publication", unit_id="unit", replied_by_id="account",
               answered_by_id="account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_reply")),
        sa.UniqueConstraint("publication_id", "unit_id", name=op.f("uq_unit_reply_publication_id_unit_id")),
    )  # fmt: skip
    op.create_table(
        "public_pages",
        sa.Column("root_unit_id", sa.Integer(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("changed_on", sa.Date(), nullable=False),
        *_keys("public_pages", root_unit_id="unit"),
        sa.PrimaryKeyConstraint("root_unit_id", name=op.f("pk_public_pages")),
    )
    _guard()


def _keys(table: str, **references: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, other in references.items()
    ]


def _guard() -> None:
    """From its release on, a publication's content and figures stay; only its end may be written."""
    columns = [column["name"] for column in sa.inspect(op.get_bind()).get_columns("publication")]
    kept = ", ".join(name for name in columns if name not in FREE)
    if _is_sqlite():
        refuse = f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        was_published = "WHEN OLD.published_on IS NOT NULL"
        op.execute(
            f"CREATE TRIGGER publication_update BEFORE UPDATE OF {kept} ON publication {was_published} {refuse}"
        )
        op.execute(f"CREATE TRIGGER publication_delete BEFORE DELETE ON publication {was_published} {refuse}")
        for table in PARTS:
            for change, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD")):
                published = IS_PUBLISHED.format(id=f"{row}.publication_id")
                op.execute(
                    f"CREATE TRIGGER {table}_{change.lower()} BEFORE {change} ON {table} "
                    f"WHEN {published} {refuse}"
                )
        return
    op.execute(
        "CREATE FUNCTION refuse_publication_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{MESSAGE}'; END $$"
    )
    row = "CASE WHEN TG_OP = 'INSERT' THEN NEW.publication_id ELSE OLD.publication_id END"
    op.execute(
        "CREATE FUNCTION refuse_published_part() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {IS_PUBLISHED.format(id=row)} "
        f"THEN RAISE EXCEPTION '{MESSAGE}'; END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
    )
    for name, change in (("update", f"UPDATE OF {kept}"), ("delete", "DELETE")):
        op.execute(
            f"CREATE TRIGGER publication_{name} BEFORE {change} ON publication FOR EACH ROW "
            "WHEN (OLD.published_on IS NOT NULL) EXECUTE FUNCTION refuse_publication_change()"
        )
    for table in PARTS:
        op.execute(
            f"CREATE TRIGGER {table}_frozen BEFORE INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_published_part()"
        )
    for table in ("publication", *PARTS):
        op.execute(
            f"CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_publication_change()"
        )


def downgrade() -> None:
    # The guards go with their tables.
    for table in (
        "public_pages",
        "unit_reply",
        "hearing_notice",
        "published_score",
        "publication_part",
        "publication",
    ):
        op.drop_table(table)
    if not _is_sqlite():
        op.execute("DROP FUNCTION refuse_published_part")
        op.execute("DROP FUNCTION refuse_publication_change")
