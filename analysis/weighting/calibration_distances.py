"""Distances between old and new weights, each by the factor g it makes of a linear predictor u."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from analysis.arguments import checked
from analysis.errors import InvalidOption
from analysis.types import FloatArray
from analysis.validation import require_known

DISTANCES = ("linear", "raking", "logit")
LARGEST_EXPONENT = 500.0
"""exp(500) is far beyond any weight and still squares to a finite number."""


@dataclass(frozen=True, slots=True)
class Distance:
    """How far weights may move: g = F(u), its slope F'(u), and Φ(u) = ∫F, what the dual problem sums.

    Attributes
    ----------
    name : {"linear", "raking", "logit"}
        F(u) = 1 + u, exp(u), or the logistic curve between the bounds.
    low, high : float
        Bounds of g; they cut a linear or raking g off, and shape a logit one.
    """

    name: str
    low: float
    high: float

    def factor(self, u: FloatArray) -> FloatArray:
        """F(u), (N,)."""
        if self.name == "logit":
            return np.asarray(self.low + (self.high - self.low) * special.expit(self._logit(u)))
        return np.clip(self._uncut(u), self.low, self.high)

    def slope(self, u: FloatArray) -> FloatArray:
        """F'(u), (N,); 0 where cut off."""
        if self.name == "logit":
            part = special.expit(self._logit(u))
            return np.asarray(self._steepness * (self.high - self.low) * part * (1 - part))
        g = self._uncut(u)
        own = np.ones_like(u) if self.name == "linear" else g
        return np.where((g > self.low) & (g < self.high), own, 0.0)

    def integral(self, u: FloatArray) -> FloatArray:
        """Φ(u), (N,), up to a constant."""
        if self.name == "logit":
            softplus = np.logaddexp(0.0, self._logit(u))
            return np.asarray(self.low * u + (self.high - self.low) / self._steepness * softplus)
        first, last = self._ends
        inside = np.clip(u, first, last)
        own = inside + inside**2 / 2 if self.name == "linear" else _exp(inside)
        below, above = np.minimum(u - first, 0.0), np.maximum(u - last, 0.0)
        cut = np.zeros_like(u)
        for beyond, bound in ((below, self.low), (above, self.high)):
            cut += np.multiply(beyond, bound, out=np.zeros_like(u), where=beyond != 0)
        return np.asarray(own + cut)

    @property
    def _steepness(self) -> float:
        return (self.high - self.low) / ((1 - self.low) * (self.high - 1))

    @property
    def _ends(self) -> tuple[float, float]:
        """The u at which g meets its bounds."""
        if self.name == "linear":
            return self.low - 1, self.high - 1
        with np.errstate(divide="ignore"):
            return float(np.log(max(self.low, 0.0))), float(np.log(self.high))

    def _logit(self, u: FloatArray) -> FloatArray:
        return np.asarray(self._steepness * u + np.log((1 - self.low) / (self.high - 1)))

    def _uncut(self, u: FloatArray) -> FloatArray:
        return 1 + u if self.name == "linear" else _exp(u)


@checked
def distance_of(name: str, bounds: tuple[float, float] | None) -> Distance:
    """The named distance with bounds on g.

    Parameters
    ----------
    name : {"linear", "raking", "logit"}
    bounds : pair of float, optional
        Lowest and highest g, around 1; needed by "logit". A linear distance with bounds is the truncated one.

    Returns
    -------
    Distance

    Raises
    ------
    InvalidOption
        Unknown distance, bounds that do not hold 1 between them, a logit distance without two finite ones.

    References
    ----------
    Deville and Särndal (1992), JASA 87:376-382.

    Examples
    --------
    >>> distance_of("logit", (0.4, 2.0)).factor(np.array([-9.0, 0.0, 9.0])).round(3).tolist()
    [0.4, 1.0, 2.0]
    """
    require_known(name, DISTANCES, name="distance")
    low, high = (-np.inf, np.inf) if bounds is None else (float(bounds[0]), float(bounds[1]))
    low = max(low, 0.0) if name == "raking" else low
    if not low < 1 < high:
        raise InvalidOption(
            expected="bounds with low < 1 < high",
            got=f"{low:g}, {high:g}",
            hint="they bound new / old weight",
        )
    if name == "logit" and not (np.isfinite(low) and np.isfinite(high)):
        raise InvalidOption(
            expected="two finite bounds", got=f"{low:g}, {high:g}", hint="pass bounds=(0.3, 3), for example"
        )
    return Distance(name, low, high)


def _exp(u: FloatArray) -> FloatArray:
    return np.asarray(np.exp(np.minimum(u, LARGEST_EXPONENT)))
