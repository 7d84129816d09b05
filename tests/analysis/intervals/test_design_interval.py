"""Intervals of a share of a survey design."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats
from scipy.interpolate import CubicSpline

from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.intervals.shares import INTERVALS, design_interval, proportion_interval

CASES = Path(__file__).parents[2] / "reference" / "cases"
METHODS = sorted(INTERVALS)


def expected(case: str) -> dict[str, Any]:
    return json.loads((CASES / f"{case}.json").read_text(encoding="utf-8"))["expected"]


def questions() -> list[tuple[str, dict[str, Any], float, dict[str, list[float]]]]:
    """Case, its design, level and limits; the two further levels of S12 are of the design of S08."""
    at_95 = [
        (case, expected(case), 0.95, expected(case)["ci"]) for case in ("S06", "S07", "S08", "S10", "S11")
    ]
    return at_95 + [("S12", expected("S08"), float(level), ci) for level, ci in expected("S12").items()]


@pytest.mark.parametrize(("case", "design", "level", "limits"), questions())
def test_design_interval_against_r(
    case: str, design: dict[str, Any], level: float, limits: dict[str, list[float]]
) -> None:
    assert len(limits) == 8, case
    for method in limits.keys() - {"likelihood"}:
        found = design_interval(
            design["est"],
            design["se"] ** 2,
            design["n"],
            design["df"],
            method=method,
            confidence_level=level,
            clip=False,
        ).at()
        assert [found.ci_low, found.ci_high] == pytest.approx(limits[method], rel=1e-9), method


@pytest.mark.parametrize(("case", "design", "level", "limits"), questions())
def test_likelihood_against_r(
    case: str, design: dict[str, Any], level: float, limits: dict[str, list[float]]
) -> None:
    found = design_interval(
        design["est"],
        design["se"] ** 2,
        design["n"],
        design["df"],
        method="likelihood",
        confidence_level=level,
    ).at()
    assert [found.ci_low, found.ci_high] == pytest.approx(limits["likelihood"], abs=1e-4), case
    # What is left is R's: it interpolates the profile between a few points. Doing the same leaves no more than
    # the difference between its spline and ours.
    assert r_profile(design, level) == pytest.approx(limits["likelihood"], rel=2e-5), case


def r_profile(design: dict[str, Any], level: float) -> list[float]:
    """Limits read from points one fifth of the way to the 99.75 % region apart, as R's `profile` does."""
    p, n, variance = design["est"], design["n"], design["se"] ** 2
    wanted = stats.norm.cdf(
        stats.t.ppf((1 - level) / 2, design["df"]) * np.sqrt(n * variance / (p * (1 - p)))
    )
    farthest = np.sqrt(stats.f.isf(wanted / 2, 1, n - 1))
    step = farthest / 5 * np.sqrt(variance) / (p * (1 - p))
    logits, roots = [special.logit(p)], [0.0]
    for side in (-1, 1):
        for i in range(1, 10):
            logits.append(special.logit(p) + side * i * step)
            q = special.expit(logits[-1])
            deviance = 2 * (n - 1) * (special.xlogy(p, p / q) + special.xlogy(1 - p, (1 - p) / (1 - q)))
            roots.append(side * np.sqrt(deviance))
            if abs(roots[-1]) >= farthest:
                break
    order = np.argsort(logits)
    curve = CubicSpline(np.array(logits)[order], np.array(roots)[order])
    grid = np.linspace(min(logits), max(logits), 3 * len(logits))
    ends = stats.norm.ppf([wanted, 1 - wanted])
    return special.expit(np.interp(ends, curve(grid), grid)).tolist()


@pytest.mark.parametrize("case", ["S06", "S08"])
def test_design_reports_what_it_used(case: str) -> None:
    design = expected(case)
    found = design_interval(design["est"], design["se"] ** 2, design["n"], design["df"]).at()
    assert found.n_effective == pytest.approx(design["n_eff"])
    assert found.standard_error == pytest.approx(design["se"])
    assert found.design_effect == pytest.approx(design["n"] / design["n_eff"])
    assert (found.n_respondents, found.df, found.method) == (design["n"], design["df"], "wilson")


@given(
    st.integers(2, 400).flatmap(lambda n: st.tuples(st.integers(1, n - 1), st.just(n))),
    st.floats(0.5, 5),
    st.sampled_from(METHODS),
)
@settings(max_examples=100)
def test_design_and_counts_agree_where_both_say_the_same(
    counts: tuple[int, int], effect: float, method: str
) -> None:
    k, n = counts
    p = k / n
    one = design_interval(p, effect * p * (1 - p) / n, n, 9, method=method).at()
    other = proportion_interval(k, n, design_effect=effect, df=9, method=method).at()
    # The likelihood of a design is scaled by the dispersion n / (n-1) of its answers.
    slack = 1 / n if method == "likelihood" else 1e-9
    assert (one.ci_low, one.ci_high) == pytest.approx((other.ci_low, other.ci_high), abs=slack)


@pytest.mark.parametrize("method", sorted(set(METHODS) - {"logit", "wald", "jeffreys_equal_tailed"}))
@pytest.mark.parametrize("share", [0.0, 1.0, 1e-14, 1 - 1e-14])
def test_boundary_borrows_a_design_effect_degenerate(method: str, share: float) -> None:
    found = design_interval(share, 0.0, 60, 14, method=method, borrowed_design_effect=[1.0, 2.0])
    width = found.ci_high - found.ci_low
    assert 0 < width[0] < width[1] < 0.5
    assert found.design_effect.tolist() == [1, 2]
    assert (found.value == round(share)).all()


def test_one_cluster_without_variance_borrows_and_has_no_degrees_of_freedom_degenerate() -> None:
    found = design_interval([0.8, 0.8], [np.nan, 0.01], 60, [0, 14], borrowed_design_effect=2)
    assert found.n_effective.tolist() == pytest.approx([30, 16])
    assert found.df.tolist() == [np.inf, 14]


def test_nobody_in_the_domain_is_unknown_degenerate() -> None:
    found = design_interval([np.nan, 0.5], [np.nan, 0.01], [0, 25], [0, 3], method="beta")
    assert np.isnan(found.value[0])
    assert (found.ci_low[0], found.ci_high[0]) == (0.0, 1.0)


def test_variance_of_zero_inside_is_a_census_degenerate() -> None:
    found = design_interval(0.6, 0.0, 50, 49, method="logit").at()
    assert found.ci_low == found.ci_high == 0.6
    assert found.n_effective == np.inf


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"p": 1.2}, InvalidCounts),
        ({"p": -0.1}, InvalidCounts),
        ({"p": np.nan}, InvalidCounts),
        ({"variance": -0.01}, InvalidCounts),
        ({"variance": np.inf}, InvalidCounts),
        ({"n": 20.5}, InvalidCounts),
        ({"n": -3}, InvalidCounts),
        ({"n": np.nan}, InvalidCounts),
        ({"df": 0}, InvalidOption),
        ({"df": np.nan}, InvalidOption),
        ({"df": [1, 2, 3], "n": [10, 20]}, InvalidShape),
        ({"method": "unknown"}, InvalidOption),
        ({"confidence_level": 1.0}, InvalidOption),
        ({"borrowed_design_effect": 0}, InvalidOption),
    ],
)
def test_design_interval_rejects_bad_input(change: dict[str, Any], error: type) -> None:
    arguments = {"p": 0.5, "variance": 0.01, "n": 40, "df": 9} | change
    with pytest.raises(error):
        design_interval(**arguments)
