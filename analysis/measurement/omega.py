"""McDonald's omega: the part of a factor's sum score that the factor explains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.arguments import checked
from analysis.distributions import normal_critical
from analysis.measurement.factor_models import FactorModel, confirmatory_factor_model
from analysis.types import Estimates, FloatArray
from analysis.validation import require_groups


@checked
def mcdonald_omega(
    covariance: ArrayLike,
    *,
    n: int,
    items: Sequence[str],
    factors: Mapping[str, Sequence[str]] | None = None,
    confidence_level: float = 0.95,
) -> Estimates:
    """McDonald's omega of each factor, from its own one-factor model.

    Parameters
    ----------
    covariance : (k, k) array_like
        Sample covariance matrix, divisor n - 1, of complete cases.
    n : int
        Respondents.
    items : sequence of k str
        Names of the rows.
    factors : mapping of factor name to item names, optional
        Three items or more each. Without it all items form one factor.
    confidence_level : float in (0, 1)

    Returns
    -------
    Estimates
        One per factor.

    Notes
    -----
    See `composite_reliability`. Unlike alpha, omega does not suppose equal loadings.

    References
    ----------
    McDonald (1999), Test Theory: A Unified Treatment, chapter 6.

    Examples
    --------
    >>> loadings = np.array([0.8, 0.7, 0.6, 0.5])
    >>> s = np.outer(loadings, loadings) + np.diag(1 - loadings**2)
    >>> omega = mcdonald_omega(s, n=200, items="abcd")[0]
    >>> f"{omega.value:.3f} ({omega.ci_low:.3f} to {omega.ci_high:.3f})"
    '0.749 (0.689 to 0.801)'
    """
    scales = {"all": items} if factors is None else factors
    require_groups(scales, name="factors")
    models = [
        confirmatory_factor_model(covariance, n=n, factors={name: members}, items=items)
        for name, members in scales.items()
    ]
    found = [_omega(model) for model in models]
    value, error = (np.concatenate([pair[part] for pair in found]) for part in (0, 1))
    return _estimates(value, error, n, method="omega_one_factor", confidence_level=confidence_level)


@checked
def composite_reliability(model: FactorModel, *, confidence_level: float = 0.95) -> Estimates:
    """Omega of each factor of a fitted model, with its interval.

    Parameters
    ----------
    model : FactorModel
    confidence_level : float in (0, 1)

    Returns
    -------
    Estimates
        One per factor. Where residual variances do not sum to more than 0 there is no interval: limits NaN.

    Notes
    -----
    ``(Σλ)² / ((Σλ)² + Σθ)`` with unit-variance loadings; standard error by the delta method, limits on the logit
    scale so that they stay inside (0, 1).

    References
    ----------
    Raykov and Marcoulides (2011), Introduction to Psychometric Theory, chapter 7.
    Kelley and Pornprasertmanit (2016), Psychological Methods 21:69-92.

    Examples
    --------
    >>> loadings = np.array([0.8, 0.7, 0.6, 0.5])
    >>> s = np.outer(loadings, loadings) + np.diag(1 - loadings**2)
    >>> model = confirmatory_factor_model(s, n=200, factors={"f": "abcd"}, items="abcd")
    >>> composite_reliability(model).value.round(3).tolist()
    [0.749]
    """
    value, error = _omega(model)
    return _estimates(value, error, model.n, method="omega", confidence_level=confidence_level)


def _omega(model: FactorModel) -> tuple[FloatArray, FloatArray]:
    """Omega of each factor and its standard error."""
    size, belongs = len(model.items), model.factor_of_item
    # Unit-variance loadings, whatever identification the model is shown in.
    loadings = model.standardised_loadings * np.sqrt(np.diag(model.implied))
    total = np.bincount(belongs, weights=loadings)
    noise = np.bincount(belongs, weights=model.residual_variances)
    whole = total**2 + noise
    jacobian = np.zeros((len(total), len(model.parameter_covariance)))
    at = np.arange(size)
    jacobian[belongs, at] = (2 * total * noise / whole**2)[belongs]
    jacobian[belongs, size + at] = (-(total**2) / whole**2)[belongs]
    variance = np.einsum("fq,qr,fr->f", jacobian, model.parameter_covariance, jacobian)
    return total**2 / whole, np.sqrt(np.maximum(variance, 0.0))


def _estimates(
    value: FloatArray, error: FloatArray, n: int, *, method: str, confidence_level: float
) -> Estimates:
    inside = (value > 0) & (value < 1)
    safe = np.where(inside, value, 0.5)
    half = normal_critical(confidence_level) * error / (safe * (1 - safe))
    low, high = (
        np.where(inside, special.expit(special.logit(safe) + sign * half), np.nan) for sign in (-1, 1)
    )
    ones = np.ones(value.shape)
    return Estimates(
        value,
        low,
        high,
        np.full(value.shape, n, dtype=np.int64),
        ones,
        n * ones,
        np.inf * ones,
        error,
        method=method,
        confidence_level=confidence_level,
    )
