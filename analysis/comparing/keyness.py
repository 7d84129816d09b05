"""Which words one set of texts uses more than another: log-odds with a prior, so that rare words do not win by luck."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.errors import InvalidCounts, InvalidShape
from analysis.types import FloatArray
from analysis.validation import count_array, count_of, number_of


@dataclass(frozen=True, slots=True, eq=False)
class Keyness:
    """Keyness of w words.

    Attributes
    ----------
    log_odds : (w,) ndarray
        Log odds ratio of a text with the word here against elsewhere, drawn towards the common rate.
    z : (w,) ndarray
        The same in standard errors; above 1.96 the word is used more here than chance explains.
    log_likelihood : (w,) ndarray
        Dunning's G², signed like `log_odds`.
    """

    log_odds: FloatArray
    z: FloatArray
    log_likelihood: FloatArray


@checked
def keyness(
    here: ArrayLike, elsewhere: ArrayLike, *, n_here: int, n_elsewhere: int, prior_weight: float = 10.0
) -> Keyness:
    """Log-odds of each word with an informative Dirichlet prior, over texts that hold it.

    Parameters
    ----------
    here, elsewhere : (w,) array_like of counts
        Texts that hold each word, in the set and in the comparison.
    n_here, n_elsewhere : int
        Texts in either, 1 or more.
    prior_weight : float
        How many texts at the common rate are added to both sides; above 0.

    Returns
    -------
    Keyness

    Notes
    -----
    With a = m (y + y' + 1/2) / (n + n' + 1) prior texts with the word and b = m - a without it, the log odds are
    ``log((y + a) / (n - y + b))`` on each side and the variance of their difference is the sum of
    ``1 / (y + a) + 1 / (n - y + b)`` of both. A word in no text at all has 0 everywhere.

    References
    ----------
    Monroe, Colaresi and Quinn (2008), Political Analysis 16:372-403. Dunning (1993), Computational Linguistics
    19:61-74.

    Examples
    --------
    >>> found = keyness([12, 2, 0], [10, 30, 0], n_here=20, n_elsewhere=200)
    >>> found.z.round(2).tolist()
    [5.46, -0.49, 0.0]
    >>> found.log_likelihood.round(2).tolist()
    [29.14, -0.35, 0.0]
    """
    y, other = count_array(here, name="here"), count_array(elsewhere, name="elsewhere")
    n = count_of(n_here, name="n_here", at_least=1)
    n_other = count_of(n_elsewhere, name="n_elsewhere", at_least=1)
    weight = number_of(prior_weight, name="prior_weight", above=0)
    if y.ndim != 1 or y.shape != other.shape:
        raise InvalidShape(
            expected="here and elsewhere with one count a word", got=f"{y.shape} and {other.shape}",
            hint="the same words in the same order",
        )  # fmt: skip
    if (y > n).any() or (other > n_other).any():
        raise InvalidCounts(
            expected="no word in more texts than there are", got="more", hint="count texts, not occurrences"
        )
    total = y + other
    known = total > 0
    held = weight * (total + 0.5) / (n + n_other + 1)
    with_word, without = (y + held, other + held), (n - y + weight - held, n_other - other + weight - held)
    log_odds = np.log(with_word[0] / without[0]) - np.log(with_word[1] / without[1])
    error = np.sqrt(sum(1 / each for each in (*with_word, *without)))
    rate = total / (n + n_other)
    g2 = 2 * (_term(y, n * rate) + _term(other, n_other * rate))
    signed = np.sign(y * n_other - other * n) * np.maximum(g2, 0)
    return Keyness(
        np.where(known, log_odds, 0.0), np.where(known, log_odds / error, 0.0), np.where(known, signed, 0.0)
    )


def _term(observed: FloatArray, expected: FloatArray) -> FloatArray:
    safe = np.where(observed > 0, observed, 1.0)
    return np.where(observed > 0, observed * np.log(safe / np.where(expected > 0, expected, 1.0)), 0.0)
