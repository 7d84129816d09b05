"""Rao-Scott tests of a survey, and the law of a weighted sum of chi-squares."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis import Survey
from analysis.comparing.chi_square import rao_scott_fit_test, rao_scott_test
from analysis.comparing.chi_square_sums import chi_square_sum_tail
from analysis.errors import InvalidCounts, InvalidOption, InvalidShape, StatisticsError


def clustered_answers(seed: int, n_clusters: int = 30, size: int = 8) -> dict[str, np.ndarray]:
    """People of one cluster share a leaning, so that clusters matter."""
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(n_clusters), size)
    leaning = rng.normal(size=n_clusters)[cluster]
    kind = np.where(leaning + rng.normal(size=len(cluster)) > 0, "A", "B")
    rate = np.digitize(leaning + rng.normal(size=len(cluster)), [-0.7, 0.7]).astype(float)
    return {"kind": kind, "rate": rate, "cluster": cluster, "w": rng.uniform(0.5, 2.0, len(cluster))}


def test_pearson_of_equal_weights_against_scipy() -> None:
    data = clustered_answers(1)
    table = np.array([[((data["kind"] == k) & (data["rate"] == r)).sum() for r in range(3)] for k in "AB"])
    found = rao_scott_test(Survey(data), "kind", "rate")
    assert found.pearson == pytest.approx(stats.chi2_contingency(table, correction=False).statistic)
    assert found.n == table.sum()
    assert found.cramers_v == pytest.approx(stats.contingency.association(table, method="cramer"))


def test_of_a_large_simple_sample_the_design_effects_are_one_and_f_is_chi_square() -> None:
    # Exactly independent answers: observed cells are the expected ones, and n/(n-1) is all that is left.
    kind, rate = np.repeat(["A", "B"], 600), np.tile(np.repeat([0.0, 1.0, 2.0], 200), 2)
    found = rao_scott_test(Survey({"kind": kind, "rate": rate}), "kind", "rate")
    np.testing.assert_allclose(found.design_effects, 1200 / 1199)
    assert found.first_order.p_value == pytest.approx(stats.chi2.sf(found.first_order.statistic, 2))
    assert found.second_order.df == pytest.approx(2.0)


def test_corrections_are_those_of_the_design_effects() -> None:
    found = rao_scott_test(Survey(clustered_answers(6), clusters="cluster", weights="w"), "kind", "rate")
    total, squares = found.design_effects.sum(), (found.design_effects**2).sum()
    assert found.first_order.statistic == pytest.approx(found.pearson / (total / 2))
    assert found.second_order.statistic == pytest.approx(found.pearson / total)
    assert found.second_order.df == pytest.approx(total**2 / squares)
    assert found.second_order.df_denominator == pytest.approx(29 * total**2 / squares)
    assert found.adjusted_wald.df_denominator == 29 - 2 + 1


def test_false_alarms_in_clusters_theory() -> None:
    """Independent questions in clusters of eight alike: the plain chi-square cries wolf, Rao-Scott does not."""
    rng = np.random.default_rng(11)
    plain, corrected = 0, 0
    for _ in range(200):
        cluster = np.repeat(np.arange(40), 8)
        one, two = (
            np.digitize(rng.normal(size=40)[cluster] * 1.5 + rng.normal(size=320), [0.0]) for _ in range(2)
        )
        found = rao_scott_test(Survey({"a": one, "b": two, "c": cluster}, clusters="c"), "a", "b")
        plain += stats.chi2.sf(found.pearson, 1) < 0.05
        corrected += found.second_order.p_value < 0.05
    assert plain > 40
    assert corrected <= 20


def test_two_by_two_second_order_is_first_order_with_f_denominator() -> None:
    found = rao_scott_test(Survey(clustered_answers(3), clusters="cluster", weights="w"), "kind", "rate")
    two = rao_scott_test(
        Survey({**clustered_answers(3), "top": clustered_answers(3)["rate"] > 1}, clusters="cluster"),
        "kind",
        "top",
    )
    assert two.second_order.df == pytest.approx(1.0)
    assert two.second_order.p_value == pytest.approx(stats.f.sf(two.second_order.statistic, 1, two.df))
    assert found.df == 29


@pytest.mark.parametrize("seed", range(4))
def test_relabelling_swapping_and_scale_change_nothing(seed: int) -> None:
    data = clustered_answers(seed)
    plan = {"clusters": "cluster", "weights": "w"}
    found = rao_scott_test(Survey(data, **plan), "kind", "rate")
    order = np.random.default_rng(seed).permutation(len(data["rate"]))
    changed = {name: column[order] for name, column in data.items()}
    changed |= {"rate": np.array([7.0, -1.0, 3.0])[changed["rate"].astype(int)], "w": 5 * changed["w"]}
    again = rao_scott_test(Survey(changed, **plan), "rate", "kind")
    for name in ("second_order", "first_order", "saddlepoint", "wald", "adjusted_wald"):
        assert getattr(again, name).p_value == pytest.approx(getattr(found, name).p_value, rel=1e-6)
        assert 0 <= getattr(found, name).p_value <= 1


def test_people_without_an_answer_are_outside_the_table_but_inside_the_design() -> None:
    data = clustered_answers(5)
    gone = {"rate": np.where(data["cluster"] % 3 == 0, np.nan, data["rate"])}
    found = rao_scott_test(Survey({**data, **gone}, clusters="cluster"), "kind", "rate")
    assert found.n == 160
    assert found.df == 19


def test_fit_of_a_simple_sample_against_scipy() -> None:
    rng = np.random.default_rng(2)
    rate = rng.integers(0, 3, 900)
    found = rao_scott_fit_test(Survey({"rate": rate}), "rate", {0: 1, 1: 1, 2: 1})
    assert found.pearson == pytest.approx(stats.chisquare(np.bincount(rate)).statistic)
    assert found.second_order.p_value == pytest.approx(stats.chisquare(np.bincount(rate)).pvalue, abs=0.01)


def test_fit_counts_a_level_that_nobody_chose() -> None:
    found = rao_scott_fit_test(Survey({"rate": [1] * 30 + [2] * 30}), "rate", {1: 0.4, 2: 0.4, 3: 0.2})
    assert found.shares.tolist() == [0.5, 0.5, 0.0]
    assert found.pearson == pytest.approx(60 * (2 * 0.01 / 0.4 + 0.2))


def test_few_clusters_leave_no_wald_test_and_say_so() -> None:
    data = clustered_answers(1, n_clusters=3, size=60)
    found = rao_scott_test(Survey(data, clusters="cluster"), "rate", "kind")
    assert np.isnan(found.adjusted_wald.p_value) or found.adjusted_wald.df_denominator > 0
    four = {**data, "rate": np.arange(180) % 6}
    found = rao_scott_test(Survey(four, clusters="cluster"), "rate", "kind")
    assert "clusters" in found.wald.reason
    assert np.isnan(found.wald.p_value)
    assert found.second_order.p_value <= 1


def test_a_census_has_no_test_and_says_so() -> None:
    data = clustered_answers(2)
    survey = Survey({**data, "N": np.full(240, 240)}, fpc="N")
    assert "variance" in rao_scott_test(survey, "kind", "rate").second_order.reason


def test_empty_cells_are_no_hindrance() -> None:
    answers = {"a": [1, 1, 1, 2, 2, 2, 3, 3, 3] * 10, "b": [1, 1, 2, 2, 2, 1, 3, 3, 3] * 10}
    found = rao_scott_test(Survey(answers), "a", "b")
    assert found.second_order.p_value < 0.001
    assert np.isfinite(found.design_effects).all()


def test_degenerate_tables_are_refused_by_name() -> None:
    with pytest.raises(InvalidShape, match="two or more levels of a"):
        rao_scott_test(Survey({"a": [1, 1, 1], "b": [1, 2, 1]}), "a", "b")
    with pytest.raises(StatisticsError):
        rao_scott_test(Survey({"a": [1.0, np.nan], "b": [np.nan, 2.0]}), "a", "b")
    with pytest.raises(InvalidCounts, match="positive shares"):
        rao_scott_fit_test(Survey({"a": [1, 2, 1]}), "a", {1: 0.5, 2: 0.0})
    with pytest.raises(InvalidShape, match="a level among"):
        rao_scott_fit_test(Survey({"a": [1, 2, 3]}), "a", {1: 0.5, 2: 0.5})


@given(st.lists(st.floats(0.05, 5.0), min_size=2, max_size=6, unique=True), st.floats(0.2, 60.0))
@settings(max_examples=60, deadline=None)
def test_saddlepoint_of_pairs_against_the_closed_form(weights: list[float], x: float) -> None:
    """Weights that come twice make a sum of exponentials, whose tail is known."""
    a = np.array(sorted(set(np.round(weights, 2)) - {0.0}))
    if len(a) < 2 or np.min(np.diff(a)) < 0.05:
        return
    exact = sum(
        np.exp(-x / (2 * own)) * np.prod([own / (own - other) for other in a if other != own]) for own in a
    )
    found = chi_square_sum_tail(x, np.repeat(a, 2))
    if 1e-9 < exact < 1 - 1e-6:
        assert found == pytest.approx(exact, rel=0.1)


def test_saddlepoint_with_estimated_weights_against_simulation() -> None:
    rng = np.random.default_rng(7)
    draws = 1_000_000
    total = 1.8 * rng.chisquare(1, draws) + 0.5 * rng.chisquare(1, draws)
    ratio = total / (rng.chisquare(21, draws) / 21)
    assert chi_square_sum_tail(11.94, [1.8, 0.5], df_denominator=21) == pytest.approx(
        (ratio > 11.94).mean(), rel=0.08
    )


@given(st.floats(0.01, 100.0), st.floats(1.01, 3.0))
@settings(max_examples=50, deadline=None)
def test_saddlepoint_falls_with_the_statistic_and_scales_with_the_weights(x: float, factor: float) -> None:
    weights = np.array([2.0, 1.0, 0.4])
    tail = chi_square_sum_tail(x, weights)
    assert 0 <= chi_square_sum_tail(factor * x, weights) <= tail <= 1
    assert chi_square_sum_tail(factor * x, factor * weights) == pytest.approx(tail, rel=1e-6)


def test_saddlepoint_rejects_bad_input() -> None:
    for bad in ([], [0.0, 0.0], [-1.0, 2.0], [np.nan]):
        with pytest.raises(InvalidCounts):
            chi_square_sum_tail(1.0, bad)
    with pytest.raises(InvalidOption):
        chi_square_sum_tail(-1.0, [1.0])
    with pytest.raises(InvalidOption):
        chi_square_sum_tail(float("nan"), [1.0])
    assert chi_square_sum_tail(0.0, [1.0]) == 1.0
