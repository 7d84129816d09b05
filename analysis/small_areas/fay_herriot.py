"""Fay-Herriot: direct area figures combined with a regression on what is known of every area."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize

from analysis.arguments import checked
from analysis.distributions import normal_critical
from analysis.errors import InvalidCounts, InvalidShape
from analysis.small_areas.variance_component import orthonormal_columns, variance_component
from analysis.types import FloatArray
from analysis.validation import LARGEST, finite_array, level_of, measured_array, numbers_of, require_known

METHODS = ("reml", "ml", "fay_herriot")
NO_SPREAD = "no variation between areas beyond sampling error: every area is given the regression"


@dataclass(frozen=True, slots=True, eq=False)
class FayHerriot:
    """Direct, synthetic and combined figure of every area, side by side.

    Attributes
    ----------
    direct, direct_se : (m,) ndarray
        As given; NaN where the area has no sample.
    synthetic : (m,) ndarray
        Regression alone.
    gamma : (m,) ndarray in [0, 1]
        Weight of the direct figure, A / (A + direct_se²); 0 without a sample.
    value : (m,) ndarray
        EBLUP, ``gamma direct + (1 - gamma) synthetic``.
    mse : (m,) ndarray
        Estimated mean squared error of `value`, that of estimating A and the coefficients included.
    ci_low, ci_high : (m,) ndarray
        Value plus and minus z times the root of `mse`.
    variance_between, variance_between_se : float >= 0
        A, the variance of areas about the regression, and its asymptotic standard error.
    beta, beta_se : (p,) ndarray
    beta_covariance : (p, p) ndarray
    log_likelihood : float
        Restricted, about orthonormal covariates, for "reml"; that of ML at the moment estimate for "fay_herriot".
    method : {"reml", "ml", "fay_herriot"}
    confidence_level : float
    n_areas : int
        With a sample.
    reason : str
        Why A is 0; empty where it is not.
    """

    direct: FloatArray
    direct_se: FloatArray
    synthetic: FloatArray
    gamma: FloatArray
    value: FloatArray
    mse: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    variance_between: float
    variance_between_se: float
    beta: FloatArray
    beta_se: FloatArray
    beta_covariance: FloatArray
    log_likelihood: float
    method: str
    confidence_level: float
    n_areas: int
    reason: str

    def __len__(self) -> int:
        return len(self.value)


@dataclass(frozen=True, slots=True, eq=False)
class _Areas:
    """Sampled areas, with orthonormal covariates."""

    direct: FloatArray
    variance: FloatArray
    q: FloatArray

    def weighted(self, between: float) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """1/(A + D), the inverse of Q'WQ, the coefficients and the residuals."""
        w = 1 / (between + self.variance)
        inverse = np.asarray(np.linalg.inv((self.q * w[:, None]).T @ self.q), dtype=np.float64)
        beta = inverse @ (self.q.T @ (w * self.direct))
        return w, inverse, beta, self.direct - self.q @ beta

    def log_likelihood(self, between: float, *, restricted: bool) -> float:
        w, inverse, _, residual = self.weighted(between)
        twice = -np.log(w).sum() + (w * residual**2).sum()
        twice += -np.linalg.slogdet(inverse)[1] if restricted else 0.0
        constant = (len(w) - (self.q.shape[1] if restricted else 0)) * math.log(2 * math.pi)
        return -float(twice + constant) / 2

    def score(self, between: float, *, restricted: bool) -> float:
        w, inverse, _, residual = self.weighted(between)
        trace = w.sum()
        if restricted:
            trace -= np.trace(inverse @ ((self.q * (w**2)[:, None]).T @ self.q))
        return (float((w**2 * residual**2).sum()) - float(trace)) / 2

    def excess(self, between: float) -> float:
        """Weighted residual sum of squares over its expectation, falling in A."""
        w, _, _, residual = self.weighted(between)
        return float((w * residual**2).sum() - (len(w) - self.q.shape[1]))


@checked
def fay_herriot(
    direct: ArrayLike,
    variance: ArrayLike,
    *,
    covariates: ArrayLike,
    method: str = "reml",
    confidence_level: float = 0.95,
) -> FayHerriot:
    """Area figures from the Fay-Herriot model, with their mean squared errors.

    Parameters
    ----------
    direct : (m,) array_like
        Direct estimates; NaN for areas without a sample, which get the regression alone.
    variance : (m,) array_like > 0
        Their sampling variances, taken as known; smooth them first where samples are small. Ignored where
        `direct` is NaN. A share of 0 % or 100 % with variance 0 does not belong here: use
        `analysis.small_areas.share_areas`.
    covariates : (m, p) array_like
        Known of every area, the column of ones included, p < number of sampled areas.
    method : {"reml", "ml", "fay_herriot"}
        How A is estimated: restricted likelihood, likelihood, or the moments of Fay and Herriot.
    confidence_level : float in (0, 1)

    Returns
    -------
    FayHerriot

    Notes
    -----
    ``direct_i = x_i'β + u_i + e_i``, ``u ~ (0, A)``, ``e_i ~ (0, D_i)``; ``γ_i = A/(A + D_i)``. With
    ``g1 = γD``, ``g2 = (1-γ)² x'(ΣVxx')⁻¹x`` (V⁻¹ = A + D) and ``g3 = D² (A+D)⁻³ var(A)``:

    - REML: ``g1 + g2 + 2 g3``, var(A) = 2/Σ(A+D)⁻² (Prasad, Rao; Datta, Lahiri);
    - ML: less ``(1-γ)² b``, ``b = -tr[(Σxx'/(A+D))⁻¹ Σxx'/(A+D)²] / Σ(A+D)⁻²`` (Datta, Lahiri);
    - moments: var(A) = 2m/(Σ(A+D)⁻¹)², less ``(1-γ)² b``,
      ``b = 2 (m Σ(A+D)⁻² - (Σ(A+D)⁻¹)²) / (Σ(A+D)⁻¹)³`` (Datta, Rao, Smith).

    References
    ----------
    Fay and Herriot (1979), JASA 74:269-277. Prasad and Rao (1990), JASA 85:163-171.
    Datta and Lahiri (2000), Statistica Sinica 10:613-627. Datta, Rao and Smith (2005), Biometrika 92:183-196.

    Examples
    --------
    >>> fit = fay_herriot([2.0, 4.0, 3.0, 8.0], [1.0, 1.0, 2.0, 2.0], covariates=np.ones((4, 1)))
    >>> fit.value.round(2).tolist(), fit.gamma.round(2).tolist()
    ([2.36, 4.03, 3.33, 6.89], [0.83, 0.83, 0.71, 0.71])
    """
    level_of(confidence_level)
    require_known(method, METHODS, name="method")
    figures, variances, known = _areas(direct, variance, covariates)
    sampled = ~np.isnan(figures)
    q, r = orthonormal_columns(known[sampled])
    areas = _Areas(figures[sampled], variances[sampled], q)
    between = _variance_between(areas, method)
    w, inverse, beta, _ = areas.weighted(between)
    of_r = np.linalg.inv(r)
    basis = known @ of_r
    gamma = between / (between + variances)
    synthetic = basis @ beta
    value = np.where(sampled, gamma * np.nan_to_num(figures) + (1 - gamma) * synthetic, synthetic)
    variance_of_a, bias = _of_variance_between(areas, w, inverse, method)
    mse = _mse(between, variances, np.einsum("ij,jk,ik->i", basis, inverse, basis), variance_of_a, bias)
    half = normal_critical(confidence_level) * np.sqrt(mse)
    covariance = of_r @ inverse @ of_r.T
    return FayHerriot(
        figures, np.sqrt(np.where(sampled, variances, np.nan)), synthetic, gamma, value, mse,
        value - half, value + half, between, math.sqrt(variance_of_a), of_r @ beta,
        np.sqrt(np.diag(covariance)), covariance, areas.log_likelihood(between, restricted=method == "reml"),
        method, confidence_level, int(sampled.sum()), "" if between > 0 else NO_SPREAD,
    )  # fmt: skip


def _areas(
    direct: ArrayLike, variance: ArrayLike, covariates: ArrayLike
) -> tuple[FloatArray, FloatArray, FloatArray]:
    figures = measured_array(direct, name="direct").copy()
    variances = numbers_of(variance, name="variance").copy()
    known = finite_array(covariates, name="covariates")
    if (
        figures.ndim != 1
        or variances.shape != figures.shape
        or known.shape[:1] != figures.shape
        or known.ndim != 2
    ):
        raise InvalidShape(
            expected="one direct figure, variance and row of covariates per area",
            got=f"{figures.shape}, {variances.shape}, {known.shape}",
            hint="a column of ones is the intercept",
        )
    sampled = ~np.isnan(figures)
    if (
        np.isinf(figures).any()
        or not ((variances[sampled] <= LARGEST) & (variances[sampled] >= 1 / LARGEST)).all()
    ):
        raise InvalidCounts(
            expected="finite figures with a sampling variance > 0",
            got="infinity, NaN or 0",
            hint="NaN for areas without a sample; arcsine_fay_herriot for shares of 0 or 100 %",
        )
    variances[~sampled] = np.inf
    return figures, variances, known


def _variance_between(areas: _Areas, method: str) -> float:
    residual = areas.direct - areas.q @ (areas.q.T @ areas.direct)
    size = float((residual**2).sum() / (len(residual) - areas.q.shape[1]))
    if method == "fay_herriot":
        if areas.excess(0.0) <= 0:
            return 0.0
        top = size
        while areas.excess(top) > 0:
            top *= 4
        return float(optimize.brentq(areas.excess, 0.0, top, xtol=1e-14 * top, rtol=1e-14))
    restricted = method == "reml"
    return variance_component(
        lambda a: areas.log_likelihood(a, restricted=restricted),
        lambda a: areas.score(a, restricted=restricted),
        scale=size + float(np.median(areas.variance)),
    )


def _of_variance_between(
    areas: _Areas, w: FloatArray, inverse: FloatArray, method: str
) -> tuple[float, float]:
    """Asymptotic variance of A and what its bias takes from g1, by method."""
    first, second = float(w.sum()), float((w**2).sum())
    if method == "fay_herriot":
        size = len(w)
        return 2 * size / first**2, 2 * (size * second - first**2) / first**3
    if method == "reml":
        return 2 / second, 0.0
    return 2 / second, -float(np.trace(inverse @ ((areas.q * (w**2)[:, None]).T @ areas.q))) / second


def _mse(
    between: float, variance: FloatArray, leverage: FloatArray, variance_of_a: float, bias: float
) -> FloatArray:
    """g1 + g2 + 2 g3 less the bias, g1 + g2 should that be negative; A + x'cov(β)x without a sample."""
    sampled = np.isfinite(variance)
    d = np.where(sampled, variance, 1.0)
    borrowed = d / (between + d)
    first, second = between * borrowed, borrowed**2 * leverage
    third = borrowed**2 / (between + d) * variance_of_a
    mse = first + second + 2 * third - bias * borrowed**2
    return np.where(sampled, np.where(mse > 0, mse, first + second), between + leverage)
