"""Shares of many units raked to known margins, from counts alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.arithmetic import quotient
from analysis.types import Estimates, FloatArray
from analysis.validation import counts_of, finite_positive, positive, require_whole, spread_over
from analysis.weighting.collapsing import Collapsing
from analysis.weighting.raked_cells import CellMargin, RakedCells, cell_margins, fitted_cells
from analysis.weighting.weighted_cells import ended_share, smoothed_cells, wilson_estimates

MOST_SWEEPS = 500
SETTLED = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class RakedShares:
    """Shares of U units with weights raked to their margins.

    Attributes
    ----------
    estimates : Estimates
        (U,) shares with limits; `value` is NaN where nobody answered or the cells cannot meet the margins.
    raw_share : (U,) ndarray
        The same answers without weights.
    weighting_effect : (U,) ndarray
        Kish's design effect of the weights.
    cells : RakedCells
        The fit, with its iterations and errors by unit.
    """

    estimates: Estimates
    raw_share: FloatArray
    weighting_effect: FloatArray
    cells: RakedCells


@checked
def raked_share(
    k: ArrayLike,
    n: ArrayLike,
    margins: Sequence[tuple[ArrayLike, ArrayLike]],
    *,
    collapse: Sequence[Collapsing] | None = None,
    design_effect: ArrayLike = 1.0,
    df: ArrayLike | None = None,
    tolerance: float = 1e-9,
    max_iterations: int = 500,
    confidence_level: float = 0.95,
) -> RakedShares:
    """Share of each unit with its cells raked to several margins of its dossiers.

    Parameters
    ----------
    k, n : (U, K) or (K,) array_like, 0 <= k <= n
        Satisfied and answering respondents of each unit in each cell of the cross of all margins.
    margins, collapse, tolerance, max_iterations
        As in `analysis.weighting.raked_cells.raked_cells`.
    design_effect : array_like > 0
        Of clusters inside cells, multiplied in.
    df : array_like > 0, optional
        Degrees of freedom of an estimated design effect.
    confidence_level : float in (0, 1)

    Returns
    -------
    RakedShares

    Notes
    -----
    With raked sizes W_c of cells, ``p = Σ W_c p_c / Σ W_c``. With g_c = W_c/n_c and r_c what the main effects of
    the margins, weighted by n_c, leave of the cells' shares, ``var = n/(n-1) [Σ g_c² n_c (p_c (1 - p_c) + r_c²) -
    (Σ g_c n_c r_c)²/n] / W²``: that of the residuals of raking. Limits as in `poststratified_share`.

    References
    ----------
    Deville, Särndal and Sautory (1993), JASA 88:1013-1020.

    Examples
    --------
    >>> found = raked_share([[27, 6, 12, 30]], [[30, 10, 20, 40]],
    ...                     [([0, 0, 1, 1], [[50, 50]]), ([0, 1, 0, 1], [[60, 40]])])
    >>> round(found.estimates[0].value, 4), round(found.raw_share.item(), 4)
    (0.765, 0.75)
    """
    satisfied, people = (np.atleast_2d(part) for part in counts_of(k, n))
    require_whole(people, name="n")
    base, known = cell_margins(people, margins, collapse=collapse)
    fitted = fitted_cells(base, known, tolerance=tolerance, max_iterations=max_iterations)
    everyone = people.sum(axis=1)
    is_fitted = (everyone > 0) & (fitted.largest_error <= tolerance)
    total = np.where(is_fitted, fitted.weights.sum(axis=1), 1.0)[:, None]
    g = np.divide(fitted.weights, people * total, out=np.zeros_like(people), where=people > 0)
    share = quotient(satisfied, people, empty=0.0)
    near, of_near = smoothed_cells(satisfied, people)
    effect = spread_over(
        finite_positive(design_effect, name="design_effect"), everyone.shape, name="design_effect"
    )
    variance = effect * _variance(share, share * (1 - share), people, g, known)
    value = np.where(is_fitted, ended_share((g * satisfied).sum(axis=1), satisfied, people), np.nan)
    estimates = wilson_estimates(
        value, everyone, rate=(g * people * near).sum(axis=1),
        width=effect * _variance(near, of_near * people, people, g, known),
        standard_error=np.where(is_fitted, np.sqrt(variance), np.nan),
        df=spread_over(positive(np.inf if df is None else df, name="df"), everyone.shape, name="df"),
        method="raked_wilson", confidence_level=confidence_level,
    )  # fmt: skip
    raw = quotient(satisfied.sum(axis=1), everyone)
    weighting = np.where(is_fitted, everyone * (g**2 * people).sum(axis=1), 1.0)
    return RakedShares(estimates, raw, weighting, fitted)


def _variance(
    share: FloatArray, spread: FloatArray, people: FloatArray, g: FloatArray, margins: list[CellMargin]
) -> FloatArray:
    """That of the residuals from the margins' main effects; `spread` is a person's variance inside each cell."""
    left = _residuals(share, people, margins)
    n = people.sum(axis=1)
    squares = (g**2 * people * (spread + left**2)).sum(axis=1)
    mean = (g * people * left).sum(axis=1)
    centred = squares - quotient(mean**2, n, empty=0.0)
    return np.asarray(np.maximum(centred, 0.0) * n / np.maximum(n - 1, 1))


def _residuals(share: FloatArray, people: FloatArray, margins: list[CellMargin]) -> FloatArray:
    """What the main effects of the margins leave of cells' shares (U, K)."""
    left = share
    for _ in range(MOST_SWEEPS):
        before = left
        for margin in margins:
            below = margin.sums(people)
            mean = quotient(margin.sums(people * left), below, empty=0.0)
            left = left - margin.spread(mean)
        if np.abs(left - before).max(initial=0.0) <= SETTLED:
            break
    return np.where(people > 0, left, 0.0)
