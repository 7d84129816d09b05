"""Whether a change or a distance would be noticed, and the smallest one that would."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from analysis.arguments import checked
from analysis.comparing.many_comparisons import simultaneous_level
from analysis.distributions import normal_critical
from analysis.errors import InvalidCounts, InvalidOption
from analysis.planning.populations import correction, population_size, share_of
from analysis.types import FloatArray
from analysis.validation import (
    MOST_COUNTED,
    finite_array,
    finite_positive,
    numbers_of,
    require_share,
    together,
)


@dataclass(frozen=True, slots=True, eq=False)
class ShareContrast:
    """Two true shares that will be compared, all but the sample sizes.

    Attributes
    ----------
    first, second : ndarray in [0, 1]
        True shares.
    overlap : ndarray in [0, 1]
        Share of the second sample that is also in the first.
    both : ndarray in [0, 1]
        People satisfied on both sides; `first * second` where the answers are independent.
    design_effect : ndarray > 0
    population_first, population_second : ndarray
        Infinite where there is no list.
    critical : float
        Normal quantile of the test.
    """

    first: FloatArray
    second: FloatArray
    overlap: FloatArray
    both: FloatArray
    design_effect: FloatArray
    population_first: FloatArray
    population_second: FloatArray
    critical: float

    def power(self, n_first: FloatArray, n_second: FloatArray) -> FloatArray:
        """Probability of a significant difference in its own direction; formula in `change_power`."""
        p1, p2 = self.first, self.second
        first = correction(n_first, self.population_first) / n_first
        second = correction(n_second, self.population_second) / n_second
        pooled = _pooled_share(p1, p2, n_first, n_second)
        shared = 2 * self.overlap * first * self._fresh_people(n_second)
        alternative = p1 * (1 - p1) * first + p2 * (1 - p2) * second - shared * (self.both - p1 * p2)
        null = pooled * (1 - pooled) * (first + second) - shared * (self.both - pooled**2)
        sd1, sd0 = (np.sqrt(np.maximum(self.design_effect * variance, 0)) for variance in (alternative, null))
        margin = np.abs(p2 - p1) - self.critical * sd0
        score = np.divide(margin, sd1, out=np.where(margin > 0, np.inf, -np.inf), where=sd1 > 0)
        return np.asarray(special.ndtr(score))

    def _fresh_people(self, n_second: FloatArray) -> FloatArray:
        """(N - n2)/(N - λ n2): some of those drawn afresh from a short list were in the first sample too."""
        is_listed = np.isfinite(self.population_second) & np.isfinite(n_second)
        size, n = np.where(is_listed, self.population_second, 2.0), np.where(is_listed, n_second, 1.0)
        others = size - self.overlap * n
        left: FloatArray = np.divide(
            np.maximum(size - n, 0), others, out=np.ones_like(size), where=is_listed & (others > 0)
        )
        return left


@checked
def change_power(
    before: ArrayLike,
    after: ArrayLike,
    n_before: ArrayLike,
    n_after: ArrayLike,
    *,
    overlap: ArrayLike = 0.0,
    correlation: ArrayLike = 0.0,
    design_effect: ArrayLike = 1.0,
    population: ArrayLike | None = None,
    n_comparisons: int = 1,
    confidence_level: float = 0.95,
) -> FloatArray:
    """Probability that a true change between two waves shows as significant, in its own direction.

    Parameters
    ----------
    before, after : array_like in [0, 1]
        True shares.
    n_before, n_after : array_like >= 1
        Responses of each wave; infinite where the share is known without error.
    overlap : array_like in [0, 1]
        Share of the second sample that was also in the first; 0 for independent samples, 1 for a panel.
    correlation : array_like in [-1, 1]
        Of the same person's two answers; must be possible for the two shares.
    design_effect : array_like > 0
    population : array_like >= 1, optional
        Of each wave, if both are random samples from a list.
    n_comparisons : int >= 1
        Units tested together; alpha is divided by it, which Holm's first step does.
    confidence_level : float in (0, 1)
        Of the two-sided test.

    Returns
    -------
    ndarray in [0, 1]

    Notes
    -----
    ``Φ((|d| - z sqrt(V0)) / sqrt(V1))`` with, for ``c = ρ sqrt(p1 q1 p2 q2)``, overlap λ, ``f = (N-n)/(N-1)``,

    ``V1 = D [p1 q1 f1/n1 + p2 q2 f2/n2 - 2 c g]``,
    ``V0 = D [p̄ q̄ (f1/n1 + f2/n2) - 2 (p1 p2 + c - p̄²) g]``, p̄ the pooled share,
    ``g = λ f1/n1 (N - n2)/(N - λ n2)``.

    For λ = 0 this is Fleiss's formula, for λ = 1 Connor's for McNemar's test, for a known second share the
    score test. Of a sample that overlaps in part, the rest is drawn afresh from all others on the list.

    References
    ----------
    Fleiss, Levin and Paik (2003), Statistical Methods for Rates and Proportions, ch. 4.
    Connor (1987), Biometrics 43:207-211. Kish (1965), section 12.4.

    Examples
    --------
    >>> change_power(0.85, 0.90, 686, 686).round(3).item()
    0.8
    >>> change_power(0.85, 0.90, 686, 686, overlap=1, correlation=0.5).round(3).item()
    0.975
    """
    p1, p2, n1, n2, share, rho, effect, sizes = together(
        share_of(before),
        share_of(after),
        sample_of(n_before, name="n_before"),
        sample_of(n_after, name="n_after"),
        finite_array(overlap, name="overlap"),
        finite_array(correlation, name="correlation"),
        finite_positive(design_effect, name="design_effect"),
        population_size(population),
    )
    critical = normal_critical(simultaneous_level(confidence_level, n_comparisons, method="bonferroni"))
    contrast = panel_contrast(p1, p2, share, rho, design_effect=effect, population=sizes, critical=critical)
    asked_again = share * np.where(np.isinf(n2), 0.0, n2)
    if (asked_again > n1 * (1 + 1e-12)).any():
        raise InvalidCounts(
            expected="overlap * n_after <= n_before",
            got=f"overlap {share.max():g}",
            hint="only people of the first sample can be asked again",
        )
    _require_listed(n1, n2, sizes)
    return contrast.power(n1, n2)


@checked
def detectable_share(
    before: ArrayLike,
    n_before: ArrayLike,
    n_after: ArrayLike,
    *,
    is_rise: bool = True,
    power: float = 0.8,
    design_effect: ArrayLike = 1.0,
    population: ArrayLike | None = None,
    n_comparisons: int = 1,
    confidence_level: float = 0.95,
) -> FloatArray:
    """Nearest share that would be told from the present one with the power asked for.

    Parameters
    ----------
    before : array_like in [0, 1]
        Present share, or a target with `n_before` infinite.
    n_before, n_after : array_like >= 1
        Responses of each side; infinite for a share known without error.
    is_rise : bool
        Look above the present share, or below.
    power : float in (0, 1)
    design_effect, population, n_comparisons, confidence_level
        As in `change_power`; independent samples.

    Returns
    -------
    ndarray
        NaN where not even 100 % (or 0 %) would show: the sample is too small for any change in that direction.

    Notes
    -----
    The root of `change_power` = power between the present share and the end of the scale.

    Examples
    --------
    >>> detectable_share(0.9, [200, 1356], [200, 1356]).round(3).tolist()
    [0.969, 0.93]
    >>> detectable_share(0.98, 50, 50).item()
    nan
    """
    p, n1, n2, effect, sizes = together(
        share_of(before),
        sample_of(n_before, name="n_before"),
        sample_of(n_after, name="n_after"),
        finite_positive(design_effect, name="design_effect"),
        population_size(population),
    )
    require_share(power, name="power")
    _require_listed(n1, n2, sizes)
    critical = normal_critical(simultaneous_level(confidence_level, n_comparisons, method="bonferroni"))
    none = np.zeros_like(p)

    def is_enough(other: FloatArray) -> NDArray[np.bool_]:
        contrast = ShareContrast(p, other, none, p * other, effect, sizes, sizes, critical)
        return contrast.power(n1, n2) >= power

    near, far = p.copy(), np.full_like(p, 1.0 if is_rise else 0.0)
    possible = is_enough(far) & (far != p)
    for _ in range(60):
        middle = (near + far) / 2
        shows = is_enough(middle)
        near, far = np.where(shows, near, middle), np.where(shows, middle, far)
    return np.where(possible, far, np.nan)


@checked
def sample_of(n: ArrayLike, *, name: str) -> FloatArray:
    """Checked numbers of responses, at least 1; infinite for a share known without error.

    Parameters
    ----------
    n : array_like >= 1
        Infinite for a share known without error.
    name : str
        For the message.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> sample_of([30, np.inf], name="n").tolist()
    [30.0, inf]
    """
    sizes = numbers_of(n, name=name)
    if not ((sizes >= 1) & ((sizes <= MOST_COUNTED) | np.isinf(sizes))).all():
        raise InvalidCounts(
            expected=f"{name} >= 1", got=repr(n)[:60], hint="responses; inf for a known share"
        )
    return sizes


def panel_contrast(
    first: FloatArray,
    second: FloatArray,
    overlap: FloatArray,
    correlation: FloatArray,
    *,
    design_effect: FloatArray,
    population: FloatArray,
    critical: float,
) -> ShareContrast:
    """Two waves whose samples may share people, checked.

    Parameters
    ----------
    first, second, overlap, correlation, design_effect, population : ndarray
        Of one shape; as in `change_power`.
    critical : float

    Returns
    -------
    ShareContrast

    Examples
    --------
    >>> one = np.ones(1)
    >>> contrast = panel_contrast(0.8 * one, 0.9 * one, one, 0.5 * one, design_effect=one,
    ...                           population=np.inf * one, critical=1.96)
    >>> contrast.both.round(2).item()
    0.78
    """
    if ((overlap < 0) | (overlap > 1)).any():
        raise InvalidOption(
            expected="0 <= overlap <= 1",
            got=f"{overlap.min():g}..{overlap.max():g}",
            hint="1 is a full panel",
        )
    both = first * second + correlation * np.sqrt(first * (1 - first) * second * (1 - second))
    low, high = np.maximum(0, first + second - 1), np.minimum(first, second)
    if ((both < low - 1e-12) | (both > high + 1e-12)).any():
        raise InvalidOption(
            expected="a correlation that two such shares can have",
            got=f"{correlation.flat[np.argmax(np.maximum(low - both, both - high))]:g}",
            hint="shares far apart cannot be strongly correlated",
        )
    return ShareContrast(first, second, overlap, both, design_effect, population, population, critical)


def _pooled_share(p1: FloatArray, p2: FloatArray, n1: FloatArray, n2: FloatArray) -> FloatArray:
    """Share of both samples together; an infinite one counts alone, the second before the first."""
    with np.errstate(invalid="ignore"):
        weight = np.where(np.isinf(n2), 0.0, np.where(np.isinf(n1), 1.0, n1 / (n1 + n2)))
    return np.asarray(weight * p1 + (1 - weight) * p2)


def _require_listed(n1: FloatArray, n2: FloatArray, population: FloatArray) -> None:
    for n in (n1, n2):
        if (np.isfinite(n) & (n > population)).any():
            raise InvalidCounts(
                expected="n <= population", got=f"n = {n.max():g}", hint="refresh the number of dossiers"
            )
