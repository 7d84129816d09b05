"""Cronbach's alpha, lambda 6, and what each item adds."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.measurement.covariance import PairSums, correlation_of, covariance_matrix, pair_sums
from analysis.measurement.item_analysis import item_analysis
from analysis.measurement.reliability import cronbach_alpha, guttman_lambda6, squared_multiple_correlations

KEPT = json.loads((Path(__file__).parent / "data" / "measurement.json").read_text(encoding="utf-8"))
seeds = st.integers(0, 10_000)


def answers(seed: int, *, n: int = 60, size: int = 4) -> np.ndarray:
    rng = np.random.default_rng(seed)
    trait = rng.normal(size=(n, 1))
    return np.clip(np.rint(3 + trait * rng.uniform(0, 1, size) + rng.normal(size=(n, size))), 1, 5)


def random_covariance(seed: int, *, size: int = 4) -> np.ndarray:
    return np.cov(answers(seed, size=size).T) + 0.01 * np.eye(size)


def juarez() -> tuple[np.ndarray, int]:
    kept = KEPT["juarez_items"]
    return covariance_matrix(PairSums.of_moments(kept["n"], kept["sums"], kept["products"])), kept["n"]


def test_alpha_of_the_juarez_survey() -> None:
    covariance, n = juarez()
    alpha = cronbach_alpha(covariance, n=n)
    assert n == 1_385
    assert alpha.value.round(3).item() == 0.845
    assert [alpha.ci_low.round(3).item(), alpha.ci_high.round(3).item()] == [0.832, 0.857]


def test_alpha_against_the_variance_of_the_sum_score() -> None:
    values = answers(1)
    expected = 4 / 3 * (1 - values.var(axis=0, ddof=1).sum() / values.sum(axis=1).var(ddof=1))
    assert cronbach_alpha(np.cov(values.T), n=60).value == pytest.approx(expected, rel=1e-12)


def test_feldt_and_bonett_agree_for_equal_correlations() -> None:
    # Spearman and Brown: equal correlations r give alpha = k r / (1 + (k - 1) r).
    covariance = np.full((10, 10), 0.3) + 0.7 * np.eye(10)
    feldt, bonett = (cronbach_alpha(covariance, n=200, interval=name) for name in ("feldt", "bonett"))
    assert feldt.value == pytest.approx(10 * 0.3 / (1 + 9 * 0.3))
    assert feldt.ci_low == pytest.approx(bonett.ci_low, abs=0.002)
    assert feldt.ci_high == pytest.approx(bonett.ci_high, abs=0.002)


@pytest.mark.parametrize("interval", ["feldt", "bonett"])
def test_alpha_interval_coverage(interval: str) -> None:
    rng = np.random.default_rng(20_260_101)
    truth = np.full((5, 5), 0.4) + 0.6 * np.eye(5)
    rows = rng.multivariate_normal(np.zeros(5), truth, size=(1_500, 40))
    rows -= rows.mean(axis=1, keepdims=True)
    found = cronbach_alpha(rows.transpose(0, 2, 1) @ rows / 39, n=40, interval=interval)
    alpha = cronbach_alpha(truth, n=40).value
    covered = np.mean((found.ci_low <= alpha) & (alpha <= found.ci_high))
    assert 0.935 < covered < 0.965


def test_jackknife_interval_is_wider_when_people_of_a_cluster_answer_alike() -> None:
    rng = np.random.default_rng(2)
    clusters = np.repeat(np.arange(40), 10)
    values = rng.normal(size=(40, 1))[clusters] + 0.5 * rng.normal(size=(400, 1)) + rng.normal(size=(400, 4))
    sums = pair_sums(values, clusters, n_groups=40)
    covariance = covariance_matrix(sums.total())
    widths = {}
    for interval in ("feldt", "jackknife"):
        found = cronbach_alpha(
            covariance, n=400, interval=interval, replicates=covariance_matrix(sums.without_each())
        )
        widths[interval] = (found.ci_high - found.ci_low).item()
    assert widths["jackknife"] > 1.3 * widths["feldt"]


@given(seeds, st.floats(0.5, 0.99))
def test_alpha_never_exceeds_one_and_lies_in_its_interval(seed: int, level: float) -> None:
    covariance = random_covariance(seed)
    for standardised in (False, True):
        for interval in ("feldt", "bonett"):
            found = cronbach_alpha(
                covariance, n=60, standardised=standardised, interval=interval, confidence_level=level
            )
            assert found.ci_low <= found.value <= found.ci_high <= 1


@given(seeds)
def test_standardised_alpha_does_not_depend_on_the_units(seed: int) -> None:
    covariance = random_covariance(seed)
    scale = np.random.default_rng(seed).uniform(0.1, 10, 4)
    first, second = (
        cronbach_alpha(matrix, n=60, standardised=True).value
        for matrix in (covariance, covariance * np.outer(scale, scale))
    )
    assert first == pytest.approx(second)
    assert guttman_lambda6(covariance) == pytest.approx(guttman_lambda6(covariance * np.outer(scale, scale)))


@given(seeds)
def test_item_figures_follow_the_order_of_the_items(seed: int) -> None:
    covariance, order = random_covariance(seed), np.random.default_rng(seed).permutation(4)
    straight, turned = item_analysis(covariance, n=60), item_analysis(covariance[np.ix_(order, order)], n=60)
    assert turned.alpha.value == pytest.approx(straight.alpha.value)
    for name in ("item_rest_r", "item_total_r", "alpha_if_dropped", "squared_multiple_r"):
        np.testing.assert_allclose(
            getattr(turned, name), getattr(straight, name)[order], rtol=1e-9, atol=1e-12
        )


@given(st.integers(10, 1_000))
def test_alpha_interval_narrows_with_more_people(n: int) -> None:
    covariance = random_covariance(3)
    few, many = (cronbach_alpha(covariance, n=size) for size in (n, 2 * n))
    assert many.ci_high - many.ci_low < few.ci_high - few.ci_low


def test_many_units_at_once_equal_one_by_one() -> None:
    stack = np.array([random_covariance(seed) for seed in range(6)]).reshape(2, 3, 4, 4)
    n = np.arange(30, 36).reshape(2, 3)
    found = cronbach_alpha(stack, n=n)
    assert found.value.shape == (2, 3)
    alone = cronbach_alpha(stack[1, 2], n=35)
    assert (found.at(1, 2).ci_low, found.at(1, 2).n_respondents) == (pytest.approx(alone.ci_low.item()), 35)


def test_item_figures_against_correlations_of_rows() -> None:
    values = answers(4)
    found = item_analysis(np.cov(values.T), n=60, items="abcd")
    for item in range(4):
        rest = np.delete(values, item, axis=1).sum(axis=1)
        assert found.item_rest_r[item] == pytest.approx(np.corrcoef(values[:, item], rest)[0, 1])
        assert found.item_total_r[item] == pytest.approx(
            np.corrcoef(values[:, item], rest + values[:, item])[0, 1]
        )
        others = np.column_stack([np.ones(60), np.delete(values, item, axis=1)])
        residual = values[:, item] - others @ np.linalg.lstsq(others, values[:, item])[0]
        assert found.squared_multiple_r[item] == pytest.approx(1 - residual.var() / values[:, item].var())


def test_an_item_keyed_the_other_way_is_named() -> None:
    values = answers(5) + np.random.default_rng(5).normal(size=(60, 1)) * 2
    values[:, 2] = 6 - values[:, 2]
    found = item_analysis(np.cov(values.T), n=60, items=("a", "b", "c", "d"))
    assert found.items_against_the_rest == ("c",)
    assert "c" in found.items_better_dropped


def test_two_items_have_no_alpha_without_one_of_them_degenerate() -> None:
    found = item_analysis([[1, 0.5], [0.5, 1]], n=30)
    assert found.alpha.value == pytest.approx(2 / 3)
    assert np.isnan(found.alpha_if_dropped).all()
    assert found.reasons == ("one item left after dropping the other, so no alpha if dropped",)


def test_a_constant_item_leaves_raw_alpha_only_degenerate() -> None:
    covariance = np.zeros((3, 3))
    covariance[:2, :2] = [[1, 0.5], [0.5, 1]]
    found = item_analysis(covariance, n=30, items="abc")
    assert found.alpha.value == pytest.approx(1.5 * (1 - 2 / 3))
    assert np.isnan(found.standardised_alpha)
    assert np.isnan(found.item_rest_r).tolist() == [False, False, True]
    assert found.reasons == ("no variance, so no correlation: c",)


def test_nothing_varies_degenerate() -> None:
    found = cronbach_alpha(np.zeros((3, 3)), n=30)
    assert np.isnan(found.value) and (found.ci_low, found.ci_high) == (-np.inf, 1.0)
    assert "the sum of the items does not vary, so no alpha" in item_analysis(np.zeros((3, 3)), n=30).reasons
    opposite = cronbach_alpha([[1, -1], [-1, 1]], n=30)
    assert np.isnan(opposite.value)


def test_one_item_asked_twice_degenerate() -> None:
    twice = np.ones((2, 2))
    found = cronbach_alpha(twice, n=30)
    assert (found.value, found.ci_low, found.ci_high) == (1.0, 1.0, 1.0)
    assert squared_multiple_correlations(np.ones((3, 3))) == pytest.approx(1.0)
    assert guttman_lambda6(twice) == pytest.approx(1.0)


def test_pairwise_matrices_that_nobody_can_have_are_said_to_be_so() -> None:
    impossible = np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]])
    assert not item_analysis(impossible, n=30, missing="pairwise").is_positive_definite
    assert item_analysis(correlation_of(random_covariance(8)), n=30).is_positive_definite


@settings(max_examples=20)
@given(seeds)
def test_lambda6_is_a_lower_bound_like_alpha(seed: int) -> None:
    covariance = random_covariance(seed)
    assert guttman_lambda6(covariance) <= 1 + 1e-12


@pytest.mark.parametrize(
    ("covariance", "options", "error"),
    [
        ([[1.0]], {"n": 30}, InvalidShape),
        ([[1, 0.5], [0.5, 1]], {"n": 2}, InvalidCounts),
        ([[1, 0.5], [0.5, 1]], {"n": 30.5}, InvalidCounts),
        ([[1, 0.5], [0.5, 1]], {"n": [30, 31]}, InvalidShape),
        ([[1, 0.5], [0.5, np.nan]], {"n": 30}, InvalidCounts),
        ([[1, 0.5], [0.5, 1]], {"n": 30, "interval": "wald"}, InvalidOption),
        ([[1, 0.5], [0.5, 1]], {"n": 30, "interval": "jackknife"}, InvalidOption),
        (
            [[1, 0.5], [0.5, 1]],
            {"n": 30, "interval": "jackknife", "replicates": np.ones((1, 2, 2))},
            InvalidShape,
        ),
        ([[1, 0.5], [0.5, 1]], {"n": 30, "confidence_level": 95}, InvalidOption),
    ],
)
def test_alpha_rejects_bad_input(covariance: list, options: dict, error: type[Exception]) -> None:
    with pytest.raises(error):
        cronbach_alpha(covariance, **options)


def test_item_analysis_rejects_bad_input() -> None:
    with pytest.raises(InvalidShape, match="different item names"):
        item_analysis([[1, 0.5], [0.5, 1]], n=30, items=("a", "a"))
    with pytest.raises(InvalidShape, match="one covariance matrix"):
        item_analysis(np.ones((2, 2, 2)), n=30)
    with pytest.raises(InvalidOption):
        item_analysis([[1, 0.5], [0.5, 1]], n=30, missing="listwise")
