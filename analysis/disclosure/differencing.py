"""Small groups laid open by taking one published figure from another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from analysis.arguments import checked
from analysis.disclosure.audit import require_threshold
from analysis.errors import InvalidCounts, InvalidShape
from analysis.types import FloatArray, IntArray
from analysis.validation import finite_array, measured_array, require_whole, sparse_of


@dataclass(frozen=True, slots=True, eq=False)
class Differences:
    """Pairs of published figures whose difference is a small group.

    Attributes
    ----------
    larger, smaller : (D,) ndarray of int
        Figures, or releases, of each pair.
    n : (D,) ndarray of int
        People in the difference, from 1 to k - 1.
    cell : (D,) ndarray of int
        Place in the table where releases are compared; -1 otherwise.
    """

    larger: IntArray
    smaller: IntArray
    n: IntArray
    cell: IntArray

    def __len__(self) -> int:
        return len(self.n)


@checked
def nested_differences(membership: ArrayLike, counts: ArrayLike, *, k: int) -> Differences:
    """Pairs of published groups, one inside the other, that differ by fewer than k people.

    Parameters
    ----------
    membership : (P, V) array_like or sparse array of 0 and 1
        Which atoms each published figure counts: units old and new, spans of months, filters.
    counts : (P,) array_like of whole numbers
        People in each; NaN where withheld.
    k : int >= 1

    Returns
    -------
    Differences
        Differences of 0 lay nobody open and are left out. Pairs only: what three figures together give away is
        found by `audit.audit_release`.

    Examples
    --------
    >>> old_unit, new_unit, district = [1, 0, 0], [1, 1, 0], [1, 1, 1]
    >>> found = nested_differences([old_unit, new_unit, district], [120, 123, 300], k=5)
    >>> found.larger.tolist(), found.smaller.tolist(), found.n.tolist()
    ([1], [0], [3])
    """
    require_threshold(k)
    member = sparse_of(membership, name="membership")
    people = _published(counts)
    if people.ndim != 1 or member.ndim != 2 or member.shape[0] != len(people):
        raise InvalidShape(
            expected="one count per figure", got=f"{member.shape} and {people.shape}", hint="figures by atoms"
        )
    if not np.isin(member.data, (0, 1)).all():
        raise InvalidCounts(expected="memberships of 0 and 1", got="others", hint="a person counts once")
    size = np.asarray(member.sum(axis=1)).ravel()
    common = sparse.coo_array(member @ member.T)
    outer, inner = (np.asarray(index, dtype=np.int64) for index in common.coords)
    is_nested = (
        (common.data == size[inner]) & (outer != inner) & ((size[outer] > size[inner]) | (outer > inner))
    )
    outer, inner = outer[is_nested], inner[is_nested]
    difference = people[outer] - people[inner]
    if (difference < 0).any():
        raise InvalidCounts(
            expected="a part no larger than its whole",
            got=f"{difference.min():g}",
            hint="both figures must count the same people",
        )
    is_open = (difference > 0) & (difference < k)
    n_open = int(is_open.sum())
    return Differences(
        outer[is_open],
        inner[is_open],
        difference[is_open].astype(np.int64),
        np.full(n_open, -1, dtype=np.int64),
    )


@checked
def release_differences(releases: ArrayLike, *, k: int) -> Differences:
    """Cells of cumulative releases between which fewer than k people came.

    Parameters
    ----------
    releases : (R, ...) array_like of whole numbers
        The same table as published each time, NaN where withheld; later releases hold all earlier people.
    k : int >= 1
        A release of a cell is safe if nobody or at least k came since **every** earlier one.

    Returns
    -------
    Differences
        `larger` and `smaller` are the later and the earlier release, `cell` the flat place in the table.

    Examples
    --------
    >>> found = release_differences([[20, 40], [23, 40], [23, 52]], k=5)
    >>> list(zip(found.larger.tolist(), found.smaller.tolist(), found.cell.tolist(), found.n.tolist(), strict=True))
    [(1, 0, 0, 3), (2, 0, 0, 3)]
    """
    require_threshold(k)
    figures = _published(releases)
    if figures.ndim < 1 or not figures.shape[0]:
        raise InvalidShape(
            expected="releases first", got=f"shape {figures.shape}", hint="one table per release"
        )
    table = figures.reshape(figures.shape[0], -1)
    found = [_against_earlier(table, later, k) for later in range(1, len(table))]
    parts = zip(*found, strict=True) if found else ([np.zeros(0)],) * 4
    later_ones, earlier_ones, people, cells = (np.concatenate(part).astype(np.int64) for part in parts)
    return Differences(later_ones, earlier_ones, people, cells)


@checked
def may_release(published: ArrayLike, current: ArrayLike, *, k: int) -> NDArray[np.bool_]:
    """Which cells may move to their current count, given what was published before.

    Parameters
    ----------
    published : (R, ...) array_like of whole numbers
        Earlier releases, NaN where withheld; R may be 0.
    current : (...) array_like of whole numbers
    k : int >= 1

    Returns
    -------
    ndarray of bool
        A cell moves if it holds at least k people or nobody, and nobody or at least k came since each release.

    Examples
    --------
    >>> may_release([[20, 40, 7]], [23, 47, 7], k=5).tolist()
    [False, True, True]
    """
    require_threshold(k)
    before, now = _published(published), finite_array(current, name="current")
    require_whole(now, name="current")
    if before.shape[1:] != now.shape:
        raise InvalidShape(
            expected=f"releases of shape {now.shape}",
            got=f"{before.shape[1:]}",
            hint="the same table each time",
        )
    new = now[None, ...] - before
    is_small = (new != 0) & (new < k)
    return np.asarray(((now == 0) | (now >= k)) & ~is_small.any(axis=0))


def _against_earlier(
    table: FloatArray, later: int, k: int
) -> tuple[IntArray, IntArray, FloatArray, IntArray]:
    new = table[later][None, :] - table[:later]
    if (new < 0).any():
        raise InvalidCounts(
            expected="releases that only grow",
            got=f"{np.nanmin(new):g}",
            hint="after an exclusion, start a new sequence and check it against the old one with audit_release",
        )
    earlier, cell = np.nonzero((new > 0) & (new < k))
    return np.full(len(cell), later), earlier, new[earlier, cell], cell


def _published(counts: ArrayLike) -> FloatArray:
    """Counts in which NaN means withheld."""
    figures = measured_array(counts, name="counts").copy()
    shown = figures[~np.isnan(figures)]
    require_whole(finite_array(shown, name="counts"), name="counts")
    return figures
