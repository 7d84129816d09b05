"""Smoke of the coverage study `python -m bench.interval_coverage` prints in full."""

import numpy as np
import pytest

from bench.interval_coverage import (
    binomial_figures,
    clustered_figures,
    difference_figures,
    ever_missed_by_streams,
    tables,
)

GRID = np.linspace(0.5, 0.99, 99)


@pytest.mark.parametrize("n", [20, 50, 100])
@pytest.mark.parametrize("method", ["clopper_pearson", "wilson_cc"])
def test_exact_tails_never_cover_less_than_told_coverage(method: str, n: int) -> None:
    coverage = [figures[0] for figures in binomial_figures(method, n, GRID)]
    assert min(coverage) >= 0.95


@pytest.mark.parametrize("n", [30, 100, 400])
@pytest.mark.parametrize("method", ["wilson", "agresti_coull", "mid_p", "jeffreys", "auto"])
def test_recommended_kinds_cover_on_average_coverage(method: str, n: int) -> None:
    coverage = [figures[0] for figures in binomial_figures(method, n, GRID)]
    assert np.mean(coverage) == pytest.approx(0.955, abs=0.01)
    assert min(coverage) > 0.87


def test_known_coverages_against_theory() -> None:
    """Of p = 0.95: n = 30 and n = 100, and Wald at p = 0.99."""
    wald, wilson, jeffreys, exact = (
        binomial_figures(method, 30, [0.95])[0][0]
        for method in ("wald", "wilson", "jeffreys", "clopper_pearson")
    )
    assert [f"{figure:.2f}" for figure in (wald, wilson, jeffreys, exact)] == ["0.78", "0.94", "0.98", "0.98"]
    assert binomial_figures("wald", 100, [0.99])[0][0] == pytest.approx(0.633, abs=0.001)


def test_ignored_device_days_cover_too_little_coverage() -> None:
    found = clustered_figures(np.random.default_rng(1), n_days=40, p=0.9, n_samples=1500)
    assert found["people as independent"][0] < 0.92
    for method in ("wilson", "korn_graubard", "logit", "auto"):
        assert found[method][0] >= 0.95 - 2 * np.sqrt(0.05 * 0.95 / 1500), method


@pytest.mark.parametrize("method", ["newcombe", "miettinen_nurminen", "mee", "agresti_caffo"])
def test_differences_cover_where_wald_does_not_coverage(method: str) -> None:
    pairs = [(0.95, 0.95), (0.9, 0.8), (0.5, 0.5)]
    assert min(figures[0] for figures in difference_figures(method, (30, 100), pairs)) >= 0.94
    assert min(figures[0] for figures in difference_figures("wald", (30, 100), pairs)) < 0.9


def test_watched_device_days_are_covered_with_their_design_effect_coverage() -> None:
    missed = ever_missed_by_streams(np.random.default_rng(2), p=0.9, n_days=100, n_streams=600)
    assert missed["sequence, deff known"] <= 0.05
    assert missed["Wilson, deff known"] > 0.2


def test_tables_are_markdown_of_one_width_each() -> None:
    lines = list(tables(n_samples=20, sizes=(20,), last_look=60))
    widths = [line.count("|") for line in lines if line.startswith("| ")]
    assert len(set(widths)) > 3
    assert not [line for line in lines if "nan" in line]
