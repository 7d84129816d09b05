"""A device that falls silent in its own peak hours while others are used."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.errors import InvalidCounts
from analysis.integrity.bursts import at_least_one
from analysis.integrity.scores import Reason, Scores, first_reason, scores_of
from analysis.integrity.tails import lower_tail, lower_tail_of_arrivals
from analysis.types import FloatArray
from analysis.validation import finite_array, require_whole, together


@checked
def silence_scores(
    n_peak: ArrayLike,
    expected: ArrayLike,
    *,
    n_others: ArrayLike | None = None,
    expected_others: ArrayLike | None = None,
    dispersion: ArrayLike = 1.0,
    min_expected: float = 3.0,
) -> Scores:
    """Responses of each device-day in its peak hours, against its own past.

    Parameters
    ----------
    n_peak : (D,) array_like of whole numbers
        Responses in the hours that hold most of the device's past ones.
    expected : (D,) array_like >= 0
        Mean of past days of that kind.
    n_others, expected_others : (D,) array_like, optional
        Both or neither: responses of the unit's other devices in those hours, and their past mean. With them a
        slow day of the whole unit is no silence.
    dispersion : (D,) array_like >= 1
        Variance over mean of arrivals.
    min_expected : float > 0
        With fewer expected, silence would be no surprise.

    Returns
    -------
    Scores
        One-sided: too few. `n` counts the others' responses too.

    Notes
    -----
    Alone: negative binomial with mean μ and variance φμ. With others: given the t responses of all, a
    beta-binomial with share ``μ/(μ + μ')`` and concentration ``(μ + μ')/(φ - 1)``, in which a factor common to
    the day cancels.

    Examples
    --------
    >>> scores = silence_scores([0, 0, 0], [12, 12, 12], n_others=[30, 3, 0], expected_others=[25, 25, 25])
    >>> scores.p_value.round(4).tolist(), [scores[i].reason.name for i in range(3)]
    ([0.0, 0.3085, nan], ['COMPUTED', 'COMPUTED', 'NO_REFERENCE'])
    """
    if (n_others is None) != (expected_others is None):
        raise InvalidCounts(
            expected="n_others and expected_others together", got="one of them", hint="pass both, or neither"
        )
    x, mean, phi = together(
        finite_array(np.atleast_1d(n_peak), name="n_peak"),
        finite_array(expected, name="expected"),
        at_least_one(dispersion),
    )
    require_whole(x, name="n_peak")
    _require_not_negative(mean)
    few = (mean < min_expected, Reason.TOO_FEW)
    if n_others is None or expected_others is None:
        p_value = lower_tail_of_arrivals(x, mean, phi)
        return scores_of(x, mean, p_value, x, reason=first_reason(few), method="silence")
    others, mean_others, _ = together(
        finite_array(n_others, name="n_others"), finite_array(expected_others, name="expected_others"), x
    )
    require_whole(others, name="n_others")
    _require_not_negative(mean_others)
    both = np.maximum(mean + mean_others, 1e-12)
    with np.errstate(divide="ignore"):
        p_value = lower_tail(x, x + others, mean / both, both / (phi - 1))
    nobody = ((others == 0) | (mean_others == 0), Reason.NO_REFERENCE)
    return scores_of(
        x,
        (x + others) * mean / both,
        p_value,
        x + others,
        reason=first_reason(few, nobody),
        method="silence_beside_others",
    )


def _require_not_negative(mean: FloatArray) -> None:
    if (mean < 0).any():
        raise InvalidCounts(expected="expected >= 0", got=f"{mean.min():g}", hint="a mean of past counts")
