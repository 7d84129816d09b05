"""Numbers and dates as an official writes them, rounded once."""

from datetime import date

import pytest

from survey_app import formatting


@pytest.mark.parametrize(
    ("value", "vi", "en"),
    [(0.8864, "88,6%", "88.6%"), (0.88649, "88,6%", "88.6%"), (1.0, "100,0%", "100.0%"),
     (0.0, "0,0%", "0.0%"),
     (0.9995, "100,0%", "100.0%")],
)  # fmt: skip
def test_percent_has_one_decimal_and_no_space(value, vi, en):
    assert (formatting.percent(value), formatting.percent(value, language="en")) == (vi, en)


@pytest.mark.parametrize(
    ("value", "digits", "text"), [(2.5, 0, "3"), (0.05, 1, "0,1"), (1234567.891, 2, "1.234.567,89")]
)
def test_decimals_round_half_up_as_people_do(value, digits, text):
    assert formatting.decimal_number(value, digits=digits) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.017, "+1,7"), (-0.017, "–1,7"), (0.0, "0,0"), (0.0004, "0,0"), (-0.0004, "0,0")]
)
def test_points_carry_a_sign_unless_they_round_to_nothing(value, text):
    assert formatting.points(value) == text


def test_count_groups_by_thousands():
    assert (formatting.count(1234567), formatting.count(1234567, language="en")) == ("1.234.567", "1,234,567")
    assert formatting.count(-1500) == "–1.500"


def test_dates_are_day_before_month():
    assert formatting.short_date(date(2026, 9, 4)) == "04/09/2026"
    assert formatting.short_date(date(2026, 9, 4), language="en") == "4 Sep 2026"


def test_a_range_repeats_the_year_only_when_it_differs():
    assert formatting.date_range(date(2026, 6, 15), date(2026, 9, 14)) == "15/06–14/09/2026"
    assert formatting.date_range(date(2026, 12, 15), date(2027, 3, 14)) == "15/12/2026–14/03/2027"
    assert (
        formatting.date_range(date(2026, 6, 15), date(2026, 9, 14), language="en")
        == "15 Jun 2026 – 14 Sep 2026"
    )
