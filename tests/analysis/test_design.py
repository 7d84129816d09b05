"""Surveys: estimates and their design-based variances."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import Survey
from analysis.errors import InvalidCounts, InvalidOption, InvalidShape, StatisticsError
from analysis.surveys.linearisation import LONELY
from analysis.surveys.projection import Projection

# Lohr (1999), Sampling: Design and Analysis, example 5.2: grade points of the four students of each of five
# suites drawn from a hundred.
SUITES = np.array([
    [3.08, 2.60, 3.44, 3.04],
    [2.36, 3.04, 3.28, 2.68],
    [2.00, 2.56, 2.52, 1.88],
    [3.00, 2.88, 3.44, 3.64],
    [2.68, 1.92, 3.28, 3.20],
])  # fmt: skip


def test_cluster_sample_against_textbook() -> None:
    data = {
        "gpa": SUITES.ravel(),
        "suite": np.repeat(np.arange(5), 4),
        "w": np.full(20, 20.0),
        "N": np.full(20, 100),
    }
    survey = Survey(data, weights="w", clusters="suite", fpc="N")
    assert survey.total("gpa")["gpa"].value == pytest.approx(1130.4)
    found = survey.mean("gpa")["gpa"]
    assert (found.value, found.standard_error) == (pytest.approx(2.826), pytest.approx(0.1637, abs=5e-5))
    assert found.df == 4


def test_simple_random_sample_is_the_plain_formula_against_theory() -> None:
    y = np.array([3.0, 4, 5, 5, 1, 2, 4])
    found = Survey({"y": y}).mean("y")["y"]
    assert found.standard_error == pytest.approx(y.std(ddof=1) / np.sqrt(7))
    assert found.design_effect == pytest.approx(1.0)


def random_design(seed: int) -> dict[str, np.ndarray]:
    """Two strata of clusters of clusters of people, every size known."""
    rng = np.random.default_rng(seed)
    rows = []
    for stratum in range(2):
        n_first, of_first = rng.integers(2, 5), rng.integers(5, 9)
        for first in range(n_first):
            n_second, of_second = rng.integers(2, 4), rng.integers(4, 7)
            for second in range(n_second):
                n_third, of_third = rng.integers(2, 5), rng.integers(5, 9)
                weight = of_first / n_first * of_second / n_second * of_third / n_third
                rows += [
                    (stratum, first, second, third, of_first, of_second, of_third, weight, rng.integers(0, 3))
                    for third in range(n_third)
                ]  # fmt: skip
    names = ("stratum", "a", "b", "c", "A", "B", "C", "w", "unit")
    table = {name: np.array(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}
    return table | {"y": rng.normal(3, 1, len(rows))}


def naive_variance(rows: list[dict[str, Any]], path: list[tuple[str, str]], stratum: str | None) -> float:
    """Variance of Σ u by recursion over stages, u already weighted, in plain loops."""
    if not path:
        return 0.0
    (cluster, size), deeper = path[0], path[1:]
    total = 0.0
    for h in {row[stratum] for row in rows} if stratum else {None}:
        inside = [row for row in rows if stratum is None or row[stratum] == h]
        groups = [
            [row for row in inside if row[cluster] == c] for c in sorted({row[cluster] for row in inside})
        ]
        n, of = len(groups), inside[0][size]
        sums = np.array([sum(row["u"] for row in group) for group in groups])
        total += (1 - n / of) * n * sums.var(ddof=1)
        total += n / of * sum(naive_variance(group, deeper, None) for group in groups)
    return total


@pytest.mark.parametrize("seed", range(8))
def test_three_stages_against_plain_recursion(seed: int) -> None:
    data = random_design(seed)
    survey = Survey(data, weights="w", strata="stratum", clusters=["a", "b", "c"], fpc=["A", "B", "C"])
    path = [("a", "A"), ("b", "B"), ("c", "C")]
    for unit in np.unique(data["unit"]):
        inside = data["unit"] == unit
        w, y = data["w"], data["y"]
        mean = (w * y)[inside].sum() / w[inside].sum()
        u = np.where(inside, w * (y - mean), 0) / w[inside].sum()
        columns = {name: data[name] for name in "abcABC"} | {"stratum": data["stratum"], "u": u}
        rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        found = survey.mean("y", by="unit")[unit]
        assert found.value == pytest.approx(mean)
        assert found.standard_error**2 == pytest.approx(naive_variance(rows, path, "stratum"))


@given(st.integers(0, 10_000), st.floats(0.01, 100))
@settings(max_examples=30, deadline=None)
def test_order_of_rows_names_of_labels_and_scale_of_weights_change_nothing(seed: int, scale: float) -> None:
    data = random_design(seed)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(data["y"]))
    shuffled = {name: column[order] for name, column in data.items()}
    shuffled["stratum"] = np.array(["high", "low"])[shuffled["stratum"]]
    shuffled["w"] = shuffled["w"] * scale
    design = {"weights": "w", "strata": "stratum", "clusters": ["a", "b"], "fpc": ["A", "B"]}
    one, other = (Survey(table, **design).mean("y", by="unit").estimates for table in (data, shuffled))
    np.testing.assert_allclose(one.value, other.value, rtol=1e-9)
    np.testing.assert_allclose(one.standard_error, other.standard_error, rtol=1e-8)


def test_domains_partition_the_total() -> None:
    data = random_design(3)
    survey = Survey(data, weights="w", strata="stratum", clusters="a")
    parts = survey.total("y", by="unit").estimates
    assert parts.value.sum() == pytest.approx(survey.total("y")["y"].value)


def test_domain_keeps_clusters_without_members() -> None:
    data = {"y": [1.0, 0, 1, 1], "day": [1, 1, 2, 3], "unit": ["A", "A", "B", "B"]}
    survey = Survey(data, clusters="day")
    alone = Survey({"y": [1.0, 1], "day": [2, 3]}, clusters="day")
    assert survey.df == 2
    assert survey.mean("y", by="unit").estimates.df.tolist() == [2, 2]
    assert survey.mean("y", by="unit", df="domain").estimates.df.tolist() == [0, 1]
    assert survey.total("y", by="unit")["B"].standard_error > alone.total("y")["y"].standard_error


def test_contrast_uses_the_covariance_of_shared_clusters() -> None:
    rng = np.random.default_rng(5)
    day = np.repeat(np.arange(20), 10)
    y = rng.normal(0, 1, 20)[day] + rng.normal(0, 0.1, 200)
    survey = Survey({"y": y, "day": day, "unit": np.tile([0, 1], 100)}, clusters="day")
    found = survey.mean("y", by="unit", covariance=True)
    difference = found.contrast({0: 1, 1: -1})
    apart = np.hypot(found[0].standard_error, found[1].standard_error)
    assert difference.standard_error < apart / 3
    with pytest.raises(InvalidOption):
        survey.mean("y", by="unit").contrast({0: 1, 1: -1})
    with pytest.raises(InvalidShape):
        found.contrast({0: 1, 9: -1})


def test_missing_answers_leave_the_mean_but_not_the_design() -> None:
    with_gap = Survey({"y": [1.0, np.nan, 0, 1], "day": [1, 2, 3, 3]}, clusters="day")
    assert with_gap.mean("y")["y"].n_respondents == 3
    assert with_gap.mean("y")["y"].df == 2
    with pytest.raises(InvalidCounts):
        with_gap.total("y")
    assert with_gap.total("y", missing="zero")["y"].value == 2


def test_design_effect_compares_with_those_who_answered_against_theory() -> None:
    y = np.array([3.0, np.nan, 5, 5, 1, np.nan, 4, 2])
    w = np.array([1.0, 9, 2, 1, 3, 9, 2, 1])
    survey = Survey({"y": y, "w": w, "c": [1, 1, 2, 2, 3, 3, 4, 4]}, weights="w", clusters="c")
    answered = ~np.isnan(y)
    centre = np.average(y[answered], weights=w[answered])
    spread = np.average((y[answered] - centre) ** 2, weights=w[answered])
    for found in (survey.mean("y")["y"], survey.jackknife().mean("y")["y"]):
        assert found.design_effect == pytest.approx(found.standard_error**2 / (spread / (answered.sum() - 1)))


def test_no_spread_far_from_zero_is_no_variance_degenerate() -> None:
    y = np.array([666.7, 666.7, 666.7, 812.3, 471.9])
    survey = Survey({"y": y, "w": [30.97, 44.2, 33.8, 12.1, 7.7], "g": list("aaabc")}, weights="w")
    found = survey.mean("y", by="g")
    assert [found[group].standard_error for group in "abc"] == pytest.approx([0, 0, 0], abs=1e-9)
    assert found["a"].value == pytest.approx(666.7)


def test_median_by_unit_against_plain_median() -> None:
    data = {"y": [1.0, 2, 3, 10, 20, 30, 40, 50], "unit": ["A"] * 3 + ["B"] * 5}
    found = Survey(data).quantile("y", [0.5], by="unit")
    assert (found["A", 0.5].value, found["B", 0.5].value) == (2, 30)
    assert found["B", 0.5].ci_low <= 30 <= found["B", 0.5].ci_high


def test_calibrated_on_the_variable_itself_leaves_no_variance() -> None:
    rng = np.random.default_rng(2)
    y = rng.normal(5, 1, 50)
    survey = Survey({"y": y})
    sure = survey.calibrated(survey.weights, Projection.of(np.column_stack([np.ones(50), y]), survey.weights))
    assert sure.mean("y")["y"].standard_error == pytest.approx(0, abs=1e-10)
    assert survey.mean("y")["y"].standard_error > 0.1


@pytest.mark.parametrize("lonely", LONELY)
def test_lonely_cluster_follows_its_policy(lonely: str) -> None:
    data = {"y": [1.0, 0, 1, 1, 5], "h": [1, 1, 2, 2, 3]}
    if lonely == "fail":
        with pytest.raises(InvalidCounts, match="with one"):
            Survey(data, strata="h", lonely=lonely).mean("y")
        return
    variance = Survey(data, strata="h", lonely=lonely).mean("y")["y"].standard_error ** 2
    known = (0.5 + 0.0) * 2 / 25
    expected = {
        "adjust": known + (5 - 1.6) ** 2 / 25, "average": known * 3 / 2, "remove": known, "certainty": known
    }  # fmt: skip
    assert variance == pytest.approx(expected[lonely])


def test_one_cluster_gives_a_value_and_no_limits_degenerate() -> None:
    found = Survey({"y": [1.0, 0, 1], "day": [1, 1, 1]}, clusters="day").mean("y")["y"]
    assert found.value == pytest.approx(2 / 3)
    assert (found.ci_low, found.ci_high) == (-np.inf, np.inf)
    assert np.isnan(found.standard_error)


def test_census_has_no_sampling_error_degenerate() -> None:
    found = Survey({"y": [1.0, 0, 1], "N": [3, 3, 3]}, fpc="N").mean("y")["y"]
    assert (found.standard_error, found.ci_low) == (0, pytest.approx(2 / 3))


@pytest.mark.parametrize(
    ("data", "design", "error"),
    [
        ({"y": []}, {}, InvalidCounts),
        ({"y": [1, 2], "w": [0, 0]}, {"weights": "w"}, InvalidCounts),
        ({"y": [1, 2], "w": [1, -1]}, {"weights": "w"}, InvalidCounts),
        ({"y": [1, 2], "w": [1, np.nan]}, {"weights": "w"}, InvalidCounts),
        ({"y": [1, 2, 3], "N": [2, 2, 2]}, {"fpc": "N"}, InvalidCounts),
        ({"y": [1, 2, 3], "N": [5, 6, 5]}, {"fpc": "N"}, InvalidCounts),
        ({"y": [1, 2], "N": [5, 5]}, {"fpc": ["N", "N"]}, InvalidShape),
        ({"y": [1, 2]}, {"strata": "h"}, InvalidShape),
        ({"y": [1, 2]}, {"lonely": "hide"}, InvalidOption),
        ({"y": [1, 2]}, {"confidence_level": 95}, InvalidOption),
    ],
)
def test_survey_rejects_bad_input(
    data: dict[str, Any], design: dict[str, Any], error: type[StatisticsError]
) -> None:
    with pytest.raises(error):
        Survey(data, **design)


def test_bad_questions_are_refused_by_name() -> None:
    survey = Survey({"y": [1.0, 2, 3], "unit": ["A", "A", "B"]})
    with pytest.raises(InvalidShape):
        survey.mean("z")
    with pytest.raises(InvalidOption):
        survey.quantile("y", [50])
    with pytest.raises(InvalidOption):
        survey.mean("y", by="unit", df="some")
    with pytest.raises(InvalidOption):
        survey.total("y", missing="skip")
    with pytest.raises(InvalidCounts):
        survey.totals({"y": [1.0, np.nan, 2.0]})
    with pytest.raises(InvalidShape):
        survey.covariance(np.ones((2, 1)))
    with pytest.raises(InvalidShape):
        survey.mean("y", by="unit")["C"]


def test_share_takes_the_interval_recommended_for_it() -> None:
    rng = np.random.default_rng(8)
    data = {
        "top": (rng.random(400) < 0.9).astype(float),
        "unit": np.repeat(["A", "B"], 200),
        "day": np.arange(400) // 5,
    }
    data["top"][200:] = 1.0
    shares = Survey(data, clusters="day").share("top", by="unit")
    plain = Survey(data, clusters="day").mean("top", by="unit")
    assert shares["A"].value == plain["A"].value
    assert shares["B"].value == 1
    assert 0.95 < shares["B"].ci_low < 1
    assert shares.estimates.method == "auto: korn_graubard/wilson"
    assert Survey(data).share("top", interval="logit").estimates.method == "logit"


def test_share_of_other_values_is_refused() -> None:
    with pytest.raises(InvalidCounts, match="0, 1 or missing"):
        Survey({"rate": [1.0, 5.0]}).share("rate")
    with pytest.raises(InvalidOption):
        Survey({"top": [1.0, 0.0]}).share("top", interval="widest")


@given(
    st.integers(0, 10_000), st.sampled_from(["auto", "wilson", "korn_graubard", "beta", "jeffreys", "asin"])
)
@settings(max_examples=40, deadline=None)
def test_share_lies_in_its_interval_inside_0_and_1(seed: int, interval: str) -> None:
    data = random_design(seed)
    data["top"] = (data["y"] > 2.5).astype(float)
    survey = Survey(data, weights="w", strata="stratum", clusters=["a", "b"], fpc=["A", "B"])
    found = survey.share("top", by="unit", interval=interval).estimates
    assert ((found.ci_low >= 0) & (found.ci_high <= 1)).all()
    assert ((found.ci_low <= found.value + 1e-12) & (found.value <= found.ci_high + 1e-12)).all()
