"""Units whose figure lies outside what the spread of the others predicts."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.arguments import checked
from analysis.arithmetic import quotient
from analysis.errors import InvalidCounts, InvalidOption
from analysis.integrity.scores import Reason, Scores, first_reason, scores_of
from analysis.types import FloatArray
from analysis.validation import count_array, finite_array, marks_of, together

ALTERNATIVES = ("greater", "less", "two-sided")
FEWEST_OTHERS = 3
SPREADS = np.geomspace(0.01, 10, 40)
"""Standard deviations between units that are weighed, in units of what the figures themselves show."""


@checked
def outlier_scores(
    value: ArrayLike,
    variance: ArrayLike,
    n: ArrayLike,
    *,
    alternative: str = "two-sided",
    is_usable: ArrayLike = True,
    method: str = "outlier",
) -> Scores:
    """Each unit's figure against the prediction from all the others (random effects).

    Parameters
    ----------
    value : (U,) array_like
        Figures on one scale: differences, mean ranks.
    variance : (U,) array_like > 0
        Of each by chance within the unit.
    n : (U,) array_like of whole numbers
        Responses behind each.
    alternative : {"two-sided", "greater", "less"}
    is_usable : (U,) array_like of bool
        Units with too few responses are left out, as subjects and as reference.
    method : str
        Name in the result.

    Returns
    -------
    Scores
        `expected` is the mean of the others.

    Notes
    -----
    Units vary around μ with standard deviation τ. The others' likelihood of τ, μ integrated out, with a flat prior
    on τ, weighs normal predictions of mean ``M/W`` and variance ``s_u² + τ² + 1/W``, ``w = 1/(s² + τ²)``.
    A unit does not take part in its own yardstick.

    References
    ----------
    Higgins, Thompson and Spiegelhalter (2009), JRSS A 172:137-159. Gelman (2006), Bayesian Analysis 1:515-533.

    Examples
    --------
    >>> scores = outlier_scores([0.02, 0.01, 0.03, 0.02, 0.0, 0.30], [0.0004] * 6, [500] * 6)
    >>> (scores.p_value < 0.01).tolist()
    [False, False, False, False, False, True]
    """
    if alternative not in ALTERNATIVES:
        raise InvalidOption(
            expected=f"one of {', '.join(ALTERNATIVES)}", got=repr(alternative), hint="spelling"
        )
    figures, noise, people, usable = together(
        finite_array(np.atleast_1d(value), name="value"),
        finite_array(variance, name="variance"),
        count_array(n, name="n"),
        marks_of(is_usable, name="is_usable").astype(np.float64),
    )
    used = usable > 0
    if (noise[used] <= 0).any():
        raise InvalidCounts(
            expected="variance > 0", got=f"{noise[used].min():g}", hint="use a score variance where all agree"
        )
    others = used.sum() - used
    reason = first_reason(
        (people == 0, Reason.NO_RESPONSES),
        (~used, Reason.TOO_FEW),
        (others < FEWEST_OTHERS, Reason.NO_REFERENCE),
    )
    expected, upper, lower = np.zeros_like(figures), np.ones_like(figures), np.ones_like(figures)
    if used.sum() > FEWEST_OTHERS:
        expected[used], upper[used], lower[used] = _prediction(figures[used], noise[used])
    tails = {"greater": upper, "less": lower, "two-sided": 2 * np.minimum(upper, lower)}
    return scores_of(figures, expected, tails[alternative], people, reason=reason, method=method)


@checked
def ridit_scores(counts: ArrayLike, *, alternative: str, min_n: int = 20, method: str = "ridit") -> Scores:
    """Units whose answers lie higher, or lower, in ordered classes than the others'.

    Parameters
    ----------
    counts : (U, K) array_like of whole numbers
        Responses by unit and class: duration buckets, lengths of the longest run.
    alternative : {"two-sided", "greater", "less"}
    min_n : int >= 1
    method : str

    Returns
    -------
    Scores
        `statistic` is the mean ridit: the chance that a response of the unit is in a higher class than one of all.

    Notes
    -----
    Ridit of class k: share below it plus half its own share, over all units. Its mean per unit goes to
    `outlier_scores` with variance ``σ²/n``, σ² that of all responses.

    References
    ----------
    Bross (1958), Biometrics 14:18-38.

    Examples
    --------
    >>> scores = ridit_scores([[10, 30, 10]] * 5 + [[45, 5, 0]], alternative="less")
    >>> scores.statistic.round(2).tolist(), bool(scores.p_value[5] < 0.01)
    ([0.56, 0.56, 0.56, 0.56, 0.56, 0.2], True)
    """
    table = class_counts(counts)
    total, people = table.sum(axis=0), table.sum(axis=1)
    n = max(total.sum(), 1.0)
    ridit = (np.cumsum(total) - total / 2) / n
    spread = float((total * (ridit - 0.5) ** 2).sum() / n)
    mean = quotient(table @ ridit, people, empty=0.5)
    scores = outlier_scores(
        mean,
        np.maximum(spread, 1e-12) / np.maximum(people, 1),
        people,
        alternative=alternative,
        is_usable=(people >= min_n) & (spread > 0),
        method=method,
    )
    if spread > 0:
        return scores
    reason = np.where(people >= min_n, np.int8(Reason.NO_VARIATION), scores.reason)
    return scores_of(mean, 0.5, 1.0, people, reason=reason, method=method)


@checked
def class_counts(counts: ArrayLike) -> FloatArray:
    """Checked counts by unit and ordered class.

    Parameters
    ----------
    counts : (U, K) array_like of whole numbers

    Returns
    -------
    (U, K) ndarray

    Examples
    --------
    >>> class_counts([[1, 2], [3, 4]]).sum().item()
    10.0
    """
    table = count_array(counts, name="counts")
    if table.ndim != 2 or (table < 0).any() or (table != np.rint(table)).any():
        raise InvalidCounts(
            expected="a table of whole counts, units by classes",
            got=f"shape {table.shape}",
            hint="one row per unit, one column per class",
        )
    return table


def _prediction(value: FloatArray, variance: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean of the others, and the chances of a larger and of a smaller figure."""
    centre = float(np.median(value))
    y = (value - centre)[:, None]
    scale = float(np.sqrt(np.median(np.abs(y)) ** 2 + variance.mean()))
    tau = scale * SPREADS[None, :]
    w = 1 / (variance[:, None] + tau**2)
    weight, first, second, logs = (part.sum(axis=0) - part for part in (w, w * y, w * y**2, np.log(w)))
    mean = first / weight
    likelihood = 0.5 * (logs - np.log(weight) - (second - first * mean)) + np.log(tau)
    chance = special.softmax(likelihood, axis=1)
    z = (y - mean) / np.sqrt(variance[:, None] + tau**2 + 1 / weight)
    expected, upper, lower = (
        (chance * part).sum(axis=1) for part in (mean, special.ndtr(-z), special.ndtr(z))
    )
    return centre + expected, upper, lower
