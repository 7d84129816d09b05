"""Profile likelihood of the nested-error regression: one ratio of variances, from sums by area."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from analysis.errors import InvalidCounts, InvalidShape
from analysis.small_areas.area_moments import AreaMoments
from analysis.types import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class NestedError:
    """Areas with respondents, on covariates turned so that their products are well conditioned.

    Attributes
    ----------
    n, y : (m,) ndarray
        Respondents of each area, and their mean.
    x : (m, p) ndarray
        Means of the turned covariates.
    within_xx, within_xy, within_yy : (p, p) ndarray, (p,) ndarray, float
        Pooled products about the areas' own means.
    turn : (p, p) ndarray
        ``x = covariates @ turn``; coefficients of the covariates are ``turn @ beta``.
    restricted : bool
        Whether the likelihood is the restricted one.
    """

    n: FloatArray
    y: FloatArray
    x: FloatArray
    within_xx: FloatArray
    within_xy: FloatArray
    within_yy: float
    turn: FloatArray
    restricted: bool

    @classmethod
    def of(cls, moments: AreaMoments, *, restricted: bool) -> NestedError:
        """The areas of `moments` that hold respondents."""
        seen = moments.n > 0
        n, mean = moments.n[seen], moments.mean[seen]
        within = moments.within[seen].sum(axis=0)
        width = mean.shape[1] - 1
        if len(n) < 2 or n.max() < 2 or n.sum() <= width + 1:
            raise InvalidCounts(
                expected="two areas, one with two people, and more people than covariates",
                got=f"{len(n)} areas, {n.sum():g} people, {width} covariates",
                hint="areas of one person each cannot tell areas from people",
            )
        turn = _turned(n, mean[:, 1:], within[1:, 1:])
        inner = turn.T @ within[1:, 1:] @ turn
        return cls(
            n,
            mean[:, 0],
            mean[:, 1:] @ turn,
            inner,
            turn.T @ within[1:, 0],
            float(within[0, 0]),
            turn,
            restricted,
        )

    @property
    def freedom(self) -> float:
        """People, less the coefficients where restricted."""
        return float(self.n.sum()) - (self.x.shape[1] if self.restricted else 0)

    def between_weight(self, ratio: float) -> FloatArray:
        """``n / (1 + n ratio)``, ratio that of the variance of areas to that of people."""
        return self.n / (1 + self.n * ratio)

    def products(self, ratio: float) -> FloatArray:
        """``X'H⁻¹X`` of the turned covariates."""
        products: FloatArray = self.within_xx + (self.x * self.between_weight(ratio)[:, None]).T @ self.x
        return products

    def beta(self, ratio: float) -> FloatArray:
        """Coefficients of the turned covariates."""
        right = self.within_xy + self.x.T @ (self.between_weight(ratio) * self.y)
        return np.asarray(np.linalg.solve(self.products(ratio), right), dtype=np.float64)

    def residual_squares(self, ratio: float) -> float:
        """Generalised residual sum of squares."""
        beta = self.beta(ratio)
        inside = self.within_yy - 2 * beta @ self.within_xy + beta @ self.within_xx @ beta
        between = (self.between_weight(ratio) * (self.y - self.x @ beta) ** 2).sum()
        squares = float(inside + between)
        if squares <= 1e-13 * (self.within_yy + float((self.n * self.y**2).sum())):
            raise InvalidCounts(
                expected="answers that vary about the regression",
                got="none do",
                hint="there is nothing to shrink",
            )
        return squares

    def log_likelihood(self, ratio: float) -> float:
        """With coefficients and residual variance at their best for the ratio."""
        df = self.freedom
        twice = df * (math.log(2 * math.pi * self.residual_squares(ratio) / df) + 1)
        twice += float(np.log1p(self.n * ratio).sum())
        if self.restricted:
            turned = float(np.linalg.slogdet(self.turn)[1])
            twice += float(np.linalg.slogdet(self.products(ratio))[1]) - 2 * turned
        return -twice / 2

    def score(self, ratio: float) -> float:
        """Derivative of `log_likelihood`."""
        weight = self.between_weight(ratio)
        residual = self.y - self.x @ self.beta(ratio)
        squares = float((weight**2 * residual**2).sum()) / self.residual_squares(ratio)
        trace = float(weight.sum())
        if self.restricted:
            inverse = np.linalg.inv(self.products(ratio))
            trace -= float((weight**2 * np.einsum("ij,jk,ik->i", self.x, inverse, self.x)).sum())
        return (self.freedom * squares - trace) / 2


def _turned(n: FloatArray, x: FloatArray, within: FloatArray) -> FloatArray:
    """Matrix that centres covariates on the column of ones, where there is one, and scales them."""
    width = x.shape[1]
    turn = np.eye(width)
    constant = np.flatnonzero((np.diag(within) == 0) & (np.ptp(x, axis=0) == 0) & (x[0] != 0))
    center = np.average(x, axis=0, weights=n)
    if len(constant):
        one = int(constant[0])
        turn[one] = np.where(np.arange(width) == one, 1.0, -center / center[one])
    away = x @ turn
    products = turn.T @ within @ turn + (away * n[:, None]).T @ away
    scale = np.sqrt(np.diag(products))
    if (scale == 0).any() or np.linalg.eigvalsh(products / np.outer(scale, scale))[0] < 1e-10:
        raise InvalidShape(
            expected="covariates none of which follows from the others",
            got="a redundant or zero column",
            hint="leave out one level of each factor",
        )
    return turn / scale
