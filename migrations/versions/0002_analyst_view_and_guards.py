"""The analysts' view of single answers, and the guard that keeps a published form as it was."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

VIEW = """
CREATE VIEW response_answer AS
SELECT r.id AS response_id, r.wave_id, r.version_id, r.unit_id, r.point_id, r.channel, r.collected_on,
       s.item_code, s.option_code, s.factor_code, s.kind, {byte} AS code
FROM response r JOIN questionnaire_slot s ON s.version_id = r.version_id
"""
# SQLite has no get_byte: the place of a byte among all byte values in order is the byte itself.
ALL_BYTES = "X'" + "".join(f"{value:02X}" for value in range(256)) + "'"
SQLITE_BYTE = f"instr({ALL_BYTES}, substr(r.answers, s.position + 1, 1)) - 1"
POSTGRESQL_BYTE = "get_byte(r.answers, s.position)"

VERSION_MESSAGE = "a published questionnaire version cannot change"
SLOT_MESSAGE = "the slots of a questionnaire version cannot change"
CHANGES = ("UPDATE", "DELETE")
SQLITE_GUARDS = tuple(
    f"""
    CREATE TRIGGER {table}_{change.lower()} BEFORE {change} ON {table} {condition}
    BEGIN SELECT RAISE(ABORT, '{message}'); END
    """
    for table, condition, message in (
        ("questionnaire_version", "WHEN OLD.published_on IS NOT NULL", VERSION_MESSAGE),
        ("questionnaire_slot", "", SLOT_MESSAGE),
    )
    for change in CHANGES
)
POSTGRESQL_GUARDS = (
    f"""
    CREATE FUNCTION refuse_published_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{VERSION_MESSAGE}'; END $$
    """,
    """
    CREATE TRIGGER questionnaire_version_published BEFORE UPDATE OR DELETE ON questionnaire_version
    FOR EACH ROW WHEN (OLD.published_on IS NOT NULL) EXECUTE FUNCTION refuse_published_change()
    """,
    """
    CREATE TRIGGER questionnaire_slot_published BEFORE UPDATE OR DELETE ON questionnaire_slot
    FOR EACH ROW EXECUTE FUNCTION refuse_published_change()
    """,
)


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def upgrade() -> None:
    op.execute(VIEW.format(byte=SQLITE_BYTE if _is_sqlite() else POSTGRESQL_BYTE))
    for guard in SQLITE_GUARDS if _is_sqlite() else POSTGRESQL_GUARDS:
        op.execute(guard)


def downgrade() -> None:
    for table in ("questionnaire_slot", "questionnaire_version"):
        if _is_sqlite():
            for change in CHANGES:
                op.execute(f"DROP TRIGGER {table}_{change.lower()}")
        else:
            op.execute(f"DROP TRIGGER {table}_published ON {table}")
    if not _is_sqlite():
        op.execute("DROP FUNCTION refuse_published_change")
    op.execute("DROP VIEW response_answer")
