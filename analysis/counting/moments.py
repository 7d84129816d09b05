"""Sums and products of respondents and of clusters: the sufficient statistics that add over days and units."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.arguments import checked
from analysis.counting.respondents import respondent_columns
from analysis.counting.scoring import Scoring
from analysis.counting.tallies import packed_answers
from analysis.errors import InvalidCounts, InvalidShape
from analysis.types import FloatArray, IntArray
from analysis.validation import codes_of, count_of, labels_of, numbers_of

BLOCK_ROWS = 16_384
"""Respondents whose vectors are held at a time; they stay in the processor's cache."""


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Sums and products of respondent vectors by unit, of respondents and of clusters.

    Attributes
    ----------
    columns : tuple of str
        Names of the d entries of the vector v.
    n : (U,) ndarray of int
        Respondents.
    sums : (U, d) ndarray
        Sum of v over respondents.
    products : (U, d, d) ndarray
        Sum of v vᵀ over respondents.
    n_clusters : (U,) ndarray of int
        Clusters (device-days); they nest in the cell.
    cluster_products : (U, d, d) ndarray
        Sum over clusters of V Vᵀ, V the cluster's sum of v.
    """

    columns: tuple[str, ...]
    n: IntArray
    sums: FloatArray
    products: FloatArray
    n_clusters: IntArray
    cluster_products: FloatArray

    @classmethod
    @checked
    def empty(cls, columns: Sequence[str], *, n_units: int) -> Moments:
        """Moments of nobody: the neutral element of addition.

        Examples
        --------
        >>> Moments.empty(("s", "r"), n_units=3).products.shape
        (3, 2, 2)
        """
        n_units = count_of(n_units, name="n_units")
        d = len(columns)
        square = (n_units, d, d)
        return cls(
            tuple(columns),
            np.zeros(n_units, np.int64),
            np.zeros((n_units, d)),
            np.zeros(square),
            np.zeros(n_units, np.int64),
            np.zeros(square),
        )

    def __add__(self, other: Moments) -> Moments:
        """Moments of both sets of respondents; no cluster may lie in both."""
        if self.columns != other.columns or self.n.shape != other.n.shape:
            raise InvalidShape(
                expected=f"columns {self.columns} of {len(self.n)} units",
                got=f"columns {other.columns} of {len(other.n)} units",
                hint="add moments of one version and one list of units",
            )
        return Moments(
            self.columns,
            self.n + other.n,
            self.sums + other.sums,
            self.products + other.products,
            self.n_clusters + other.n_clusters,
            self.cluster_products + other.cluster_products,
        )

    @checked
    def sum_over(self, groups: ArrayLike, n_groups: int) -> Moments:
        """Moments of groups of units, for example the province of its communes.

        Parameters
        ----------
        groups : (U,) array_like of int in [0, n_groups)
            Group of each unit.
        n_groups : int

        Returns
        -------
        Moments
            Of `n_groups` units.
        """
        labels = labels_of(groups, size=len(self.n), below=n_groups, name="groups")
        total = Moments.empty(self.columns, n_units=n_groups)
        for into, array in zip(total._arrays, self._arrays, strict=True):
            np.add.at(into, labels, array)
        return total

    @checked
    def take(self, rows: ArrayLike) -> Moments:
        """Moments of some units, in the order given.

        Parameters
        ----------
        rows : (K,) array_like of int
            Positions of the units.

        Returns
        -------
        Moments
        """
        at = labels_of(rows, size=np.size(rows), below=len(self.n), name="rows")
        return Moments(self.columns, self.n[at], self.sums[at], self.products[at], self.n_clusters[at],
                       self.cluster_products[at])  # fmt: skip

    @checked
    def select(self, columns: Sequence[str]) -> Moments:
        """Moments of some columns only, so that versions sharing an item can be added.

        Parameters
        ----------
        columns : sequence of str
            Names among `columns`.

        Returns
        -------
        Moments
        """
        at = np.array([self.column(name) for name in columns], dtype=np.intp)
        square = np.ix_(np.arange(len(self.n)), at, at)
        return Moments(
            tuple(columns),
            self.n,
            self.sums[:, at],
            self.products[square],
            self.n_clusters,
            self.cluster_products[square],
        )

    def column(self, name: str) -> int:
        """Position of a column; a missing one is an error that lists those present."""
        if name not in self.columns:
            raise InvalidShape(
                expected=f"a column among {', '.join(self.columns)}",
                got=str(name),
                hint="this version does not ask it",
            )
        return self.columns.index(name)

    @property
    def _arrays(self) -> tuple[NDArray[np.generic], ...]:
        return self.n, self.sums, self.products, self.n_clusters, self.cluster_products


@checked
def moments(
    values: ArrayLike,
    units: ArrayLike,
    clusters: ArrayLike | None = None,
    *,
    n_units: int,
    columns: Sequence[str],
) -> Moments:
    """Moments of respondent vectors by unit.

    Parameters
    ----------
    values : (N, d) array_like of float
        Respondent vectors; multiply them by survey weights first where there are any.
    units : (N,) array_like of int in [0, n_units)
        Unit, or unit × stratum, of each respondent.
    clusters : (N,) array_like of int, optional
        Label of the cluster inside the unit. Without it every respondent is a cluster.
    n_units : int
    columns : sequence of str
        Names of the d entries.

    Returns
    -------
    Moments

    Examples
    --------
    >>> m = moments([[1, 1], [0, 1], [1, 1]], [0, 0, 0], [7, 7, 8], n_units=1, columns=("s", "r"))
    >>> m.n_clusters.tolist(), m.cluster_products[0].tolist()
    ([2], [[2.0, 3.0], [3.0, 5.0]])
    """
    rows = numbers_of(values, name="values")
    if rows.ndim != 2 or rows.shape[1] != len(columns):
        raise InvalidShape(
            expected=f"values of shape (N, {len(columns)})",
            got=str(rows.shape),
            hint="one row per respondent, one column per name",
        )
    labels = labels_of(units, size=len(rows), below=n_units, name="units")

    def read(at: IntArray, into: FloatArray) -> None:
        into[:] = rows[at].T

    with np.errstate(over="ignore", invalid="ignore"):
        found = _accumulated(read, tuple(columns), labels, clusters, n_units)
    # A sum that is not finite shows a value that is not, at a thousandth of the cost of looking at every value.
    if not (np.isfinite(found.products).all() and np.isfinite(found.cluster_products).all()):
        raise InvalidCounts(
            expected="finite values",
            got="NaN, infinity or overflow",
            hint="score a missing answer 0, with r = 0",
        )
    return found


@checked
def respondent_moments(
    answers: ArrayLike,
    scoring: Scoring,
    units: ArrayLike,
    clusters: ArrayLike | None = None,
    *,
    n_units: int,
    columns: Sequence[str] | None = None,
) -> Moments:
    """Moments of `analysis.counting.respondents.respondent_values`, without holding those values.

    Parameters
    ----------
    answers : (N, S) array_like of uint8
    scoring : Scoring
    units, clusters, n_units
        As in `moments`.
    columns : sequence of str, optional
        Some of `scoring.columns`; all of them when left out.

    Returns
    -------
    Moments

    Examples
    --------
    >>> from analysis.packing import N_CODES
    >>> top, table = np.zeros((1, N_CODES), bool), np.zeros((1, N_CODES), bool)
    >>> top[0, 4:6] = table[0, 1:6] = True
    >>> score = np.zeros((1, N_CODES)); score[0, 1:6] = [1, 2, 3, 4, 5]
    >>> scoring = Scoring(("overall",), top, table, score, np.array([0]))
    >>> m = respondent_moments([[5], [2], [30]], scoring, [0, 0, 0], n_units=1, columns=("s:overall", "r:overall"))
    >>> m.sums.tolist()
    [[1.0, 2.0]]
    """
    wanted = scoring.columns if columns is None else tuple(columns)
    packed = packed_answers(answers, n_slots=len(scoring.group_of_slot))
    labels = labels_of(units, size=len(packed), below=n_units, name="units")
    return _accumulated(respondent_columns(packed, scoring, wanted), wanted, labels, clusters, n_units)


@checked
def item_moments(
    answers: ArrayLike, scoring: Scoring, units: ArrayLike, clusters: ArrayLike | None = None, *, n_units: int
) -> Moments:
    """Moments of (satisfied, answered) of every index item, for the mean of item shares.

    Parameters
    ----------
    answers : (N, S) array_like of uint8
    scoring : Scoring
    units, clusters, n_units
        As in `moments`.

    Returns
    -------
    Moments
        Columns t:slot and r:slot for each slot of the index groups, then i as in `respondent_values`.
    """
    packed = packed_answers(answers, n_slots=len(scoring.group_of_slot))
    slots = scoring.index_slots
    tables = (("t", scoring.satisfied), ("r", scoring.answered))
    values = np.empty((len(packed), 2 * len(slots) + 1))
    for column, (slot, (_, table)) in enumerate(product(slots, tables)):
        values[:, column] = table[slot][packed[:, slot]]
    values[:, -1] = values[:, 1:-1:2].any(axis=1)
    columns = (*tuple(f"{kind}:{slot}" for slot, (kind, _) in product(slots, tables)), "i")
    return moments(values, units, clusters, n_units=n_units, columns=columns)


def _accumulated(
    read: Callable[[IntArray, FloatArray], None],
    columns: tuple[str, ...],
    labels: NDArray[np.integer],
    clusters: ArrayLike | None,
    n_units: int,
) -> Moments:
    """Moments of rows read block by block in the order of units and clusters.

    A column of ones stands after the others, so that sums of products hold the sums as well.
    """
    d = len(columns)
    products, cluster_products = np.zeros((2, n_units, d + 1, d + 1))
    # Numbers of 16 bits are sorted by radix, several times faster than wider ones.
    narrow = labels.astype(np.uint16) if n_units <= 1 << 16 else labels
    if clusters is None:
        order, is_first = np.argsort(narrow, kind="stable"), None
    else:
        days = codes_of(clusters, size=len(labels), name="clusters")
        order = np.lexsort((days, narrow))
        is_first = np.ones(len(order), dtype=bool)
        is_first[1:] = (np.diff(labels[order]) != 0) | (np.diff(days[order]) != 0)
    sorted_labels = narrow[order]
    for start, stop in _blocks(len(order), is_first):
        values, own = np.ones((d + 1, stop - start)), sorted_labels[start:stop]
        read(order[start:stop], values[:d])
        _add_grams(values, own, products)
        if is_first is not None:
            starts = np.flatnonzero(is_first[start:stop])
            totals = np.add.reduceat(values, starts, axis=1)
            totals[d] = 1.0
            _add_grams(totals, own[starts], cluster_products)
    if is_first is None:
        cluster_products = products
    n, n_clusters = (np.rint(grams[:, d, d]).astype(np.int64) for grams in (products, cluster_products))
    return Moments(
        columns, n, products[:, d, :d], products[:, :d, :d], n_clusters, cluster_products[:, :d, :d]
    )


def _blocks(n_rows: int, is_first: NDArray[np.bool_] | None) -> Iterator[tuple[int, int]]:
    """Ends of the blocks; none cuts a cluster."""
    ends = np.arange(BLOCK_ROWS, n_rows, BLOCK_ROWS)
    if is_first is not None and len(ends):
        starts = np.append(np.flatnonzero(is_first), n_rows)
        ends = np.unique(starts[np.searchsorted(starts, ends)])
    edges = [0, *(int(end) for end in ends if end < n_rows), n_rows]
    return ((start, stop) for start, stop in pairwise(edges) if stop > start)


def _add_grams(values: FloatArray, labels: NDArray[np.integer], products: FloatArray) -> None:
    """Add v vᵀ of each unit's columns of (d, K) values; `labels` ascend."""
    starts = np.flatnonzero(np.diff(labels, prepend=labels[0] + 1))
    edges = [*starts.tolist(), len(labels)]
    for unit, start, stop in zip(labels[starts].tolist(), edges, edges[1:], strict=False):
        block = values[:, start:stop]
        products[unit] += block.dot(block.T)
