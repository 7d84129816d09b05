"""Fay-Herriot for shares on the arcsine scale, where 0 % and 100 % have a variance too."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.arithmetic import quotient
from analysis.errors import InvalidCounts
from analysis.small_areas.fay_herriot import FayHerriot, fay_herriot
from analysis.types import FloatArray
from analysis.validation import finite_array, measured_array


@dataclass(frozen=True, slots=True, eq=False)
class ShareAreas:
    """Shares of areas by way of the arcsine scale.

    Attributes
    ----------
    direct : (m,) ndarray in [0, 1]
        As given; NaN without a sample.
    synthetic, value, ci_low, ci_high : (m,) ndarray in [0, 1]
        Regression alone, combined, and limits, back on the scale of shares.
    gamma : (m,) ndarray in [0, 1]
        Weight of the direct figure on the arcsine scale.
    model : FayHerriot
        On the arcsine scale.
    """

    direct: FloatArray
    synthetic: FloatArray
    value: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    gamma: FloatArray
    model: FayHerriot

    def __len__(self) -> int:
        return len(self.value)


@checked
def arcsine_fay_herriot(
    share: ArrayLike,
    n_effective: ArrayLike,
    *,
    covariates: ArrayLike,
    method: str = "reml",
    confidence_level: float = 0.95,
) -> ShareAreas:
    """Shares of areas from the Fay-Herriot model on the arcsine scale, where 0 % and 100 % have a variance.

    Parameters
    ----------
    share : (m,) array_like in [0, 1]
        NaN for areas without a sample.
    n_effective : (m,) array_like >= 0
        Respondents over their design effect.
    covariates, method, confidence_level
        As in `fay_herriot`.

    Returns
    -------
    ShareAreas

    Notes
    -----
    ``y = arcsin sqrt(p)``, variance ``1 / (4 n_eff)``. Back: the mean of ``sin²(θ)`` for θ normal about the
    EBLUP η with variance v = A(1 - γ), ``(1 - exp(-2v) cos(2η)) / 2``, without the bias of sin²(η); limits are
    those of θ cut to [0, π/2], then squared sines.

    References
    ----------
    Schmid, Bruckschen, Salvati and Zbiranski (2017), JRSS A 180:1163-1190.
    Hadam, Würz, Kreutzmann and Schmid (2024), Statistical Methods & Applications 33:205-233.

    Examples
    --------
    >>> areas = arcsine_fay_herriot([1.0, 0.8, 0.9, 0.7], [5, 50, 40, 60], covariates=np.ones((4, 1)))
    >>> bool((areas.value < 1).all()), bool(areas.ci_high[0] <= 1)
    (True, True)
    """
    shares = measured_array(share, name="share")
    people = finite_array(n_effective, name="n_effective")
    if shares.shape != people.shape or ((shares < 0) | (shares > 1)).any() or (people < 0).any():
        raise InvalidCounts(
            expected="shares in [0, 1] and n_effective >= 0", got="a value outside", hint="write 0.9, not 90"
        )
    shares = np.where(people > 0, shares, np.nan)
    variance = quotient(0.25, people, empty=1.0)
    model = fay_herriot(
        np.arcsin(np.sqrt(shares)),
        variance,
        covariates=covariates,
        method=method,
        confidence_level=confidence_level,
    )
    left = model.variance_between * (1 - model.gamma)
    low, high = (np.sin(np.clip(limit, 0, np.pi / 2)) ** 2 for limit in (model.ci_low, model.ci_high))
    synthetic = _share_of(model.synthetic, np.full(left.shape, model.variance_between))
    value = _share_of(model.value, left)
    return ShareAreas(
        shares, synthetic, value, np.minimum(low, value), np.maximum(high, value), model.gamma, model
    )


def _share_of(angle: FloatArray, variance: FloatArray) -> FloatArray:
    inside = np.clip(angle, 0, np.pi / 2)
    share: FloatArray = (1 - np.exp(-2 * variance) * np.cos(2 * inside)) / 2
    return share
