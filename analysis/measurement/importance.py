"""Which items move the overall answer: R² divided among predictors, from a covariance matrix alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.arithmetic import quotient
from analysis.distributions import normal_critical, t_critical
from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.measurement.covariance import checked_covariance, correlation_of, jackknife_variance
from analysis.measurement.reliability import cronbach_alpha
from analysis.measurement.shapley import shapley_parts
from analysis.types import Estimates, FloatArray
from analysis.validation import finite_array, finite_positive, level_of, require_whole, together

# Squared multiple correlation above which a predictor counts as a combination of the others.
COLLINEAR = 1 - 1e-10
HIGH_VIF = 5.0
HIGH_ALPHA = 0.9


class Caveat(StrEnum):
    """Why shares of importance should be read with care."""

    COLLINEAR = "collinear"
    ONE_FACTOR = "one_factor"
    NO_INTERVAL = "no_interval"


@dataclass(frozen=True, slots=True, eq=False)
class RelativeImportance:
    """R² of an outcome divided among p predictors.

    Attributes
    ----------
    predictors : tuple of str
    outcome : str
    r_squared : float in [0, 1]
    lmg, ci_low, ci_high : (p,) ndarray in [0, 1]
        Part of R² due to each predictor; sums to `r_squared`. Limits NaN without replicates.
    share, share_low, share_high : (p,) ndarray in [0, 1]
        `lmg` over R²; NaN when R² is 0.
    first, last : (p,) ndarray
        R² of the predictor alone, and what it adds to all others.
    coefficients : (p,) ndarray
        Standardised regression coefficients; a negative one beside a positive correlation is a sign of
        collinearity, not of harm.
    vif : (p,) ndarray >= 1
        Variance inflation factors.
    alpha : float
        Standardised alpha of the predictors; NaN for one predictor.
    caveats : tuple of Caveat
        COLLINEAR: a VIF of 5 or more; ONE_FACTOR: alpha of 0.9 or more, the predictors measure one thing and
        importance cannot be told apart; NO_INTERVAL: no replicates were given.
    monte_carlo_error : (p,) ndarray
        Standard error of `lmg` from sampling orders; 0 when exact.
    n : int
    df : float
        Degrees of freedom of the limits; NaN without replicates.
    method : str
        "lmg_exact" or "lmg_sampled".
    confidence_level : float
    """

    predictors: tuple[str, ...]
    outcome: str
    r_squared: float
    lmg: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    share: FloatArray
    share_low: FloatArray
    share_high: FloatArray
    first: FloatArray
    last: FloatArray
    coefficients: FloatArray
    vif: FloatArray
    alpha: float
    caveats: tuple[Caveat, ...]
    monte_carlo_error: FloatArray
    n: int
    df: float
    method: str
    confidence_level: float


@checked
def relative_importance(
    covariance: ArrayLike,
    *,
    n: int,
    names: Sequence[str],
    outcome: str,
    predictors: Sequence[str] | None = None,
    replicates: ArrayLike | None = None,
    scale: ArrayLike | None = None,
    rng: np.random.Generator | None = None,
    n_orders: int = 2_000,
    confidence_level: float = 0.95,
) -> RelativeImportance:
    """R² divided among predictors by Lindeman, Merenda and Gold: the Shapley value.

    Parameters
    ----------
    covariance : (k, k) array_like
        Of predictors and outcome.
    n : int
        Respondents.
    names : sequence of k str
        Of the rows.
    outcome : str
    predictors : sequence of str, optional
        All other names unless given.
    replicates : (G, k, k) array_like, optional
        Covariance matrices without each cluster in turn, or of G replicate weights, for intervals.
    scale : float or (G,) array_like, optional
        As in `analysis.measurement.covariance.jackknife_variance`.
    rng : numpy.random.Generator, optional
        Needed beyond 16 predictors, where orders of the predictors are sampled.
    n_orders : int >= 2
        Orders sampled, each also backwards.
    confidence_level : float in (0, 1)

    Returns
    -------
    RelativeImportance

    Notes
    -----
    ``LMG_j = Σ_S |S|! (p-1-|S|)! / p! [R²(S + j) - R²(S)]`` over subsets S without j; equally, what j adds to R²
    averaged over all orders of entry. Limits: estimate ± t(G - 1) times the replicates' standard error, inside
    [0, 1]. An unimportant predictor's part has a skewed distribution that these limits only approximate.

    References
    ----------
    Lindeman, Merenda and Gold (1980), Introduction to Bivariate and Multivariate Analysis, page 119.
    Grömping (2006), Journal of Statistical Software 17(1); (2007), American Statistician 61:139-147.

    Examples
    --------
    >>> s = [[1, 0.5, 0.6], [0.5, 1, 0.4], [0.6, 0.4, 1]]
    >>> found = relative_importance(s, n=100, names=("wait", "staff", "overall"), outcome="overall")
    >>> round(found.r_squared, 4), found.lmg.round(4).tolist()
    (0.3733, [0.2867, 0.0867])
    """
    chosen = _chosen(names, outcome, predictors)
    correlation = _outcome_last(covariance, names, (*chosen, outcome))
    if correlation.ndim != 2:
        raise InvalidShape(
            expected="one covariance matrix",
            got=f"shape {correlation.shape}",
            hint="pass others as replicates",
        )
    stack = correlation[None]
    if scale is not None and replicates is None:
        raise InvalidOption(
            expected="replicates with their scale", got="a scale alone", hint="pass both or neither"
        )
    if replicates is not None:
        stack = np.concatenate([stack, _outcome_last(replicates, names, (*chosen, outcome))])
    for each in stack:
        _require_separate(each, chosen)
    parts, error, method = shapley_parts(stack, rng=rng, n_orders=n_orders)
    lmg, r_squared = parts[0], float(parts[0].sum())
    totals = parts.sum(axis=1, keepdims=True)
    shares = quotient(parts, totals)
    df = float("nan") if replicates is None else len(parts) - 2.0
    low, high = _limits(parts, scale, confidence_level)
    share_low, share_high = _limits(shares, scale, confidence_level)
    inverse = np.linalg.inv(correlation[:-1, :-1])
    vif, coefficients = np.diag(inverse).copy(), inverse @ correlation[:-1, -1]
    alpha = (
        cronbach_alpha(correlation[:-1, :-1], n=max(n, 3)).value.item() if len(chosen) > 1 else float("nan")
    )
    return RelativeImportance(
        chosen,
        outcome,
        r_squared,
        lmg,
        low,
        high,
        shares[0],
        share_low,
        share_high,
        correlation[:-1, -1] ** 2,
        coefficients**2 / vif,
        coefficients,
        vif,
        alpha,
        _caveats(vif, alpha, replicates is not None),
        error,
        n,
        df,
        method,
        level_of(confidence_level),
    )


@checked
def correlation_interval(
    r: ArrayLike, n: ArrayLike, *, design_effect: ArrayLike = 1.0, confidence_level: float = 0.95
) -> Estimates:
    """Correlation with its interval by Fisher's z, for example of each item with the overall answer.

    Parameters
    ----------
    r : array_like in [-1, 1]
    n : array_like of whole numbers >= 0
        People who answered both.
    design_effect : array_like > 0
        The interval uses n / design_effect people.
    confidence_level : float in (0, 1)

    Returns
    -------
    Estimates
        In the broadcast shape. With three effective people or fewer nothing is known: limits -1 and 1.

    Notes
    -----
    ``tanh(atanh r ± z / √(n_eff - 3))``.

    References
    ----------
    Fisher (1921), Metron 1:3-32.

    Examples
    --------
    >>> found = correlation_interval(0.6, 103)
    >>> f"{found.ci_low:.3f} to {found.ci_high:.3f}"
    '0.460 to 0.711'
    """
    value, people, effect = together(
        finite_array(r, name="r"),
        finite_array(n, name="n"),
        finite_positive(design_effect, name="design_effect"),
    )
    require_whole(people, name="n")
    if (np.abs(value) > 1).any():
        raise InvalidCounts(
            expected="-1 <= r <= 1 and n >= 0", got=f"{r!r}, {n!r}"[:60], hint="pass a correlation"
        )
    size = people / effect
    known, inside = size > 3, np.abs(value) < 1
    spread = normal_critical(confidence_level) / np.sqrt(np.where(known, size - 3, 1.0))
    z = np.arctanh(np.where(inside, value, 0.0))
    low, high = (
        np.where(known, np.where(inside, np.tanh(z + sign * spread), value), sign * 1.0) for sign in (-1, 1)
    )
    error = np.where(known, (1 - value**2) / np.sqrt(np.where(known, size - 3, 1.0)), np.nan)
    return Estimates(
        value,
        low,
        high,
        people.astype(np.int64),
        effect,
        size,
        np.full(value.shape, np.inf),
        error,
        method="fisher_z",
        confidence_level=confidence_level,
    )


@checked
def reversed_inside(
    covariance: ArrayLike, within: ArrayLike, *, names: Sequence[str], outcome: str
) -> tuple[str, ...]:
    """Predictors whose correlation with the outcome changes sign when units are told apart (Simpson).

    Parameters
    ----------
    covariance : (k, k) array_like
        Of all respondents together.
    within : (k, k) array_like
        Inside units, pooled (`analysis.measurement.covariance.within_covariance`).
    names : sequence of k str
    outcome : str

    Returns
    -------
    tuple of str

    References
    ----------
    Simpson (1951), JRSS B 13:238-241. Robinson (1950), American Sociological Review 15:351-357.

    Examples
    --------
    >>> reversed_inside([[5, -13], [-13, 40]], [[0.5, 0.5], [0.5, 0.6]], names=("wait", "overall"), outcome="overall")
    ('wait',)
    """
    overall, apart = checked_covariance(covariance), checked_covariance(within)
    chosen = _chosen(names, outcome, None)
    if overall.shape != apart.shape or len(overall) != len(names):
        raise InvalidShape(
            expected=f"two matrices of {len(names)} rows",
            got=f"{overall.shape}, {apart.shape}",
            hint="same names",
        )
    column = list(names).index(outcome)
    opposite = overall[column] * apart[column] < 0
    return tuple(name for name, turned in zip(names, opposite, strict=True) if turned and name in chosen)


def _limits(
    parts: FloatArray, scale: ArrayLike | None, confidence_level: float
) -> tuple[FloatArray, FloatArray]:
    """Limits of the first row from its replicates, the other rows; NaN without them."""
    value, each = parts[0], parts[1:]
    if not len(each) or np.isnan(parts).any():
        return np.full(value.shape, np.nan), np.full(value.shape, np.nan)
    half = t_critical(len(each) - 1, confidence_level) * np.sqrt(jackknife_variance(value, each, scale=scale))
    return np.clip(value - half, 0.0, 1.0), np.clip(value + half, 0.0, 1.0)


def _caveats(vif: FloatArray, alpha: float, has_replicates: bool) -> tuple[Caveat, ...]:
    found = []
    if vif.max() >= HIGH_VIF:
        found.append(Caveat.COLLINEAR)
    if alpha >= HIGH_ALPHA:
        found.append(Caveat.ONE_FACTOR)
    if not has_replicates:
        found.append(Caveat.NO_INTERVAL)
    return tuple(found)


def _chosen(names: Sequence[str], outcome: str, predictors: Sequence[str] | None) -> tuple[str, ...]:
    if predictors is None:
        predictors = [name for name in names if name != outcome]
    wanted = [*predictors, outcome]
    unknown = [name for name in wanted if name not in names]
    if unknown or len(set(wanted)) != len(wanted) or len(set(names)) != len(names) or not predictors:
        raise InvalidShape(
            expected="an outcome and other predictors, each among the names once",
            got=f"unknown {unknown}" if unknown else f"{wanted!r}"[:60],
            hint="the outcome cannot explain itself",
        )
    return tuple(predictors)


def _outcome_last(covariance: ArrayLike, names: Sequence[str], wanted: tuple[str, ...]) -> FloatArray:
    """Correlations of the wanted rows, in their order."""
    matrix = checked_covariance(covariance)
    if matrix.shape[-1] != len(names):
        raise InvalidShape(
            expected=f"a covariance matrix of {len(names)} rows",
            got=str(matrix.shape),
            hint="one name per row",
        )
    at = np.array([list(names).index(name) for name in wanted])
    return correlation_of(matrix[..., at[:, None], at[None, :]])


def _require_separate(correlation: FloatArray, chosen: tuple[str, ...]) -> None:
    """Refuse predictors that are exact combinations of others, and correlations no people can have."""
    eigenvalues, vectors = np.linalg.eigh(correlation[:-1, :-1])
    if eigenvalues[0] < 1 - COLLINEAR:
        guilty = [name for name, part in zip(chosen, np.abs(vectors[:, 0]), strict=True) if part > 0.1]
        raise InvalidCounts(
            expected="predictors none of which is a combination of others",
            got=f"a combination of {', '.join(guilty)}",
            hint="leave one of them out",
        )
    if np.linalg.eigvalsh(correlation)[0] < -(1 - COLLINEAR):
        raise InvalidCounts(
            expected="a covariance matrix of real people",
            got="one that gives R² above 1",
            hint="use complete cases instead of pairwise covariances",
        )
