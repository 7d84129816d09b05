"""A share against its target: reached, not reached or undecided, and how many respondents would settle it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from analysis.arguments import checked
from analysis.distributions import normal_critical
from analysis.errors import InvalidOption
from analysis.intervals.shares import wilson_interval
from analysis.types import Estimate, Estimates, Verdict
from analysis.validation import finite_positive, require_share


@dataclass(frozen=True, slots=True)
class TargetTest:
    """A share, and what its interval says of the target."""

    verdict: Verdict
    estimate: Estimate


@checked
def target_verdicts(estimates: Estimates | Estimate, target: float) -> NDArray[np.int8]:
    """What intervals say of a target, unrounded.

    Parameters
    ----------
    estimates : Estimates or Estimate
    target : float
        On the scale of the estimates.

    Returns
    -------
    (U,) ndarray of int8, 0-d for one estimate
        Values of `Verdict`: MET if the whole interval reaches the target, NOT_MET if none of it does.

    Examples
    --------
    >>> target_verdicts(wilson_interval([30, 97, 70], [30, 100, 100]), 0.9).tolist()
    [0, 1, -1]
    """
    met, missed = estimates.ci_low >= target, estimates.ci_high < target
    return np.where(met, Verdict.MET, np.where(missed, Verdict.NOT_MET, Verdict.UNDECIDED)).astype(np.int8)


@checked
def estimate_verdict(estimate: Estimate, target: float) -> Verdict:
    """What one interval says of the target; see `target_verdicts`.

    Parameters
    ----------
    estimate : Estimate
    target : float
        On the scale of the estimate.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> estimate_verdict(wilson_interval([97], [100])[0], 0.9).name
    'MET'
    """
    return Verdict(int(target_verdicts(estimate, target)))


@checked
def target_verdict(
    k: float,
    n: int,
    target: float,
    *,
    design_effect: float = 1.0,
    df: float | None = None,
    confidence_level: float = 0.95,
) -> TargetTest:
    """Whether a unit's share has reached its target beyond chance.

    Parameters
    ----------
    k, n : number
    target : float in (0, 1)
    design_effect, df, confidence_level
        As in `wilson_interval`: its limits are the score test turned round.

    Returns
    -------
    TargetTest

    Examples
    --------
    >>> target_verdict(30, 30, 0.95).verdict.name
    'UNDECIDED'
    """
    require_share(target, name="target")
    estimate = wilson_interval(
        [k], [n], design_effect=design_effect, df=df, confidence_level=confidence_level
    )[0]
    return TargetTest(estimate_verdict(estimate, target), estimate)


@checked
def n_to_confirm(
    target: float,
    assumed_share: float,
    *,
    power: float = 0.8,
    design_effect: float = 1.0,
    confidence_level: float = 0.95,
) -> int:
    """Respondents needed to settle a target if the truth is as assumed.

    Parameters
    ----------
    target, assumed_share : float in (0, 1)
        Must differ: a share equal to its target is never settled.
    power : float in (0, 1)
        Probability of MET (or NOT_MET, if the assumed share is below).
    design_effect : float > 0
    confidence_level : float in (0, 1)

    Returns
    -------
    int
        From this n on the power stays at the one asked for (exact binomial), times the design effect.

    Notes
    -----
    MET needs ``k >= n t + z sqrt(n t (1-t))``: Wilson's lower limit at or above t.

    Examples
    --------
    >>> n_to_confirm(0.90, 0.95)
    254
    """
    require_share(target, name="target")
    require_share(assumed_share, name="assumed_share")
    require_share(power, name="power")
    effect = float(finite_positive(design_effect, name="design_effect"))
    if target == assumed_share:
        raise InvalidOption(
            expected="assumed_share other than target",
            got=repr(target),
            hint="no sample settles a share that equals its target",
        )
    goal, truth = (target, assumed_share) if assumed_share > target else (1 - target, 1 - assumed_share)
    z = normal_critical(confidence_level)
    spread = z * math.sqrt(goal * (1 - goal)) + special.ndtri(max(power, 0.5)) * math.sqrt(
        truth * (1 - truth)
    )
    ceiling = 100 + int(4 * (spread / (truth - goal)) ** 2)
    if ceiling > 20_000_000:
        raise InvalidOption(
            expected="shares at least 0.001 apart",
            got=f"{target} and {assumed_share}",
            hint="no desk has that many visitors",
        )
    n = np.arange(1, ceiling)
    needed = np.ceil(n * goal + z * np.sqrt(n * goal * (1 - goal)) - 1e-9)
    reached = stats.binom.sf(needed - 1, n, truth) >= power
    return math.ceil(effect * (int(n[~reached][-1]) + 1))
