"""Estimates of a survey with replicate weights."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import Survey
from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.surveys.replicates import ReplicateSurvey
from tests.analysis.surveys.test_replication import stratified


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_any_function_gives_what_the_named_estimators_give(seed: int) -> None:
    made = stratified(seed).jackknife()
    y, x, g = (made.table.numbers(name) for name in ("y", "x", "g"))
    found = made.estimate(
        lambda w: [w @ y / w.sum(), w @ y, w @ y / (w @ x), (w * g) @ y / (w @ g)],
        labels=["m", "t", "r", "d"],
    )
    named = [
        made.mean("y")["y"],
        made.total("y")["y"],
        made.ratio("y", "x")["y/x"],
        made.mean("y", by="g")[1],
    ]
    np.testing.assert_allclose(found.estimates.value, [each.value for each in named])
    np.testing.assert_allclose(found.estimates.standard_error, [each.standard_error for each in named])


def test_covariance_serves_contrasts_between_domains() -> None:
    made = stratified(2).jackknife()
    y, g = made.table.numbers("y"), made.table.numbers("g")
    difference = made.mean("y", by="g", covariance=True).contrast({1: 1, 0: -1})
    direct = made.estimate(lambda w: (w * g) @ y / (w @ g) - (w * (1 - g)) @ y / (w @ (1 - g)))[0]
    assert difference.value == pytest.approx(direct.value)
    assert difference.standard_error == pytest.approx(direct.standard_error)


def test_supplied_weights_give_the_same_as_those_made() -> None:
    made = stratified(3).jackknife()
    columns = {f"r{i}": column for i, column in enumerate(made.replicates.matrix().T)}
    survey = ReplicateSurvey(
        dict(made.table.columns) | columns, weights="w", replicates=list(columns), scale=1.0,
        rscales=made.replicates.rscales, df=made.df,
    )  # fmt: skip
    for ours, theirs in ((survey.mean("y"), made.mean("y")), (survey.total("y"), made.total("y"))):
        assert ours["y"] == theirs["y"] or ours["y"].standard_error == pytest.approx(
            theirs["y"].standard_error
        )


def test_missing_answers_are_outside_a_mean_and_refused_in_a_total() -> None:
    table = {"y": [1.0, np.nan, 3.0, 5.0], "h": [1, 1, 2, 2]}
    survey = Survey(table, strata="h")
    made = survey.jackknife()
    assert made.mean("y")["y"].n_respondents == 3
    assert made.mean("y")["y"].value == pytest.approx(3)
    with pytest.raises(InvalidCounts, match="known for every row"):
        made.total("y")
    wanted = survey.total("y", missing="zero")["y"]
    found = made.total("y", missing="zero")["y"]
    assert (found.value, found.standard_error) == pytest.approx((wanted.value, wanted.standard_error))


def test_share_of_labels_is_the_mean_of_their_indicator() -> None:
    table = {"rate": [5.0, 4, 2, np.nan, 5, 1], "kind": ["a", "b", "a", None, "b", "b"]}
    made = Survey(table | {"top": [1, 1, 0, np.nan, 1, 0]}).jackknife()
    assert made.share("rate", [4, 5])["rate"] == made.mean("top")["top"]
    kinds = made.share("kind", "b")["kind"]
    assert (kinds.value, kinds.n_respondents) == (pytest.approx(0.6), 5)


@pytest.mark.parametrize("by", [None, "g"])
def test_quantiles_agree_with_woodruff_from_linearised_variances(by: str | None) -> None:
    survey = stratified(5, per_stratum=6, n_strata=10, fpc=False)
    found, wanted = (
        survey.jackknife().quantile("y", [0.25, 0.5], by=by),
        survey.quantile("y", [0.25, 0.5], by=by),
    )
    assert found.labels == wanted.labels
    np.testing.assert_allclose(found.estimates.value, wanted.estimates.value)
    spread = np.ptp(survey.table.numbers("y"))
    np.testing.assert_allclose(found.estimates.ci_low, wanted.estimates.ci_low, atol=0.02 * spread)
    np.testing.assert_allclose(found.estimates.ci_high, wanted.estimates.ci_high, atol=0.02 * spread)


def test_domain_missing_from_a_replicate_has_no_variance_degenerate() -> None:
    made = Survey({"u": ["A", "A", "B"], "y": [1.0, 3.0, 5.0]}).jackknife()
    alone = made.mean("y", by="u")["B"]
    assert alone.value == 5
    assert (alone.ci_low, alone.ci_high) == (-np.inf, np.inf)
    assert np.isnan(alone.standard_error)
    quantile = made.quantile("y", [0.5], by="u")["B", 0.5]
    assert (quantile.ci_low, quantile.ci_high) == (-np.inf, np.inf)
    assert np.isfinite(made.mean("y", by="u")["A"].standard_error)


def test_domain_where_nobody_answered_degenerate() -> None:
    made = Survey({"u": ["A", "A", "B"], "y": [1.0, 3.0, np.nan]}).jackknife()
    assert np.isnan(made.mean("y", by="u")["B"].value)
    assert np.isnan(made.quantile("y", [0.5], by="u")["B", 0.5].value)


def test_labels_of_columns_and_domains() -> None:
    made = stratified(1).jackknife()
    assert made.mean(["y", "x"]).labels == ("y", "x")
    assert made.mean(["y", "x"], by="g").labels == (("y", 0), ("y", 1), ("x", 0), ("x", 1))
    assert made.total(["y", "x"]).labels == ("y", "x")


def test_interval_uses_t_with_the_level_of_the_survey() -> None:
    made = stratified(1, confidence_level=0.9).jackknife()
    found = made.mean("y")["y"]
    assert (found.df, found.confidence_level) == (18, 0.9)
    assert (found.ci_high - found.value) / found.standard_error == pytest.approx(1.734, abs=1e-3)


def test_replicate_survey_rejects_bad_input() -> None:
    made = stratified(1).jackknife()
    with pytest.raises(InvalidShape, match="a number or a fixed list"):
        made.estimate(lambda w: np.ones(int(w.sum()) % 3 + 1))
    with pytest.raises(InvalidShape, match="2 labels"):
        made.estimate(lambda w: [w.sum(), 1.0], labels=["a"])
    with pytest.raises(InvalidOption, match="0 < p < 1"):
        made.quantile("y", [1.0])
    with pytest.raises(InvalidShape, match="column among"):
        ReplicateSurvey({"w": [1, 1]}, weights="w", replicates=["a", "b"], method="JK1")
    with pytest.raises(InvalidShape, match="rows"):
        ReplicateSurvey.of(Survey({"y": [1, 2]}).table, made.replicates)
