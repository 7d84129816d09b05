"""What merging units does to a comparison: merged, within units and standardised differences, and reversals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.arguments import checked
from analysis.arithmetic import quotient
from analysis.comparing.count_tables import homogeneity_tests
from analysis.comparing.hypothesis_tests import HypothesisTests
from analysis.comparing.mantel_haenszel import StratifiedTables, mantel_haenszel_tests
from analysis.errors import InvalidShape
from analysis.types import FloatArray, IntArray
from analysis.validation import (
    counts_of,
    finite_positive,
    labels_of,
    level_of,
    require_whole,
    spread_over,
)


@dataclass(frozen=True, slots=True, eq=False)
class MergedComparison:
    """Two groups (channels, waves, fields) compared in the merged unit and inside its parts.

    Attributes
    ----------
    merged_shares : (..., 2) ndarray
        Share of each group in the merged unit; NaN where nobody answered.
    shares : (..., 2, K) ndarray
        Share of each group in each part.
    merged_difference : (...) ndarray
        First minus second share in the merged unit.
    differences : (..., K) ndarray
        First minus second share inside each part.
    standardised_difference, standardised_low, standardised_high : (...) ndarray
        Mantel-Haenszel difference: that of the same mix of parts in both groups, with its limits.
    rate_part, mix_part : (...) ndarray
        Kitagawa's split of the merged difference: what differs inside the parts, and what only comes from the
        groups being spread differently over them. They add up to the merged difference.
    odds_ratio, odds_ratio_low, odds_ratio_high : (...) ndarray
        Mantel-Haenszel common odds ratio of the first group to the second; 0, infinite or NaN where a group
        has no answer of one kind.
    merged_tests : HypothesisTests
        Chi-square of the merged table, without continuity correction.
    mantel_haenszel_tests : HypothesisTests
        Cochran-Mantel-Haenszel chi-square inside the parts, without continuity correction.
    homogeneity_tests : HypothesisTests
        Breslow and Day's test that all parts share one odds ratio, with Tarone's correction.
    is_reversed : (...) ndarray of bool
        The merged and the standardised difference have opposite signs.
    is_reversed_in_every_part : (...) ndarray of bool
        Every part with both groups differs the other way than the merged unit: Simpson's paradox in full.
    confidence_level : float
    """

    merged_shares: FloatArray
    shares: FloatArray
    merged_difference: FloatArray
    differences: FloatArray
    standardised_difference: FloatArray
    standardised_low: FloatArray
    standardised_high: FloatArray
    rate_part: FloatArray
    mix_part: FloatArray
    odds_ratio: FloatArray
    odds_ratio_low: FloatArray
    odds_ratio_high: FloatArray
    merged_tests: HypothesisTests
    mantel_haenszel_tests: HypothesisTests
    homogeneity_tests: HypothesisTests
    is_reversed: NDArray[np.bool_]
    is_reversed_in_every_part: NDArray[np.bool_]
    confidence_level: float


@checked
def merged_comparison(
    k: ArrayLike, n: ArrayLike, *, design_effect: ArrayLike = 1.0, confidence_level: float = 0.95
) -> MergedComparison:
    """Compare two groups in merged units and inside their parts, for any number of merged units.

    Parameters
    ----------
    k, n : (..., 2, K) array_like of whole numbers
        Satisfied and answering respondents of two groups in K parts; parts without respondents may pad.
    design_effect : (..., 2, K) array_like > 0
    confidence_level : float in (0, 1)

    Returns
    -------
    MergedComparison

    Notes
    -----
    With effective counts x, n of part k, N its total: common odds ratio ``ΣR/ΣS``, ``R = x₁(n₂-x₂)/N``,
    ``S = x₂(n₁-x₁)/N``, its log's variance after Robins, Breslow and Greenland; standardised difference
    ``Σ (x₁n₂ - x₂n₁)/N / Σ n₁n₂/N`` with Sato's variance. A part that only one group reached tells nothing of
    the difference inside parts; in Kitagawa's split it counts as mix.

    References
    ----------
    Mantel and Haenszel (1959), JNCI 22:719-748. Robins, Breslow and Greenland (1986), Biometrics 42:311-323.
    Sato (1989), Biometrics 45:1323-1324. Tarone (1985), Biometrika 72:91-95. Kitagawa (1955), JASA 50:1168-1194.
    Bickel, Hammel and O'Connell (1975), Science 187:398-404.

    Examples
    --------
    >>> found = merged_comparison([[81, 192], [234, 55]], [[87, 263], [270, 80]])
    >>> found.merged_difference.round(3).item(), found.standardised_difference.round(3).item()
    (-0.046, 0.054)
    >>> found.is_reversed.item(), found.is_reversed_in_every_part.item()
    (True, True)
    """
    x, people = counts_of(k, n)
    require_whole(x, name="k")
    if x.ndim < 2 or x.shape[-2] != 2 or not x.shape[-1]:
        raise InvalidShape(
            expected="(..., 2, parts) counts", got=str(x.shape), hint="two groups, one column a part"
        )
    effect = finite_positive(design_effect, name="design_effect")
    scale = 1 / spread_over(effect, x.shape, name="design_effect")
    level = level_of(confidence_level)
    merged = quotient(x.sum(axis=-1), people.sum(axis=-1))
    shares = quotient(x, people)
    difference, within = merged[..., 0] - merged[..., 1], shares[..., 0, :] - shares[..., 1, :]
    rate, mix = _kitagawa(people, shares, difference)
    parts = StratifiedTables.of(x * scale, people * scale)
    standardised = parts.difference(level)
    odds = parts.odds_ratio(level)
    opposite = np.sign(difference)[..., None] * np.sign(within)
    both = np.isfinite(within)
    everywhere = np.asarray(both.any(axis=-1) & ((opposite < 0) | ~both).all(axis=-1), dtype=np.bool_)
    return MergedComparison(
        merged, shares, difference, within, *standardised, rate, mix, *odds,
        homogeneity_tests(np.stack([x, people - x], axis=-1).sum(axis=-2), design_effect=_merged_effect(people, scale)),
        mantel_haenszel_tests(k, n, design_effect=effect),
        parts.breslow_day_tests(odds[0]),
        np.asarray(np.sign(difference) * np.sign(standardised[0]) < 0),
        everywhere,
        level,
    )  # fmt: skip


@checked
def merged_units_comparison(
    k: ArrayLike,
    n: ArrayLike,
    parents: ArrayLike,
    *,
    n_units: int,
    design_effect: ArrayLike = 1.0,
    confidence_level: float = 0.95,
) -> MergedComparison:
    """`merged_comparison` of every merged unit, from one table of its parts.

    Parameters
    ----------
    k, n : (2, O) array_like of whole numbers
        Satisfied and answering respondents of two groups or waves in O parts, such as the units before a merger.
    parents : (O,) array_like of int in [0, n_units)
        Merged unit of each part.
    n_units : int
    design_effect : (2, O) array_like > 0
    confidence_level : float in (0, 1)

    Returns
    -------
    MergedComparison
        Arrays of shape (n_units, ...), the parts of each unit in their order, padded with empty ones.

    Examples
    --------
    >>> k, n = [[81, 192, 30], [234, 55, 30]], [[87, 263, 40], [270, 80, 50]]
    >>> found = merged_units_comparison(k, n, [0, 0, 1], n_units=2)
    >>> found.is_reversed.tolist()
    [True, False]
    """
    x, people = counts_of(k, n)
    if x.ndim != 2 or len(x) != 2:
        raise InvalidShape(
            expected="(2, parts) counts", got=str(x.shape), hint="two groups or waves, one column a part"
        )
    unit = labels_of(parents, size=x.shape[1], below=n_units, name="parents")
    position, most = _positions(unit, n_units)
    effect = spread_over(finite_positive(design_effect, name="design_effect"), x.shape, name="design_effect")
    padded = [np.full((n_units, 2, max(most, 1)), empty) for empty in (0.0, 0.0, 1.0)]
    for array, values in zip(padded, (x, people, effect), strict=True):
        array[unit, :, position] = values.T
    return merged_comparison(padded[0], padded[1], design_effect=padded[2], confidence_level=confidence_level)


def _kitagawa(
    people: FloatArray, shares: FloatArray, difference: FloatArray
) -> tuple[FloatArray, FloatArray]:
    mix = quotient(people, people.sum(axis=-1, keepdims=True))
    # Where one group did not reach a part its share there is unknown: taken as the other's, so that nothing of
    # the difference is called a difference of rates.
    known = np.where(np.isnan(shares), shares[..., ::-1, :], shares)
    known = np.where(np.isnan(known), 0.0, known)
    rate = (mix.mean(axis=-2) * (known[..., 0, :] - known[..., 1, :])).sum(axis=-1)
    return rate, difference - rate


def _merged_effect(people: FloatArray, scale: FloatArray) -> FloatArray:
    """Design effect of each merged group: respondents over effective respondents."""
    return quotient(people.sum(axis=-1), (people * scale).sum(axis=-1), empty=1.0)


def _positions(labels: IntArray, size: int) -> tuple[IntArray, int]:
    """Position of each row among those with its label, and the largest number of rows a label has."""
    order = np.argsort(labels, kind="stable")
    counts = np.bincount(labels, minlength=size)
    starts = np.cumsum(counts) - counts
    position = np.empty(len(labels), dtype=np.int64)
    position[order] = np.arange(len(labels)) - starts[labels[order]]
    return position, int(counts.max(initial=0))
