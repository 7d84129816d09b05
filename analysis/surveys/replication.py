"""Replicate weights made from a design: jackknife, balanced half samples and Rao-Wu bootstrap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.arguments import checked
from analysis.errors import InvalidCounts, InvalidOption
from analysis.surveys.hadamard import hadamard_matrix
from analysis.surveys.replicate_weights import LARGEST_REPLICATES, ReplicateWeights
from analysis.surveys.stages import Stage
from analysis.types import FloatArray, IntArray

if TYPE_CHECKING:
    from analysis.design import Survey


def jackknife_weights(survey: Survey, *, corrected: bool = True) -> ReplicateWeights:
    """Delete-one-cluster jackknife: JK1 of a design with one stratum, JKn of several.

    Parameters
    ----------
    survey : Survey
        Not yet calibrated; calibrate the replicates.
    corrected : bool
        Whether finite populations of the first stage count.

    Returns
    -------
    ReplicateWeights
        One replicate per first-stage cluster, strata taken whole apart.

    Raises
    ------
    InvalidCounts
        A stratum with one cluster, unless the survey removes it or takes it for certain; more clusters than
        replicates can be held.

    Notes
    -----
    Replicate c leaves its cluster out and gives the others of its stratum n_h/(n_h - 1) times their weight;
    ``var = Σ_h (1 - f_h)(n_h - 1)/n_h Σ_c (θ_c - θ̄)²``. Exact for totals, consistent for smooth functions; for
    quantiles use the limits of `ReplicateSurvey.quantile`. Later stages count as in the first, with
    replacement.

    References
    ----------
    Rust and Rao (1996), Statistical Methods in Medical Research 5:283-310. Wolter (2007), chapter 4.

    Examples
    --------
    >>> from analysis import Survey
    >>> found = jackknife_weights(Survey({"top": [1, 0, 1]}))
    >>> found.matrix().tolist()
    [[0.0, 1.5, 1.5], [1.5, 0.0, 1.5], [1.5, 1.5, 0.0]]
    """
    stage, left = _first_stage(survey, corrected)
    n = stage.n_clusters[stage.cluster_strata].astype(np.float64)
    deleted = np.flatnonzero((n > 1) & (left[stage.cluster_strata] > 0))
    _require_room(len(n), len(deleted))
    strata = stage.cluster_strata
    of_stratum = np.where(n > 1, n / np.maximum(n - 1, 1), 1.0)[:, None]
    factors = np.where(strata[:, None] == strata[deleted], of_stratum, 1.0)
    factors[deleted, np.arange(len(deleted))] = 0.0
    rscales = left[strata[deleted]] * (n[deleted] - 1) / n[deleted]
    name = "JK1" if stage.n_strata == 1 else "JKn"
    return _made(survey, stage, factors, scale=1.0, rscales=rscales, method=name)


@checked
def half_sample_weights(survey: Survey, *, rho: float = 0.0, corrected: bool = True) -> ReplicateWeights:
    """Balanced repeated replication of a design with two clusters per stratum, or Fay's gentler form.

    Parameters
    ----------
    survey : Survey
        Not yet calibrated; calibrate the replicates.
    rho : float in [0, 1)
        0 leaves one cluster of each pair out; Fay's rho keeps it with rho times its weight, so that no domain
        disappears from a replicate.
    corrected : bool
        Whether finite populations count: each stratum's weights then move by sqrt(1 - f_h) as much.

    Returns
    -------
    ReplicateWeights
        The smallest orthogonally balanced set, R > strata.

    Raises
    ------
    InvalidCounts
        A stratum without exactly two clusters.

    Notes
    -----
    Factors 1 ± (1 - rho) sqrt(1 - f_h) by the signs of a Hadamard matrix, ``var = Σ (θ_r - θ̄)²/(R (1-rho)²)``.
    Exact for totals.

    References
    ----------
    McCarthy (1969), Review of the ISI 37:239-264. Judkins (1990), Journal of Official Statistics 6:223-239.

    Examples
    --------
    >>> from analysis import Survey
    >>> survey = Survey({"top": [1, 0, 1, 1], "h": [1, 1, 2, 2]}, strata="h")
    >>> half_sample_weights(survey, rho=0.5).matrix()[:, 0].tolist()
    [1.5, 0.5, 1.5, 0.5]
    """
    if not 0 <= rho < 1:
        raise InvalidOption(
            expected="0 <= rho < 1", got=repr(rho), hint="Fay's usual choices are 0.3 and 0.5"
        )
    stage, left = _first_stage(survey, corrected)
    if (stage.n_clusters != 2).any():
        raise InvalidCounts(
            expected="two clusters in every stratum",
            got=f"{int((stage.n_clusters != 2).sum())} strata with another number",
            hint="pair strata by the rule of the sample, or use the jackknife or the bootstrap",
        )
    signs = hadamard_matrix(stage.n_strata + 1)[:, 1 : stage.n_strata + 1].T
    order = np.argsort(stage.cluster_strata, kind="stable")
    side = np.empty(len(order))
    side[order] = np.tile([1.0, -1.0], stage.n_strata)
    move = (1 - rho) * np.sqrt(left)
    factors = 1 + side[:, None] * (move[:, None] * signs)[stage.cluster_strata]
    n_replicates = signs.shape[1]
    return _made(
        survey, stage, factors, scale=1 / (n_replicates * (1 - rho) ** 2), rscales=np.ones(n_replicates),
        method="Fay" if rho else "BRR",
    )  # fmt: skip


@checked
def bootstrap_weights(
    survey: Survey, n_replicates: int, *, rng: np.random.Generator, corrected: bool = True
) -> ReplicateWeights:
    """Rao and Wu's rescaled bootstrap of first-stage clusters.

    Parameters
    ----------
    survey : Survey
        Not yet calibrated; calibrate the replicates.
    n_replicates : int >= 2
    rng : numpy.random.Generator
        State the seed beside what is published.
    corrected : bool
        Whether finite populations of the first stage count.

    Returns
    -------
    ReplicateWeights

    Raises
    ------
    InvalidCounts
        A stratum with one cluster, unless the survey removes it or takes it for certain.

    Notes
    -----
    n_h - 1 of n_h clusters are drawn with replacement, t_c times each; factor
    ``1 - a + a n_h/(n_h - 1) t_c`` with a = sqrt(1 - f_h), never negative; ``var = Σ (θ_r - θ̄)²/(R - 1)``.

    References
    ----------
    Rao, Wu and Yue (1992), Survey Methodology 18:209-217.

    Examples
    --------
    >>> from analysis import Survey
    >>> survey = Survey({"top": [1, 0, 1, 1]})
    >>> found = bootstrap_weights(survey, 100, rng=np.random.default_rng(1))
    >>> found.matrix().sum(axis=0).round(9).min().item()
    4.0
    """
    if n_replicates < 2:
        raise InvalidOption(
            expected="n_replicates >= 2", got=repr(n_replicates), hint="500 or more are usual"
        )
    stage, left = _first_stage(survey, corrected)
    _require_room(len(stage.cluster_strata), n_replicates)
    factors = np.ones((len(stage.cluster_strata), n_replicates))
    for size in np.unique(stage.n_clusters[(stage.n_clusters > 1) & (left > 0)]):
        strata = np.flatnonzero((stage.n_clusters == size) & (left > 0))
        times = rng.multinomial(size - 1, np.full(size, 1 / size), size=(n_replicates, len(strata)))
        shrink = np.sqrt(left[strata])[:, None, None]
        drawn = 1 - shrink + shrink * size / (size - 1) * times.transpose(1, 2, 0)
        factors[_members(stage, strata)] = drawn.reshape(-1, n_replicates)
    return _made(
        survey, stage, factors, scale=1 / (n_replicates - 1), rscales=np.ones(n_replicates),
        method="bootstrap",
    )  # fmt: skip


def _members(stage: Stage, strata: IntArray) -> IntArray:
    """Clusters of these strata, one stratum after the other."""
    order = np.argsort(stage.cluster_strata, kind="stable")
    return order[np.isin(stage.cluster_strata[order], strata)]


def _first_stage(survey: Survey, corrected: bool) -> tuple[Stage, FloatArray]:
    """The first stage and the part of each stratum that was not drawn."""
    if survey.projections:
        raise InvalidOption(
            expected="a survey with its design weights", got="one that is already calibrated",
            hint="make replicates first and calibrate them: each needs its own adjustment",
        )  # fmt: skip
    stages = survey.stages
    stage = stages.stages[0]
    left = 1 - stage.fraction if corrected else np.ones(stage.n_strata)
    lonely = (stage.n_clusters == 1) & (left > 0)
    if lonely.any() and stages.lonely not in ("remove", "certainty"):
        raise InvalidCounts(
            expected="two or more clusters in every stratum", got=f"{int(lonely.sum())} strata with one",
            hint="replicates cannot show its variance: merge strata, or choose lonely='remove' and say so",
        )  # fmt: skip
    if survey.df < 1 or (lonely | (left <= 0)).all():
        raise InvalidCounts(
            expected="clusters that vary", got="none to leave out", hint="one cluster has no variance"
        )
    return stage, np.where(lonely, 0.0, left)


def _made(
    survey: Survey, stage: Stage, factors: FloatArray, *, scale: float, rscales: FloatArray, method: str
) -> ReplicateWeights:
    w = survey.weights
    return ReplicateWeights(w, w, factors, stage.clusters, scale, rscales, False, float(survey.df), method)


def _require_room(n_clusters: int, n_replicates: int) -> None:
    if n_clusters * n_replicates > LARGEST_REPLICATES:
        raise InvalidCounts(
            expected=f"clusters times replicates up to {LARGEST_REPLICATES:,}",
            got=f"{n_clusters * n_replicates:,}",
            hint="use the bootstrap, or linearised variances, which need no replicates",
        )
