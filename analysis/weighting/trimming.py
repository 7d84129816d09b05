"""Trimming: weights above a cap are cut to it and what was cut is shared among the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.arguments import checked
from analysis.arithmetic import quotient
from analysis.errors import InvalidCounts, InvalidOption
from analysis.types import FloatArray, IntArray
from analysis.validation import count_of, finite_array, labels_of, require_known
from analysis.weighting.cell_means import cell_sums
from analysis.weighting.reports import Adjustment

if TYPE_CHECKING:
    from analysis.design import Survey

RULES = ("median", "quantile", "value")
CAP_CANDIDATES = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.96, 0.97, 0.98, 0.99, 1.0)


@checked
def trimmed_weights(
    weights: ArrayLike, cap: float, *, groups: ArrayLike | None = None, n_groups: int = 1
) -> FloatArray:
    """Weights cut at a cap, what was cut shared among the others in proportion to their weights.

    Parameters
    ----------
    weights : (N,) array_like >= 0
    cap : float > 0
        Largest weight allowed.
    groups : (N,) array_like of int in [0, n_groups), optional
        Groups that keep their sums of weights (strata, post-strata); all together where not given.
    n_groups : int

    Returns
    -------
    (N,) ndarray
        ``min(cap, a w)`` with the a >= 1 that keeps the sum of the group.

    Raises
    ------
    InvalidOption
        A cap below the mean weight of a group.

    Notes
    -----
    Trimming trades variance for bias and undoes calibration: calibrate again, with bounds, after it.

    References
    ----------
    Potter (1990), Proceedings of the Survey Research Methods Section, ASA, 225-230.

    Examples
    --------
    >>> trimmed_weights([1, 1, 2, 8], 5).tolist()
    [1.75, 1.75, 3.5, 5.0]
    """
    w = finite_array(weights, name="weights")
    count_of(n_groups, name="n_groups", at_least=1)
    codes = (
        np.zeros(w.size, dtype=np.int64)
        if groups is None
        else labels_of(groups, size=w.size, below=n_groups, name="groups")
    )
    if w.ndim != 1 or not w.size or (w < 0).any():
        raise InvalidCounts(
            expected="(N,) weights >= 0", got=f"{w.shape}", hint="trim before or after calibration, not a GREG "
            "with negative weights",
        )  # fmt: skip
    _require_room(w, cap, codes, n_groups)
    return _shared(w, cap, codes, n_groups)


@checked
def trimming(
    survey: Survey, *, rule: str = "median", at: float = 5.0, groups: str | Sequence[str] | None = None
) -> Adjustment:
    """A survey with its largest weights trimmed.

    Parameters
    ----------
    survey : Survey
    rule : {"median", "quantile", "value"}
        The cap is `at` times the median weight, the quantile `at` of the weights, or `at` itself.
    at : float > 0
    groups : str or sequence of str, optional
        Columns whose groups keep their sums of weights.

    Returns
    -------
    Adjustment

    Notes
    -----
    Respondents of weight 0 do not count for the median or the quantile.

    References
    ----------
    Potter (1990), Proceedings of the Survey Research Methods Section, ASA, 225-230.

    Examples
    --------
    >>> from analysis import Survey
    >>> survey = Survey({"w": [1, 1, 2, 8], "top": [1, 0, 1, 1]}, weights="w")
    >>> found = trimming(survey, rule="median", at=3)
    >>> found.survey.weights.round(3).tolist(), found.report.high
    ([1.875, 1.875, 3.75, 4.5], 4.5)
    """
    cap = weight_cap(survey.weights, rule=rule, at=at)
    labels = survey.domains(groups)
    weights = trimmed_weights(survey.weights, cap, groups=labels.codes, n_groups=len(labels))
    g = quotient(weights, survey.weights, empty=1.0)
    return Adjustment(survey.calibrated(weights, None), "trimming", g)


@checked
def weight_cap(weights: ArrayLike, *, rule: str, at: float) -> float:
    """The cap that a rule makes of positive weights.

    Parameters
    ----------
    weights : (N,) array_like >= 0
    rule, at
        As in `trimming`.

    Returns
    -------
    float

    Examples
    --------
    >>> weight_cap([0, 1, 2, 30], rule="median", at=5)
    10.0
    """
    require_known(rule, RULES, name="rule")
    w = finite_array(weights, name="weights")
    if not np.isfinite(at) or at <= 0 or (rule == "quantile" and at > 1):
        raise InvalidOption(
            expected="at > 0, and at most 1 for a quantile", got=repr(at), hint="0.99 for the top percent"
        )
    if not (w > 0).any():
        raise InvalidCounts(expected="positive weights", got="none", hint="nobody is left to weight")
    if rule == "value":
        return float(at)
    return float(np.quantile(w[w > 0], at) if rule == "quantile" else at * np.median(w[w > 0]))


@checked
def least_error_cap(
    survey: Survey, column: str, *, quantiles: Sequence[float] = CAP_CANDIDATES
) -> tuple[float, FloatArray]:
    """The cap with the smallest estimated mean squared error of a mean (Potter's rule).

    Parameters
    ----------
    survey : Survey
    column : str
        The answer whose mean matters most; rows without it are outside.
    quantiles : sequence of float in (0, 1]
        Caps tried, as quantiles of the weights; 1 trims nothing.

    Returns
    -------
    cap : float
    errors : (C,) ndarray
        Estimated mean squared error at each quantile; infinite where the cap is below the mean weight.

    Notes
    -----
    ``max(0, (m_t - m)² - V(m_t - m)) + V(m_t)`` with m_t the mean under trimmed and m under full weights,
    variances linearised. The cap is chosen by the answers, so use it for one planned column, or an average.

    References
    ----------
    Potter (1990), Proceedings of the Survey Research Methods Section, ASA, 225-230.

    Examples
    --------
    >>> from analysis import Survey
    >>> survey = Survey({"w": [1] * 16 + [9, 9, 9, 9], "y": [1, 0] * 10}, weights="w")
    >>> cap, errors = least_error_cap(survey, "y", quantiles=(0.8, 1.0))
    >>> round(cap, 2), bool(errors[0] < errors[1])
    (2.6, True)
    """
    y = survey.table.numbers(column)
    answered = ~np.isnan(y)
    if not len(quantiles):
        raise InvalidOption(
            expected="one or more quantiles", got="none", hint="leave them out for the usual ones"
        )
    caps = [weight_cap(survey.weights, rule="quantile", at=q) for q in quantiles]
    errors = np.array(
        [_mean_squared_error(survey, np.where(answered, y, 0.0), answered, cap) for cap in caps]
    )
    return caps[int(np.argmin(errors))], errors


def _mean_squared_error(survey: Survey, y: FloatArray, answered: NDArray[np.bool_], cap: float) -> float:
    w = survey.weights
    if cap * (w > 0).sum() < w.sum() * (1 - 1e-12):
        return float("inf")
    trimmed = _shared(w, cap, np.zeros(w.size, dtype=np.int64), 1)
    means = [float(v @ y / (v @ answered)) for v in (w, trimmed)]
    full, cut = (
        (y - mean * answered) * v / (v @ answered) for v, mean in zip((w, trimmed), means, strict=True)
    )
    # covariance() multiplies by the survey's own weights; these values already carry theirs.
    own = quotient(np.column_stack([cut, cut - full]), w[:, None], empty=0.0)
    variance, of_difference = np.diag(survey.covariance(own))
    return float(max(0.0, (means[1] - means[0]) ** 2 - of_difference) + variance)


def _require_room(w: FloatArray, cap: float, codes: IntArray, n_groups: int) -> None:
    sums, people = cell_sums(w, codes, n_groups), cell_sums((w > 0).astype(np.float64), codes, n_groups)
    if not cap > 0 or (sums > cap * people * (1 + 1e-12)).any():
        mean = quotient(sums, people, empty=0.0).max()
        raise InvalidOption(
            expected=f"a cap of at least the mean weight of every group, {mean:g}", got=f"{cap:g}",
            hint="raise the cap, or keep sums over larger groups",
        )  # fmt: skip


def _shared(w: FloatArray, cap: float, codes: IntArray, n_groups: int) -> FloatArray:
    """min(cap, a w) by group: each round more weights meet the cap, so it ends."""
    sums = cell_sums(w, codes, n_groups)
    capped = w > cap
    while True:
        free = cell_sums(np.where(capped, 0.0, w), codes, n_groups)
        left = sums - cap * cell_sums(capped.astype(np.float64), codes, n_groups)
        factor = quotient(left, free, empty=1.0)[codes]
        over = ~capped & (w * factor > cap * (1 + 1e-12))
        if not over.any():
            return np.where(capped, cap, w * factor)
        capped = capped | over
