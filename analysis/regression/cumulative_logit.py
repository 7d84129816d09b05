"""The likelihood of the cumulative logit model: maximum, scores, information, and the test of parallel slopes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from analysis.comparing.hypothesis_tests import HypothesisTest, NoTest
from analysis.distributions import f_tail
from analysis.errors import InvalidCounts
from analysis.regression.separation import require_overlap
from analysis.types import FloatArray, IntArray

MOST_STEPS = 60
"""Newton steps after which the likelihood is taken to have no maximum."""

SUSPECT_LOG_ODDS = 12.0
"""Distance of a threshold from an answer it bounds, in log odds, beyond which separation is looked for."""


@dataclass(frozen=True, slots=True, eq=False)
class CumulativeLogit:
    """The maximum of the likelihood.

    Attributes
    ----------
    values : (L - 1 + p,) ndarray
        Thresholds, then coefficients.
    scores : (M, L - 1 + p) ndarray
        Derivative of each row's log likelihood, unweighted.
    information : (L - 1 + p, L - 1 + p) ndarray
        Observed, weighted.
    log_likelihood : float
        Weighted.
    codes : (M,) ndarray of int
        Level of each row.
    """

    values: FloatArray
    scores: FloatArray
    information: FloatArray
    log_likelihood: float
    codes: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class CumulativeRows:
    """Answers of M rows with the derivatives of their upper and lower bounds by the q parameters.

    Attributes
    ----------
    upper, lower : (M, q) ndarray
        0 where the answer has no such bound.
    has_upper, has_lower : (M,) ndarray of 0 and 1
    weights : (M,) ndarray
    """

    upper: FloatArray
    lower: FloatArray
    has_upper: FloatArray
    has_lower: FloatArray
    weights: FloatArray

    @classmethod
    def of(cls, x: FloatArray, codes: IntArray, weights: FloatArray, n_levels: int) -> CumulativeRows:
        """Rows with predictors (M, p) and answers in [0, n_levels)."""
        thresholds = np.arange(n_levels - 1)
        upper, lower = (
            np.hstack([(codes[:, None] - shift == thresholds).astype(np.float64), -x]) for shift in (0, 1)
        )
        has_upper, has_lower = (codes < n_levels - 1).astype(np.float64), (codes > 0).astype(np.float64)
        return cls(upper * has_upper[:, None], lower * has_lower[:, None], has_upper, has_lower, weights)

    def log_likelihood(self, values: FloatArray) -> float:
        """Weighted sum of log(F(a) - F(b)); minus infinity where the thresholds are not in order."""
        a, b, gap = self._bounds(values)
        if (gap <= 0).any():
            return -np.inf
        own = self.has_upper * special.log_expit(a) + self.has_lower * special.log_expit(-b)
        return float(self.weights @ (own + np.log(-np.expm1(-gap))))

    def derivatives(self, values: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Scores by row, and the weighted observed information.

        ``F(a) - F(b) = F(a) F(-b) (1 - exp(b - a))``, and a - b does not depend on the predictors.
        """
        a, b, gap = self._bounds(values)
        both = self.has_upper * self.has_lower
        at_a, at_b = self.has_upper * special.expit(-a), -self.has_lower * special.expit(b)
        at_gap = both / np.expm1(gap)
        between = (self.upper - self.lower) * both[:, None]
        scores = self.upper * at_a[:, None] + self.lower * at_b[:, None] + between * at_gap[:, None]
        curved = (
            (self.upper, -at_a * special.expit(a)),
            (self.lower, at_b * special.expit(-b)),
            (between, -at_gap * (1 + at_gap)),
        )
        information = -sum(part.T @ ((self.weights * size)[:, None] * part) for part, size in curved)
        return scores, np.asarray(information)

    def overlap(self) -> FloatArray:
        """Signed comparisons, for `require_overlap`."""
        return np.vstack([self.upper[self.has_upper > 0], -self.lower[self.has_lower > 0]])

    def farthest(self, values: FloatArray) -> float:
        """Largest distance of a bound from the answers it bounds."""
        a, b, _ = self._bounds(values)
        return float(max(np.abs(a).max(), np.abs(b).max()))

    def _bounds(self, values: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        a, b = self.upper @ values, self.lower @ values
        return a, b, np.where(self.has_upper * self.has_lower > 0, a - b, np.inf)


def fit_cumulative_logit(
    x: FloatArray,
    codes: IntArray,
    weights: FloatArray,
    *,
    names: tuple[str, ...],
) -> CumulativeLogit:
    """Weighted maximum likelihood of ``P(Y <= j) = expit(θ_j - x'β)``.

    Parameters
    ----------
    x : (M, p) ndarray
        Predictors without an intercept.
    codes : (M,) ndarray of int in [0, L)
        Level of each row; L - 1 + p names say how many levels there are.
    weights : (M,) ndarray > 0
        Counts, or weights of a survey.
    names : tuple of str
        Of thresholds and coefficients.

    Returns
    -------
    CumulativeLogit

    Raises
    ------
    InvalidCounts
        One level, a level that nobody chose, or predictors that separate the levels.

    Notes
    -----
    The log likelihood is concave in (θ, β); Newton's method with halved steps finds its one maximum.

    References
    ----------
    McCullagh (1980), JRSS B 42:109-142. Pratt (1981), JASA 76:103-106.

    Examples
    --------
    >>> x, codes, counts = np.zeros((3, 0)), np.array([0, 1, 2]), np.array([1.0, 2.0, 1.0])
    >>> fit = fit_cumulative_logit(x, codes, counts, names=("1|2", "2|3"))
    >>> fit.values.round(4).tolist()
    [-1.0986, 1.0986]
    """
    n_levels = len(names) - x.shape[1] + 1
    counts = np.bincount(codes, weights=weights, minlength=n_levels)
    if n_levels < 2 or not counts.all():
        raise InvalidCounts(
            expected="two or more levels of the response, each chosen by someone",
            got=f"counts {np.array2string(counts, precision=6)}",
            hint="leave out or merge levels that nobody chose",
        )
    rows = CumulativeRows.of(x, codes, weights, n_levels)
    values = np.concatenate([special.logit(np.cumsum(counts)[:-1] / counts.sum()), np.zeros(x.shape[1])])
    values, is_found = _maximum(rows, values)
    if not is_found or rows.farthest(values) > SUSPECT_LOG_ODDS:
        require_overlap(rows.overlap(), names)
    scores, information = rows.derivatives(values)
    return CumulativeLogit(values, scores, information, rows.log_likelihood(values), codes)


def parallel_score_test(x: FloatArray, weights: FloatArray, fit: CumulativeLogit) -> HypothesisTest:
    """Whether each threshold needs coefficients of its own.

    Parameters
    ----------
    x : (M, p) ndarray
    weights : (M,) ndarray > 0
        Counts.
    fit : CumulativeLogit
        Of the same rows.

    Returns
    -------
    HypothesisTest
        Chi-square on p (L - 2) degrees of freedom.

    Notes
    -----
    ``U' I⁻¹ U`` with U the score and I the expected information of the model with θ_j and β_j for every
    threshold, at the fit with one β.

    References
    ----------
    Peterson and Harrell (1990), Applied Statistics 39:205-217.

    Examples
    --------
    >>> x, counts = np.array([[0.0]] * 2 + [[1.0]] * 2), np.array([3.0, 1.0, 1.0, 3.0])
    >>> fit = fit_cumulative_logit(x, np.array([0, 1, 0, 1]), counts, names=("0|1", "x"))
    >>> parallel_score_test(x, counts, fit).reason
    'everyone gave the same answer'
    """
    p = x.shape[1]
    splits = len(fit.values) - p
    df = p * (splits - 1)
    if not df:
        return HypothesisTest(np.nan, 0, np.nan, method="score", reason=NoTest.ONE_LEVEL.reason)
    extended = np.hstack([np.ones((len(x), 1)), -x])
    # The derivative by a threshold is that by its cumulative log odds, whatever the predictors.
    score = np.concatenate([extended.T @ (weights * fit.scores[:, j]) for j in range(splits)])
    information = _split_information(extended, weights, fit, splits)
    statistic = float(score @ np.linalg.solve(information, score))
    return HypothesisTest(statistic, df, float(f_tail(statistic / df, df)), method="score")


def _maximum(rows: CumulativeRows, values: FloatArray) -> tuple[FloatArray, bool]:
    now = rows.log_likelihood(values)
    for _ in range(MOST_STEPS):
        scores, information = rows.derivatives(values)
        gradient = rows.weights @ scores
        step = np.linalg.lstsq(information, gradient, rcond=None)[0]
        size = 1.0
        while (new := rows.log_likelihood(values + size * step)) < now and size > 1e-8:
            size /= 2
        values, now = values + size * step, max(new, now)
        if gradient @ step < 1e-13:
            return values, True
    return values, False


def _split_information(
    extended: FloatArray, weights: FloatArray, fit: CumulativeLogit, splits: int
) -> FloatArray:
    """Expected information of separate thresholds and coefficients, split by split."""
    thresholds, slopes = fit.values[:splits], fit.values[splits:]
    below = special.expit(thresholds + extended[:, 1:] @ slopes[:, None])
    density = below * (1 - below)
    shares = np.diff(np.column_stack([np.zeros(len(below)), below, np.ones(len(below))]), axis=1)
    q = extended.shape[1]
    information = np.zeros((splits * q, splits * q))
    for j in range(splits):
        own = density[:, j] ** 2 * (1 / shares[:, j] + 1 / shares[:, j + 1])
        at = slice(j * q, (j + 1) * q)
        information[at, at] = extended.T @ ((weights * own)[:, None] * extended)
        if j + 1 < splits:
            mixed = -density[:, j] * density[:, j + 1] / shares[:, j + 1]
            beside = slice((j + 1) * q, (j + 2) * q)
            information[at, beside] = extended.T @ ((weights * mixed)[:, None] * extended)
            information[beside, at] = information[at, beside].T
    return information
