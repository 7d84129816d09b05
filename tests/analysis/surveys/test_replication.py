"""Replicate weights made from a design."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import Survey
from analysis.errors import InvalidCounts, InvalidOption


def stratified(
    seed: int, *, per_stratum: int = 4, n_strata: int = 6, fpc: bool = True, **options: object
) -> Survey:
    """Clusters of three rows."""
    rng = np.random.default_rng(seed)
    n = 3 * per_stratum * n_strata
    cluster = np.arange(n) // 3
    table = {
        "h": cluster // per_stratum, "c": cluster, "y": rng.normal(10, 2, n) + rng.normal(0, 1, n)[cluster],
        "x": rng.uniform(1, 2, n), "top": rng.integers(0, 2, n), "g": rng.integers(0, 2, n), "w": rng.uniform(1, 3, n),
        "N": np.repeat(rng.integers(2 * per_stratum, 9 * per_stratum, n_strata), 3 * per_stratum),
    }  # fmt: skip
    plan = {"fpc": "N"} if fpc else {}
    return Survey(table, weights="w", strata="h", clusters="c", **plan, **options)


@given(st.integers(0, 10_000), st.booleans())
@settings(max_examples=25, deadline=None)
def test_jackknife_of_totals_is_linearised_exactly(seed: int, fpc: bool) -> None:
    survey = stratified(seed, fpc=fpc)
    found, wanted = survey.jackknife().total("y", by="g"), survey.total("y", by="g")
    np.testing.assert_allclose(found.estimates.value, wanted.estimates.value)
    np.testing.assert_allclose(found.estimates.standard_error, wanted.estimates.standard_error, rtol=1e-9)
    assert found.estimates.df[0] == survey.df


@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.3, 0.5]), st.booleans())
@settings(max_examples=25, deadline=None)
def test_half_samples_of_totals_are_linearised_exactly(seed: int, rho: float, fpc: bool) -> None:
    survey = stratified(seed, per_stratum=2, n_strata=7, fpc=fpc)
    made = survey.half_samples(rho=rho)
    found, wanted = made.total("y", by="g"), survey.total("y", by="g")
    np.testing.assert_allclose(found.estimates.standard_error, wanted.estimates.standard_error, rtol=1e-9)
    assert made.replicates.n_replicates == 8
    assert made.replicates.method == ("Fay" if rho else "BRR")


@pytest.mark.parametrize("fpc", [False, True])
def test_smooth_figures_agree_with_linearised_variances(fpc: bool) -> None:
    survey = stratified(1, per_stratum=2, n_strata=60, fpc=fpc)
    rng = np.random.default_rng(1)
    ways = (
        (survey.jackknife(), 0.02), (survey.half_samples(rho=0.5), 0.02), (survey.half_samples(), 0.05),
        (survey.bootstrap(2000, rng=rng), 0.08),
    )  # fmt: skip
    for made, close in ways:
        for wanted, found in (
            (survey.mean(["y", "top"]), made.mean(["y", "top"])),
            (survey.ratio("y", "x"), made.ratio("y", "x")),
            (survey.mean("y", by="g"), made.mean("y", by="g")),
        ):
            np.testing.assert_allclose(found.estimates.value, wanted.estimates.value)
            np.testing.assert_allclose(
                found.estimates.standard_error, wanted.estimates.standard_error, rtol=close
            )
            np.testing.assert_allclose(
                found.estimates.design_effect, wanted.estimates.design_effect, rtol=3 * close
            )


def test_jackknife_by_hand() -> None:
    survey = Survey({"y": [1.0, 4.0, 7.0]})
    made = survey.jackknife()
    assert made.replicates.method == "JK1"
    assert made.mean("y")["y"].standard_error == pytest.approx(np.sqrt(2 / 3 * (1.5**2 + 1.5**2)))


def test_stratified_jackknife_weights_by_hand() -> None:
    survey = Survey({"h": [1, 1, 2, 2, 2], "w": [1.0, 1, 2, 2, 2]}, strata="h", weights="w")
    made = survey.jackknife().replicates
    assert made.method == "JKn"
    assert made.matrix()[:, 0].tolist() == [0, 2, 2, 2, 2]
    assert made.matrix()[:, 3].tolist() == [1, 1, 3, 0, 3]
    assert made.rscales.tolist() == pytest.approx([1 / 2, 1 / 2, 2 / 3, 2 / 3, 2 / 3])


@given(st.integers(0, 1000), st.booleans())
@settings(max_examples=15, deadline=None)
def test_bootstrap_keeps_strata_and_never_goes_below_zero(seed: int, fpc: bool) -> None:
    survey = stratified(seed, fpc=fpc)
    made = survey.bootstrap(50, rng=np.random.default_rng(seed)).replicates
    assert (made.factors >= 0).all()
    sums = np.array([made.factors[survey.stages.stages[0].cluster_strata == h].sum(axis=0) for h in range(6)])
    np.testing.assert_allclose(sums, 4)


def test_bootstrap_of_a_total_is_unbiased_with_correction() -> None:
    survey = stratified(3)
    made = survey.bootstrap(6000, rng=np.random.default_rng(9))
    wanted = survey.total("y")["y"].standard_error
    assert made.total("y")["y"].standard_error == pytest.approx(wanted, rel=0.03)
    without = survey.bootstrap(6000, rng=np.random.default_rng(9), corrected=False)
    assert without.total("y")["y"].standard_error > 1.05 * wanted


def test_bootstrap_takes_strata_of_different_size() -> None:
    sizes = [2, 5, 2, 3]
    h = np.repeat(np.arange(4), sizes)
    rng = np.random.default_rng(4)
    survey = Survey({"h": h, "y": rng.normal(size=12) + 3 * h}, strata="h")
    made = survey.bootstrap(4000, rng=rng)
    assert made.total("y")["y"].standard_error == pytest.approx(
        survey.total("y")["y"].standard_error, rel=0.05
    )


def test_same_seed_gives_the_same_replicates() -> None:
    first, second = (stratified(1).bootstrap(20, rng=np.random.default_rng(5)).replicates for _ in range(2))
    np.testing.assert_array_equal(first.factors, second.factors)


def test_stratum_sampled_whole_adds_nothing() -> None:
    table = {"h": [1, 1, 2, 2, 2], "y": [1.0, 9, 2, 3, 7], "N": [2, 2, 30, 30, 30]}
    survey = Survey(table, strata="h", fpc="N")
    for made in (survey.jackknife(), survey.bootstrap(4000, rng=np.random.default_rng(1))):
        assert made.total("y")["y"].standard_error == pytest.approx(
            survey.total("y")["y"].standard_error, rel=0.05
        )
    assert survey.jackknife().replicates.n_replicates == 3


def test_lonely_stratum_is_refused_unless_removed() -> None:
    table = {"h": [1, 2, 2, 2], "y": [1.0, 2, 3, 7]}
    for lonely in ("adjust", "average", "fail"):
        with pytest.raises(InvalidCounts, match="1 strata with one"):
            Survey(table, strata="h", lonely=lonely).jackknife()
    survey = Survey(table, strata="h", lonely="remove")
    for made in (survey.jackknife(), survey.bootstrap(4000, rng=np.random.default_rng(1))):
        assert made.total("y")["y"].standard_error == pytest.approx(
            survey.total("y")["y"].standard_error, rel=0.05
        )


def test_replication_rejects_bad_input() -> None:
    survey = stratified(1)
    with pytest.raises(InvalidCounts, match="two clusters in every stratum"):
        survey.half_samples()
    with pytest.raises(InvalidOption, match="rho"):
        stratified(1, per_stratum=2).half_samples(rho=1.0)
    with pytest.raises(InvalidOption, match="n_replicates"):
        survey.bootstrap(1, rng=np.random.default_rng(1))
    with pytest.raises(InvalidOption, match="design weights"):
        survey.poststratified({"g": {0: 1, 1: 1}}).jackknife()
    with pytest.raises(InvalidCounts, match="one cluster"):
        Survey({"c": [1, 1], "y": [1, 2]}, clusters="c", lonely="remove").jackknife()
    with pytest.raises(InvalidCounts, match="clusters times replicates"):
        Survey({"y": np.zeros(20_000)}).jackknife()
