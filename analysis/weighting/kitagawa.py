"""A change of a share split in two: other rates inside the cells, and another mix of the cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.arguments import checked
from analysis.arithmetic import quotient
from analysis.distributions import normal_critical
from analysis.errors import InvalidCounts, InvalidShape
from analysis.intervals.shares import wilson_interval
from analysis.types import Estimates, FloatArray
from analysis.validation import (
    counts_of,
    finite_array,
    finite_positive,
    level_of,
    spread_over,
    together,
)


@dataclass(frozen=True, slots=True, eq=False)
class KitagawaSplit:
    """The change from before to after of U units, and its two parts; `rate` + `mix` = `change` exactly.

    Attributes
    ----------
    change : Estimates
        (U,) share after minus share before, each with its own mix.
    rate : Estimates
        What the cells' own changes would have made of it at the average mix.
    mix : Estimates
        What the change of mix would have made of it at the average rates.
    rate_by_cell, mix_by_cell : (U, G) ndarray
        Each cell's contribution; mixes are compared at the overall level, so a cell that grows counts for the
        mix as far as its rate is above it.
    one_sided : (U, G) ndarray of bool
        Cells with respondents before or after only (a new channel): their rate cannot have changed, so all
        they bring is mix.
    """

    change: Estimates
    rate: Estimates
    mix: Estimates
    rate_by_cell: FloatArray
    mix_by_cell: FloatArray
    one_sided: NDArray[np.bool_]


@checked
def kitagawa_split(
    k_before: ArrayLike,
    n_before: ArrayLike,
    k_after: ArrayLike,
    n_after: ArrayLike,
    *,
    population_before: ArrayLike | None = None,
    population_after: ArrayLike | None = None,
    design_effect: ArrayLike = 1.0,
    confidence_level: float = 0.95,
) -> KitagawaSplit:
    """Split the change of a share into rates and mix, for units whose channels changed or that were merged.

    Parameters
    ----------
    k_before, n_before, k_after, n_after : (U, G) or (G,) array_like, 0 <= k <= n
        Satisfied and answering respondents of each cell (channel, field, or the communes that were merged).
    population_before, population_after : (U, G) or (G,) array_like >= 0, optional
        Dossiers of each cell, both or neither: the mix is then known; else it is that of the respondents,
        and uncertain as they are.
    design_effect : array_like > 0
        Of clusters inside cells; multiplies all variances.
    confidence_level : float in (0, 1)

    Returns
    -------
    KitagawaSplit

    Raises
    ------
    InvalidCounts
        Dossiers in a cell where nobody answered.

    Notes
    -----
    With mixes a_g, b_g and shares p_g, q_g before and after, d = q - p and m = (p + q)/2:
    ``rate = Σ (a_g + b_g)/2 d_g`` and ``mix = Σ (b_g - a_g) m_g``. Limits recover the variance from Wilson's
    limits of every cell (MOVER), which for one cell is Newcombe's difference; mixes that are not known add the
    variance of multinomial ones. `standard_error` is the delta method's. The split describes; it says nothing
    of causes.

    References
    ----------
    Kitagawa (1955), JASA 50:1168-1194. Das Gupta (1993), Standardization and Decomposition of Rates.
    Zou and Donner (2008), Statistics in Medicine 27:1693-1702.

    Examples
    --------
    >>> split = kitagawa_split([[90, 30]], [[100, 50]], [[45, 90]], [[50, 150]])
    >>> [round(part[0].value, 4) for part in (split.change, split.rate, split.mix)]
    [-0.125, 0.0, -0.125]
    """
    if (population_before is None) != (population_after is None):
        raise InvalidShape(
            expected="populations before and after, or neither", got="one of them",
            hint="a known mix compares only with a known one",
        )  # fmt: skip
    effect = finite_positive(design_effect, name="design_effect")
    options: dict[str, Any] = {"design_effect": effect, "confidence_level": level_of(confidence_level)}
    sides = (
        _side(k_before, n_before, population_before, **options),
        _side(k_after, n_after, population_after, **options),
    )
    before, after = (_broadcast(side, sides) for side in sides)
    one_sided = (before.n > 0) != (after.n > 0)
    p, q = (
        np.where(one_sided & (own.n == 0), other.share, own.share)
        for own, other in ((before, after), (after, before))
    )
    a, b, d, m = before.mix, after.mix, q - p, (p + q) / 2
    middle, step = np.where(one_sided, 0.0, (a + b) / 2), b - a
    halves = np.where(one_sided, before.n > 0, 0.5) * step, np.where(one_sided, after.n > 0, 0.5) * step
    change, rate, mix = (
        _estimates(
            (before, after), values.sum(axis=1), by_share, by_mix, method=f"kitagawa_{name}", **options
        )
        for name, values, by_share, by_mix in (
            ("change", b * q - a * p, (-a, b), (-p, q)),
            ("rate", middle * d, (-middle, middle), (d / 2, d / 2)),
            ("mix", step * m, halves, (-m, m)),
        )
    )
    level = ((a + b) / 2 * m).sum(axis=1, keepdims=True)
    return KitagawaSplit(change, rate, mix, middle * d, step * (m - level), one_sided)


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """One side of the comparison: people, shares with Wilson's limits, and the mix of the cells."""

    n: FloatArray
    share: FloatArray
    low: FloatArray
    high: FloatArray
    mix: FloatArray
    is_mix_known: bool


def _side(
    k: ArrayLike,
    n: ArrayLike,
    population: ArrayLike | None,
    *,
    design_effect: FloatArray,
    confidence_level: float,
) -> _Side:
    satisfied, people = (np.atleast_2d(part) for part in counts_of(k, n))
    sizes = people if population is None else np.atleast_2d(finite_array(population, name="population"))
    satisfied, people, sizes = together(satisfied, people, sizes)
    if people.ndim != 2 or (sizes < 0).any() or ((sizes > 0) & (people == 0)).any():
        raise InvalidCounts(
            expected="(U, G) counts, and respondents wherever there are dossiers",
            got=f"{people.shape}, {int(((sizes > 0) & (people == 0)).sum())} cells without",
            hint="collapse cells by a rule fixed before fieldwork",
        )
    of_unit = spread_over(design_effect, (len(people),), name="design_effect")[:, None]
    cell = wilson_interval(satisfied, people, design_effect=of_unit, confidence_level=confidence_level)
    share, low, high = (
        np.where(people > 0, limit, 0.0) for limit in (np.nan_to_num(cell.value), cell.ci_low, cell.ci_high)
    )
    everyone = sizes.sum(axis=1, keepdims=True)
    mix = quotient(sizes, everyone, empty=0.0)
    return _Side(people, share, low, high, mix, population is not None)


def _broadcast(side: _Side, sides: tuple[_Side, _Side]) -> _Side:
    if sides[0].n.shape[1] != sides[1].n.shape[1]:
        raise InvalidShape(
            expected="the same cells before and after",
            got=f"{sides[0].n.shape} and {sides[1].n.shape}",
            hint="give 0 of 0 for a cell that exists on one side only",
        )
    shape = np.broadcast_shapes(sides[0].n.shape, sides[1].n.shape)
    n, share, low, high, mix = (
        np.broadcast_to(part, shape) for part in (side.n, side.share, side.low, side.high, side.mix)
    )
    return _Side(n, share, low, high, mix, side.is_mix_known)


def _estimates(
    sides: tuple[_Side, _Side],
    value: FloatArray,
    by_share: tuple[FloatArray, FloatArray],
    by_mix: tuple[FloatArray, FloatArray],
    *,
    design_effect: FloatArray,
    confidence_level: float,
    method: str,
) -> Estimates:
    """A function of shares and mixes with these derivatives; both sides are independent of each other."""
    z = normal_critical(confidence_level)
    shares, mixes, below, above = (np.zeros(len(value)) for _ in range(4))
    for side, of_share, of_mix in zip(sides, by_share, by_mix, strict=True):
        own, ends = of_share * side.share, np.array([of_share * side.low, of_share * side.high])
        below += ((own - ends.min(axis=0)) ** 2).sum(axis=1)
        above += ((ends.max(axis=0) - own) ** 2).sum(axis=1)
        shares += (of_share**2 * side.share * (1 - side.share) / np.maximum(side.n, 1)).sum(axis=1)
        if not side.is_mix_known:
            mean = (side.mix * of_mix).sum(axis=1)
            spread = np.maximum((side.mix * of_mix**2).sum(axis=1) - mean**2, 0.0)
            mixes += spread / np.maximum(side.n.sum(axis=1), 1)
    mixes = design_effect * mixes
    people = [side.n.sum(axis=1) for side in sides]
    known, n = (people[0] > 0) & (people[1] > 0), people[0] + people[1]
    effects = np.broadcast_to(design_effect, n.shape)
    return Estimates(
        np.where(known, value, np.nan),
        np.where(known, value - np.sqrt(below + z**2 * mixes), -1.0),
        np.where(known, value + np.sqrt(above + z**2 * mixes), 1.0),
        n.astype(np.int64), effects, n / effects, np.full(n.shape, np.inf),
        np.where(known, np.sqrt(design_effect * shares + mixes), np.nan),
        method=method, confidence_level=confidence_level,
    )  # fmt: skip
