"""The stages of a sample: which clusters were drawn in which strata, and the covariance of totals that follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.errors import InvalidCounts, InvalidShape
from analysis.surveys.linearisation import lonely_scale
from analysis.types import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """One stage of drawing.

    Attributes
    ----------
    clusters : (N,) ndarray of int, or None
        Cluster of each row, numbered over the whole stage; None where every row is drawn by itself.
    strata : (N,) ndarray of int
        Stratum of each row: from the second stage on, strata lie inside the clusters above.
    cluster_strata : (C,) ndarray of int
        Stratum of each cluster.
    n_clusters : (H,) ndarray of int
        Clusters drawn in each stratum.
    fraction : (H,) ndarray in [0, 1]
        Part of the stratum's clusters that was drawn; 0 where with replacement or from an endless list.
    above : (H,) ndarray in (0, 1]
        Product of the fractions of the stages above.
    """

    clusters: IntArray | None
    strata: IntArray
    cluster_strata: IntArray
    n_clusters: IntArray
    fraction: FloatArray
    above: FloatArray

    @property
    def n_strata(self) -> int:
        return len(self.n_clusters)


@dataclass(frozen=True, slots=True, eq=False)
class Stages:
    """A design of one or several stages, from first to last, and its rule for strata with one cluster."""

    stages: tuple[Stage, ...]
    lonely: str

    @property
    def df(self) -> int:
        """First-stage clusters minus strata."""
        return int(self.stages[0].n_clusters.sum()) - self.stages[0].n_strata

    @property
    def is_corrected(self) -> bool:
        return any(stage.fraction.any() for stage in self.stages)

    @property
    def expansion(self) -> FloatArray:
        """How many each row stands for, (N,): the product of N / n over the stages; 1 without populations."""
        drawn = np.ones(len(self.stages[0].strata))
        for stage in self.stages:
            drawn = drawn * np.where(stage.fraction > 0, stage.fraction, 1.0)[stage.strata]
        return 1 / drawn

    def covariance(self, weighted: FloatArray, *, corrected: bool = True) -> FloatArray:
        """Design covariance of the sums of columns.

        Parameters
        ----------
        weighted : (N, d) ndarray
            One row per respondent, already multiplied by the weights; zero outside a domain.
        corrected : bool
            Whether finite population corrections count.

        Returns
        -------
        (d, d) ndarray
        """
        total = np.zeros((weighted.shape[1],) * 2)
        for stage in self._counted(corrected):
            sums = _summed(weighted, stage.clusters, len(stage.cluster_strata))
            within = _summed(sums, stage.cluster_strata, stage.n_strata)
            mean = np.where(stage.n_clusters > 1, 1 / stage.n_clusters, 0.0)[:, None] * within
            scale = self._scale(stage, corrected=corrected)[stage.cluster_strata]
            centred = sums - mean[stage.cluster_strata]
            total += (centred * scale[:, None]).T @ centred
        return total

    def domain_covariance(
        self, weighted: FloatArray, domains: IntArray, n_domains: int, *, corrected: bool = True
    ) -> FloatArray:
        """The covariance of the sums inside every domain, each as a part of the whole design.

        Parameters
        ----------
        weighted : (N, d) ndarray
        domains : (N,) ndarray of int in [0, n_domains)
        n_domains : int
        corrected : bool

        Returns
        -------
        (n_domains, d, d) ndarray
            Clusters without a member of the domain count as zeros.
        """
        d = weighted.shape[1]
        total = np.zeros((n_domains, d, d))
        for stage in self._counted(corrected):
            sums, cell_domain, cell_stratum = _cells(weighted, domains, stage)
            pair, pairs = _compressed(cell_domain * stage.n_strata + cell_stratum, n_domains * stage.n_strata)
            pair_domain, pair_stratum = np.divmod(pairs, stage.n_strata)
            scale = self._scale(stage, corrected=corrected)[pair_stratum]
            m = stage.n_clusters[pair_stratum]
            inverse = np.where(m > 1, 1 / m, 0.0)
            within = _summed(sums, pair, len(pairs))
            for i in range(d):
                for j in range(i + 1):
                    products = np.bincount(pair, weights=sums[:, i] * sums[:, j], minlength=len(pairs))
                    part = scale * (products - inverse * within[:, i] * within[:, j])
                    total[:, i, j] += np.bincount(pair_domain, weights=part, minlength=n_domains)
                    total[:, j, i] = total[:, i, j]
        return total

    def domain_df(self, domains: IntArray, n_domains: int) -> IntArray:
        """First-stage clusters minus strata that hold a member of each domain, (n_domains,)."""
        stage = self.stages[0]
        clusters = np.arange(len(domains)) if stage.clusters is None else stage.clusters
        seen = []
        for labels, size in ((clusters, len(stage.cluster_strata)), (stage.strata, stage.n_strata)):
            _, pairs = _compressed(domains * size + labels, n_domains * size)
            seen.append(np.bincount(pairs // size, minlength=n_domains))
        return seen[0] - seen[1]

    def _counted(self, corrected: bool) -> tuple[Stage, ...]:
        """Without corrections the first stage alone carries the variance."""
        return self.stages if corrected else self.stages[:1]

    def _scale(self, stage: Stage, *, corrected: bool) -> FloatArray:
        fraction = stage.fraction if corrected else np.zeros(stage.n_strata)
        scale = lonely_scale(
            stage.n_clusters, fraction, lonely=self.lonely, groups=np.zeros(stage.n_strata, int), n_groups=1
        )
        return stage.above * scale


def sampling_stages(
    n_rows: int,
    *,
    strata: IntArray | None,
    clusters: Sequence[IntArray],
    populations: Sequence[FloatArray],
    lonely: str,
) -> Stages:
    """The stages of a design, from labels and population sizes by row.

    Parameters
    ----------
    n_rows : int
    strata : (N,) ndarray of int, optional
        First-stage strata.
    clusters : sequence of (N,) ndarray of int
        One per stage; labels count inside the stratum and the cluster above. Without any, rows are drawn.
    populations : sequence of (N,) ndarray
        By stage, constant inside a stratum: clusters in the population, or the part drawn where all are <= 1.
        Without any, drawing was with replacement and only the first stage matters.
    lonely : str
        As in `analysis.surveys.linearisation.LONELY`.

    Returns
    -------
    Stages

    Raises
    ------
    InvalidCounts
        A population smaller than its sample, or one that varies inside a stratum.
    InvalidShape
        More populations than stages.
    """
    n_stages = max(len(clusters), 1)
    if len(populations) > n_stages:
        raise InvalidShape(
            expected=f"at most {n_stages} population columns",
            got=str(len(populations)),
            hint="one per stage of clusters, first stage first",
        )
    stages: list[Stage] = []
    parent = np.zeros(n_rows, dtype=np.int64)
    above = np.ones(n_rows)
    for position in range(max(len(populations), 1)):
        own = clusters[position] if clusters else None
        labels = strata if position == 0 and strata is not None else np.zeros(n_rows, dtype=np.int64)
        population = populations[position] if populations else None
        stage = _stage(parent, labels, own, population, above)
        stages.append(stage)
        above = above * stage.fraction[stage.strata]
        parent = np.arange(n_rows) if stage.clusters is None else stage.clusters
    return Stages(tuple(stages), lonely)


def _stage(
    parent: IntArray,
    labels: IntArray,
    own: IntArray | None,
    population: FloatArray | None,
    above: FloatArray,
) -> Stage:
    n_labels = int(labels.max(initial=0)) + 1
    strata, _ = _compressed(parent * n_labels + labels, (int(parent.max(initial=0)) + 1) * n_labels)
    n_strata = int(strata.max(initial=-1)) + 1
    if own is None or len(np.unique(own)) == len(own):
        clusters, cluster_strata = None, strata
    else:
        n_own = int(own.max()) + 1
        clusters, pairs = _compressed(strata * n_own + own, n_strata * n_own)
        cluster_strata = pairs // n_own
    n_clusters = np.bincount(cluster_strata, minlength=n_strata)
    first = np.zeros(n_strata, dtype=np.int64)
    first[strata[::-1]] = np.arange(len(strata))[::-1]
    fraction = np.zeros(n_strata) if population is None else _fraction(population, strata, first, n_clusters)
    return Stage(clusters, strata, cluster_strata, n_clusters, fraction, above[first])


def _fraction(population: FloatArray, strata: IntArray, first: IntArray, n_clusters: IntArray) -> FloatArray:
    own = population[first]
    if (np.abs(population - own[strata]) > 1e-9 * np.abs(population)).any() or (own <= 0).any():
        raise InvalidCounts(
            expected="one positive population size in each stratum",
            got="different or non-positive sizes inside one",
            hint="the size counts the clusters of the whole stratum, repeated on each of its rows",
        )
    if (own <= 1).all():
        return own
    if (own < n_clusters * (1 - 1e-9)).any():
        worst = int(np.argmax(n_clusters - own))
        raise InvalidCounts(
            expected="population >= sampled clusters",
            got=f"N = {own[worst]:g}, n = {n_clusters[worst]}",
            hint="refresh the count of the list that was drawn from",
        )
    return np.asarray(n_clusters / own)


def _cells(weighted: FloatArray, domains: IntArray, stage: Stage) -> tuple[FloatArray, IntArray, IntArray]:
    """Sums by domain and cluster, with the domain and the stratum of each."""
    if stage.clusters is None:
        return weighted, domains, stage.strata
    size = len(stage.cluster_strata)
    cell, pairs = _compressed(domains * size + stage.clusters, (int(domains.max(initial=0)) + 1) * size)
    cell_domain, cluster = np.divmod(pairs, size)
    return _summed(weighted, cell, len(pairs)), cell_domain, stage.cluster_strata[cluster]


def _compressed(keys: IntArray, size: int) -> tuple[IntArray, IntArray]:
    """Position of each key among those present, and the keys present, ascending."""
    if size > 16 * len(keys) + 1024:
        present, codes = np.unique(keys, return_inverse=True)
        return codes.astype(np.int64), present
    is_present = np.zeros(size, dtype=bool)
    is_present[keys] = True
    present = np.flatnonzero(is_present)
    position = np.cumsum(is_present) - 1
    return position[keys], present


def _summed(rows: FloatArray, labels: NDArray[np.int64] | None, size: int) -> FloatArray:
    if labels is None:
        return rows
    return np.column_stack([np.bincount(labels, weights=column, minlength=size) for column in rows.T])
