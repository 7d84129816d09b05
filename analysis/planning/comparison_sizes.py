"""How many people to ask so that a change, or a distance from a target or the province, shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.arguments import checked
from analysis.comparing.many_comparisons import simultaneous_level
from analysis.distributions import normal_critical
from analysis.errors import InvalidOption
from analysis.planning.populations import invitations, population_size, response_rate_of, share_of
from analysis.planning.power import ShareContrast, panel_contrast, sample_of
from analysis.types import FloatArray, IntArray
from analysis.validation import finite_array, finite_positive, require_share, together

LARGEST_SAMPLE = 2.0**40


@dataclass(frozen=True, slots=True, eq=False)
class ComparisonSize:
    """People to ask so that a difference shows, one entry per comparison.

    Attributes
    ----------
    n_first, n_second : ndarray of int
        Completed responses of each side; `n_second` is 0 where the other side is a fixed figure.
    n_invited_first, n_invited_second : ndarray of int
        At the expected response rate, at most the population.
    power : ndarray in [0, 1]
        Reached with these sizes.
    is_reachable : ndarray of bool
        False where even everyone asked would not give the power.
    method : str
    confidence_level : float
    """

    n_first: IntArray
    n_second: IntArray
    n_invited_first: IntArray
    n_invited_second: IntArray
    power: FloatArray
    is_reachable: NDArray[np.bool_]
    method: str
    confidence_level: float


@checked
def change_sample_size(
    before: ArrayLike,
    after: ArrayLike,
    *,
    power: float = 0.8,
    overlap: ArrayLike = 0.0,
    correlation: ArrayLike = 0.0,
    design_effect: ArrayLike = 1.0,
    response_rate: ArrayLike = 1.0,
    population: ArrayLike | None = None,
    n_comparisons: int = 1,
    confidence_level: float = 0.95,
) -> ComparisonSize:
    """Responses per wave so that a change between two waves of equal size shows.

    Parameters
    ----------
    before, after : array_like in [0, 1]
        True shares; must differ.
    power : float in (0, 1)
    overlap, correlation, design_effect, population, n_comparisons, confidence_level
        As in `change_power`.
    response_rate : array_like in (0, 1]

    Returns
    -------
    ComparisonSize

    Notes
    -----
    The smallest n at which `change_power` reaches the power.

    Examples
    --------
    >>> change_sample_size([0.80, 0.85, 0.90], [0.90, 0.90, 0.93]).n_first.tolist()
    [199, 686, 1356]
    """
    p1, p2, share, rho, effect, rate, sizes = together(
        share_of(before),
        share_of(after),
        finite_array(overlap, name="overlap"),
        finite_array(correlation, name="correlation"),
        finite_positive(design_effect, name="design_effect"),
        response_rate_of(response_rate),
        population_size(population),
    )
    _require_difference(p1, p2)
    critical = normal_critical(simultaneous_level(confidence_level, n_comparisons, method="bonferroni"))
    contrast = panel_contrast(p1, p2, share, rho, design_effect=effect, population=sizes, critical=critical)
    n, reached = _smallest_size(lambda n: contrast.power(n, n), power, sizes)
    n_invited, is_enough = invitations(n, rate, sizes)
    attained = contrast.power(n.astype(np.float64), n.astype(np.float64))
    return ComparisonSize(
        n, n, n_invited, n_invited, attained, reached & is_enough, "two_waves", confidence_level
    )


@checked
def unit_sample_size(
    share: ArrayLike,
    reference: ArrayLike,
    *,
    n_reference: ArrayLike = np.inf,
    power: float = 0.8,
    design_effect: ArrayLike = 1.0,
    response_rate: ArrayLike = 1.0,
    population: ArrayLike | None = None,
    n_comparisons: int = 1,
    confidence_level: float = 0.95,
) -> ComparisonSize:
    """Responses of one unit so that it is told from a target, or from the rest of its province.

    Parameters
    ----------
    share : array_like in [0, 1]
        True share of the unit.
    reference : array_like in (0, 1)
        The target, or the share of the rest of the province.
    n_reference : array_like >= 1
        Responses of the rest of the province; infinite for a target.
    power, design_effect, response_rate, confidence_level
        As in `change_sample_size`.
    population : array_like >= 1, optional
        Of the unit, if its respondents are a random sample of a list.
    n_comparisons : int >= 1
        78 for all units of a province under Holm.

    Returns
    -------
    ComparisonSize
        `n_second` is `n_reference`, 0 for a target.

    Notes
    -----
    `change_power` without overlap. Against a target it is the normal version of `targets.n_to_confirm`, which
    is exact but knows no finite population.

    Examples
    --------
    >>> unit_sample_size(0.95, 0.90).n_first.item()
    239
    >>> unit_sample_size(0.80, 0.90, n_reference=7700, n_comparisons=78).n_first.item()
    193
    """
    p1, p2, n2, effect, rate, sizes = together(
        share_of(share),
        share_of(reference),
        sample_of(n_reference, name="n_reference"),
        finite_positive(design_effect, name="design_effect"),
        response_rate_of(response_rate),
        population_size(population),
    )
    _require_difference(p1, p2)
    critical = normal_critical(simultaneous_level(confidence_level, n_comparisons, method="bonferroni"))
    contrast = ShareContrast(
        p1, p2, np.zeros_like(p1), p1 * p2, effect, sizes, np.full_like(p1, np.inf), critical
    )
    n, reached = _smallest_size(lambda n: contrast.power(n, n2), power, sizes)
    n_invited, is_enough = invitations(n, rate, sizes)
    n_second = np.where(np.isinf(n2), 0, n2).astype(np.int64)
    attained = contrast.power(n.astype(np.float64), n2)
    return ComparisonSize(
        n,
        n_second,
        n_invited,
        n_second,
        attained,
        reached & is_enough,
        "unit_against_reference",
        confidence_level,
    )


def _smallest_size(
    power_of: Callable[[FloatArray], FloatArray], power: float, population: FloatArray
) -> tuple[IntArray, NDArray[np.bool_]]:
    """Smallest whole n with the power, by bisection over integers, and whether there is one."""
    require_share(power, name="power")
    high = np.minimum(population, LARGEST_SAMPLE)
    reached = power_of(high) >= power
    low = np.zeros_like(high)
    while (high - low > 1).any():
        middle = np.maximum(np.floor((low + high) / 2), 1)
        enough = power_of(middle) >= power
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.where(reached, high, np.minimum(population, LARGEST_SAMPLE)).astype(np.int64), reached


def _require_difference(p1: FloatArray, p2: FloatArray) -> None:
    if (np.abs(p1 - p2) < 1e-4).any():
        raise InvalidOption(
            expected="shares at least 0.0001 apart",
            got=f"{p1.flat[np.argmin(np.abs(p1 - p2))]:g} twice",
            hint="no sample shows a difference that is not there",
        )
