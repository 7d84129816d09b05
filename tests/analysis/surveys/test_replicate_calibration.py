"""Every replicate adjusted by itself."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import InvalidCounts, InvalidShape
from analysis.weighting.calibration import treatment_coded
from analysis.weighting.calibration_weights import calibrated_weights
from tests.analysis.surveys.test_replication import stratified

GROUPS = {0: 60.0, 1: 40.0}


@given(st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_every_replicate_meets_the_margins(seed: int) -> None:
    made = stratified(seed).jackknife()
    raked = made.raked({"g": GROUPS, "top": {0: 50.0, 1: 50.0}})
    sets = np.column_stack([raked.weights, raked.replicates.matrix()])
    for column, totals in (("g", [60, 40]), ("top", [50, 50])):
        reached = [sets[made.table.numbers(column) == label].sum(axis=0) for label in (0, 1)]
        np.testing.assert_allclose(reached, np.tile(np.array(totals)[:, None], sets.shape[1]), rtol=1e-8)


def test_full_weights_are_those_of_the_adjusted_survey() -> None:
    survey = stratified(1)
    made = survey.jackknife()
    np.testing.assert_allclose(
        made.poststratified({"g": GROUPS}).weights, survey.poststratified({"g": GROUPS}).weights
    )
    totals = {"(Intercept)": 100.0, "x": 152.0}
    np.testing.assert_allclose(made.calibrated_to(totals).weights, survey.calibrated_to(totals).weights)


@pytest.mark.parametrize("kind", ["jackknife", "bootstrap", "Fay"])
def test_variances_agree_with_those_of_residuals(kind: str) -> None:
    survey = stratified(2, per_stratum=2, n_strata=60)
    rng = np.random.default_rng(1)
    made, close = {
        "jackknife": (survey.jackknife(), 0.04), "Fay": (survey.half_samples(rho=0.5), 0.04),
        "bootstrap": (survey.bootstrap(2000, rng=rng), 0.1),
    }[kind]  # fmt: skip
    columns = treatment_coded(survey, ["g", "x"], categories=["g"])
    totals = {"(Intercept)": 700.0, "g1": 340.0, "x": 1060.0}
    for adjusted, wanted in (
        (made.poststratified({"g": GROUPS}), survey.poststratified({"g": GROUPS})),
        (made.calibrated_to(totals, columns=columns), survey.calibrated_to(totals, columns=columns)),
    ):
        ours, theirs = adjusted.mean("y")["y"], wanted.mean("y")["y"]
        assert ours.value == pytest.approx(theirs.value)
        assert ours.standard_error == pytest.approx(theirs.standard_error, rel=close)
        assert adjusted.total("y")["y"].standard_error < made.total("y")["y"].standard_error


def test_all_replicates_at_once_are_each_by_itself() -> None:
    survey = stratified(3)
    made, totals = survey.jackknife(), {"(Intercept)": 150.0, "x": 228.0}
    x = np.column_stack([np.ones(survey.n), survey.table.numbers("x")])
    found = made.calibrated_to(totals).replicates.matrix()
    for column, own in zip(found.T, made.replicates.matrix().T, strict=True):
        wanted = own * calibrated_weights(x, own, [150.0, 228.0]).factors
        np.testing.assert_allclose(column, wanted, atol=1e-7)


def test_bounded_distances_are_solved_one_by_one() -> None:
    made = stratified(4).jackknife()
    found = made.calibrated_to({"(Intercept)": 150.0, "x": 226.0}, distance="logit", bounds=(0.3, 3.0))
    reached = made.table.numbers("x") @ found.replicates.matrix()
    np.testing.assert_allclose(reached, 226, rtol=1e-8)
    assert (found.replicates.matrix() >= 0).all()


def test_calibration_total_has_no_variance_left() -> None:
    made = stratified(5).jackknife().calibrated_to({"(Intercept)": 150.0, "x": 228.0})
    assert made.total("x")["x"].standard_error == pytest.approx(0, abs=1e-8)


def test_replicate_without_a_cell_is_named() -> None:
    survey = stratified(6)
    rare = dict(survey.table.columns) | {"rare": (survey.table.numbers("c") == 0).astype(int)}
    made = type(survey)(rare, weights="w", strata="h", clusters="c").jackknife()
    with pytest.raises(InvalidCounts, match="none of 1 in 1 replicates"):
        made.poststratified({"rare": {0: 90.0, 1: 10.0}})
    with pytest.raises(InvalidCounts, match="vary in every replicate"):
        made.calibrated_to({"(Intercept)": 100.0, "rare": 10.0})
    with pytest.raises(InvalidShape, match="one or more margins"):
        made.raked({})
