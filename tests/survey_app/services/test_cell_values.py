"""Numbers, days and periods as offices write them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from survey_app.formatting import count
from survey_app.services.cell_values import (
    period_in,
    read_count,
    read_day,
    read_day_of_moment,
    read_decimal,
    read_period,
    read_whole,
)
from survey_app.services.known_tables import BadValue
from survey_app.spreadsheets import Number


@pytest.mark.parametrize(
    ("text", "n"),
    [("0", 0), ("1234", 1234), ("1.234", 1234), ("1 234", 1234), ("1.234.567", 1_234_567), ("", 0), ("-", 0),
     (" 12 ", 12), (Number("1234"), 1234)],
)  # fmt: skip
def test_counts_are_read(text, n):
    assert read_count(text) == n


@pytest.mark.parametrize(
    "text", ["1,234", "1.23", "12.3456", "1.234 567", "-5", "5%", "mười", "1e3", "٣", "999999999999",
             Number("1.234"), Number("-3")]
)  # fmt: skip
def test_counts_that_could_mean_something_else_are_refused(text):
    with pytest.raises(BadValue):
        read_count(text)


@pytest.mark.parametrize(
    ("text", "n"),
    [("2,5", 2.5), ("2.5", 2.5), ("90%", 90), (" 90 % ", 90), ("1.500.000", 1_500_000), ("1 500", 1500),
     ("1.234,5", 1234.5), ("1.234", 1234), (Number("1.234"), 1.234), ("0", 0)],
)  # fmt: skip
def test_decimals_are_read(text, n):
    assert read_decimal(text) == n


@pytest.mark.parametrize("text", ["", "-5", "1e3", "1,2,3", "năm", "٣", "9" * 19, "nan"])
def test_what_is_no_decimal_is_refused(text):
    with pytest.raises(BadValue):
        read_decimal(text)


def test_a_field_for_a_whole_number_reads_both_languages_thousands():
    assert [read_whole(text) for text in ("1.234", "1,234", "1 234 567", "12")] == [1234, 1234, 1_234_567, 12]
    for text in ("1,23", "2,5", "1,234.567", "-1"):
        with pytest.raises(BadValue):
            read_whole(text)


def test_the_day_of_a_moment_is_read_without_its_clock():
    for text in ("03/09/2026 7:45", "2026-09-03T07:45:10", "2026-09-03 07:45:10.123+07:00", "46268"):
        assert read_day_of_moment(text) == date(2026, 9, 3)
    with pytest.raises(BadValue):
        read_day_of_moment("03/09/2026 sáng")


@pytest.mark.parametrize(
    "text", ["03/09/2026", "3/9/2026", "3-9-2026", "3.9.2026", "2026-09-03", "2026-09-03 00:00:00", "46268",
             Number("46268")]
)  # fmt: skip
def test_days_are_read_day_first(text):
    assert read_day(text) == date(2026, 9, 3)


@pytest.mark.parametrize("text", ["09/13/2026", "31/02/2026", "3/9/26", "2026-9-3", "12", "", "hôm nay"])
def test_days_that_are_none_or_doubtful_are_refused(text):
    with pytest.raises(BadValue):
        read_day(text)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("Tháng 9/2026", date(2026, 9, 1), date(2026, 9, 30)),
        ("tháng 02 năm 2028", date(2028, 2, 1), date(2028, 2, 29)),
        ("T9/2026", date(2026, 9, 1), date(2026, 9, 30)),
        ("09/2026", date(2026, 9, 1), date(2026, 9, 30)),
        ("2026-09", date(2026, 9, 1), date(2026, 9, 30)),
        ("2026-09-01", date(2026, 9, 1), date(2026, 9, 30)),
        ("Quý III/2026", date(2026, 7, 1), date(2026, 9, 30)),
        ("Quý 4 năm 2026", date(2026, 10, 1), date(2026, 12, 31)),
        ("Năm 2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("Từ ngày 15/08/2026 đến ngày 14/09/2026", date(2026, 8, 15), date(2026, 9, 14)),
        ("TỔNG HỢP HỒ SƠ THÁNG 9 NĂM 2026", date(2026, 9, 1), date(2026, 9, 30)),
    ],
)
def test_periods_are_read(text, start, end):
    assert read_period(text) == (start, end)


@pytest.mark.parametrize(
    "text", ["Tháng 13/2026", "Quý V/2026", "14/09/2026 – 15/08/2026", "9", "", "năm nay"]
)
def test_other_periods_are_refused(text):
    assert period_in(text) is None
    with pytest.raises(BadValue):
        read_period(text)


@examples(max_examples=60)
@given(st.integers(0, 99_999_999), st.integers(0, 40_000))
def test_what_a_page_writes_is_read_back(n, days):
    day = date(1990, 1, 1) + timedelta(days=days)
    assert read_count(count(n)) == read_count(str(n)) == n
    assert read_day(f"{day:%d/%m/%Y}") == read_day(day.isoformat()) == day


@examples(max_examples=80)
@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text):
    refusals = []
    for read in (read_count, read_day, read_period):
        try:
            read(text)
        except BadValue as refused:
            refusals.append(refused.expected)
    assert all(expected.vi and expected.en for expected in refusals)
