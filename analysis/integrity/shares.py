"""Units whose share of some sign is higher than that of the others on the same channel."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.arithmetic import quotient
from analysis.errors import InvalidOption, InvalidShape
from analysis.integrity.pooling import CORRELATIONS, pooled_mean, predictive_tail
from analysis.integrity.scores import Reason, Scores, first_reason, scores_of
from analysis.types import FloatArray
from analysis.validation import counts_of, finite_array, require_whole, together

FEWEST_OTHERS = 3
"""Other units with responses below which there is nobody to compare with."""


@checked
def excess_share_scores(
    x: ArrayLike,
    n: ArrayLike,
    *,
    intraclass_correlation: float | None = None,
    min_n: int = 20,
    method: str = "excess_share",
) -> Scores:
    """Share of responses with a sign, against the other units of one channel.

    Parameters
    ----------
    x, n : (U,) or (U, C) array_like of whole numbers, 0 <= x <= n
        Responses with the sign, and all of them; of one channel and questionnaire version. With C strata (levels
        of the overall answer, say) a unit is compared with what the others' rates give for its own mix.
    intraclass_correlation : float in [0, 1), optional
        How alike responses of one unit are in this; estimated from the other units when left out.
    min_n : int >= 1
        Fewer responses are too few.
    method : str
        Name in the result.

    Returns
    -------
    Scores
        `statistic` and `expected` are shares; the p value is one-sided: too many.

    Notes
    -----
    The expected share is ``Σ_c n_c r_c / n``, r_c the others' rate. The p value is that of
    `pooling.predictive_tail`: a beta-binomial whose mean and spread between units the others leave uncertain.

    Examples
    --------
    >>> scores = excess_share_scores([14, 11, 16, 12, 13, 70], [100] * 6)
    >>> scores.statistic[5].item(), scores.expected[5].round(2).item(), bool(scores.p_value[5] < 0.001)
    (0.7, 0.13, True)
    """
    signs, people = _strata_of(x, n)
    others = people.sum(axis=0) - people
    rate = quotient(signs.sum(axis=0) - signs, others, empty=0.0)
    n_unit, x_unit = people.sum(axis=1), signs.sum(axis=1)
    expected = quotient((people * rate).sum(axis=1), n_unit, empty=0.0)
    is_alone = (np.where(people > 0, others, np.inf).min(axis=1, initial=np.inf) == 0) | (
        (n_unit > 0).sum() - (n_unit > 0) < FEWEST_OTHERS
    )
    reason = first_reason(
        (n_unit == 0, Reason.NO_RESPONSES),
        (n_unit < min_n, Reason.TOO_FEW),
        (is_alone, Reason.NO_REFERENCE),
    )
    p_value = predictive_tail(
        x_unit, n_unit, pooled_mean(signs, people), correlations=_candidates(intraclass_correlation)
    )
    return scores_of(
        quotient(x_unit, n_unit, empty=0.0), expected, p_value, n_unit, reason=reason, method=method
    )


@checked
def after_hours_scores(
    n_after_hours: ArrayLike, n: ArrayLike, *, intraclass_correlation: float | None = None, min_n: int = 20
) -> Scores:
    """Share of responses given while the desk was closed, against the other units of one channel.

    Parameters
    ----------
    n_after_hours, n : (U,) array_like of whole numbers
        Of kiosks; from home people answer in the evening, and such a channel is its own comparison.
    intraclass_correlation, min_n
        As in `excess_share_scores`.

    Returns
    -------
    Scores

    Examples
    --------
    >>> scores = after_hours_scores([1, 0, 2, 0, 1, 0, 2, 1, 0, 40], [200] * 10)
    >>> np.flatnonzero(scores.p_value < 0.001).tolist()
    [9]
    """
    return excess_share_scores(
        n_after_hours,
        n,
        intraclass_correlation=intraclass_correlation,
        min_n=min_n,
        method="after_hours_share",
    )


@checked
def coverage_scores(
    n_responses: ArrayLike,
    n_transactions: ArrayLike,
    *,
    intraclass_correlation: float | None = None,
    min_transactions: int = 20,
) -> Scores:
    """Responses against dossiers handled: more answers than visitors are somebody's work.

    Parameters
    ----------
    n_responses, n_transactions : (U,) array_like of whole numbers
        Of one period; there may be more responses than dossiers.
    intraclass_correlation
        As in `excess_share_scores`.
    min_transactions : int >= 1

    Returns
    -------
    Scores
        `statistic` is the ratio, which may exceed 1; the p value counts at most one response per dossier.

    Examples
    --------
    >>> scores = coverage_scores([20, 31, 25, 28, 22, 260], [200] * 6)
    >>> scores.statistic[5].item(), bool(scores.p_value[5] < 0.001)
    (1.3, True)
    """
    answers, dossiers = together(
        finite_array(np.atleast_1d(n_responses), name="n_responses"),
        finite_array(n_transactions, name="n_transactions"),
    )
    require_whole(answers, name="n_responses")
    if answers.ndim != 1:
        raise InvalidShape(
            expected="one entry per unit",
            got=f"shape {answers.shape}",
            hint="coverage has no strata; sum over them",
        )
    scores = excess_share_scores(
        np.minimum(answers, dossiers),
        dossiers,
        intraclass_correlation=intraclass_correlation,
        min_n=min_transactions,
        method="coverage",
    )
    ratio = quotient(answers, scores.n.astype(np.float64), empty=0.0)
    return replace(scores, statistic=np.where(scores.is_computed, ratio, np.nan))


def _strata_of(x: ArrayLike, n: ArrayLike) -> tuple[FloatArray, FloatArray]:
    signs, people = counts_of(np.atleast_1d(x), n)
    require_whole(signs, name="x")
    if signs.ndim not in (1, 2):
        raise InvalidShape(
            expected="one row per unit", got=f"shape {signs.shape}", hint="units, or units by strata"
        )
    return (signs, people) if signs.ndim == 2 else (signs[:, None], people[:, None])


def _candidates(intraclass_correlation: float | None) -> FloatArray:
    if intraclass_correlation is None:
        return CORRELATIONS
    if not 0 <= intraclass_correlation < 1:
        raise InvalidOption(
            expected="0 <= intraclass_correlation < 1",
            got=repr(intraclass_correlation),
            hint="estimate it elsewhere, or leave it out",
        )
    return np.array([max(intraclass_correlation, 1e-9)])
