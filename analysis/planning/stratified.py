"""The whole province from a sample that is shared out over its units: its margin, and the size that gives one."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.distributions import normal_critical
from analysis.errors import InvalidCounts, InvalidOption
from analysis.planning.allocation import (
    Allocation,
    equal_allocation,
    neyman_allocation,
    power_allocation,
    proportional_allocation,
)
from analysis.planning.populations import correction, share_of
from analysis.validation import (
    finite_array,
    finite_positive,
    require_known,
    require_share,
    require_whole,
    together,
)

ALLOCATIONS = ("proportional", "neyman", "equal", "power")


@checked
def stratified_margin(
    share: ArrayLike,
    n: ArrayLike,
    sizes: ArrayLike,
    *,
    design_effect: ArrayLike = 1.0,
    confidence_level: float = 0.95,
) -> float:
    """Margin of error of the share of all strata together, each weighted by its size.

    Parameters
    ----------
    share : (H,) array_like in [0, 1]
        Expected share of each stratum.
    n : (H,) array_like of whole numbers
        Responses; at least 1 wherever the stratum holds anybody.
    sizes : (H,) array_like of whole numbers >= 0
        People or dossiers per stratum.
    design_effect : array_like > 0
        Of the sample within a stratum, by clusters for instance.
    confidence_level : float in (0, 1)

    Returns
    -------
    float
        Half-width; 0 for a census.

    Notes
    -----
    ``z sqrt(Σ W_h² D_h p_h q_h / n_h · (N_h - n_h)/(N_h - 1))`` with ``W_h = N_h / ΣN``; one stratum gives
    `sizes.margin_of_error`.

    References
    ----------
    Cochran (1977), Sampling Techniques, section 5.5 and eq. 5.10.

    Examples
    --------
    >>> round(stratified_margin([0.8, 0.9], [100, 300], [2000, 8000]), 4)
    0.0307
    """
    p, people, populations, effect = together(
        share_of(share),
        finite_array(n, name="n"),
        finite_array(sizes, name="sizes"),
        finite_positive(design_effect, name="design_effect"),
    )
    require_whole(people, name="n")
    require_whole(populations, name="sizes")
    inhabited = populations > 0
    if not inhabited.any() or (populations < 0).any():
        raise InvalidCounts(expected="sizes >= 0, one above", got=repr(sizes)[:60], hint="people per stratum")
    if (people[inhabited] < 1).any() or (people > populations).any():
        raise InvalidCounts(
            expected="1 <= n <= size in every stratum",
            got=repr(n)[:60],
            hint="every stratum needs a response",
        )
    p, people, populations, effect = (each[inhabited] for each in (p, people, populations, effect))
    weight = populations / populations.sum()
    variance = weight**2 * effect * p * (1 - p) / people * correction(people, populations)
    return float(normal_critical(confidence_level) * np.sqrt(variance.sum()))


@checked
def smallest_total(
    share: ArrayLike,
    sizes: ArrayLike,
    margin: float,
    *,
    method: str = "proportional",
    exponent: float = 0.5,
    minimum: ArrayLike = 1,
    design_effect: ArrayLike = 1.0,
    confidence_level: float = 0.95,
) -> Allocation:
    """The smallest sample, shared out by a rule, whose margin for all strata together is the one asked for.

    Parameters
    ----------
    share, sizes, design_effect, confidence_level
        As in `stratified_margin`.
    margin : float in (0, 1)
    method : {"proportional", "neyman", "equal", "power"}
    exponent : float in [0, 1]
        Of the power allocation.
    minimum : int or (H,) array_like of whole numbers >= 1
        Fewest responses per stratum; a smaller population lowers it.

    Returns
    -------
    Allocation
        A census where nothing less reaches the margin.

    Notes
    -----
    Bisection over the total: the margin falls as the total grows, but for the rounding to whole people, so the
    result may be a few people above the smallest.

    References
    ----------
    Cochran (1977), section 5.9.

    Examples
    --------
    >>> plan = smallest_total([0.9, 0.9], [20_000, 80_000], 0.03)
    >>> plan.n.tolist()
    [77, 306]
    >>> smallest_total([0.9, 0.9], [20_000, 80_000], 0.03, method="equal").n.sum().item()
    522
    """
    require_known(method, ALLOCATIONS, name="method")
    require_share(margin, name="margin")
    populations = finite_array(sizes, name="sizes")
    p, populations, effect, least = together(
        share_of(share),
        populations,
        finite_positive(design_effect, name="design_effect"),
        finite_array(minimum, name="minimum"),
    )
    if populations.ndim != 1 or not (populations > 0).any():
        raise InvalidCounts(
            expected="a list of sizes, one above 0", got=repr(sizes)[:60], hint="people per stratum"
        )
    if (least < 1).any():
        raise InvalidOption(
            expected="minimum >= 1", got=repr(minimum)[:60], hint="every stratum needs a response"
        )

    def shared(total: int) -> Allocation:
        return allocate(method, total, populations, share=p, minimum=least, exponent=exponent)

    def is_enough(total: int) -> bool:
        n = shared(total).n
        got = stratified_margin(p, n, populations, design_effect=effect, confidence_level=confidence_level)
        return got <= margin

    low, high = int(np.minimum(least, populations).sum()), int(populations.sum())
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle + 1, high)
    return shared(high)


@checked
def allocate(
    method: str,
    total: int,
    sizes: ArrayLike,
    *,
    share: ArrayLike,
    minimum: ArrayLike = 1,
    exponent: float = 0.5,
) -> Allocation:
    """A total shared out by the rule of that name.

    Parameters
    ----------
    method : {"proportional", "neyman", "equal", "power"}
    total : int
    sizes : (H,) array_like of whole numbers >= 0
    share : array_like in [0, 1]
        Expected share of each stratum; only "neyman" looks at it.
    minimum : int or (H,) array_like of whole numbers
    exponent : float in [0, 1]
        Of "power".

    Returns
    -------
    Allocation

    Examples
    --------
    >>> allocate("neyman", 200, [1000, 1000], share=[0.5, 0.9]).n.tolist()
    [125, 75]
    """
    require_known(method, ALLOCATIONS, name="method")
    if method == "neyman":
        p = share_of(share)
        # A share of exactly 0 or 1 would be given nobody at all.
        spread = np.sqrt(np.maximum(p * (1 - p), 1e-6))
        return neyman_allocation(total, sizes, spread, minimum=minimum)
    if method == "power":
        return power_allocation(total, sizes, exponent=exponent, minimum=minimum)
    rule = equal_allocation if method == "equal" else proportional_allocation
    return rule(total, sizes, minimum=minimum)
