"""Power of a comparison, and the smallest difference that shows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special
from statsmodels.stats import proportion

from analysis.comparing.targets import n_to_confirm
from analysis.errors import StatisticsError
from analysis.planning.comparison_sizes import change_sample_size, unit_sample_size
from analysis.planning.power import change_power, detectable_share


@pytest.mark.parametrize(
    ("before", "after", "n"), [(0.8, 0.9, 199), (0.85, 0.9, 686), (0.9, 0.93, 1356), (0.8, 0.83, 2629)]
)
def test_sizes_for_a_change_against_the_reference_card(before: float, after: float, n: int) -> None:
    plan = change_sample_size(before, after)
    assert plan.n_first == plan.n_second == n
    assert change_sample_size(after, before).n_first == n
    assert plan.power >= 0.8 > change_power(before, after, n - 1, n - 1)


@given(st.floats(0.05, 0.9), st.floats(0.02, 0.09), st.integers(20, 3_000), st.floats(0.5, 2))
@settings(deadline=None)
def test_power_of_two_waves_against_statsmodels(p: float, d: float, n: int, ratio: float) -> None:
    wanted = proportion.power_proportions_2indep(d, p, n, ratio=ratio, return_results=False)
    # That program adds the chance of a significant change the wrong way round.
    wrong_way = proportion.power_proportions_2indep(d, p, n, ratio=ratio, alternative="smaller", alpha=0.025)
    found = change_power(p, p + d, n * ratio, n)
    assert found == pytest.approx(wanted - wrong_way.power, abs=1e-9)


def test_power_of_two_waves_against_simulation() -> None:
    rng = np.random.default_rng(7)
    k = rng.binomial(300, [[0.85], [0.92]], size=(2, 40_000)) / 300
    pooled = k.mean(axis=0)
    z = (k[1] - k[0]) / np.sqrt(pooled * (1 - pooled) * 2 / 300)
    assert change_power(0.85, 0.92, 300, 300) == pytest.approx((z > 1.96).mean(), abs=0.02)


def test_power_of_a_panel_against_simulation_of_mcnemar() -> None:
    rng, n, both = np.random.default_rng(8), 400, 0.85 * 0.9 + 0.4 * np.sqrt(0.85 * 0.15 * 0.9 * 0.1)
    cells = rng.multinomial(n, [both, 0.85 - both, 0.9 - both, 1 - 0.85 - 0.9 + both], size=40_000)
    lost, won = cells[:, 1], cells[:, 2]
    z = (won - lost) / np.sqrt(np.maximum(won + lost, 1))
    found = change_power(0.85, 0.9, n, n, overlap=1, correlation=0.4)
    assert found == pytest.approx((z > 1.96).mean(), abs=0.02)


def test_power_of_a_half_panel_from_a_short_list_against_simulation() -> None:
    rng, size, n = np.random.default_rng(9), 400, 200
    people = np.zeros((size, 2))
    people[:300] = 1, 1
    people[300:320] = 1, 0
    people[320:360] = 0, 1
    changes = np.empty(4_000)
    for run in range(len(changes)):
        first = rng.permutation(size)[:n]
        kept = first[: n // 2]
        fresh = rng.permutation(np.delete(np.arange(size), kept))[: n // 2]
        changes[run] = people[np.concatenate([kept, fresh]), 1].mean() - people[first, 0].mean()
    p1, p2, both = 0.8, 0.85, 0.75
    correlation = (both - p1 * p2) / np.sqrt(p1 * (1 - p1) * p2 * (1 - p2))
    options = {"overlap": 0.5, "correlation": correlation, "population": size}
    # At a level of almost 0 every change is significant, and the power is the chance of its sign.
    sign = change_power(p1, p2, n, n, confidence_level=1e-9, **options).item()
    assert 0.05 / special.ndtri(sign) == pytest.approx(changes.std(), rel=0.04)
    assert change_power(p1, p2, n, n, population=size) < change_power(p1, p2, n, n, **options) < 1


def test_a_panel_needs_fewer_people_and_an_unlike_one_more() -> None:
    apart = change_sample_size(0.85, 0.90).n_first
    assert change_sample_size(0.85, 0.90, overlap=1, correlation=0.5).n_first < 0.6 * apart
    assert change_sample_size(0.85, 0.90, overlap=1, correlation=-0.1).n_first > apart
    assert change_sample_size(0.85, 0.90, overlap=0.5, correlation=0.5).n_first < apart


@given(st.floats(0.05, 0.95), st.floats(0.05, 0.95), st.floats(1, 5), st.integers(50, 100_000))
@settings(deadline=None)
def test_size_for_a_change_is_the_smallest(p: float, q: float, deff: float, population: int) -> None:
    if abs(p - q) < 0.01:
        return
    options = {"design_effect": deff, "population": population}
    plan = change_sample_size(p, q, **options)
    n = plan.n_first.item()
    assert plan.is_reachable
    assert change_power(p, q, n, n, **options) >= 0.8
    assert n == 1 or change_power(p, q, n - 1, n - 1, **options) < 0.8


@given(st.floats(0.5, 0.97), st.integers(20, 5_000), st.booleans())
@settings(deadline=None)
def test_detectable_share_has_the_power_asked_for(p: float, n: int, is_rise: bool) -> None:
    found = detectable_share(p, n, n, is_rise=is_rise).item()
    if np.isnan(found):
        assert change_power(p, float(is_rise), n, n) < 0.8
    else:
        assert change_power(p, found, n, n) == pytest.approx(0.8, abs=1e-6) or found in (0.0, 1.0)
        assert (found > p) == is_rise


def test_detectable_share_undoes_the_sample_size() -> None:
    assert detectable_share(0.85, 686, 686).item() == pytest.approx(0.90, abs=1e-4)
    assert detectable_share(0.9, np.inf, 239).item() == pytest.approx(0.95, abs=1e-3)


@pytest.mark.parametrize(("target", "share"), [(0.9, 0.95), (0.9, 0.85), (0.8, 0.9), (0.95, 0.9)])
def test_size_against_a_target_is_near_the_exact_one(target: float, share: float) -> None:
    assert unit_sample_size(share, target).n_first.item() == pytest.approx(
        n_to_confirm(target, share), rel=0.12
    )


def test_unit_from_a_short_list_or_against_a_small_province() -> None:
    simple = unit_sample_size(0.8, 0.9).n_first.item()
    assert unit_sample_size(0.8, 0.9, population=200).n_first < simple
    assert unit_sample_size(0.8, 0.9, n_reference=500).n_first > simple
    assert unit_sample_size(0.8, 0.9, n_reference=500, n_comparisons=78).n_first > simple
    hopeless = unit_sample_size(0.89, 0.9, n_reference=100)
    assert not hopeless.is_reachable
    assert hopeless.power < 0.8


def test_everyone_changes_degenerate() -> None:
    assert change_sample_size(0, 1).n_first == 2
    assert change_power(0, 0, 10, 10) == 0
    assert change_power(1, 1, np.inf, 10) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        {"before": 0.9},
        {"before": 1.2},
        {"before": np.nan},
        {"power": 1},
        {"power": 80},
        {"overlap": 1.5},
        {"overlap": -1},
        {"overlap": 1, "correlation": 0.99},
        {"overlap": 1, "correlation": np.nan},
        {"design_effect": 0},
        {"population": 0},
        {"n_comparisons": 0},
        {"confidence_level": 95},
        {"response_rate": 0},
    ],
)
def test_change_sample_size_rejects_bad_input(arguments: dict) -> None:
    with pytest.raises(StatisticsError):
        change_sample_size(**({"before": 0.8, "after": 0.9} | arguments))


@pytest.mark.parametrize("n", [(0, 10), (10, np.nan), (10, 100)])
def test_change_power_rejects_bad_input(n: tuple[float, float]) -> None:
    with pytest.raises(StatisticsError):
        change_power(0.8, 0.9, *n, overlap=1, correlation=0.1)
    with pytest.raises(StatisticsError):
        detectable_share(0.8, 50, 51, population=50)
