"""Whether items measure one thing: Cronbach's alpha, Guttman's lambda 6 and what each item adds to them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.arguments import checked
from analysis.distributions import t_critical
from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.measurement.covariance import checked_covariance, correlation_of, jackknife_variance
from analysis.types import Estimates, FloatArray
from analysis.validation import finite_array, level_of, require_known, require_whole

# A total variance below this part of the item variances is rounding: the items cancel out.
NO_TOTAL_VARIANCE = 1e-12
ALPHA_INTERVALS = ("feldt", "bonett", "jackknife")


@checked
def cronbach_alpha(
    covariance: ArrayLike,
    *,
    n: ArrayLike,
    standardised: bool = False,
    interval: str = "feldt",
    replicates: ArrayLike | None = None,
    confidence_level: float = 0.95,
) -> Estimates:
    """Cronbach's alpha of a sum of items, with its interval.

    Parameters
    ----------
    covariance : (..., p, p) array_like, p >= 2
        Covariance matrices of the items, one per unit, all items keyed the same way.
    n : (...) array_like of whole numbers >= 3
        Respondents behind each matrix; with pairwise matrices the fewest of any pair.
    standardised : bool
        Alpha of the correlation matrix: of items first brought to one variance.
    interval : {"feldt", "bonett", "jackknife"}
        "feldt" is exact for normal items that are interchangeable; "bonett" its large-sample form.
        "jackknife" needs `replicates`, assumes no distribution, and keeps people of one cluster together.
    replicates : (G, ..., p, p) array_like, optional
        Covariance matrices without each of G clusters (`PairSums.without_each`).
    confidence_level : float in (0, 1)

    Returns
    -------
    Estimates
        In the leading shape of `covariance`. Where the total score does not vary nothing is known:
        value NaN, limits minus infinity and 1.

    Notes
    -----
    ``alpha = p/(p-1) (1 - tr S / 1'S1)``; it may be negative, never above 1. Feldt: (1 - alpha)(true) over
    (1 - alpha)(sample) is F((n-1), (n-1)(p-1)). Bonett: ln(1 - alpha) - ln(n/(n-1)) is normal with variance
    2p/((p-1)(n-2)). Jackknife: ln(1 - alpha) with t(G - 1). Feldt's interval is too narrow for items with heavy
    tails (most people at the top level), and blind to clusters.

    References
    ----------
    Cronbach (1951), Psychometrika 16:297-334. Feldt (1965), Psychometrika 30:357-370.
    Bonett (2002), Journal of Educational and Behavioral Statistics 27:335-340.

    Examples
    --------
    >>> alpha = cronbach_alpha([[1, 0.5, 0.5], [0.5, 1, 0.5], [0.5, 0.5, 1]], n=100)
    >>> f"{alpha.value:.3f} ({alpha.ci_low:.3f} to {alpha.ci_high:.3f})"
    '0.750 (0.651 to 0.824)'
    """
    matrix = checked_covariance(covariance, n_items_at_least=2)
    people = _people_of(n, matrix)
    level_of(confidence_level)
    require_known(interval, ALPHA_INTERVALS, name="interval")
    value = _alpha(matrix, standardised=standardised)
    if replicates is not None:
        finite_array(replicates, name="replicates")
    if interval == "jackknife":
        error, df = _jackknife_error(value, replicates, standardised=standardised)
        spread = t_critical(df, confidence_level) * error
        ratios = np.exp(spread), np.exp(-spread)
    else:
        error, df, ratios = _model_ratios(people, matrix.shape[-1], interval, confidence_level)
    return _estimates(value, people, error, df, ratios, method=f"alpha_{interval}", level=confidence_level)


@checked
def guttman_lambda6(covariance: ArrayLike) -> FloatArray:
    """Guttman's lambda 6 of the standardised items, from what each shares with all others.

    Parameters
    ----------
    covariance : (..., p, p) array_like, p >= 2
        Variances above 0.

    Returns
    -------
    (...) ndarray
        NaN where the correlations sum to 0.

    Notes
    -----
    ``1 - Σ (1 - R²_j) / 1'R1``, R²_j of item j on all others. Unlike alpha it is not pulled down by items that
    form several clumps.

    References
    ----------
    Guttman (1945), Psychometrika 10:255-282.

    Examples
    --------
    >>> guttman_lambda6([[1, 0.5, 0.5], [0.5, 1, 0.5], [0.5, 0.5, 1]]).round(4).item()
    0.6667
    """
    correlation = correlation_of(checked_covariance(covariance, n_items_at_least=2))
    total = correlation.sum(axis=(-2, -1))
    unexplained = (1 - squared_multiple_correlations(correlation)).sum(axis=-1)
    known = total > NO_TOTAL_VARIANCE
    return np.where(known, 1 - unexplained / np.where(known, total, 1.0), np.nan)


@checked
def squared_multiple_correlations(covariance: ArrayLike) -> FloatArray:
    """R² of each item on all others.

    Parameters
    ----------
    covariance : (..., p, p) array_like, p >= 2
        Variances above 0; singular matrices are allowed.

    Returns
    -------
    (..., p) ndarray
        1 for an item that is an exact combination of others.

    Examples
    --------
    >>> squared_multiple_correlations([[1, 0.5], [0.5, 1]]).tolist()
    [0.25, 0.25]
    """
    correlation = correlation_of(checked_covariance(covariance, n_items_at_least=2))
    size = correlation.shape[-1]
    others = np.array([np.delete(np.arange(size), item) for item in range(size)])
    among = correlation[..., others[:, :, None], others[:, None, :]]
    towards = correlation[..., np.arange(size)[:, None], others]
    # The pseudo-inverse, because two items of one wording can make the matrix singular.
    explained = np.linalg.pinv(among, hermitian=True) @ towards[..., None]
    return np.asarray((towards * explained[..., 0]).sum(axis=-1))


def _alpha(matrix: FloatArray, *, standardised: bool) -> FloatArray:
    if standardised:
        matrix = correlation_of(matrix)
    size = matrix.shape[-1]
    own, total = np.trace(matrix, axis1=-2, axis2=-1), matrix.sum(axis=(-2, -1))
    known = total > NO_TOTAL_VARIANCE * own
    ratio = np.where(known, own / np.where(known, total, 1.0), np.nan)
    return np.asarray(size / (size - 1) * (1 - ratio))


def _model_ratios(
    people: FloatArray, size: int, interval: str, confidence_level: float
) -> tuple[FloatArray, FloatArray, tuple[FloatArray, FloatArray]]:
    """Standard error of ln(1 - alpha), df, and the factors of 1 - alpha that give the lower and upper limit."""
    error = np.sqrt(2 * size / ((size - 1) * (people - 2)))
    upper = 0.5 + confidence_level / 2
    if interval == "feldt":
        freedom = people - 1, (people - 1) * (size - 1)
        return error, people - 1, (special.fdtri(*freedom, upper), special.fdtri(*freedom, 1 - upper))
    spread, bias = special.ndtri(upper) * error, (people - 1) / people
    return error, np.full(people.shape, np.inf), (bias * np.exp(spread), bias * np.exp(-spread))


def _jackknife_error(
    value: FloatArray, replicates: ArrayLike | None, *, standardised: bool
) -> tuple[FloatArray, FloatArray]:
    """Standard error of ln(1 - alpha) and its degrees of freedom; NaN where alpha or a replicate has no value."""
    if replicates is None:
        raise InvalidOption(
            expected="replicates with interval='jackknife'",
            got="none",
            hint="pass covariance matrices without each cluster in turn",
        )
    each = _alpha(checked_covariance(replicates, n_items_at_least=2), standardised=standardised)
    if each.shape[1:] != value.shape or len(each) < 2:
        raise InvalidShape(
            expected=f"two replicates or more of shape {value.shape}",
            got=str(each.shape),
            hint="one replicate per cluster left out",
        )
    known = np.isfinite(value) & np.isfinite(each).all(axis=0) & (value < 1) & (each < 1).all(axis=0)
    logs = np.log(1 - np.where(known, each, 0.0))
    variance = jackknife_variance(np.log(1 - np.where(known, value, 0.0)), logs)
    return np.where(known, np.sqrt(variance), np.nan), np.full(value.shape, len(each) - 1.0)


def _estimates(
    value: FloatArray,
    people: FloatArray,
    error: FloatArray,
    df: FloatArray,
    ratios: tuple[FloatArray, FloatArray],
    *,
    method: str,
    level: float,
) -> Estimates:
    low, high = (1 - (1 - value) * ratio for ratio in ratios)
    unknown = np.isnan(low)
    low, high = np.where(unknown, -np.inf, low), np.where(unknown, 1.0, high)
    perfect = value == 1
    ones = np.ones(value.shape)
    return Estimates(
        value,
        np.where(perfect, 1.0, low),
        np.where(perfect, 1.0, high),
        people.astype(np.int64),
        ones,
        people,
        df,
        (1 - value) * error,
        method=method,
        confidence_level=level,
    )


def _people_of(n: ArrayLike, matrix: FloatArray) -> FloatArray:
    people = finite_array(n, name="n")
    require_whole(people, name="n")
    if people.size and people.min() < 3:
        raise InvalidCounts(
            expected="n >= 3", got=f"{people.min():g}", hint="reliability needs more respondents"
        )
    if people.shape not in ((), matrix.shape[:-2]):
        raise InvalidShape(
            expected=f"n of shape {matrix.shape[:-2]}",
            got=str(people.shape),
            hint="one n per covariance matrix",
        )
    return np.array(np.broadcast_to(people, matrix.shape[:-2]))
