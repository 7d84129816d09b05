"""A unit whose kiosk and phone speak of different offices, beyond what the change of channel explains."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.arguments import checked
from analysis.integrity.outliers import outlier_scores
from analysis.integrity.scores import Scores
from analysis.intervals.shares import wilson_interval
from analysis.types import FloatArray
from analysis.validation import counts_of

LEVEL = 0.95
CRITICAL = float(special.ndtri(0.5 + LEVEL / 2))


@checked
def contradiction_scores(
    k_first: ArrayLike,
    n_first: ArrayLike,
    k_second: ArrayLike,
    n_second: ArrayLike,
    *,
    design_effect_first: ArrayLike = 1.0,
    design_effect_second: ArrayLike = 1.0,
    alternative: str = "greater",
    min_n: int = 30,
) -> Scores:
    """Difference of one unit's shares on two channels, against the differences of all other units.

    Parameters
    ----------
    k_first, n_first, k_second, n_second : (U,) array_like of counts
        Satisfied and answering respondents, say of the kiosk and of the code on the slip.
    design_effect_first, design_effect_second : array_like > 0
    alternative : {"greater", "less", "two-sided"}
        "greater": the first channel is the suspiciously happy one.
    min_n : int >= 1
        On each channel.

    Returns
    -------
    Scores
        `statistic` is the unit's difference, `expected` that of the others: kiosks are happier everywhere, and
        that is a mode effect and no fraud.

    Notes
    -----
    The variance of a difference is its Newcombe arm towards the median difference, over z, squared: with Wilson
    limits l, u, ``((p1 - l1)² + (u2 - p2)²)/z²`` where the difference is above. It does not vanish at 100 %. The
    rest is `outliers.outlier_scores`.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17:873-890. Higgins, Thompson and Spiegelhalter (2009), JRSS A 172.

    Examples
    --------
    >>> kiosk, phone = [180, 184, 178, 182, 181, 199], [160, 168, 158, 163, 161, 100]
    >>> scores = contradiction_scores(kiosk, [200] * 6, phone, [200] * 6)
    >>> scores.statistic[5].item(), scores.expected[5].round(2).item(), bool(scores.p_value[5] < 0.01)
    (0.495, 0.09, True)
    """
    k1, n1 = counts_of(k_first, n_first)
    k2, n2 = counts_of(k_second, n_second)
    first = wilson_interval(k1, n1, design_effect=design_effect_first, confidence_level=LEVEL)
    second = wilson_interval(k2, n2, design_effect=design_effect_second, confidence_level=LEVEL)
    used = (n1 >= min_n) & (n2 >= min_n)
    p1, p2 = np.where(used, first.value, 0.5), np.where(used, second.value, 0.5)
    difference = p1 - p2
    centre = np.median(difference[used]) if used.any() else 0.0
    down = np.hypot(p1 - first.ci_low, second.ci_high - p2)
    up = np.hypot(first.ci_high - p1, p2 - second.ci_low)
    arm: FloatArray = np.where(difference > centre, down, up)
    return outlier_scores(
        difference,
        np.where(used, np.maximum(arm / CRITICAL, 1e-9) ** 2, 1.0),
        n1 + n2,
        alternative=alternative,
        is_usable=used,
        method="contradiction",
    )
