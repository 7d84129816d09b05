"""Design effects and the four named indices."""

import numpy as np
import pytest

from analysis.counting.moments import Moments, item_moments, moments
from analysis.counting.respondents import respondent_values
from analysis.counting.tallies import level_counts
from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.index import (
    AS_ESTIMATED,
    INDEX_DEFINITIONS,
    Inference,
    group_means,
    group_shares,
    item_means,
    item_shares,
    mean_of_respondent_shares_index,
    pooled_answers_index,
)
from analysis.intervals.shares import wilson_interval
from analysis.packing import Missing
from analysis.surveys.design_effects import (
    cluster_design_effect,
    effective_n,
    kish_design_effect,
    pooled_design_effect,
)
from analysis.surveys.linearisation import Strata, design_totals, ratio
from bench.index_coverage import correlated_answers, five_factor_scoring
from tests.analysis.counting.test_tallies import make_scoring

COLUMNS = ("s:overall", "r:overall", "m:overall", "a:overall")


def people(levels: list[int], days: list[int] | None = None) -> Moments:
    y = np.array(levels, dtype=float)
    values = np.column_stack([y >= 4, np.ones(len(y)), y, np.ones(len(y))])
    return moments(values, np.zeros(len(y), int), days, n_units=1, columns=COLUMNS)


def all_indices(answers: np.ndarray, units: np.ndarray, n_units: int) -> dict[str, object]:
    scoring = five_factor_scoring()
    own = moments(respondent_values(answers, scoring), units, n_units=n_units, columns=scoring.columns)
    items = item_moments(answers, scoring, units, n_units=n_units)
    return {
        name: index(items if name == "mean_of_item_shares" else own, scoring)
        for name, index in INDEX_DEFINITIONS.items()
    }


def test_overall_share_of_independent_people_is_plain_wilson() -> None:
    overall = group_shares(people([5] * 27 + [2] * 3))["overall"][0]
    plain = wilson_interval(27, 30).at()
    assert (overall.ci_low, overall.ci_high) == pytest.approx((plain.ci_low, plain.ci_high))
    assert overall.n_respondents == 30
    assert overall.design_effect == pytest.approx(1.0)


def test_clustered_days_widen_the_share() -> None:
    levels = [5] * 20 + [2] * 20 + [5] * 20
    alone, by_day = (
        group_shares(people(levels, days))["overall"][0] for days in (None, [i // 10 for i in range(60)])
    )
    assert by_day.design_effect > 5
    assert by_day.ci_high - by_day.ci_low > 2 * (alone.ci_high - alone.ci_low)


def test_stream_never_profits_from_clusters_but_a_sample_may() -> None:
    balanced = people([5, 2] * 20, [i // 2 for i in range(40)])
    assert group_shares(balanced)["overall"][0].design_effect == 1.0
    lent = Inference(design_effect_floor=0.0, borrowed_design_effect=1.0)
    assert (
        group_shares(people([5, 5, 2, 5, 2, 2], [1, 1, 2, 2, 3, 3]), inference=lent)["overall"][
            0
        ].design_effect
        > 1
    )


@pytest.mark.parametrize(("levels", "days"), [([5, 5, 2, 5], [1, 1, 1, 1]), ([5] * 4, [1, 1, 2, 2])])
def test_unit_that_cannot_tell_its_design_effect_borrows_one(levels: list[int], days: list[int]) -> None:
    lent = group_shares(people(levels, days), inference=Inference(borrowed_design_effect=2.0))["overall"][0]
    assert lent.design_effect == 2.0
    assert lent.ci_low == pytest.approx(
        wilson_interval(sum(y >= 4 for y in levels), 4, design_effect=2).ci_low.item()
    )


def test_all_four_indices_agree_when_nothing_is_missing_and_items_share_factors_evenly() -> None:
    scoring = make_scoring()
    answers = np.array([[0, 5, 5, 0], [0, 4, 2, 0], [0, 1, 2, 0], [0, 5, 3, 0]], dtype=np.uint8)
    units = np.zeros(4, int)
    own = moments(respondent_values(answers, scoring), units, n_units=1, columns=scoring.columns)
    items = item_moments(answers, scoring, units, n_units=1)
    values = [
        index(items if name == "mean_of_item_shares" else own, scoring)[0].value
        for name, index in INDEX_DEFINITIONS.items()
    ]
    assert values == pytest.approx([0.5] * 4)


def test_indices_differ_by_their_definition_when_answers_are_missing() -> None:
    scoring = make_scoring()
    answers = np.array([[0, 5, 5, 0], [0, 1, Missing.DONT_KNOW, 0]], dtype=np.uint8)
    units = np.zeros(2, int)
    own = moments(respondent_values(answers, scoring), units, n_units=1, columns=scoring.columns)
    assert pooled_answers_index(own, scoring)[0].value == pytest.approx(2 / 3)
    assert mean_of_respondent_shares_index(own, scoring)[0].value == pytest.approx(1 / 2)
    items = item_moments(answers, scoring, units, n_units=1)
    assert INDEX_DEFINITIONS["mean_of_item_shares"](items, scoring)[0].value == pytest.approx((1 / 2 + 1) / 2)


def test_index_counts_people_and_not_their_answers() -> None:
    answers = correlated_answers(np.random.default_rng(1), n=200, p=0.8, correlation=0.9, model="own rate")
    for name, estimates in all_indices(answers, np.zeros(200, int), 1).items():
        assert estimates[0].n_respondents == 200, name
        assert estimates[0].n_effective < 300, name


def test_index_where_everyone_is_satisfied_has_the_interval_of_as_many_people() -> None:
    answers = np.full((30, 22), 5, dtype=np.uint8)
    for estimates in all_indices(answers, np.zeros(30, int), 1).values():
        assert estimates[0].ci_low == pytest.approx(wilson_interval(30, 30).ci_low.item())
        assert estimates[0].ci_high == 1.0


def test_unit_without_respondents_has_no_index() -> None:
    answers = np.full((30, 22), 5, dtype=np.uint8)
    for estimates in all_indices(answers, np.ones(30, int), 2).values():
        empty = estimates[0]
        assert np.isnan(empty.value)
        assert (empty.ci_low, empty.ci_high, empty.n_respondents) == (0.0, 1.0, 0)


def test_item_shares_equal_wilson_on_their_own_counts() -> None:
    answers = np.array([[5, 4, 30, 1]] * 9 + [[2, 30, 30, 1]], dtype=np.uint8)
    counts = level_counts(answers, np.zeros(10, int), n_units=1)
    shares = item_shares(counts, make_scoring(), design_effect=[[1.0]])
    assert shares[0, 0] == wilson_interval([9], [10])[0]
    assert (shares[0, 1].value, shares[0, 1].n_respondents) == (1.0, 9)
    assert np.isnan(shares[0, 2].value)


def test_item_means_stay_on_the_scale() -> None:
    answers = np.array([[5, 4, 30, 1]] * 9 + [[5, 1, 30, 1]], dtype=np.uint8)
    means = item_means(level_counts(answers, np.zeros(10, int), n_units=1), make_scoring())
    assert means[0, 0].value == means[0, 0].ci_high == 5.0
    assert 1 < means[0, 0].ci_low < 5
    assert means[0, 1].value == pytest.approx(3.7)
    assert means[0, 1].standard_error == pytest.approx(0.3)


def test_group_mean_has_the_standard_error_of_a_mean() -> None:
    levels = [1, 3, 5, 4, 4, 2]
    mean = group_means(people(levels), bounds=(1, 5))["overall"][0]
    assert mean.value == pytest.approx(np.mean(levels))
    assert mean.standard_error == pytest.approx(np.std(levels, ddof=1) / np.sqrt(6))
    assert 1 <= mean.ci_low < mean.value < mean.ci_high <= 5


def test_stratified_share_against_textbook_formula() -> None:
    values = np.array(
        [[1, 1, 5, 1]] * 8 + [[0, 1, 2, 1]] * 2 + [[1, 1, 5, 1]] * 3 + [[0, 1, 2, 1]] * 3, dtype=float
    )
    by_stratum = moments(values, np.repeat([0, 1], [10, 6]), n_units=2, columns=COLUMNS)
    strata = Strata(np.zeros(2, int), 1, np.array([100, 20]))
    share = group_shares(by_stratum, strata=strata, inference=AS_ESTIMATED)["overall"][0]
    weight, p, n, size = (
        np.array([100, 20]) / 120,
        np.array([0.8, 0.5]),
        np.array([10, 6]),
        np.array([100, 20]),
    )
    assert share.value == pytest.approx((weight * p).sum())
    variance = (weight**2 * (1 - n / size) * p * (1 - p) / (n - 1)).sum()
    assert share.standard_error == pytest.approx(np.sqrt(variance))
    assert share.n_respondents == 16


def test_design_effects_degenerate_and_borrowed() -> None:
    assert np.isnan(cluster_design_effect(design_totals(people([5, 5], [1, 2])), "s:overall", "r:overall")[0])
    assert (
        pooled_design_effect(
            ratio(design_totals(people([5] * 9 + [2] * 9, [1] * 9 + [2] * 9)), "s:overall", "r:overall")
        )
        > 8
    )
    assert kish_design_effect([2, 2, 2]) == 1.0
    assert effective_n(100, 4).item() == 25


def test_rejects_bad_input() -> None:
    with pytest.raises(InvalidShape, match="this version does not ask it"):
        ratio(design_totals(people([5, 2])), "s:F9", "r:overall")
    with pytest.raises(InvalidCounts):
        design_totals(people([5, 2]), Strata(np.array([0]), 1, np.array([1])))
    with pytest.raises(InvalidCounts):
        kish_design_effect([1, -1])
    with pytest.raises(InvalidOption):
        effective_n(10, 0)
    with pytest.raises(InvalidShape):
        item_shares(np.zeros((1, 2, 32), int), make_scoring())
