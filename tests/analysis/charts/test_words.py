"""Numbers in a picture are those of the page beside it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.charts import ChartText
from analysis.types import Estimate
from survey_app import formatting

VIETNAMESE, ENGLISH = ChartText("t", "d"), ChartText("t", "d", decimal_comma=False)
LANGUAGES = ((VIETNAMESE, "vi"), (ENGLISH, "en"))


@given(st.floats(-1, 1), st.integers(0, 3))
def test_percent_is_rounded_as_on_the_page(share: float, digits: int) -> None:
    for text, language in LANGUAGES:
        assert text.percent(share, digits=digits) == formatting.percent(
            share, digits=digits, language=language
        )


@given(st.integers(-(10**9), 10**9))
def test_count_is_written_as_on_the_page(n: int) -> None:
    for text, language in LANGUAGES:
        assert text.count(n) == formatting.count(n, language=language)


def test_numbers_follow_the_language_of_the_page() -> None:
    estimate = Estimate(0.886, 0.846, 0.926, 412)
    assert VIETNAMESE.estimate(estimate) == "88,6% (84,6–92,6)"
    assert ENGLISH.estimate(estimate) == "88.6% (84.6–92.6)"
    assert (VIETNAMESE.number(-1234.5, digits=1), ENGLISH.number(-1234.5, digits=1)) == (
        "–1.234,5",
        "–1,234.5",
    )


@pytest.mark.parametrize("estimate", [None, Estimate(float("nan"), 0, 1, 0)])
def test_missing_estimate_is_the_word_for_it(estimate: Estimate | None) -> None:
    assert ChartText("t", "d", withheld="dưới 5 phiếu").estimate(estimate) == "dưới 5 phiếu"


def test_estimate_without_limits_is_written_without_them() -> None:
    nan = float("nan")
    assert VIETNAMESE.estimate(Estimate(0.886, nan, nan, 412)) == "88,6%"


def test_halves_are_rounded_up_and_nothing_has_no_sign() -> None:
    assert (VIETNAMESE.percent(0.0625), VIETNAMESE.percent(-0.0001)) == ("6,3%", "0,0%")
