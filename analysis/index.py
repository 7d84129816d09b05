"""Shares, means and the four named indices: the respondent is the unit of inference, never the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.arguments import checked
from analysis.arithmetic import quotient
from analysis.counting.moments import Moments
from analysis.counting.scoring import IndexLayout, Scoring
from analysis.counting.tallies import Counts
from analysis.errors import InvalidOption, InvalidShape
from analysis.intervals.shares import bounded_mean_interval, wilson_interval
from analysis.surveys.design_effects import pooled_design_effect
from analysis.surveys.linearisation import (
    Columns,
    Linearised,
    Strata,
    Totals,
    contrast,
    design_totals,
    ratio,
)
from analysis.types import Estimates, FloatArray
from analysis.validation import LARGEST, finite_positive, numbers_of, spread_over


@dataclass(frozen=True, slots=True)
class Inference:
    """How the variance of a figure becomes its interval.

    Attributes
    ----------
    design_effect_floor : float
        Lowest design effect used, before the finite population correction: an estimate below 1 from a hundred
        people is mostly luck. 0 takes it as estimated.
    borrowed_design_effect : float, optional
        For units that cannot estimate their own (one cluster, or everyone the same);
        the pooled one of all units given when left out.
    confidence_level : float
    """

    design_effect_floor: float = 1.0
    borrowed_design_effect: float | None = None
    confidence_level: float = 0.95


PRIOR_PEOPLE = 0.5
"""People's worth of yes-or-no spread added to that observed; chosen by simulated coverage."""

DEFAULT = Inference()
"""Clustering is never counted as a gain; a finite population correction is."""

AS_ESTIMATED = Inference(design_effect_floor=0.0)
"""The design effect as estimated, as R's survey reports it."""


def group_shares(
    source: Moments | Totals, *, strata: Strata | None = None, inference: Inference = DEFAULT
) -> dict[str, Estimates]:
    """Share of satisfied answers in each group: the overall item and every factor.

    Parameters
    ----------
    source : Moments or Totals
        Of `respondent_values`, by unit, or by stratum when `strata` is given.
    strata : Strata, optional
        Of the moments; totals have theirs behind them.
    inference : Inference

    Returns
    -------
    dict of str to Estimates
        By group name, each over U units.

    Notes
    -----
    Ratio Σs/Σr with the linearised variance between clusters. Where a group is one item the ratio is a
    share of people and the interval is Wilson's on n / deff; else Wilson's on p(1-p)/var with t(df).

    Examples
    --------
    >>> from analysis.counting.moments import moments
    >>> people = moments([[1, 1, 5, 1]] * 27 + [[0, 1, 2, 1]] * 3, [0] * 30, n_units=1,
    ...                  columns=("s:overall", "r:overall", "m:overall", "a:overall"))
    >>> overall = group_shares(people)["overall"][0]
    >>> f"{overall.value:.2f} {overall.ci_low:.3f} {overall.ci_high:.3f}"
    '0.90 0.744 0.965'
    """
    totals = _totals(source, strata)
    return {
        group: _answer_share(totals, [group], f"a:{group}", inference, is_plain=_is_plain(source, strata))
        for group in _groups(totals)
    }


@checked
def group_means(
    source: Moments | Totals,
    *,
    bounds: tuple[float, float],
    strata: Strata | None = None,
    inference: Inference = DEFAULT,
) -> dict[str, Estimates]:
    """Mean score of each group.

    Parameters
    ----------
    source : Moments or Totals
    bounds : pair of float
        Smallest and largest score of the scale, 1 and 5 for five levels.
    strata : Strata, optional
    inference : Inference

    Returns
    -------
    dict of str to Estimates
        On the scale of the scores.
    """
    low, high = bounds
    totals, means = _totals(source, strata), {}
    for group in _groups(totals):
        estimate = ratio(totals, f"m:{group}", f"r:{group}")
        n = totals.people(f"a:{group}")
        means[group] = _bounded(estimate, n, inference, bounds=(low, high))
    return means


@checked
def item_shares(
    level_counts: Counts,
    scoring: Scoring,
    *,
    design_effect: ArrayLike = 1.0,
    confidence_level: float = 0.95,
) -> Estimates:
    """Share of satisfied respondents of every item.

    Parameters
    ----------
    level_counts : (U, S, 32) ndarray of int
        Of `analysis.counting.tallies.level_counts`.
    scoring : Scoring
    design_effect : array_like > 0
        Broadcast to (U, S): the unit's own as `deff[:, None]`.
    confidence_level : float in (0, 1)

    Returns
    -------
    Estimates
        Of shape (U, S), Wilson's interval on n / deff; NaN in [0, 1] where a slot has no answers.
    """
    counts = _checked(level_counts, scoring)
    k, n = (
        np.einsum("usc,sc->us", counts, table.astype(np.int64))
        for table in (scoring.satisfied, scoring.answered)
    )
    return wilson_interval(k, n, design_effect=design_effect, confidence_level=confidence_level)


@checked
def item_means(
    level_counts: Counts,
    scoring: Scoring,
    *,
    design_effect: ArrayLike = 1.0,
    confidence_level: float = 0.95,
) -> Estimates:
    """Mean score of every item.

    Parameters
    ----------
    level_counts, scoring, design_effect, confidence_level
        As in `item_shares`.

    Returns
    -------
    Estimates
        Of shape (U, S), on each item's own scale.
    """
    counts = _checked(level_counts, scoring)
    n = (counts * scoring.answered).sum(axis=-1).astype(np.float64)
    mean = quotient((counts * scoring.score).sum(axis=-1), n)
    square = quotient((counts * scoring.score**2).sum(axis=-1), n)
    variance = np.maximum(square - mean**2, 0.0) / np.where(n > 1, n - 1, np.nan)
    effect = spread_over(finite_positive(design_effect, name="design_effect"), n.shape, name="design_effect")
    estimate = Linearised(mean, variance * effect, variance, n - 1, np.ones(mean.shape))
    low = np.where(scoring.answered, scoring.score, np.inf).min(axis=-1)
    high = np.where(scoring.answered, scoring.score, -np.inf).max(axis=-1)
    scored = scoring.answered.any(axis=-1)
    bounds = np.where(scored, low, 0.0), np.where(scored & (high > low), high, np.where(scored, low, 0.0) + 1)
    return _mean_estimates(
        estimate, n, effect, np.maximum(n - 1, 1), bounds=bounds, confidence_level=confidence_level
    )


def pooled_answers_index(
    source: Moments | Totals,
    layout: IndexLayout,
    *,
    strata: Strata | None = None,
    inference: Inference = DEFAULT,
) -> Estimates:
    """Share of satisfied among all answers to index items.

    Parameters
    ----------
    source : Moments or Totals
        Of `respondent_values`.
    layout : IndexLayout
        Names the index groups; a `Scoring` is one.
    strata : Strata, optional
    inference : Inference

    Returns
    -------
    Estimates

    Notes
    -----
    ``ΣΣs / ΣΣr``; an item with more answers weighs more.
    """
    is_plain = _is_plain(source, strata)
    return _answer_share(_totals(source, strata), _index_groups(layout), "i", inference, is_plain=is_plain)


def mean_of_item_shares_index(
    source: Moments | Totals,
    layout: IndexLayout,
    *,
    strata: Strata | None = None,
    inference: Inference = DEFAULT,
) -> Estimates:
    """Plain mean over index items of each item's share of satisfied.

    Parameters
    ----------
    source : Moments or Totals
        Of `item_moments`.
    layout, strata, inference
        As in `pooled_answers_index`.

    Returns
    -------
    Estimates
        NaN where an index item has no answer in the unit.
    """
    pairs = [(f"t:{slot}", f"r:{slot}") for slot in layout.index_slots]
    return _mean_of_ratios(_totals(source, strata), pairs, inference)


def mean_of_factor_shares_index(
    source: Moments | Totals,
    layout: IndexLayout,
    *,
    strata: Strata | None = None,
    inference: Inference = DEFAULT,
) -> Estimates:
    """Plain mean over factors of each factor's share of satisfied answers.

    Parameters
    ----------
    source, layout, strata, inference
        As in `pooled_answers_index`.

    Returns
    -------
    Estimates
        NaN where a factor has no answer in the unit.
    """
    pairs = [(f"s:{group}", f"r:{group}") for group in _index_groups(layout)]
    return _mean_of_ratios(_totals(source, strata), pairs, inference)


def mean_of_respondent_shares_index(
    source: Moments | Totals,
    layout: IndexLayout,
    *,
    strata: Strata | None = None,
    inference: Inference = DEFAULT,
) -> Estimates:
    """Mean over complete respondents of each one's own share of satisfied answers.

    Parameters
    ----------
    source, layout, strata, inference
        As in `pooled_answers_index`.

    Returns
    -------
    Estimates

    Notes
    -----
    ``Σc / Σe``; those who stopped before the last index item are left out, and counted out of n.
    """
    _index_groups(layout)
    totals = _totals(source, strata)
    return _bounded(ratio(totals, "c", "e"), totals.people("e"), inference)


IndexFunction = Callable[..., Estimates]

INDEX_DEFINITIONS: Mapping[str, IndexFunction] = MappingProxyType(
    {
        "pooled_answers": pooled_answers_index,
        "mean_of_item_shares": mean_of_item_shares_index,
        "mean_of_factor_shares": mean_of_factor_shares_index,
        "mean_of_respondent_shares": mean_of_respondent_shares_index,
    }
)
"""The named indices; only "mean_of_item_shares" takes `item_moments`, the others `respondent_values`."""


def _totals(source: Moments | Totals, strata: Strata | None) -> Totals:
    return source if isinstance(source, Totals) else design_totals(source, strata)


def _is_plain(source: Moments | Totals, strata: Strata | None) -> bool:
    """Whether shares are plain counts over counts: no weights, no strata."""
    return isinstance(source, Moments) and strata is None


def _answer_share(
    totals: Totals, groups: Sequence[str], answered: str, inference: Inference, *, is_plain: bool
) -> Estimates:
    below: Columns = [f"r:{group}" for group in groups]
    estimate = ratio(totals, [f"s:{group}" for group in groups], below)
    n = totals.people(answered)
    one_answer_each = sum(totals.people(name) for name in below) == n
    if is_plain and np.all(one_answer_each):
        return _share_of_people(estimate, n, totals, inference)
    return _bounded(estimate, n, inference)


def _share_of_people(estimate: Linearised, n: FloatArray, totals: Totals, inference: Inference) -> Estimates:
    """Wilson on n / deff; the normal where the design effect is not estimated from clusters."""
    effect, borrowed = _effect(estimate, inference)
    clustered = (totals.df < totals.n - 1) & ~borrowed
    df = np.where(clustered, np.maximum(estimate.df, 1), np.inf)
    k = np.clip(np.nan_to_num(estimate.value) * n, 0, n)
    return wilson_interval(k, n, design_effect=effect, df=df, confidence_level=inference.confidence_level)


def _mean_of_ratios(totals: Totals, pairs: list[tuple[str, str]], inference: Inference) -> Estimates:
    estimate = contrast(totals, pairs, np.full(len(pairs), 1 / len(pairs)))
    return _bounded(estimate, totals.people("i"), inference)


def _bounded(
    estimate: Linearised,
    n: FloatArray,
    inference: Inference,
    *,
    bounds: tuple[ArrayLike, ArrayLike] = (0.0, 1.0),
) -> Estimates:
    """Interval of a mean in bounds with the unit's own design effect, or the one it borrows."""
    effect, borrowed = _effect(estimate, inference)
    df = np.where(borrowed, np.inf, np.maximum(estimate.df, 1))
    return _mean_estimates(
        estimate, n, effect, df, bounds=bounds, confidence_level=inference.confidence_level
    )


def _mean_estimates(
    estimate: Linearised,
    n: FloatArray,
    effect: FloatArray,
    df: FloatArray,
    *,
    bounds: tuple[ArrayLike, ArrayLike],
    confidence_level: float,
) -> Estimates:
    """Wilson-type interval on n / (spread × design effect); docs/methods.md says why it is shrunk."""
    low, high = (numbers_of(bound, name="bounds") for bound in bounds)
    if not (np.abs(high - low) <= LARGEST).all() or not (high > low).all():
        raise InvalidOption(
            expected="lower < upper bound", got=repr(bounds)[:60], hint="1 and 5 for five levels"
        )
    p = np.clip((estimate.value - low) / (high - low), 0.0, 1.0)
    binomial = p * (1 - p) * (high - low) ** 2
    people = np.nan_to_num(n * np.minimum(p, 1 - p))
    spread = quotient(n * estimate.simple_variance, binomial, empty=1.0)
    spread = np.where(np.isnan(spread), 1.0, spread)
    shrunk = (people * spread + PRIOR_PEOPLE) / (people + PRIOR_PEOPLE)
    return bounded_mean_interval(
        estimate.value,
        n / (shrunk * effect),
        n,
        design_effect=effect,
        df=df,
        standard_error=np.sqrt(effect * estimate.simple_variance),
        bounds=(low, high),
        confidence_level=confidence_level,
    )


def _effect(estimate: Linearised, inference: Inference) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Design effect used for each unit, and where it is borrowed."""
    own = estimate.design_effect
    lent = inference.borrowed_design_effect or pooled_design_effect(estimate)
    borrowed = ~(own > 0)
    floor = inference.design_effect_floor * estimate.correction
    return np.where(borrowed, lent, np.maximum(own, floor)), borrowed


def _groups(totals: Totals) -> list[str]:
    return [name[2:] for name in totals.columns if name.startswith("s:")]


def _index_groups(layout: IndexLayout) -> tuple[str, ...]:
    if not layout.index_group_names:
        raise InvalidShape(
            expected="a version with index groups",
            got="none",
            hint="this questionnaire has no factor index; use group_shares",
        )
    return layout.index_group_names


def _checked(level_counts: Counts, scoring: Scoring) -> Counts:
    counts = np.asarray(level_counts)
    if counts.ndim != 3 or counts.shape[1:] != scoring.satisfied.shape:
        raise InvalidShape(
            expected=f"counts of shape (U, {scoring.satisfied.shape[0]}, 32)",
            got=str(counts.shape),
            hint="count with level_counts of the same version",
        )
    return counts
