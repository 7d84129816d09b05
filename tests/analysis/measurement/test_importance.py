"""R² divided among predictors, correlations with the overall answer, and Simpson's reversal."""

import json
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.outliers_influence import variance_inflation_factor

from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.measurement.covariance import PairSums, covariance_matrix, pair_sums, within_covariance
from analysis.measurement.importance import Caveat, correlation_interval, relative_importance, reversed_inside
from analysis.measurement.shapley import shapley_parts

KEPT = json.loads((Path(__file__).parent / "data" / "measurement.json").read_text(encoding="utf-8"))
NAMES = ("a", "b", "c", "d", "y")
seeds = st.integers(0, 10_000)


def survey(seed: int, *, n: int = 120, size: int = 4) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 1)) + rng.normal(size=(n, size))
    return np.column_stack([x, x @ rng.uniform(-0.2, 1, size) + rng.normal(size=n)])


def r_squared(rows: np.ndarray, used: tuple[int, ...]) -> float:
    return sm.OLS(rows[:, -1], sm.add_constant(rows[:, list(used)])).fit().rsquared if used else 0.0


def test_lmg_against_every_order_with_statsmodels() -> None:
    rows = survey(1)
    expected = np.zeros(4)
    for order in permutations(range(4)):
        for position, predictor in enumerate(order):
            gain = r_squared(rows, order[: position + 1]) - r_squared(rows, order[:position])
            expected[predictor] += gain / 24
    found = relative_importance(np.cov(rows.T), n=120, names=NAMES, outcome="y")
    np.testing.assert_allclose(found.lmg, expected, atol=1e-12)
    assert found.r_squared == pytest.approx(r_squared(rows, (0, 1, 2, 3)))


def test_first_last_coefficients_and_vif_against_statsmodels() -> None:
    rows = survey(2)
    found = relative_importance(np.cov(rows.T), n=120, names=NAMES, outcome="y")
    standard = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    everything = sm.OLS(standard[:, -1], standard[:, :-1]).fit()
    np.testing.assert_allclose(found.coefficients, everything.params, atol=1e-12)
    for predictor in range(4):
        others = tuple(item for item in range(4) if item != predictor)
        assert found.first[predictor] == pytest.approx(r_squared(rows, (predictor,)))
        assert found.last[predictor] == pytest.approx(found.r_squared - r_squared(rows, others))
        expected = variance_inflation_factor(sm.add_constant(rows[:, :-1]), predictor + 1)
        assert found.vif[predictor] == pytest.approx(expected)


@settings(max_examples=30)
@given(seeds)
def test_parts_sum_to_r_squared_and_ignore_units_and_order(seed: int) -> None:
    covariance = np.cov(survey(seed).T)
    rng = np.random.default_rng(seed)
    straight = relative_importance(covariance, n=120, names=NAMES, outcome="y")
    assert straight.lmg.sum() == pytest.approx(straight.r_squared)
    assert straight.share.sum() == pytest.approx(1)
    assert (straight.lmg >= 0).all() and (
        straight.lmg >= np.minimum(straight.first, straight.last) / 4 - 1e-12
    ).all()
    order, scale = rng.permutation(5), rng.uniform(0.1, 10, 5)
    turned = relative_importance(
        (covariance * np.outer(scale, scale))[np.ix_(order, order)],
        n=120,
        names=[NAMES[position] for position in order],
        outcome="y",
        predictors=("d", "b", "a", "c"),
    )
    np.testing.assert_allclose(turned.lmg, straight.lmg[[3, 1, 0, 2]], atol=1e-12)


def test_sampled_orders_agree_with_all_of_them_within_their_error(monkeypatch: pytest.MonkeyPatch) -> None:
    covariance = np.cov(survey(3, size=8).T)
    names = "abcdefghy"
    exact = relative_importance(covariance, n=120, names=names, outcome="y")
    monkeypatch.setattr("analysis.measurement.shapley.EXACT_UP_TO", 4)
    sampled = relative_importance(covariance, n=120, names=names, outcome="y", rng=np.random.default_rng(1))
    assert (exact.method, sampled.method) == ("lmg_exact", "lmg_sampled")
    assert sampled.lmg.sum() == pytest.approx(exact.r_squared)
    assert (np.abs(sampled.lmg - exact.lmg) < 4.5 * sampled.monte_carlo_error).all()
    assert sampled.monte_carlo_error.max() < 0.005


def test_replicates_share_the_orders_drawn() -> None:
    correlation = np.corrcoef(survey(4, size=17).T)
    stack = np.array([correlation, correlation])
    parts, _, method = shapley_parts(stack, rng=np.random.default_rng(2), n_orders=20)
    assert method == "lmg_sampled"
    np.testing.assert_array_equal(parts[0], parts[1])


def test_jackknife_limits_coverage() -> None:
    rng = np.random.default_rng(20_260_101)
    weights = np.array([0.7, 0.4, 0.3])
    inside = 0.4 + 0.6 * np.eye(3)
    truth = np.empty((4, 4))
    truth[:3, :3], truth[:3, 3], truth[3, :3] = inside, inside @ weights, inside @ weights
    truth[3, 3] = weights @ inside @ weights + 1
    names = "abcy"
    target = relative_importance(truth, n=100, names=names, outcome="y").lmg
    covered = np.zeros(3)
    for _ in range(200):
        rows = rng.multivariate_normal(np.zeros(4), truth, size=300)
        sums = pair_sums(rows, np.arange(300) % 30, n_groups=30)
        found = relative_importance(
            covariance_matrix(sums.total()),
            n=300,
            names=names,
            outcome="y",
            replicates=covariance_matrix(sums.without_each()),
        )
        covered += (found.ci_low <= target) & (target <= found.ci_high)
    assert ((covered / 200 > 0.9) & (covered / 200 < 0.99)).all()


def test_limits_hold_the_estimate_and_widen_with_the_level() -> None:
    sums = pair_sums(survey(5), np.arange(120) % 12, n_groups=12)
    request = {"n": 120, "names": NAMES, "outcome": "y", "replicates": covariance_matrix(sums.without_each())}
    narrow, wide = (
        relative_importance(covariance_matrix(sums.total()), **request, confidence_level=level)
        for level in (0.8, 0.99)
    )
    for low, value, high in (("ci_low", "lmg", "ci_high"), ("share_low", "share", "share_high")):
        assert (getattr(wide, low) <= getattr(narrow, low)).all()
        assert (getattr(narrow, low) <= getattr(narrow, value)).all()
        assert (getattr(narrow, value) <= getattr(narrow, high)).all()
        assert (getattr(narrow, high) <= getattr(wide, high)).all()
    assert narrow.df == 11 and Caveat.NO_INTERVAL not in narrow.caveats


def test_drivers_of_the_juarez_survey() -> None:
    kept = KEPT["juarez_items"]
    covariance = covariance_matrix(PairSums.of_moments(kept["n"], kept["sums"], kept["products"]))
    found = relative_importance(covariance, n=kept["n"], names=kept["items"], outcome="h1")
    assert found.predictors[int(found.lmg.argmax())] == "h2"
    assert found.share.round(3).tolist() == [0.462, 0.204, 0.155, 0.124, 0.056]
    assert found.caveats == (Caveat.NO_INTERVAL,)


def test_predictors_that_measure_one_thing_carry_a_caveat() -> None:
    rng = np.random.default_rng(6)
    rows = rng.normal(size=(300, 1)) + 0.3 * rng.normal(size=(300, 4))
    rows = np.column_stack([rows, rows.sum(axis=1) + rng.normal(size=300)])
    found = relative_importance(np.cov(rows.T), n=300, names=NAMES, outcome="y")
    assert found.caveats == (Caveat.COLLINEAR, Caveat.ONE_FACTOR, Caveat.NO_INTERVAL)


def test_one_predictor_explains_all_there_is_degenerate() -> None:
    found = relative_importance([[1, 0.6], [0.6, 1]], n=50, names="xy", outcome="y")
    assert found.lmg.tolist() == pytest.approx([0.36])
    assert np.isnan(found.alpha) and found.vif.tolist() == [1.0]


def test_an_outcome_nothing_explains_has_no_shares_degenerate() -> None:
    found = relative_importance(np.eye(3), n=50, names="abc", outcome="c", replicates=[np.eye(3)] * 3)
    assert found.r_squared == 0
    assert np.isnan(found.share).all() and np.isnan(found.share_low).all()
    assert found.ci_high.tolist() == [0.0, 0.0]


def test_an_outcome_that_is_the_sum_of_its_predictors_degenerate() -> None:
    found = relative_importance([[1, 0, 1], [0, 1, 1], [1, 1, 2]], n=50, names="aby", outcome="y")
    assert found.r_squared == pytest.approx(1)
    assert found.lmg.tolist() == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"names": "ab"}, InvalidShape, "3 rows|2 rows|unknown"),
        ({"outcome": "x"}, InvalidShape, "unknown"),
        ({"predictors": ("a", "y")}, InvalidShape, "once"),
        ({"predictors": ()}, InvalidShape, "other predictors"),
        ({"covariance": [[1, 1, 0.5], [1, 1, 0.5], [0.5, 0.5, 1]]}, InvalidCounts, "combination of a, b"),
        ({"covariance": [[0, 0, 0], [0, 1, 0.5], [0, 0.5, 1]]}, InvalidCounts, "variance"),
        ({"covariance": [[1, -0.9, 0.9], [-0.9, 1, 0.9], [0.9, 0.9, 1]]}, InvalidCounts, "above 1"),
        ({"covariance": [np.eye(3)]}, InvalidShape, "one covariance matrix"),
        ({"replicates": [np.eye(3)]}, InvalidShape, "replicates"),
        ({"replicates": [np.eye(2), np.eye(2)]}, InvalidShape, "3 rows"),
        ({"confidence_level": 95}, InvalidOption, "confidence_level"),
    ],
)
def test_importance_rejects_bad_input(change: dict, error: type[Exception], words: str) -> None:
    request = {
        "covariance": [[1, 0.3, 0.5], [0.3, 1, 0.4], [0.5, 0.4, 1]],
        "n": 50,
        "names": "aby",
        "outcome": "y",
    }
    request |= change
    with pytest.raises(error, match=words):
        relative_importance(request.pop("covariance"), **request)


def test_many_predictors_need_a_generator() -> None:
    with pytest.raises(InvalidOption, match="rng"):
        relative_importance(np.eye(18), n=50, names=[str(i) for i in range(18)], outcome="17")


def test_correlation_interval_against_scipy() -> None:
    rows = survey(7)
    expected = stats.pearsonr(rows[:, 0], rows[:, -1])
    interval = expected.confidence_interval(0.9)
    found = correlation_interval(expected.statistic, 120, confidence_level=0.9)
    assert (found.ci_low.item(), found.ci_high.item()) == pytest.approx((interval.low, interval.high))


@given(st.floats(-1, 1), st.integers(0, 500), st.floats(0.5, 5))
def test_correlation_interval_holds_the_estimate(r: float, n: int, effect: float) -> None:
    found = correlation_interval(r, n, design_effect=effect)
    assert -1 <= found.ci_low <= r + 1e-12 and r - 1e-12 <= found.ci_high <= 1
    turned = correlation_interval(-r, n, design_effect=effect)
    assert turned.ci_low == pytest.approx(-found.ci_high)


def test_correlation_of_few_people_says_nothing_degenerate() -> None:
    found = correlation_interval([0.9, 1.0], [3, 10])
    assert found.ci_low.tolist() == [-1.0, 1.0] and found.ci_high.tolist() == [1.0, 1.0]


def test_correlation_interval_rejects_bad_input() -> None:
    for r, n in ((1.1, 10), (0.5, -1), (np.nan, 10)):
        with pytest.raises(InvalidCounts):
            correlation_interval(r, n)


def test_a_reversal_inside_units_is_named() -> None:
    rng = np.random.default_rng(8)
    units = np.repeat(np.arange(5), 40)
    wait = units + rng.normal(size=200)
    signs = rng.normal(size=200)
    overall = 3 * units - wait + signs + rng.normal(size=200)
    sums = pair_sums(np.column_stack([wait, signs, overall]), units, n_groups=5)
    found = reversed_inside(
        covariance_matrix(sums.total()),
        within_covariance(sums),
        names=("wait", "signs", "overall"),
        outcome="overall",
    )
    assert found == ("wait",)
    with pytest.raises(InvalidShape):
        reversed_inside(np.eye(2), np.eye(3), names="abc", outcome="a")
