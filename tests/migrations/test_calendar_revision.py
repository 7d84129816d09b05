"""Counts of a unit's months become counts of periods, and months again on the way back."""

from sqlalchemy import text

from tests.migrations.test_revisions import empty_engine, migrate

__all__ = ["empty_engine"]

UNIT = (
    "INSERT INTO unit (id, code, name, kind, level, valid_from, search_key, sort_key) "
    "VALUES (1, 'U', 'An', 'ward', 2, '2025-07-01', 'an', 'an')"
)
MONTHS = (
    "INSERT INTO unit_transactions (unit_id, month, n_transactions, is_simulated) "
    "VALUES (1, '2026-02-01', 280, true), (1, '2026-03-01', 310, false)"
)
SPLIT = (
    "INSERT INTO transaction_count (key, unit_id, starts_on, ends_on, mode, outcome, n_files, is_simulated, batch_id) "
    "SELECT 'x', 1, '2026-03-10', '2026-03-20', 1, 1, 5, false, batch_id FROM transaction_count LIMIT 1"
)


def test_months_are_kept_up_and_down(empty_engine):
    migrate(empty_engine, "upgrade", "0010")
    with empty_engine.begin() as connection:
        connection.execute(text(UNIT))
        connection.execute(text(MONTHS))
    migrate(empty_engine, "upgrade", "0011")
    counts = "SELECT key, n_files, mode, outcome FROM transaction_count ORDER BY key"
    with empty_engine.begin() as connection:
        assert [tuple(row) for row in connection.execute(text(counts))] == [
            ("1|20260201|20260228|0|0|0|0", 280, 0, 0), ("1|20260301|20260331|0|0|0|0", 310, 0, 0),
        ]  # fmt: skip
        sources = connection.execute(text("SELECT source, n_rows FROM transaction_batch"))
        assert [tuple(row) for row in sources] == [("earlier", 2)]
        connection.execute(text(SPLIT))
    migrate(empty_engine, "downgrade", "0010")
    with empty_engine.begin() as connection:
        months = "SELECT CAST(month AS VARCHAR), n_transactions FROM unit_transactions ORDER BY month"
        assert [tuple(row) for row in connection.execute(text(months))] == [
            ("2026-02-01", 280), ("2026-03-01", 315),
        ]  # fmt: skip
    migrate(empty_engine, "upgrade", "0011")
