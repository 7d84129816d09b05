"""No word of any chart overlaps another, leaves the picture or lies under a mark, whatever the data."""

import time

import pytest

from analysis.charts import to_svg
from tests.analysis.charts.drawings import CHARTS, ENGLISH, SIZES, VIETNAMESE
from tests.analysis.charts.geometry import outside, overlapping, struck_out, words_of

SMALL_CASES = [case for case, size in SIZES.items() if size < 10]
# In-bar percentages stand on their own bars.
WORDS_ON_MARKS = {"likert", "levels"}


def assert_readable(chart: str, case: str, width: int, text=VIETNAMESE) -> None:
    figure = CHARTS[chart](case, text, width)
    words, boxes = words_of(figure)
    assert overlapping(words, boxes) == []
    assert outside(figure, words, boxes) == []
    if chart not in WORDS_ON_MARKS:
        assert struck_out(figure, words, boxes) == []


@pytest.mark.parametrize("width", [1120, 312])
@pytest.mark.parametrize("case", SMALL_CASES)
@pytest.mark.parametrize("chart", CHARTS)
def test_words_of_small_charts_stand_free(chart: str, case: str, width: int) -> None:
    assert_readable(chart, case, width)


@pytest.mark.parametrize("chart", CHARTS)
def test_words_stand_free_in_a_column_of_half_a_page(chart: str) -> None:
    assert_readable(chart, "withheld", 548)


@pytest.mark.parametrize("width", [1120, 312])
@pytest.mark.parametrize("chart", CHARTS)
def test_words_stand_free_with_78_long_names(chart: str, width: int) -> None:
    assert_readable(chart, "many", width)


@pytest.mark.parametrize("chart", CHARTS)
def test_words_stand_free_below_a_title_and_above_a_source(chart: str) -> None:
    assert_readable(chart, "withheld", 360, ENGLISH)


@pytest.mark.parametrize("chart", CHARTS)
def test_chart_of_78_units_is_drawn_in_half_a_second(chart: str) -> None:
    """Of a processor's time, so that a busy machine does not fail it; the best of three."""

    def seconds() -> float:
        start = time.process_time()
        to_svg(CHARTS[chart]("many", VIETNAMESE, 1120))
        return time.process_time() - start

    assert min(seconds() for _attempt in range(3)) < 0.5
