"""Counting packed answers: the only place that turns bytes into counts and moments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.errors import InvalidShape
from analysis.packing import N_CODES, Missing
from analysis.types import FloatArray, IntArray
from analysis.validation import labels_of

PackedArray = NDArray[np.uint8]

# Rows counted at a time: a chunk of 22 slots stays in the processor's cache, and has more rows than the table
# of counts has cells, so that adding it up stays cheap.
CHUNK_ROWS = 16_384
CHUNK_ROWS_PER_CELL = 2


def level_counts(answers: ArrayLike, units: ArrayLike, *, n_units: int) -> IntArray:
    """How often each code occurs, by unit and slot.

    Parameters
    ----------
    answers : (N, S) array_like of uint8 < 32
        Packed answers, one row per response.
    units : (N,) array_like of int in [0, n_units)
        Unit of each response.
    n_units : int
        Number of units U.

    Returns
    -------
    (U, S, 32) ndarray of int64

    Examples
    --------
    >>> level_counts([[5, 4], [5, 30]], [0, 0], n_units=1)[0, :, [4, 5, 30]].tolist()
    [[0, 1], [2, 0], [0, 1]]
    """
    packed = _packed(answers)
    n_rows, n_slots = packed.shape
    labels = labels_of(units, size=n_rows, below=n_units, name="units")
    counts = np.zeros((n_slots, n_units * N_CODES), dtype=np.int64)
    chunk = max(CHUNK_ROWS, CHUNK_ROWS_PER_CELL * counts.shape[1])
    for start in range(0, n_rows, chunk):
        offsets = labels[start : start + chunk].astype(np.int64) * N_CODES
        columns = np.ascontiguousarray(packed[start : start + chunk].T)
        for slot in range(n_slots):
            counts[slot] += np.bincount(offsets + columns[slot], minlength=counts.shape[1])
    return np.ascontiguousarray(counts.reshape(n_slots, n_units, N_CODES).transpose(1, 0, 2))


@dataclass(frozen=True, slots=True, eq=False)
class Scoring:
    """How the codes of one questionnaire version are scored.

    Attributes
    ----------
    groups : tuple of str
        Group names; the first is "overall", the rest are factor codes.
    satisfied, answered : (S, 32) ndarray of bool
        Whether a code counts as satisfied, and as an answer at all.
    score : (S, 32) ndarray of float
        Score of a code, 0 where it is no answer.
    group_of_slot : (S,) ndarray of int
        Index into `groups`, -1 for slots in no group.
    index_groups : tuple of int
        Groups that form the factor index; may be empty.
    """

    groups: tuple[str, ...]
    satisfied: NDArray[np.bool_]
    answered: NDArray[np.bool_]
    score: FloatArray
    group_of_slot: NDArray[np.int64]
    index_groups: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        shape = (len(self.group_of_slot), N_CODES)
        for name in ("satisfied", "answered", "score"):
            if getattr(self, name).shape != shape:
                raise InvalidShape(
                    expected=f"{name} of shape {shape}",
                    got=str(getattr(self, name).shape),
                    hint="one row of 32 codes per slot",
                )
        if (self.satisfied & ~self.answered).any() or (self.score[~self.answered] != 0).any():
            raise InvalidShape(
                expected="satisfied and score only where answered",
                got="a missing code with a value",
                hint="a missing answer is neither satisfied nor scored",
            )

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the respondent vector: s, r, m, a of each group, then c, e, i; d = 4 groups + 3."""
        return (*tuple(f"{kind}:{group}" for group in self.groups for kind in "srma"), "c", "e", "i")

    @property
    def index_slots(self) -> IntArray:
        """Slots that belong to the groups of the index."""
        return np.flatnonzero(np.isin(self.group_of_slot, self.index_groups))


def respondent_values(answers: ArrayLike, scoring: Scoring) -> FloatArray:
    """Each respondent's sums, from which every share, mean and index of the version follows.

    Parameters
    ----------
    answers : (N, S) array_like of uint8
    scoring : Scoring

    Returns
    -------
    (N, d) ndarray of float
        Per group: s satisfied answers, r answers, m sum of scores, a = 1 if r > 0. Then c = own share over
        the index groups, e = 1 if the respondent reached every index item and answered one (else c = e = 0),
        and i = 1 if the respondent answered any index item.

    Examples
    --------
    >>> table = np.zeros((2, 32), dtype=bool); table[:, 1:6] = True
    >>> top = np.zeros((2, 32), dtype=bool); top[:, 4:6] = True
    >>> score = np.zeros((2, 32)); score[:, 1:6] = [1, 2, 3, 4, 5]
    >>> scoring = Scoring(("overall",), top, table, score, np.array([0, 0]), index_groups=(0,))
    >>> respondent_values([[5, 2], [4, 28]], scoring).tolist()
    [[1.0, 2.0, 7.0, 1.0, 0.5, 1.0, 1.0], [1.0, 1.0, 4.0, 1.0, 0.0, 0.0, 1.0]]
    """
    packed = _packed(answers, n_slots=len(scoring.group_of_slot))
    n_rows, n_groups = len(packed), len(scoring.groups)
    values = np.zeros((4 * n_groups + 3, n_rows))
    for slot in np.flatnonzero(scoring.group_of_slot >= 0):
        codes, row = packed[:, slot], 4 * scoring.group_of_slot[slot]
        for offset, table in enumerate((scoring.satisfied, scoring.answered, scoring.score)):
            values[row + offset] += np.asarray(table[slot], dtype=np.float64)[codes]
    values[3:-3:4] = values[1:-3:4] > 0
    index_rows = [4 * group for group in scoring.index_groups]
    satisfied, answered = values[index_rows].sum(axis=0), values[[row + 1 for row in index_rows]].sum(axis=0)
    reached = ~(packed[:, scoring.index_slots] == Missing.NOT_REACHED).any(axis=1)
    values[-1] = answered > 0
    values[-2] = reached & (answered > 0)
    np.divide(satisfied, answered, out=values[-3], where=values[-2] > 0)
    return np.ascontiguousarray(values.T)


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
    def empty(cls, columns: Sequence[str], *, n_units: int) -> Moments:
        """Moments of nobody: the neutral element of addition.

        Examples
        --------
        >>> Moments.empty(("s", "r"), n_units=3).products.shape
        (3, 2, 2)
        """
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
        at = np.asarray(rows, dtype=np.intp)
        return Moments(self.columns, self.n[at], self.sums[at], self.products[at], self.n_clusters[at],
                       self.cluster_products[at])  # fmt: skip

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
                got=name,
                hint="this version does not ask it",
            )
        return self.columns.index(name)

    @property
    def _arrays(self) -> tuple[NDArray[np.generic], ...]:
        return self.n, self.sums, self.products, self.n_clusters, self.cluster_products


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
    rows = np.asarray(values, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[1] != len(columns):
        raise InvalidShape(
            expected=f"values of shape (N, {len(columns)})",
            got=str(rows.shape),
            hint="one row per respondent, one column per name",
        )
    labels = labels_of(units, size=len(rows), below=n_units, name="units")
    order = np.argsort(labels, kind="stable")
    rows, labels = rows[order], labels[order]
    sums, products = _grams(rows, labels, n_units=n_units)
    n = np.bincount(labels, minlength=n_units)
    if clusters is None:
        return Moments(tuple(columns), n, sums, products, n.copy(), products.copy())
    totals, unit_of_total = _cluster_totals(rows, labels, np.asarray(clusters)[order])
    _, cluster_products = _grams(totals, unit_of_total, n_units=n_units)
    return Moments(
        tuple(columns), n, sums, products, np.bincount(unit_of_total, minlength=n_units), cluster_products
    )


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
    packed = _packed(answers, n_slots=len(scoring.group_of_slot))
    slots = scoring.index_slots
    tables = (("t", scoring.satisfied), ("r", scoring.answered))
    values = np.empty((len(packed), 2 * len(slots) + 1))
    for column, (slot, (_, table)) in enumerate(product(slots, tables)):
        values[:, column] = table[slot][packed[:, slot]]
    values[:, -1] = values[:, 1:-1:2].any(axis=1)
    columns = (*tuple(f"{kind}:{slot}" for slot, (kind, _) in product(slots, tables)), "i")
    return moments(values, units, clusters, n_units=n_units, columns=columns)


def _packed(answers: ArrayLike, *, n_slots: int | None = None) -> PackedArray:
    array = np.asarray(answers)
    if array.ndim != 2 or (n_slots is not None and array.shape[1] != n_slots):
        raise InvalidShape(
            expected=f"answers of shape (N, {n_slots or 'S'})",
            got=str(array.shape),
            hint="one full-length row of bytes per response",
        )
    if not np.issubdtype(array.dtype, np.integer) or (
        array.size and not 0 <= array.min() <= array.max() < N_CODES
    ):
        raise InvalidShape(
            expected=f"codes 0 to {N_CODES - 1}",
            got=f"{array.dtype} beyond them",
            hint="pass the packed bytes as stored",
        )
    return array.astype(np.uint8, copy=False)


def _grams(rows: FloatArray, labels: NDArray[np.integer], *, n_units: int) -> tuple[FloatArray, FloatArray]:
    """Sum of v and of v vᵀ by unit; `labels` ascend."""
    d = rows.shape[1]
    sums, products = np.zeros((n_units, d)), np.zeros((n_units, d, d))
    edges = np.searchsorted(labels, np.arange(n_units + 1))
    for unit in np.flatnonzero(np.diff(edges)):
        block = rows[edges[unit] : edges[unit + 1]]
        sums[unit], products[unit] = block.sum(axis=0), block.T @ block
    return sums, products


def _cluster_totals(
    rows: FloatArray, labels: NDArray[np.integer], clusters: NDArray[np.integer]
) -> tuple[FloatArray, NDArray[np.integer]]:
    """Sum of v by cluster, and the unit of each; `labels` ascend, so do the units returned."""
    labels_of(
        clusters - clusters.min() if len(clusters) else clusters,
        size=len(rows),
        below=np.iinfo(np.int64).max,
        name="clusters",
    )
    order = np.lexsort((clusters, labels))
    rows, labels, clusters = rows[order], labels[order], clusters[order]
    is_first = np.ones(len(rows), dtype=bool)
    is_first[1:] = (labels[1:] != labels[:-1]) | (clusters[1:] != clusters[:-1])
    starts = np.flatnonzero(is_first)
    if not len(starts):
        return rows, labels
    return np.add.reduceat(rows, starts, axis=0), labels[starts]
