"""Every unit against every other: adjusted tests, and letters for the groups that cannot be told apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from analysis.arithmetic import quotient
from analysis.comparing.tiers import adjust_p_values
from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.ranking.normal_errors import normal_errors
from analysis.types import FloatArray
from analysis.validation import counts_of, finite_array, positive, together

MOST_GROUPS = 1000
"""Groups of letters beyond which nobody reads them."""


@dataclass(frozen=True, slots=True, eq=False)
class PairwiseTests:
    """Every pair of units.

    Attributes
    ----------
    difference : (K, K) ndarray
        Row less column; NaN where either has no estimate.
    p_values, adjusted : (K, K) ndarray
        Two-sided, before and after adjustment over the K (K - 1) / 2 pairs; 1 on the diagonal.
    adjustment, method : str
    """

    difference: FloatArray
    p_values: FloatArray
    adjusted: FloatArray
    adjustment: str
    method: str

    def __len__(self) -> int:
        return len(self.difference)


@dataclass(frozen=True, slots=True, eq=False)
class LetterGroups:
    """Units that share a letter cannot be told apart; units that share none can.

    Attributes
    ----------
    letters : tuple of str
        Of each unit, in its order; empty for a unit without an estimate.
    groups : (K, G) ndarray of bool
        Column g holds the units of the g-th letter, the group of the best unit first.
    """

    letters: tuple[str, ...]
    groups: NDArray[np.bool_]


def pairwise_tests(
    value: ArrayLike,
    *,
    standard_error: ArrayLike | None = None,
    covariance: ArrayLike | None = None,
    df: float = np.inf,
    adjustment: str = "holm",
) -> PairwiseTests:
    """Two-sided tests of every difference of two estimates.

    Parameters
    ----------
    value : (K,) array_like
        NaN units take no part.
    standard_error, covariance : array_like
        One of them; as in `analysis.ranking.pairwise.pairwise_rank_intervals`.
    df : float > 0
        Degrees of freedom of the errors.
    adjustment : {"holm", "bonferroni", "hochberg", "bh", "by"}

    Returns
    -------
    PairwiseTests

    Examples
    --------
    >>> tests = pairwise_tests([0.9, 0.8, 0.79], standard_error=[0.01] * 3)
    >>> (tests.adjusted < 0.05).astype(int).tolist()
    [[0, 1, 1], [1, 0, 0], [1, 0, 0]]
    """
    if not df > 0:
        raise InvalidOption(expected="df > 0", got=repr(df), hint="infinite for known errors")
    errors = normal_errors(value, standard_error=standard_error, covariance=covariance)
    known = ~np.isnan(errors.all_values)
    variance = errors.variance_of_differences()
    difference = errors.value[:, None] - errors.value
    t = np.divide(difference, np.sqrt(variance), out=np.zeros(variance.shape), where=variance > 0)
    t = np.where((variance <= 0) & (difference != 0), np.inf, np.abs(t))
    return _tests(difference, 2 * special.stdtr(df, -t), known, adjustment=adjustment, method="normal")


def pairwise_share_tests(
    k: ArrayLike, n: ArrayLike, *, design_effect: ArrayLike = 1.0, adjustment: str = "holm"
) -> PairwiseTests:
    """Two-sided z tests of every difference of two shares, with the pooled variance of each pair.

    Parameters
    ----------
    k, n : (K,) array_like of counts, 0 <= k <= n
        Units with n = 0 take no part.
    design_effect : array_like > 0
        k and n are divided by it.
    adjustment : {"holm", "bonferroni", "hochberg", "bh", "by"}

    Returns
    -------
    PairwiseTests

    Notes
    -----
    ``z = (p1 - p2) / sqrt(p(1-p)(1/n1 + 1/n2))``, p of both together. Without overlap in what may be counted
    (a unit inside its province) only; for tens of people use `analysis.comparing.tiers.fisher_p_values`.

    Examples
    --------
    >>> pairwise_share_tests([83, 90, 129], [100, 93, 136]).adjusted.round(3)[0].tolist()
    [1.0, 0.005, 0.006]
    """
    satisfied, people = counts_of(k, n)
    satisfied, people, effects = together(
        satisfied, people, positive(finite_array(design_effect, name="design_effect"), name="design_effect")
    )
    if satisfied.ndim != 1:
        raise InvalidShape(
            expected="one row of units", got=f"shape {satisfied.shape}", hint="one table at a time"
        )
    known = people > 0
    x, m = (satisfied / effects)[known], (people / effects)[known]
    pooled = (x[:, None] + x) / (m[:, None] + m)
    difference = (x / m)[:, None] - x / m
    error = np.sqrt(np.maximum(pooled * (1 - pooled), 0.0) * (1 / m[:, None] + 1 / m))
    z = quotient(difference, error, empty=0.0)
    return _tests(difference, 2 * special.ndtr(-np.abs(z)), known, adjustment=adjustment, method="pooled_z")


def compact_letters(different: ArrayLike, *, value: ArrayLike) -> LetterGroups:
    """Letters for the largest groups of units of which no two are told apart.

    Parameters
    ----------
    different : (K, K) array_like of bool
        Whether each pair is told apart, for instance ``pairwise_tests(...).adjusted <= 0.05``.
    value : (K,) array_like
        Estimates, which order the letters; a NaN unit gets none.

    Returns
    -------
    LetterGroups

    Notes
    -----
    Insert and absorb: one group of all; each pair told apart splits every group that holds both into two, each
    without one of them; a group inside another is absorbed. What is left are all maximal groups. Units with a
    letter in common are not shown to be equal: the data do not tell them apart. Written for provinces
    (200 units: 0.4 s); more groups than `MOST_GROUPS` are refused.

    References
    ----------
    Piepho (2004), Journal of Computational and Graphical Statistics 13:456-466.

    Examples
    --------
    >>> tests = pairwise_tests([0.9, 0.86, 0.82, 0.7], standard_error=[0.015] * 4)
    >>> compact_letters(tests.adjusted <= 0.05, value=[0.9, 0.86, 0.82, 0.7]).letters
    ('a', 'ab', 'b', 'c')
    """
    values, apart = np.asarray(value, dtype=np.float64), np.asarray(different)
    if apart.dtype.kind != "b" or apart.shape != values.shape * 2 or not (apart == apart.T).all():
        raise InvalidShape(
            expected="a symmetric table of true and false, one row per unit",
            got=f"{apart.dtype} {apart.shape}",
            hint="compare adjusted p values with alpha first",
        )
    if apart.diagonal().any():
        raise InvalidCounts(
            expected="no unit told apart from itself", got="one that is", hint="check the diagonal"
        )
    order = np.argsort(-values, kind="stable")[: int((~np.isnan(values)).sum())]
    found = _maximal_groups(apart[np.ix_(order, order)])
    groups = np.zeros((len(values), len(found)), dtype=np.bool_)
    for column, members in enumerate(found):
        groups[order[members], column] = True
    names = [_letter(column) for column in range(len(found))]
    letters = tuple("".join(names[column] for column in np.flatnonzero(row)) for row in groups)
    return LetterGroups(letters, groups)


def _tests(
    difference: FloatArray, p_values: FloatArray, known: NDArray[np.bool_], *, adjustment: str, method: str
) -> PairwiseTests:
    """Adjusted over the pairs, and put back among all units."""
    size = len(difference)
    upper = np.triu_indices(size, 1)
    adjusted = np.ones((size, size))
    if size > 1:
        adjusted[upper] = adjust_p_values(p_values[upper], method=adjustment)
        adjusted.T[upper] = adjusted[upper]
    np.fill_diagonal(p_values, 1.0)
    tables = np.full((3, len(known), len(known)), np.nan)
    for table, part in zip(tables, (difference, p_values, adjusted), strict=True):
        table[np.ix_(known, known)] = part
    return PairwiseTests(tables[0], tables[1], tables[2], adjustment, method)


def _maximal_groups(apart: NDArray[np.bool_]) -> list[list[int]]:
    """Largest groups without a pair told apart, sets of units held as the bits of whole numbers."""
    size = len(apart)
    groups = [(1 << size) - 1] if size else []
    for i, j in _pairs_from_the_ends(apart):
        both = (1 << i) | (1 << j)
        whole = [group for group in groups if group & both != both]
        for group in (group for group in groups if group & both == both):
            for part in (group & ~(1 << j), group & ~(1 << i)):
                if not any(part & other == part for other in whole):
                    whole.append(part)
        groups = whole
        if len(groups) > MOST_GROUPS:
            raise InvalidShape(
                expected=f"at most {MOST_GROUPS} groups",
                got="more",
                hint="too many to read: use separated_tiers",
            )
    members = [[unit for unit in range(size) if group >> unit & 1] for group in groups]
    return sorted(members)


def _pairs_from_the_ends(apart: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Pairs told apart, those furthest apart in order first: they split most, and leave least to absorb."""
    rows, columns = np.nonzero(np.triu(apart))
    for place in np.argsort(rows - columns, kind="stable"):
        yield int(rows[place]), int(columns[place])


def _letter(column: int) -> str:
    """a to z, then a1, b1 and so on."""
    turn, place = divmod(column, 26)
    return chr(ord("a") + place) + (str(turn) if turn else "")
