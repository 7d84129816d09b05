"""What an attacker can work out, against trying every table."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from analysis.disclosure.audit import audit_release, audit_system
from analysis.disclosure.differencing import may_release, nested_differences, release_differences
from analysis.disclosure.feasibility import feasible_ranges
from analysis.disclosure.propagation import propagated_bounds
from analysis.disclosure.systems import cumulative_membership, membership_system, table_system
from analysis.errors import InvalidCounts, StatisticsError
from tests.analysis.disclosure.brute import possible_ranges

SHAPES = st.sampled_from([(2, 3), (3, 2), (2, 2, 2)])


def some_table(shape: tuple[int, ...], seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    size = int(np.prod(shape))
    return rng.multinomial(6, rng.dirichlet(np.ones(size))).reshape(shape)


@given(SHAPES, st.integers(0, 10_000), st.integers(0, 10_000))
@settings(deadline=None, max_examples=40)
def test_ranges_against_every_table(shape: tuple[int, ...], seed: int, mask: int) -> None:
    system = table_system(some_table(shape, seed))
    hidden = np.random.default_rng(mask).random(len(system)) < 0.6
    hidden[int(np.argmax(system.values))] = hidden[system.tables[0].flat[-1]] = False
    found = audit_system(system, hidden, k=2, is_full=True)
    low, high = possible_ranges(system, hidden, shape, largest=6)
    assert found.is_exact.all()
    assert found.low == pytest.approx(low)
    assert found.high == pytest.approx(high)
    assert (found.is_determined == (low == high)).all()


@given(SHAPES, st.integers(0, 10_000), st.integers(1, 5))
@settings(deadline=None, max_examples=40)
def test_quick_verdicts_against_every_table(shape: tuple[int, ...], seed: int, k: int) -> None:
    system = table_system(some_table(shape, seed))
    hidden = (system.values > 0) & (system.values < k)
    hidden |= np.random.default_rng(seed).random(len(system)) < 0.3
    hidden[system.tables[0].flat[-1]] = False
    found = audit_system(system, hidden, k=k)
    low, high = possible_ranges(system, hidden, shape, largest=6)
    is_small = (system.values > 0) & (system.values < k)
    assert (found.is_breach == (is_small & (~hidden | (high - low < k)))).all()


def test_fractions_hide_what_whole_people_do_not() -> None:
    # Three pairwise sums of three groups: halves would leave freedom, people do not.
    odd = [[2.0, 1, 0], [0, 2, 1]]
    whole = audit_release(odd, [1, 3], k=5)
    broken = audit_release(odd, [1, 3], k=5, is_integral=False)
    assert whole.is_determined.all()
    assert not broken.is_determined.all()
    assert (broken.high >= whole.high - 1e-9).all()


@given(st.integers(1, 6), st.integers(1, 5), st.integers(0, 10_000))
@settings(deadline=None)
def test_propagated_bounds_hold_the_truth(n_unknown: int, n_equations: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = rng.integers(-1, 2, (n_equations, n_unknown)).astype(float)
    truth = rng.integers(0, 9, n_unknown)
    low, high = propagated_bounds(sparse.csr_array(matrix), matrix @ truth, is_integral=True)
    assert (low <= truth).all()
    assert (truth <= high).all()


def test_propagated_bounds_of_a_two_way_table_are_frechets_against_theory() -> None:
    rows, columns = np.array([7, 5, 12]), np.array([9, 3, 8, 4])
    system = np.concatenate([np.kron(np.eye(3), np.ones(4)), np.kron(np.ones(3), np.eye(4))])
    low, high = propagated_bounds(sparse.csr_array(system), np.concatenate([rows, columns]), is_integral=True)
    assert high.reshape(3, 4) == pytest.approx(np.minimum(rows[:, None], columns[None, :]))
    assert low.reshape(3, 4) == pytest.approx(np.maximum(0, rows[:, None] + columns[None, :] - 24))


def test_a_count_that_nothing_bounds_is_unbounded() -> None:
    found = audit_release([[1, 1, 0], [0, 0, 0]], [9, 0], k=5)
    assert found.high.tolist() == [9, 9, np.inf]
    assert found.low.tolist() == [0, 0, 0]
    assert found.is_exact.all()
    linked = audit_release([[1, 0, -1]], [2], k=5)
    assert linked.high.tolist() == [np.inf] * 3
    assert linked.low.tolist() == [2, 0, 0]
    total_withheld = table_system([[3, 40], [50, 60]])
    hidden = np.ones(len(total_withheld), dtype=bool)
    assert not audit_system(total_withheld, hidden, k=5).is_breach.any()


def test_three_figures_give_away_what_no_pair_does() -> None:
    units = [[1, 1, 1], [1, 0, 0], [0, 1, 0]]
    counts = np.array([103, 60, 40])
    assert len(nested_differences(units, counts, k=5)) == 0
    found = audit_release(units, counts, k=5)
    assert found.is_breach.tolist() == [False, False, True]
    assert found.low[2] == 3


def test_old_units_inside_new_ones() -> None:
    # A new commune is two old ones; a hamlet of 3 people moved to the neighbour.
    atoms = np.array([80, 3, 60])
    figures = [[1, 1, 0], [0, 0, 1], [1, 0, 0], [0, 1, 1]]
    system = membership_system(figures, atoms)
    found = audit_system(system, np.zeros(len(system), dtype=bool), k=5)
    assert found.is_breach[system.tables[1]].tolist() == [False, True, False]
    pairs = nested_differences(figures, np.array(figures) @ atoms, k=5)
    assert set(zip(pairs.larger.tolist(), pairs.smaller.tolist(), strict=True)) == {(0, 2), (3, 1)}


def test_targets_may_be_sums_of_groups() -> None:
    figures, values = [[1, 1, 1, 0], [0, 0, 1, 1]], [10, 7]
    found = audit_release(figures, values, k=5, targets=[[1, 1, 0, 0], [0, 0, 1, 0], [1, 1, 1, 1]])
    assert found.low.tolist() == [3, 0, 10]
    assert found.high.tolist() == [10, 7, 17]


@given(st.integers(1, 6), st.integers(0, 10_000))
@settings(deadline=None)
def test_release_differences_against_plain_loops(k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    releases = rng.poisson(2, (5, 2, 3)).cumsum(axis=0).astype(float)
    releases[rng.random(releases.shape) < 0.2] = np.nan
    found = release_differences(releases, k=k)
    table = releases.reshape(5, 6)
    wanted = {
        (later, earlier, cell, int(table[later, cell] - table[earlier, cell]))
        for later in range(5)
        for earlier in range(later)
        for cell in range(6)
        if 0 < table[later, cell] - table[earlier, cell] < k
    }
    assert set(zip(found.larger, found.smaller, found.cell, found.n, strict=True)) == wanted


@given(st.integers(1, 8), st.integers(0, 10_000))
@settings(deadline=None)
def test_releases_let_through_are_never_apart_by_less_than_k(k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    published = np.full((0, 4), np.nan)
    current = np.zeros(4)
    for _ in range(8):
        current = current + rng.poisson(2, 4)
        shown = np.where(may_release(published, current, k=k), current, np.nan)
        published = np.concatenate([published, shown[None, :]])
    assert len(release_differences(published, k=k)) == 0
    assert np.nanmin(np.where(published == 0, k, published), initial=k) >= k


def test_cumulative_releases_are_audited_as_one_system() -> None:
    # Unit by channel, three nights; on the second 3 people came by phone, and only the first channel is shown then.
    table = [[1, 0], [0, 1], [1, 1]]
    atoms = np.array([20, 30, 10, 3, 8, 9])
    system = membership_system(cumulative_membership(table, n_releases=3), atoms)
    hidden = np.zeros(len(system), dtype=bool)
    hidden[system.tables[0][4]] = True
    found = audit_system(system, hidden, k=5)
    assert found.is_breach[system.tables[1][3]]
    hidden[system.tables[0][5]] = True
    assert not audit_system(system, hidden, k=5).is_breach.any()


def test_seventy_eight_units_by_months_and_channels_are_audited_with_few_programs() -> None:
    rng = np.random.default_rng(1)
    mean = (
        rng.gamma(1, 400, 78)[:, None, None] * np.ones((1, 12, 1)) * np.array([0.6, 0.25, 0.08, 0.05, 0.02])
    )
    system = table_system(rng.poisson(mean))
    small = (system.values > 0) & (system.values < 5)
    found = audit_system(system, small, k=5)
    assert found.is_breach.any()
    assert found.n_programs < 0.3 * small.sum()


def test_contradictory_figures_are_refused() -> None:
    with pytest.raises(InvalidCounts):
        audit_release([[1, 1], [1, 0]], [5, 9], k=5)
    with pytest.raises(InvalidCounts):
        audit_release([[2, 2]], [5], k=5)
    with pytest.raises(InvalidCounts):
        nested_differences([[1, 1], [1, 0]], [5, 9], k=5)
    with pytest.raises(InvalidCounts):
        release_differences([[9], [5]], k=5)


@pytest.mark.parametrize(
    "arguments",
    [
        {"k": 0},
        {"k": 2.5},
        {"values": [1, 2]},
        {"values": [np.nan]},
        {"equations": [[]]},
        {"targets": [[1, 1, 1]]},
        {"targets": [[1, -1]]},
    ],
)
def test_audit_release_rejects_bad_input(arguments: dict) -> None:
    with pytest.raises(StatisticsError):
        audit_release(**({"equations": [[1, 1]], "values": [5], "k": 5} | arguments))


def test_other_audits_reject_bad_input() -> None:
    system = table_system([1, 2])
    with pytest.raises(StatisticsError):
        audit_system(system, [True], k=5)
    with pytest.raises(StatisticsError):
        audit_system(system, [True] * 3, k=5, width=0)
    with pytest.raises(StatisticsError):
        nested_differences([[1, 2]], [5], k=5)
    with pytest.raises(StatisticsError):
        nested_differences([[1, 1]], [5, 6], k=5)
    with pytest.raises(StatisticsError):
        release_differences([[1.5]], k=5)
    with pytest.raises(StatisticsError):
        may_release([[1, 2]], [1], k=5)


def test_nothing_to_audit_degenerate() -> None:
    system = table_system([[10, 20], [30, 40]])
    found = audit_system(system, np.zeros(9, dtype=bool), k=5)
    assert not found.is_breach.any()
    assert found.is_determined.all()
    empty = feasible_ranges(sparse.csr_array((0, 2)), np.zeros(0), targets=np.arange(2))
    assert empty.high.tolist() == [np.inf, np.inf]
    assert len(release_differences([[1, 2]], k=5)) == 0
