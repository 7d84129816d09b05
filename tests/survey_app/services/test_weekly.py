"""A week's summary holds whole weeks, and no two of them tell what a few people said."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from survey_app.services.weekly import last_batch

MONDAY = date(2026, 6, 15)


def test_a_thin_week_waits_for_the_next_one():
    weeks = {MONDAY: 20, MONDAY + timedelta(7): 2, MONDAY + timedelta(14): 9}
    assert last_batch(weeks, today=date(2026, 6, 21), minimum=5) is None  # Sunday is not over
    assert last_batch(weeks, today=date(2026, 6, 29), minimum=5) == date(2026, 6, 21)
    assert last_batch(weeks, today=date(2026, 7, 6), minimum=5) == date(2026, 7, 5)


@given(st.lists(st.integers(0, 12), min_size=1, max_size=12))
def test_consecutive_summaries_and_the_page_never_differ_by_a_few_people(counts):
    weeks = {MONDAY + timedelta(7 * place): n for place, n in enumerate(counts) if n}
    total, before = sum(counts), 0
    for place in range(len(counts) + 1):
        through = last_batch(weeks, today=MONDAY + timedelta(7 * place), minimum=5)
        shown = sum(n for monday, n in weeks.items() if through and monday < through)
        assert shown == 0 or total - shown == 0 or total - shown >= 5
        assert shown - before == 0 or shown - before >= 5
        before = shown
