"""Unit-level small-area model: area means from respondents' answers, covariates and a common regression."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.distributions import normal_critical
from analysis.errors import InvalidShape
from analysis.small_areas.area_moments import AreaMoments
from analysis.small_areas.nested_error import NestedError
from analysis.small_areas.variance_component import variance_component
from analysis.types import FloatArray
from analysis.validation import finite_array, level_of, population_of, require_known

NO_SPREAD = "no variation between areas beyond that of their people: every area is given the regression"


@dataclass(frozen=True, slots=True, eq=False)
class UnitLevelAreas:
    """Direct, synthetic and combined mean of every area, side by side.

    Attributes
    ----------
    n : (m,) ndarray
        Respondents.
    direct, direct_se : (m,) ndarray
        Plain sample mean and its standard error from the area's own spread; NaN below one and two people.
    synthetic : (m,) ndarray
        Regression at the area's known means.
    gamma : (m,) ndarray in [0, 1]
        ``σu² / (σu² + σe²/n)``, weight of the area's own residual; 0 without a sample.
    effect : (m,) ndarray
        Predicted area effect, gamma times the mean residual.
    value : (m,) ndarray
        EBLUP of the area mean; of the finite population where its size is given.
    mse, ci_low, ci_high : (m,) ndarray
        Prasad and Rao's mean squared error; value plus and minus z times its root.
    beta, beta_se : (p,) ndarray
    beta_covariance : (p, p) ndarray
    variance_between, variance_within : float
        σu² of areas and σe² of people about the regression.
    log_likelihood : float
        Restricted for "reml".
    method : {"reml", "ml"}
    is_finite_population : bool
        Whether `value` and `mse` count the respondents as known.
    confidence_level : float
    reason : str
        Why σu² is 0; empty where it is not.
    """

    n: FloatArray
    direct: FloatArray
    direct_se: FloatArray
    synthetic: FloatArray
    gamma: FloatArray
    effect: FloatArray
    value: FloatArray
    mse: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    beta: FloatArray
    beta_se: FloatArray
    beta_covariance: FloatArray
    variance_between: float
    variance_within: float
    log_likelihood: float
    method: str
    is_finite_population: bool
    confidence_level: float
    reason: str

    def __len__(self) -> int:
        return len(self.value)


@checked
def unit_level_eblup(
    moments: AreaMoments,
    *,
    covariate_means: ArrayLike,
    population: ArrayLike | None = None,
    method: str = "reml",
    confidence_level: float = 0.95,
) -> UnitLevelAreas:
    """Area means from the nested-error regression of Battese, Harter and Fuller.

    Parameters
    ----------
    moments : AreaMoments
        Of y and the covariates, the column of ones included; areas without respondents may be there.
    covariate_means : (m, p) array_like
        Known population means of the covariates.
    population : (m,) array_like of counts >= n, optional
        People of each area: those who answered are then known, and only the others are predicted.
    method : {"reml", "ml"}
    confidence_level : float in (0, 1)

    Returns
    -------
    UnitLevelAreas

    Notes
    -----
    ``y_ij = x_ij'β + u_i + e_ij``. With λ = σu²/σe², the inverse covariance of an area takes the between part of
    its products by ``c_i = n_i / (1 + n_i λ)``, so that counts, means and products within suffice; λ is found by
    its profile likelihood, the boundary 0 included. ``γ = nλ/(1 + nλ)``, ``u = γ(ȳ - x̄'β)``,
    value ``X̄'β + u``, or ``fȳ + (X̄ - fx̄)'β + (1-f)u`` with f = n/N. MSE ``g1 + g2 + 2 g3``,
    ``g1 = (1-γ)σu²``, ``g2 = (X̄ - γx̄)' cov(β) (X̄ - γx̄)``, ``g3 = n⁻² (σu² + σe²/n)⁻³ h``,
    ``h = σe⁴ var(σu²) + σu⁴ var(σe²) - 2 σe² σu² cov``; for a finite population (1-f)² times the same at the
    means of those not asked, plus ``σe² (N-n)/N²``. Sampling is taken as ignorable: weights play no part.

    References
    ----------
    Battese, Harter and Fuller (1988), JASA 83:28-36. Prasad and Rao (1990), JASA 85:163-171.
    Rao and Molina (2015), Small Area Estimation, chapter 7.

    Examples
    --------
    >>> from analysis.small_areas.area_moments import area_moments_of_rows
    >>> y = [4.0, 5.0, 4.5, 2.0, 3.0, 2.2, 4.0, 4.4]
    >>> people = area_moments_of_rows(y, np.ones((8, 1)), area=[0, 0, 0, 1, 1, 1, 2, 2])
    >>> areas = unit_level_eblup(people, covariate_means=np.ones((3, 1)))
    >>> areas.direct.round(2).tolist(), areas.value.round(2).tolist()
    ([4.5, 2.4, 4.2], [4.45, 2.48, 4.16])
    """
    level_of(confidence_level)
    require_known(method, ("reml", "ml"), name="method")
    means = _means(moments, covariate_means)
    model = NestedError.of(moments, restricted=method == "reml")
    ratio = variance_component(model.log_likelihood, model.score, scale=1.0)
    within = model.residual_squares(ratio) / model.freedom
    gamma = moments.n * ratio / (1 + moments.n * ratio)
    beta = model.turn @ model.beta(ratio)
    covariance = model.turn @ np.linalg.inv(model.products(ratio)) @ model.turn.T * within
    seen = moments.n > 0
    average, known = np.where(seen, moments.mean[:, 0], 0.0), np.nan_to_num(moments.mean[:, 1:])
    effect = gamma * (average - known @ beta)
    rest, f, left = _not_asked(moments, means, known, population)
    value = f * average + (1 - f) * (rest @ beta + effect)
    errors = _mse(
        moments.n,
        ratio * within,
        within,
        gamma=gamma,
        at=rest - gamma[:, None] * known,
        covariance=covariance,
    )
    mse = (1 - f) ** 2 * errors + left * within
    half = normal_critical(confidence_level) * np.sqrt(mse)
    direct, direct_se = _direct(moments, f)
    return UnitLevelAreas(
        moments.n, direct, direct_se, means @ beta, gamma, effect, value, mse, value - half, value + half,
        beta, np.sqrt(np.diag(covariance)), covariance, ratio * within, within, model.log_likelihood(ratio),
        method, population is not None, confidence_level, "" if ratio > 0 else NO_SPREAD,
    )  # fmt: skip


def _means(moments: AreaMoments, covariate_means: ArrayLike) -> FloatArray:
    means = finite_array(covariate_means, name="covariate_means")
    wanted = (len(moments.n), moments.mean.shape[1] - 1)
    if means.shape != wanted:
        raise InvalidShape(
            expected=f"covariate_means of shape {wanted}", got=f"{means.shape}", hint="one row per area"
        )
    return means


def _not_asked(
    moments: AreaMoments, means: FloatArray, known: FloatArray, population: ArrayLike | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Covariate means of those not asked, the share asked, and (N - n)/N²."""
    if population is None:
        zero = np.zeros(moments.n.shape)
        return means, zero, zero
    size = population_of(population, moments.n)
    if size.shape != moments.n.shape or (size < 1).any():
        raise InvalidShape(
            expected="one population >= 1 per area", got=f"{size.shape}", hint="people per area"
        )
    others = size - moments.n
    total = size[:, None] * means - moments.n[:, None] * known
    rest = np.divide(total, others[:, None], out=means.copy(), where=others[:, None] > 0)
    return rest, moments.n / size, others / size**2


def _mse(
    n: FloatArray, between: float, within: float, *, gamma: FloatArray, at: FloatArray, covariance: FloatArray
) -> FloatArray:
    """g1 + g2 + 2 g3; without a sample σu² + X̄'cov(β)X̄."""
    first, second = (1 - gamma) * between, np.einsum("ij,jk,ik->i", at, covariance, at)
    alpha = within + n * between
    information = np.empty((2, 2))
    information[0, 0] = (n**2 / alpha**2).sum() / 2
    information[0, 1] = information[1, 0] = (n / alpha**2).sum() / 2
    seen = n > 0
    information[1, 1] = ((n[seen] - 1) / within**2 + 1 / alpha[seen] ** 2).sum() / 2
    v = np.linalg.inv(information)
    h = within**2 * v[0, 0] + between**2 * v[1, 1] - 2 * within * between * v[0, 1]
    third: FloatArray = n * h / alpha**3
    return np.asarray(first + second + 2 * third, dtype=np.float64)


def _direct(moments: AreaMoments, f: FloatArray) -> tuple[FloatArray, FloatArray]:
    n = moments.n
    direct = np.where(n > 0, moments.mean[:, 0], np.nan)
    squares = moments.within[:, 0, 0]
    spread = np.divide(squares, n * (n - 1), out=np.full(n.shape, np.nan), where=n > 1)
    return direct, np.sqrt((1 - f) * spread)
