"""Months of the calendar."""

from datetime import date

from survey_app.months import month_of, months_between, months_later


def test_a_month_ends_on_its_own_last_day():
    assert month_of(date(2028, 2, 14)) == (date(2028, 2, 1), date(2028, 2, 29))
    assert month_of(date(2027, 2, 28))[1] == date(2027, 2, 28)
    assert month_of(date(2026, 12, 31)) == (date(2026, 12, 1), date(2026, 12, 31))


def test_months_are_counted_over_the_year_and_back():
    assert months_later(date(2026, 12, 31), 1) == date(2027, 1, 1)
    assert months_later(date(2027, 1, 1), -1) == date(2026, 12, 1)
    assert months_later(date(2026, 3, 31), -24) == date(2024, 3, 1)
    assert months_later(date(2026, 3, 31), 0) == date(2026, 3, 1)


def test_months_between_two_days_hold_the_months_of_both():
    found = list(months_between(date(2026, 11, 30), date(2027, 1, 1)))
    assert found == [date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)]
    assert list(months_between(date(2026, 11, 30), date(2026, 10, 1))) == []
