"""How people use the levels of each item: ceiling, floor, missing answers and the spread between levels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.arguments import checked
from analysis.arithmetic import quotient
from analysis.errors import InvalidShape
from analysis.intervals.shares import wilson_interval
from analysis.types import Estimates, FloatArray, IntArray
from analysis.validation import finite_array, require_whole


@dataclass(frozen=True, slots=True, eq=False)
class LevelUse:
    """Use of the levels of p items.

    Attributes
    ----------
    floor, ceiling : Estimates of shape (p,)
        Share of answers at the lowest and at the highest level.
    nonresponse : Estimates of shape (p,)
        Share of those asked who gave no answer.
    entropy : (p,) ndarray in [0, 1]
        0 when everyone chose one level, 1 when all levels are chosen alike; NaN where nobody answered.
    n_levels_used : (p,) ndarray of int
    """

    floor: Estimates
    ceiling: Estimates
    nonresponse: Estimates
    entropy: FloatArray
    n_levels_used: IntArray


@checked
def level_use(
    counts: ArrayLike,
    *,
    n_missing: ArrayLike = 0,
    design_effect: ArrayLike = 1.0,
    confidence_level: float = 0.95,
) -> LevelUse:
    """Ceiling, floor, non-response and entropy of each item.

    Parameters
    ----------
    counts : (p, L) array_like of whole numbers >= 0
        Answers at each level of each item, lowest level first.
    n_missing : (p,) array_like of whole numbers >= 0
        People asked who did not answer.
    design_effect : array_like > 0
        Of the shares.
    confidence_level : float in (0, 1)

    Returns
    -------
    LevelUse
        Where nobody answered the shares are NaN with limits 0 and 1.

    Notes
    -----
    Wilson intervals; entropy ``-Σ p_l ln p_l / ln L``.

    References
    ----------
    Terwee et al. (2007), Journal of Clinical Epidemiology 60:34-42: more than 15 % at one end is a floor or
    ceiling effect. Shannon (1948), Bell System Technical Journal 27:379-423.

    Examples
    --------
    >>> use = level_use([[0, 1, 4, 15, 80]], n_missing=[25])
    >>> use.ceiling.value.item(), use.nonresponse.value.item(), use.entropy.round(3).item()
    (0.8, 0.2, 0.396)
    """
    table = finite_array(counts, name="counts")
    if table.ndim != 2 or table.shape[1] < 2:
        raise InvalidShape(
            expected="counts of shape (items, levels), two levels or more",
            got=str(table.shape),
            hint="one row per item, also for one item",
        )
    require_whole(table, name="counts")
    missing = finite_array(n_missing, name="n_missing")
    require_whole(missing, name="n_missing")
    if missing.shape not in ((), table.shape[:1]):
        raise InvalidShape(
            expected=f"{len(table)} n_missing", got=str(missing.shape), hint="one count per item"
        )
    answered = table.sum(axis=1)
    shares = quotient(table, answered[:, None], empty=0.0)
    floor, ceiling, nonresponse = (
        wilson_interval(k, n, design_effect=design_effect, confidence_level=confidence_level)
        for k, n in (
            (table[:, 0], answered),
            (table[:, -1], answered),
            (missing + 0 * answered, answered + missing),
        )
    )
    entropy = special.entr(shares).sum(axis=1) / np.log(table.shape[1])
    return LevelUse(
        floor,
        ceiling,
        nonresponse,
        np.where(answered > 0, entropy, np.nan),
        (table > 0).sum(axis=1).astype(np.int64),
    )
