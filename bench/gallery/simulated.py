"""A simulated province of 78 units, and one of its units over time: fixed seeds, never anyone's real result."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np
from scipy import stats

from analysis.charts import ChartText, FunnelBand
from analysis.comparing.tiers import Tiers, tiers_against_province
from analysis.intervals.shares import wilson_interval
from analysis.monitoring.control import ControlChart, Rule, p_chart, pool_periods
from analysis.ranking.funnel import funnel_limits
from analysis.ranking.joint import RankIntervals, joint_rank_intervals
from analysis.ranking.probabilities import beta_rank_probabilities
from analysis.small_areas.empirical_bayes import empirical_bayes_shares
from analysis.types import Estimate, Estimates
from bench.gallery.language import Language

SEED = 20260101
N_UNITS = 78
FEWEST = 30
TOP = 10


@dataclass(frozen=True)
class Province:
    """Counts of every unit and what is said from them."""

    k: np.ndarray
    n: np.ndarray
    estimates: Estimates
    tiers: Tiers
    ranks: RankIntervals
    is_shown: np.ndarray

    def shown(self, row: int) -> Estimate | None:
        return self.estimates[row] if self.is_shown[row] else None


@dataclass(frozen=True)
class Shrunken:
    """Beta-binomial estimates, with chances of being among the best."""

    estimates: list[Estimate]
    own_weight: np.ndarray
    top_chance: np.ndarray


@dataclass(frozen=True)
class Weeks:
    """One unit's weeks, small ones pooled, with Laney's and the plain limits."""

    starts: list[date]
    ends: list[date]
    laney: ControlChart
    plain: ControlChart
    breaks: list[date]

    def signals(self, rule: Rule) -> list[bool]:
        flagged = {signal.index for signal in self.laney.signals if signal.rule is rule}
        return [index in flagged for index in range(len(self.starts))]


@cache
def province() -> Province:
    """Units of unequal size around a common level, a few clearly apart, some too small."""
    rng = np.random.default_rng(SEED)
    n = np.round(rng.lognormal(6.0, 0.8, N_UNITS)).astype(int).clip(9, 2400)
    n[[5, 77]] = 17, 12
    p = rng.beta(70, 10, N_UNITS)
    p[[3, 21, 40, 60]] = 0.97, 0.96, 0.76, 0.74
    k = rng.binomial(n, p)
    k[12] = n[12] = 41
    estimates = wilson_interval(k, n)
    return Province(
        k, n, estimates, tiers_against_province(k, n), joint_rank_intervals(estimates), n >= FEWEST
    )


@cache
def shrunken() -> Shrunken:
    """Every unit drawn towards the common level, as much as its size calls for."""
    data = province()
    found = empirical_bayes_shares(data.k, data.n)
    columns = (found.value, found.ci_low, found.ci_high)
    estimates = [Estimate(*map(float, row), int(n)) for *row, n in zip(*columns, data.n, strict=True)]
    chances = beta_rank_probabilities(
        found.posterior_a, found.posterior_b, n_top=TOP, rng=np.random.default_rng(SEED + 1)
    )
    return Shrunken(estimates, found.gamma, chances.top)


def over_dispersed_bands(labels: tuple[str, str]) -> list[FunnelBand]:
    """Limits at 95 % and 99.8 %, widened by the units' own dispersion."""
    data = province()
    grid = np.unique(np.round(np.geomspace(max(data.n.min(), 10), data.n.max() * 1.05, 120)))
    funnel = funnel_limits(data.k, data.n)
    bands = []
    for level, label in zip((0.95, 0.998), labels, strict=True):
        spread = funnel.center * (1 - funnel.center) / grid + funnel.tau2
        half = stats.norm.ppf((1 + level) / 2) * np.sqrt(spread)
        bands.append(FunnelBand(label, grid, funnel.center - half, funnel.center + half))
    return bands


@cache
def weeks() -> Weeks:
    """Forty weeks with a change of form, a bad week, a slow improvement and a holiday without answers."""
    rng = np.random.default_rng(SEED + 2)
    n = rng.integers(18, 120, 40)
    n[[9, 10, 30]] = 9, 12, 11
    p = np.select([np.arange(40) < 24, np.arange(40) < 31], [0.85, 0.86], 0.96) + rng.normal(0, 0.02, 40)
    p[13] = 0.46
    x = rng.binomial(n, p.clip(0, 1))
    # The office was closed in two weeks: no point, and a gap in the line.
    mondays = [date(2026, 1, 5) + timedelta(weeks=week) for week in range(42) if week not in (6, 7)]
    pooled = pool_periods(x, n, min_n=FEWEST, breaks=[24])
    starts = [mondays[week] for week in pooled.first]
    ends = [mondays[week] + timedelta(days=6) for week in pooled.last]
    laney, plain = (
        p_chart(pooled.x, pooled.n, breaks=pooled.breaks, method=method) for method in ("laney", "p")
    )
    return Weeks(starts, ends, laney, plain, [starts[index] for index in pooled.breaks])


def simulated_text(say: Language, title: str, description: str) -> ChartText:
    """Words that say in the picture where its numbers come from."""
    source = say.say(
        f"Nguồn: số liệu mô phỏng, hạt giống {SEED}; tên đơn vị chỉ để minh họa.",
        f"Source: simulated data, seed {SEED}; names of units are illustrations only.",
    )
    return say.text(title, description, source=source)
