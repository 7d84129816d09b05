"""Post-stratified shares of many units from counts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from analysis import Survey
from analysis.counting.moments import moments
from analysis.errors import InvalidCounts, InvalidShape, StatisticsError
from analysis.intervals.shares import wilson_interval
from analysis.surveys.linearisation import design_totals
from analysis.weighting.collapsing import Collapsing
from analysis.weighting.poststratified_shares import clustered_poststratified_share, poststratified_share

COUNTS = hnp.arrays(np.int64, (4, 5), elements=st.integers(0, 30))
SIZES = hnp.arrays(np.int64, (4, 5), elements=st.integers(1, 500))


def rows_of(k: np.ndarray, n: np.ndarray) -> dict[str, np.ndarray]:
    cell = np.repeat(np.arange(len(n)), n)
    top = np.concatenate([np.r_[np.ones(a), np.zeros(b - a)] for a, b in zip(k, n, strict=True)])
    return {"cell": cell, "top": top}


def test_share_and_error_by_hand() -> None:
    found = poststratified_share([8, 3], [10, 6], [300, 100]).estimates[0]
    assert found.value == pytest.approx(0.75 * 0.8 + 0.25 * 0.5)
    assert found.standard_error**2 == pytest.approx(0.75**2 * 0.8 * 0.2 / 9 + 0.25**2 * 0.25 / 5)


def test_finite_population_corrects_each_cell() -> None:
    found = poststratified_share([8, 3], [10, 6], [10, 60], finite=True).estimates[0]
    assert found.standard_error**2 == pytest.approx((60 / 70) ** 2 * 0.9 * 0.25 / 5)
    census = poststratified_share([8, 3], [10, 6], [10, 6], finite=True).estimates[0]
    assert (census.ci_low, census.ci_high) == pytest.approx((census.value, census.value))


def test_share_is_that_of_the_survey_of_the_rows() -> None:
    k, n, sizes = np.array([8, 3, 20]), np.array([10, 6, 25]), np.array([300, 100, 200])
    survey = Survey(rows_of(k, n)).poststratified({"cell": dict(enumerate(sizes.tolist()))})
    found, of_rows = poststratified_share(k, n, sizes).estimates[0], survey.mean("top")["top"]
    assert found.value == pytest.approx(of_rows.value)
    # conditional and linearised variances differ by n_g/(n_g - 1) against n/(n - 1)
    assert found.standard_error == pytest.approx(of_rows.standard_error, rel=0.08)


def test_clustered_share_is_that_of_the_clustered_survey_exactly() -> None:
    rng = np.random.default_rng(2)
    n = 90
    cell, day, top = rng.integers(0, 3, n), rng.integers(0, 12, n), rng.integers(0, 2, n)
    values = np.column_stack([f(cell == g) for g in range(3) for f in (lambda c: c * top, lambda c: c * 1)])
    columns = tuple(f"{kind}:{g}" for g in range(3) for kind in "sr")
    totals = design_totals(moments(values.astype(float), np.zeros(n, int), day, n_units=1, columns=columns))
    pairs = [(f"s:{g}", f"r:{g}") for g in range(3)]
    found = clustered_poststratified_share(totals, pairs, [50, 30, 20]).estimates[0]
    survey = Survey({"cell": cell, "day": day, "top": top}, clusters="day")
    wanted = survey.poststratified({"cell": {0: 50, 1: 30, 2: 20}}).mean("top")["top"]
    assert found.value == pytest.approx(wanted.value)
    assert found.standard_error == pytest.approx(wanted.standard_error)
    assert found.df == wanted.df == 11


def test_clustered_cells_collapse_as_the_rows_would() -> None:
    values = [
        [1, 1, 0, 0, 0, 0],
        [0, 1, 0, 0, 0, 0],
        [0, 0, 0, 0, 1, 1],
        [0, 0, 0, 0, 0, 1],
        [0, 0, 0, 0, 1, 1],
    ]
    columns = ("s:0", "r:0", "s:1", "r:1", "s:2", "r:2")
    totals = design_totals(moments(values, [0] * 5, [0, 1, 2, 3, 4], n_units=1, columns=columns))
    pairs = [(f"s:{g}", f"r:{g}") for g in range(3)]
    rule = Collapsing(parents=([0, 1, 1],))
    found = clustered_poststratified_share(totals, pairs, [50, 30, 20], collapse=rule)
    merged = clustered_poststratified_share(totals, [pairs[0], pairs[2]], [50, 50])
    assert found.cells.tolist() == [[0, 2, 2]]
    assert found.estimates[0] == merged.estimates[0]


def test_unit_of_one_cluster_borrows_its_design_effect() -> None:
    totals = design_totals(
        moments([[1, 1], [0, 1], [1, 1]], [0] * 3, [1, 1, 1], n_units=1, columns=("s", "r"))
    )
    plain, wide = (
        clustered_poststratified_share(totals, [("s", "r")], [9], borrowed_design_effect=deff).estimates[0]
        for deff in (1.0, 4.0)
    )
    assert np.isnan(plain.standard_error)
    assert wide.n_effective == pytest.approx(plain.n_effective / 4)


def test_one_cell_is_close_to_plain_wilson() -> None:
    found, plain = poststratified_share([45], [50], [1]).estimates[0], wilson_interval(45, 50).at()
    assert (found.ci_low, found.ci_high) == pytest.approx((plain.ci_low, plain.ci_high), abs=1e-9)


def test_empty_cell_is_collapsed_and_said() -> None:
    found = poststratified_share([[8, 0, 3], [8, 2, 3]], [[10, 0, 6], [10, 2, 6]], [300, 50, 100])
    assert found.n_collapsed.tolist() == [1, 0]
    assert found.cells[0].tolist() == [0, 0, 2]
    assert found.estimates[0].value == pytest.approx((350 * 0.8 + 100 * 0.5) / 450)


def test_everyone_satisfied_keeps_a_width_degenerate() -> None:
    found = poststratified_share([[30, 3]], [[30, 3]], [[100, 400]])
    estimate = found.estimates[0]
    assert (estimate.value, estimate.ci_high, estimate.standard_error) == (1.0, 1.0, 0.0)
    assert estimate.ci_low < wilson_interval(30, 30).at().ci_low
    assert estimate.n_effective < 33 / found.weighting_effect[0] * 1.5


def test_unit_without_respondents_has_no_share_degenerate() -> None:
    found = poststratified_share([[0, 0]], [[0, 0]], [[5, 5]])
    estimate = found.estimates[0]
    assert np.isnan(estimate.value)
    assert (estimate.ci_low, estimate.ci_high, estimate.n_effective) == (0.0, 1.0, 0.0)


def test_single_respondent_degenerate() -> None:
    estimate = poststratified_share([[1, 0]], [[1, 0]], [[5, 5]]).estimates[0]
    assert estimate.value == 1.0
    assert np.isnan(estimate.standard_error)
    assert 0 < estimate.ci_low < 0.5


def test_weighting_effect_is_kish() -> None:
    survey = Survey(rows_of(np.array([1, 2]), np.array([4, 6]))).poststratified({"cell": {0: 10, 1: 90}})
    assert poststratified_share([1, 2], [4, 6], [10, 90]).weighting_effect[0] == pytest.approx(
        survey.kish_design_effect
    )


@given(COUNTS, SIZES, st.data())
@settings(max_examples=50, deadline=None)
def test_interval_holds_the_share_and_units_stand_alone(
    n: np.ndarray, sizes: np.ndarray, data: st.DataObject
) -> None:
    k = data.draw(
        hnp.arrays(np.int64, n.shape, elements=st.integers(0, 30)).map(lambda drawn: np.minimum(drawn, n))
    )
    found = poststratified_share(k, n, sizes)
    some = n.sum(axis=1) > 0
    e = found.estimates
    assert (e.ci_low[some] <= e.value[some]).all()
    assert (e.value[some] <= e.ci_high[some]).all()
    np.testing.assert_allclose(
        e.value[some], (1 - poststratified_share(n - k, n, sizes).estimates.value)[some], atol=1e-12
    )
    alone = poststratified_share(k[2], n[2], sizes[2]).estimates
    np.testing.assert_allclose([alone.ci_low[0], alone.ci_high[0]], [e.ci_low[2], e.ci_high[2]])
    order = np.array([3, 0, 4, 1, 2])
    if (n > 0).all():
        mixed = poststratified_share(k[:, order], n[:, order], sizes[:, order]).estimates
        np.testing.assert_allclose(mixed.standard_error, e.standard_error)


@given(st.integers(2, 50), st.floats(1, 4))
@settings(max_examples=20)
def test_more_people_and_less_clustering_are_narrower(times: int, effect: float) -> None:
    k, n = np.array([5, 2]), np.array([8, 4])
    few, many, clustered = (
        poststratified_share(k * m, n * m, [30, 70], design_effect=deff).estimates[0]
        for m, deff in ((1, 1.0), (times, 1.0), (1, effect))
    )
    assert many.ci_high - many.ci_low < few.ci_high - few.ci_low <= clustered.ci_high - clustered.ci_low


@pytest.mark.parametrize(("p", "n"), [((0.8, 0.9, 0.85, 0.7), 100), ((0.99, 0.98, 0.97, 0.9), 100)])
def test_interval_of_heavy_small_cells_coverage(p: tuple[float, ...], n: int) -> None:
    rng = np.random.default_rng(n)
    sizes, mix = np.array([100, 100, 200, 600]), [0.6, 0.2, 0.1, 0.1]
    people = rng.multinomial(n, mix, size=4000)
    found = poststratified_share(rng.binomial(people, p), people, sizes).estimates
    truth = sizes @ p / 1000
    plain = np.abs(found.value - truth) <= 1.96 * found.standard_error
    covered = np.mean((found.ci_low <= truth) & (truth <= found.ci_high))
    assert covered > 0.915
    assert covered > plain.mean() + 0.01


def test_poststratified_share_rejects_bad_input() -> None:
    for k, n, sizes, match in (
        ([5], [4], [9], "k <= n"),
        ([-1], [4], [9], "k >= 0"),
        ([1], [4.5], [9], "whole"),
        ([1], [4], [-9], "populations"),
        ([1, 1], [4, 4], [0, 0], "populations"),
        ([1], [4], [np.nan], "finite"),
        ([1, 2], [4, 4], [1, 2, 3], "one shape"),
    ):
        with pytest.raises(StatisticsError, match=match):
            poststratified_share(k, n, sizes)
    with pytest.raises(InvalidCounts, match="population >= n"):
        poststratified_share([1, 1], [4, 4], [3, 9], finite=True)
    totals = design_totals(moments([[1.0, 1.0]], [0], n_units=1, columns=("s", "r")))
    with pytest.raises(InvalidShape, match="a column among s, r"):
        clustered_poststratified_share(totals, [("s", "q")], [1])
