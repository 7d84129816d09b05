"""Score test and interval of a difference of two shares: the variance is that of the difference supposed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.intervals.limits import Limits
from analysis.types import FloatArray

HALVINGS = 55


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Two independent shares, pair by pair.

    Attributes
    ----------
    p1, p2 : ndarray in [0, 1]
        Observed shares.
    n1, n2 : ndarray > 0
        Independent respondents.
    """

    p1: FloatArray
    n1: FloatArray
    p2: FloatArray
    n2: FloatArray

    @property
    def difference(self) -> FloatArray:
        """First minus second."""
        return self.p1 - self.p2


def score_statistic(pairs: Pairs, difference: FloatArray) -> FloatArray:
    """Distance of the observed from a supposed difference in standard errors under the supposed one.

    Parameters
    ----------
    pairs : Pairs
        With finite n.
    difference : ndarray in [-1, 1]
        Supposed first share minus second.

    Returns
    -------
    ndarray
        Positive where the observed difference is the larger; 0 where both are equal, infinite where the
        supposed difference leaves no variance.

    Notes
    -----
    ``(p1 - p2 - d) / sqrt(q1(1-q1)/n1 + q2(1-q2)/n2)`` with q the likeliest shares whose difference is d. At
    d = 0 they are the pooled share.

    References
    ----------
    Mee (1984), Biometrics 40:1175-1176.

    Examples
    --------
    >>> one = np.ones(1)
    >>> score_statistic(Pairs(0.8 * one, 70 * one, 0.6 * one, 80 * one), 0 * one).round(4).item()
    2.6502
    """
    q2 = restricted_share(pairs, difference)
    q1 = np.clip(q2 + difference, 0.0, 1.0)
    distance = pairs.difference - difference
    error = np.sqrt(q1 * (1 - q1) / pairs.n1 + q2 * (1 - q2) / pairs.n2)
    far = np.divide(distance, error, out=np.asarray(np.copysign(np.inf, distance)), where=error > 0)
    statistic: FloatArray = np.where(np.abs(distance) <= 1e-15, 0.0, far)
    return statistic


def restricted_share(pairs: Pairs, difference: FloatArray) -> FloatArray:
    """Likeliest second share if the first is larger by a given difference.

    Parameters
    ----------
    pairs, difference
        As in `score_statistic`.

    Returns
    -------
    ndarray in [0, 1]

    Notes
    -----
    The middle root of the cubic of Farrington and Manning, then two of Newton's steps on the score, which
    lose no digits where roots of the cubic meet.

    References
    ----------
    Miettinen and Nurminen (1985), Statistics in Medicine 4:213-226. Farrington and Manning (1990), Statistics
    in Medicine 9:1447-1454.

    Examples
    --------
    >>> one = np.ones(1)
    >>> restricted_share(Pairs(0.8 * one, 70 * one, 0.6 * one, 80 * one), 0 * one).round(4).item()
    0.6933
    """
    lowest, highest = np.maximum(0.0, -difference), np.minimum(1.0, 1.0 - difference)
    share = np.clip(_middle_root(pairs, difference), lowest, highest)
    for _ in range(2):
        share = np.clip(share + _newton_step(pairs, difference, share), lowest, highest)
    return share


def score_limits(pairs: Pairs, critical: FloatArray) -> Limits:
    """Differences whose score statistic stays within the critical value.

    Parameters
    ----------
    pairs : Pairs
        With finite n.
    critical : ndarray >= 0

    Returns
    -------
    tuple of ndarray
        Lower and upper limits in [-1, 1], by bisection.

    Examples
    --------
    >>> one = np.ones(1)
    >>> limits = score_limits(Pairs(0.8 * one, 70 * one, 0.6 * one, 80 * one), 1.959964 * one)
    >>> [limit.round(4).item() for limit in limits]
    [0.0533, 0.3377]
    """
    observed = pairs.difference
    inside = np.stack([observed, observed])
    outside = np.stack([np.full(observed.shape, -1.0), np.full(observed.shape, 1.0)])
    for _ in range(HALVINGS):
        middle = (inside + outside) / 2
        is_inside = np.abs(score_statistic(pairs, middle)) <= critical
        inside, outside = np.where(is_inside, middle, inside), np.where(is_inside, outside, middle)
    return outside[0], outside[1]


def _middle_root(pairs: Pairs, difference: FloatArray) -> FloatArray:
    # Coefficients of Farrington and Manning's cubic, over n1 + n2.
    weight1, weight2 = pairs.n1 / (pairs.n1 + pairs.n2), pairs.n2 / (pairs.n1 + pairs.n2)
    pooled = weight1 * pairs.p1 + weight2 * pairs.p2
    second = (weight1 + 2 * weight2) * difference - 1 - pooled
    first = (weight2 * difference - 1 - 2 * weight2 * pairs.p2) * difference + pooled
    zeroth = weight2 * pairs.p2 * difference * (1 - difference)
    shift = second / 3
    cosine = shift**3 - first * second / 6 + zeroth / 2
    radius = np.copysign(np.sqrt(np.maximum(shift**2 - first / 3, 0.0)), cosine)
    ratio = np.divide(cosine, radius**3, out=np.ones(np.shape(cosine)), where=np.abs(radius) > 1e-100)
    angle = (np.pi + np.arccos(np.clip(ratio, -1.0, 1.0))) / 3
    root: FloatArray = 2 * radius * np.cos(angle) - shift
    return root


def _newton_step(pairs: Pairs, difference: FloatArray, share: FloatArray) -> FloatArray:
    """Step towards the zero of the derivative of the log likelihood; none from an end of its range."""
    other = share + difference
    is_inner = (np.minimum(share, other) > 1e-100) & (np.maximum(share, other) < 1)
    score, information = np.zeros(share.shape), np.zeros(share.shape)
    for q, p, n in ((other, pairs.p1, pairs.n1), (share, pairs.p2, pairs.n2)):
        inner = np.where(is_inner, q, 0.5)
        score += n * (p - inner) / (inner * (1 - inner))
        information += n * (p / inner**2 + (1 - p) / (1 - inner) ** 2)
    return np.where(is_inner, score / information, 0.0)
