"""Seeded smoke of the simulations whose full figures `python -m bench.coverage` prints."""

import numpy as np
import pytest

from bench.index_coverage import index_coverage
from bench.labels import N_UNITS, discoveries, false_label_rates


@pytest.mark.parametrize("n", [30, 100, 400])
@pytest.mark.parametrize("p", [0.88, 0.95])
def test_identical_units_are_rarely_labelled_coverage(n: int, p: float) -> None:
    rate = false_label_rates(np.random.default_rng(n), n=np.full(N_UNITS, n), p=p, n_provinces=200)
    assert rate["exact"] <= 0.05 + 1.645 * np.sqrt(0.05 * 0.95 / 200)


def test_plain_z_would_label_too_many() -> None:
    rate = false_label_rates(np.random.default_rng(1), n=np.full(N_UNITS, 30), p=0.95, n_provinces=200)
    assert rate["plain z"] > 0.10


@pytest.mark.parametrize("n", [50, 100])
@pytest.mark.parametrize("p", [0.80, 0.90])
def test_index_interval_holds_the_truth_and_answers_as_people_do_not_coverage(n: int, p: float) -> None:
    found = index_coverage(np.random.default_rng(n), n=n, p=p, n_samples=800, model="own rate")
    naive = found.pop("answers as people")
    assert min(found.values()) >= 0.94 - 2 * np.sqrt(0.94 * 0.06 / 800)
    assert naive < 0.6


@pytest.mark.parametrize("correlation", [0.3, 0.8])
def test_index_interval_holds_the_truth_over_device_days_coverage(correlation: float) -> None:
    rng = np.random.default_rng(7)
    found = index_coverage(
        rng, n=200, p=0.85, n_samples=600, model="own rate", correlation=correlation, days=True
    )
    naive = found.pop("answers as people")
    assert min(found.values()) >= 0.94 - 2 * np.sqrt(0.94 * 0.06 / 600)
    assert naive < 0.75


def test_false_discoveries_stay_below_their_rate_coverage() -> None:
    found = discoveries(
        np.random.default_rng(1), n=400, p=0.88, effect=0.05, n_provinces=100, adjustment="bh"
    )
    assert found["false"] <= 0.05 + 0.02
    assert found["found"] > 0.3
