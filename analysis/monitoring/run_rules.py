"""Run rules of control charts: which patterns of points chance does not explain, and how often it makes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.arguments import checked
from analysis.errors import InvalidOption, InvalidShape
from analysis.types import FloatArray
from analysis.validation import finite_array

Hits = NDArray[np.bool_]

BLOCK_VALUES = 2_000_000
"""Simulated points held at once."""


class Rule(StrEnum):
    """Why a point of a control chart is signalled."""

    BEYOND_LIMITS = "beyond_limits"
    RUN_OF_EIGHT = "run_of_eight"
    TWO_OF_THREE_BEYOND_TWO_SIGMA = "two_of_three_beyond_two_sigma"
    FOUR_OF_FIVE_BEYOND_ONE_SIGMA = "four_of_five_beyond_one_sigma"
    RUN_OF_NINE = "run_of_nine"
    TREND_OF_SIX = "trend_of_six"
    ALTERNATING_FOURTEEN = "alternating_fourteen"


DEFAULT_RULES = (Rule.BEYOND_LIMITS, Rule.RUN_OF_EIGHT)
"""Few false alarms: one every 152 points, on average, from chance alone."""

WESTERN_ELECTRIC_RULES = (
    Rule.BEYOND_LIMITS,
    Rule.TWO_OF_THREE_BEYOND_TWO_SIGMA,
    Rule.FOUR_OF_FIVE_BEYOND_ONE_SIGMA,
    Rule.RUN_OF_EIGHT,
)
"""All four of Western Electric (1956): one false alarm every 92 points."""

NELSON_RULES = (Rule.BEYOND_LIMITS, Rule.RUN_OF_NINE, Rule.TREND_OF_SIX, Rule.ALTERNATING_FOURTEEN)
"""The first four of Nelson (1984): one false alarm every 118 points."""


@dataclass(frozen=True, slots=True)
class FalseAlarms:
    """How often a chart of chance alone is signalled.

    Attributes
    ----------
    probability : float in [0, 1]
        Of at least one signal in the chart.
    standard_error : float
        Of the simulation.
    n_periods, n_resamples : int
    rules : tuple of Rule
    """

    probability: float
    standard_error: float
    n_periods: int
    n_resamples: int
    rules: tuple[Rule, ...]


@checked
def rule_hits(z: ArrayLike, rule: Rule, *, n_sigma: float = 3.0) -> Hits:
    """Points at which a rule signals.

    Parameters
    ----------
    z : (..., T) array_like
        Distance of each point from the centre in its own standard error, in order of time.
    rule : Rule
    n_sigma : float > 0
        Distance of the limits, for ``Rule.BEYOND_LIMITS`` only.

    Returns
    -------
    (..., T) ndarray of bool

    Notes
    -----
    Runs and trends signal once, at the point that completes them; zone rules at each point that lies in the zone
    and completes the pattern. A point exactly on the centre ends a run; two equal points end a trend.

    References
    ----------
    Western Electric (1956), Statistical Quality Control Handbook.
    Nelson (1984), Journal of Quality Technology 16:237-239.

    Examples
    --------
    >>> rule_hits([0.1, 2.5, 0.3, 2.1, 0.0], Rule.TWO_OF_THREE_BEYOND_TWO_SIGMA).tolist()
    [False, False, False, True, False]
    """
    points = finite_array(z, name="z")
    if points.ndim < 1:
        raise InvalidShape(expected="a series of points", got="a single number", hint="pass one z per period")
    if rule == Rule.BEYOND_LIMITS:
        beyond: Hits = np.abs(points) > n_sigma + 1e-9
        return beyond
    return DETECTORS[Rule(rule)](points)


@checked
def false_alarms(
    n_periods: int,
    rules: Sequence[Rule] = DEFAULT_RULES,
    *,
    rng: np.random.Generator,
    n_resamples: int = 20_000,
    n_sigma: float = 3.0,
) -> FalseAlarms:
    """Chance that a chart on which nothing happens is signalled all the same.

    Parameters
    ----------
    n_periods : int >= 1
    rules : sequence of Rule
    rng : numpy.random.Generator
    n_resamples : int >= 1
        Charts simulated.
    n_sigma : float > 0

    Returns
    -------
    FalseAlarms

    Notes
    -----
    Points are independent standard normal about a known centre. A centre estimated from the chart itself, counts
    near 100 % and weeks that resemble each other all change it. Simulated for half a year of weeks (26) and for
    a year (52), in percent:

    =============================  ====  ====
    rules                          26    52
    =============================  ====  ====
    beyond limits only              6.7  13.0
    default (and run of eight)     13.9  27.6
    Western Electric, all four     22.8  42.5
    Nelson, the first four         16.7  33.8
    =============================  ====  ====

    References
    ----------
    Champ and Woodall (1987), Technometrics 29:393-399.

    Examples
    --------
    >>> chance = false_alarms(26, [Rule.BEYOND_LIMITS], rng=np.random.default_rng(1))
    >>> abs(chance.probability - (1 - 0.9973**26)) < 3 * chance.standard_error
    True
    """
    if n_periods < 1 or n_resamples < 1:
        raise InvalidOption(
            expected="n_periods >= 1 and n_resamples >= 1",
            got=f"{n_periods}, {n_resamples}",
            hint="both count",
        )
    block = max(BLOCK_VALUES // n_periods, 1)
    signalled = 0
    for start in range(0, n_resamples, block):
        z = rng.standard_normal((min(block, n_resamples - start), n_periods))
        hits = [rule_hits(z, rule, n_sigma=n_sigma).any(axis=-1) for rule in rules]
        signalled += int(np.logical_or.reduce(hits).sum()) if hits else 0
    p = signalled / n_resamples
    error = float(np.sqrt((p * (1 - p) + 0.25 / n_resamples) / n_resamples))
    return FalseAlarms(p, error, n_periods, n_resamples, tuple(rules))


def _run(steps: FloatArray, length: int) -> Hits:
    """Where `length` equal, non-zero signs in a row are complete."""
    signs = np.sign(steps)
    run = np.zeros(signs.shape[:-1], dtype=np.int64)
    hits = np.zeros(signs.shape, dtype=np.bool_)
    for t in range(signs.shape[-1]):
        goes_on = (
            (signs[..., t] != 0) & (signs[..., t] == signs[..., t - 1]) if t else np.zeros(run.shape, bool)
        )
        run = np.where(goes_on, run + 1, signs[..., t] != 0)
        hits[..., t] = run == length
    return hits


def _steps(z: FloatArray) -> FloatArray:
    steps: FloatArray = np.diff(z, axis=-1)
    return np.where(np.abs(steps) > 1e-9, steps, 0.0)


def _after_first(hits: Hits, lost: int) -> Hits:
    """Hits of differences, placed at the later of the points they compare."""
    return np.concatenate([np.zeros((*hits.shape[:-1], lost), dtype=np.bool_), hits], axis=-1)


def _zone(z: FloatArray, *, wanted: int, of: int, beyond: float) -> Hits:
    hits = np.zeros(z.shape, dtype=np.bool_)
    for side in (z > beyond, z < -beyond):
        counted = np.cumsum(side, axis=-1, dtype=np.int64)
        window = counted.copy()
        window[..., of:] -= counted[..., :-of]
        hits |= side & (window >= wanted)
    return hits


def _trend(z: FloatArray) -> Hits:
    return _after_first(_run(_steps(z), 5), min(1, z.shape[-1]))[..., : z.shape[-1]]


def _alternating(z: FloatArray) -> Hits:
    signs = np.sign(_steps(z))
    turns = np.where(signs[..., 1:] * signs[..., :-1] < 0, 1.0, 0.0)
    return _after_first(_run(turns, 12), min(2, z.shape[-1]))[..., : z.shape[-1]]


DETECTORS: dict[Rule, Callable[[FloatArray], Hits]] = {
    Rule.RUN_OF_EIGHT: lambda z: _run(z, 8),
    Rule.RUN_OF_NINE: lambda z: _run(z, 9),
    Rule.TREND_OF_SIX: _trend,
    Rule.ALTERNATING_FOURTEEN: _alternating,
    Rule.TWO_OF_THREE_BEYOND_TWO_SIGMA: lambda z: _zone(z, wanted=2, of=3, beyond=2.0),
    Rule.FOUR_OF_FIVE_BEYOND_ONE_SIGMA: lambda z: _zone(z, wanted=4, of=5, beyond=1.0),
}
"""What finds each rule; ``BEYOND_LIMITS`` alone depends on the width of the chart."""
